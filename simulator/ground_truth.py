"""What a simulated shop really did, and what became of its events: known only to the simulator."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from simulator import bots, dirt
from simulator.answers import NEVER
from simulator.best import Best
from simulator.column_file import ColumnFile
from simulator.crowds import Acts
from simulator.delivery import Delivered
from simulator.drift import Sale
from simulator.events import IMPRESSION, SEARCH, TYPES, Events
from simulator.faults import BITS
from simulator.simulation import Simulation
from simulator.span import DAY_MS
from udfs.errors import ConfigurationError
from udfs.types import I64, U16

COLUMNS: Final[dict[str, str]] = {
    "impression": "<i8",
    "user": "<i4",
    "time": "<i8",
    "click_probability": "<f8",
    "purchase_probability": "<f8",
    "click_time": "<i8",
    "cart_time": "<i8",
    "purchase_time": "<i8",
    "bot": "<u1",
    "impression_faults": "<u2",
    "feedback_faults": "<u2",
}
"""The columns of the truth and their types, one value for each impression, in the order of their numbers."""
_RATES = ("duplicate", "reordered", "late", "far_clock")


class GroundTruth:
    """Writes a folder with a ``.npy`` file for each column, and ``summary.json`` at the end.

    Use it as a context: an error in it leaves no truth behind.
    """

    def __init__(self, simulation: Simulation, folder: Path) -> None:
        self._simulation, self._folder = simulation, folder
        self.tally: Counter[str] = Counter()
        self._events: Counter[str] = Counter(dict.fromkeys(TYPES, 0))
        self._corrupt: Counter[str] = Counter(dict.fromkeys(dirt.KINDS, 0))
        self._rates: Counter[str] = Counter(dict.fromkeys(_RATES, 0))
        self._bots: Counter[str] = Counter(dict.fromkeys(bots.KINDS, 0))
        self._lines = self._lost = 0
        days = ceil(simulation.days)
        self._clicks, self._purchases, self._carts = Best(days), Best(days), Best(days)

    def __enter__(self) -> GroundTruth:
        if self._folder.is_dir() and any(self._folder.iterdir()):
            raise ConfigurationError(f"{self._folder} is not empty", "Name an empty folder for the truth")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._columns = {name: ColumnFile(self._folder, name, dtype) for name, dtype in COLUMNS.items()}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for column in self._columns.values():
            if kind is None:
                column.close()
            else:
                column.abandon()
        if kind is None:
            text = json.dumps(self.summary(), indent=2) + "\n"
            (self._folder / "summary.json").write_text(text)

    def learn(self, first: int, acts: Acts, account: I64) -> None:
        """Take note of what was seen and done by the accounts (n,); impressions are numbered from ``first`` on."""
        shown, chances, answers = acts.shown, acts.chances, acts.answers
        self._write("impression", np.arange(first, first + len(shown)))
        self._write("user", account)
        self._write("click_probability", chances.click)
        self._write("purchase_probability", chances.purchase)
        self._write("bot", acts.bot)
        start = self._simulation.start_ms
        self._write("time", shown.time + start)
        for name in ("click", "cart", "purchase"):
            time = getattr(answers, name)
            self._write(f"{name}_time", np.where(time == NEVER, NEVER, time + start))
        for name, span in self._simulation.spans():
            if isinstance(span, Sale):
                self.tally[name] += int(span.holds(shown.time).sum())
        for number, kind in enumerate(bots.KINDS, start=1):
            self._bots[kind] += int((acts.bot == number).sum())
        self._learn_people(acts)

    def _learn_people(self, acts: Acts) -> None:
        chances, answers, day = acts.chances, acts.answers, acts.shown.time // DAY_MS
        person = acts.bot == 0
        clicked = person & (answers.click != NEVER)
        self._clicks.learn(day[person], chances.click[person], clicked[person])
        self._carts.learn(day[clicked], chances.cart[clicked], answers.cart[clicked] != NEVER)
        self._purchases.learn(day[clicked], chances.purchase[clicked], answers.purchase[clicked] != NEVER)

    def count(self, first: int, impressions: int, delivered: Delivered) -> None:
        """Take note of what became of the events of the impressions, numbered from ``first`` on."""
        whole = delivered.events[: delivered.whole]
        self._lines += len(delivered.events)
        self._lost += len(delivered.lost)
        self._events.update(dict(zip(TYPES, np.bincount(whole["type"], minlength=len(TYPES)).tolist(), strict=True)))
        for name in _RATES:
            self._rates[name] += int(np.count_nonzero(whole["faults"] & BITS[name]))
        corrupt = delivered.events["corrupt"][delivered.whole + delivered.repeated :]
        kinds = np.bincount(corrupt - 1, minlength=len(dirt.KINDS)).tolist()
        self._corrupt.update(dict(zip(dirt.KINDS, kinds, strict=True)))
        every = np.concatenate((whole, delivered.lost))
        shown = every["type"] == IMPRESSION
        self._write("impression_faults", _bits(every[shown], first, impressions))
        feedback = ~shown & (every["type"] != SEARCH)
        self._write("feedback_faults", _bits(every[feedback], first, impressions))

    def summary(self) -> dict[str, Any]:
        """Return what is written as ``summary.json``; docs/simulator.md says what is in it."""
        return {
            "lines": self._lines,
            "events": dict(self._events),
            "duplicates": self._rates["duplicate"],
            "reordered": self._rates["reordered"],
            "late": self._rates["late"],
            "far_clock": self._rates["far_clock"],
            "corrupt": dict(self._corrupt),
            "lost": self._lost,
            "bots": dict(self._bots),
            "spans": self._spans(),
            "people": self._people(None),
            "days": [self._people(day) for day in range(ceil(self._simulation.days))],
            "configuration": asdict(self._simulation),
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

    def _spans(self) -> list[dict[str, Any]]:
        start = self._simulation.start_ms
        return [
            asdict(span)
            | {"name": name, "start": start + span.start_ms, "stop": start + span.stop_ms, "events": self.tally[name]}
            for name, span in self._simulation.spans()
        ]

    def _write(self, name: str, values: Any) -> None:
        self._columns[name].append(values)


def _bits(events: Events, first: int, n: int) -> U16:
    """Return the bits (n,) of all faults of the events of each impression."""
    bits = np.zeros(n, np.uint16)
    np.bitwise_or.at(bits, events["impression"] - first, events["faults"])
    return bits
