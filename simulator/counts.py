"""What a run held, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from math import ceil
from typing import Any

import numpy as np

from simulator import bots, dirt
from simulator.answers import NEVER
from simulator.best import Best
from simulator.crowds import Acts
from simulator.delivery import Delivered
from simulator.drift import Sale
from simulator.events import TYPES
from simulator.faults import BITS
from simulator.simulation import Simulation
from simulator.span import DAY_MS

_RATES = {"duplicates": "duplicate", "reordered": "reordered", "late": "late", "far_clock": "far_clock"}


class Counts:
    """Counts of one run.

    Attributes:
        tally: how many events each fault or sale that lasts a while touched, by its place in the configuration.
    """

    def __init__(self, run: Simulation) -> None:
        self._run = run
        self.tally: Counter[str] = Counter()
        self._events: Counter[str] = Counter(dict.fromkeys(TYPES, 0))
        self._corrupt: Counter[str] = Counter(dict.fromkeys(dirt.KINDS, 0))
        self._rates: Counter[str] = Counter(dict.fromkeys(_RATES, 0))
        self._bots: Counter[str] = Counter(dict.fromkeys(bots.KINDS, 0))
        self._lines = self._lost = 0
        days = ceil(run.days)
        self._clicks, self._carts, self._purchases = Best(days), Best(days), Best(days)

    def learn(self, acts: Acts) -> None:
        """Count what was seen and done."""
        kinds = np.bincount(acts.bot, minlength=1 + len(bots.KINDS)).tolist()
        self._bots.update(dict(zip(bots.KINDS, kinds[1:], strict=True)))
        for name, span in self._run.spans():
            if isinstance(span, Sale):
                self.tally[name] += int(span.holds(acts.shown.time).sum())
        chances, answers, day = acts.chances, acts.answers, acts.shown.time // DAY_MS
        person = acts.bot == 0
        clicked = person & (answers.click != NEVER)
        self._clicks.learn(day[person], chances.click[person], clicked[person])
        self._carts.learn(day[clicked], chances.cart[clicked], answers.cart[clicked] != NEVER)
        self._purchases.learn(day[clicked], chances.purchase[clicked], answers.purchase[clicked] != NEVER)

    def deliver(self, delivered: Delivered) -> None:
        """Count what arrives."""
        whole = delivered.events[: delivered.whole]
        self._lines += len(delivered.events)
        self._lost += len(delivered.lost)
        types = np.bincount(whole["type"], minlength=len(TYPES)).tolist()
        self._events.update(dict(zip(TYPES, types, strict=True)))
        for name, fault in _RATES.items():
            self._rates[name] += int(np.count_nonzero(whole["faults"] & BITS[fault]))
        corrupt = delivered.events["corrupt"][delivered.whole + delivered.repeated :]
        kinds = np.bincount(corrupt - 1, minlength=len(dirt.KINDS)).tolist()
        self._corrupt.update(dict(zip(dirt.KINDS, kinds, strict=True)))

    def summary(self) -> dict[str, Any]:
        """Return all counts; docs/simulator.md says what each is."""
        start = self._run.start_ms
        return {
            "lines": self._lines,
            "events": dict(self._events),
            "lost": self._lost,
            **self._rates,
            "corrupt": dict(self._corrupt),
            "bots": dict(self._bots),
            "spans": [
                asdict(span)
                | {"name": name, "start": start + span.start_ms, "stop": start + span.stop_ms}
                | {"events": self.tally[name]}
                for name, span in self._run.spans()
            ],
            "sudden": [start + round(day * DAY_MS) for day in self._run.drift.sudden],
            "people": self._people(None),
            "days": [self._people(day) for day in range(ceil(self._run.days))],
            "configuration": asdict(self._run),
        }

    def _people(self, day: int | None) -> dict[str, float | int | None]:
        clicks, carts, purchases = (best.of(day) for best in (self._clicks, self._carts, self._purchases))
        return {
            "impressions": clicks["shown"],
            "clicks": clicks["positives"],
            "click_rate": clicks["rate"],
            "best_auc": clicks["auc"],
            "carts": carts["positives"],
            "cart_rate": carts["rate"],
            "purchases": purchases["positives"],
            "purchase_rate": purchases["rate"],
            "best_purchase_auc": purchases["auc"],
        }
