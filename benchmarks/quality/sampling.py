"""``python -m benchmarks.quality.sampling``: what sampling, augmentation and half-lives do to a model, and cost.

FTRL on the simulator's reference shop, people only. After a first stretch every impression is judged, scored just
before it is learned: AUC, normalised entropy, calibration; AUC of impressions whose item had been shown fewer than 20
times; and CPU time of learning, the median over slices that all models take in turn.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.quality.shop_clicks import SPACE, Clicks, clicks, slot_of
from simulator.reference import PRESETS
from udfs.evaluation import Progressive
from udfs.learners import make
from udfs.schema import Augment, Cold, Dropout, Label, Model, Negatives, Replay
from udfs.training.trainer import Trainer
from udfs.types import Bool

NEW = 20
"""Showings before which an item is new."""

VARIANTS: dict[str, dict[str, Any]] = {
    "all examples, as they are": {},
    "negatives 0.1, weight": {"negatives": Negatives(keep=0.1, correct="weight")},
    "negatives 0.1, log_odds": {"negatives": Negatives(keep=0.1, correct="log_odds")},
    "negatives 0.5, log_odds": {"negatives": Negatives(keep=0.5, correct="log_odds")},
    "dropout 0.05": {"augment": Augment(dropout=Dropout(rate=0.05))},
    "dropout 0.2": {"augment": Augment(dropout=Dropout(rate=0.2))},
    "dropout 0.2 of item": {"augment": Augment(dropout=Dropout(rate=0.2, features=("item",)))},
    "cold copies of items 0.1": {"augment": Augment(cold=Cold(features=("item",), rate=0.1))},
    "cold copies of items 0.5": {"augment": Augment(cold=Cold(features=("item",), rate=0.5))},
    "replay of 1,000, share 0.5": {"augment": Augment(replay=Replay())},
    "replay of 50,000, 4 times": {"augment": Augment(replay=Replay(size=50_000, share=0.5, times=4))},
    "half-life 100,000": {"options": {"half_life": 1e5}},
    "half-life 1,000,000": {"options": {"half_life": 1e6}},
}


class Judged:
    """One variant: what it learned, and how well it did."""

    def __init__(self, rules: dict[str, Any]) -> None:
        described = Model(name="m", learner="ftrl", features=SPACE.names, label=Label(field="y"), **rules)
        learner = make(described, SPACE)
        self._trainer, self._states = Trainer(described, learner), {"": learner.init()}
        self._all, self._new = (Progressive("binary", 1 << 40) for _ in range(2))
        self._costs: list[float] = []

    def learn(self, part: Clicks, new: Bool, judged: bool) -> None:
        """Learn a slice, and judge its scores."""
        begin = time.process_time()
        scores = self._trainer.learn(self._states, "", part.batch, 0)
        self._costs.append((time.process_time() - begin) / len(scores))
        if judged:
            label, weight = part.batch.label, part.batch.weight
            self._all.update(scores, label, weight)
            self._new.update(scores[new], label[new], weight[new])

    def figures(self) -> list[float]:
        """Return AUC, normalised entropy, calibration, AUC of new items, and microseconds an example."""
        whole, new = self._all.report(), self._new.report()
        found = [whole["auc"], whole["normalised_entropy"], whole["calibration"], new["auc"]]
        return [*(float(value or np.nan) for value in found), 1e6 * float(np.median(self._costs))]


def with_lots(part: Clicks, first: int) -> Clicks:
    """Return impressions that have lots, as their ids would give them."""
    lots = slot_of(first + np.arange(len(part.probability)), 1_000)
    return part._replace(batch=replace(part.batch, lot=lots))


def main() -> None:
    """Print a line for each variant."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.sampling", description=__doc__)
    parser.add_argument("--impressions", type=int, default=2_000_000)
    parser.add_argument("--before", type=int, default=500_000, help="of them, before the first that is judged")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    run = replace(PRESETS["reference"], impressions=given.impressions, seed=given.seed)
    variants = {name: Judged(rules) for name, rules in VARIANTS.items()}
    shown = np.zeros(run.population.items, np.int64)
    seen = 0
    for part in clicks(run):
        new = shown[part.shown.item] < NEW
        for variant in variants.values():
            variant.learn(with_lots(part, seen), new, seen >= given.before)
        shown += np.bincount(part.shown.item, minlength=len(shown))
        seen += len(new)
    heads = ("AUC", "NE", "calibration", "AUC, new", "us")
    print(f"{'':30}" + "".join(f"{head:>13}" for head in heads))
    for name, variant in variants.items():
        print(f"{name:30}" + "".join(f"{value:13.4f}" for value in variant.figures()))


if __name__ == "__main__":
    main()
