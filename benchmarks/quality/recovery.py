"""``python -m benchmarks.quality.recovery``: how soon a model is good again after all tastes changed at once.

The simulator's reference shop, people only; at the change every effect of items, categories, segments and words is
drawn anew. Each line is a model: AUC and log loss of fresh scores by stretches of impressions since the change.
``frozen`` is the model as it was released at the change, ``fresh start`` one that began there, ``truth`` the true
probabilities.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.quality.shop_clicks import SPACE, Clicks, clicks
from simulator.drift import Drift as Tastes
from simulator.reference import PRESETS
from udfs.evaluation import Progressive
from udfs.learners import make
from udfs.learners.learner import Frozen
from udfs.schema import Drift, Label, Model
from udfs.training.trainer import Trainer
from udfs.types import F64

STRETCHES = ((0, 50_000), (50_000, 100_000), (100_000, 200_000), (200_000, 400_000), (400_000, 500_000))


def model(name: str, options: dict[str, Any], drift: Drift | None = None) -> Model:
    """Describe an FTRL model of clicks."""
    return Model(name=name, learner="ftrl", features=SPACE.names, label=Label(field="y"), options=options, drift=drift)


MODELS = (
    model("goes on", {}),
    model("half-life 100,000", {"half_life": 1e5}),
    model("half-life 300,000", {"half_life": 3e5}),
    model("half-life 1,000,000", {"half_life": 1e6}),
    model("decay by 0.01 at a change", {}, Drift(decay=0.01)),
    model("decay by 0.1 at a change", {}, Drift(decay=0.1)),
    model("half-life 1,000,000, decay by 0.1", {"half_life": 1e6}, Drift(decay=0.1)),
)


class Continuing:
    """A model that goes on learning."""

    def __init__(self, described: Model) -> None:
        learner = make(described, SPACE)
        self.trainer, self.states, self.seen = Trainer(described, learner), {"": learner.init()}, 0

    def __call__(self, part: Clicks) -> F64:
        """Return fresh scores."""
        scores = self.trainer.learn(self.states, "", part.batch, self.seen)
        self.seen += len(scores)
        return scores


@dataclass(frozen=True)
class Judged:
    """A model's scores, and where they are counted."""

    score: Callable[[Clicks], F64]
    stretches: tuple[Progressive, ...]

    def observe(self, part: Clicks, at: int) -> None:
        """Take impressions, the first of which is the ``at``-th since the change."""
        scores = self.score(part)
        place = at + np.arange(len(scores))
        for (start, stop), metrics in zip(STRETCHES, self.stretches, strict=True):
            inside = (place >= start) & (place < stop)
            metrics.update(scores[inside], part.batch.label[inside], part.batch.weight[inside])

    def figures(self, name: str) -> list[float]:
        """Return a figure by stretch."""
        return [float(metrics.report()[name] or np.nan) for metrics in self.stretches]


def judged(score: Callable[[Clicks], F64]) -> Judged:
    """Return a model with nothing counted yet."""
    return Judged(score, tuple(Progressive("binary", 1 << 40) for _ in STRETCHES))


def frozen_at_the_change(continuing: Continuing) -> Callable[[Clicks], F64]:
    """Return the scores of a model as it is now."""
    learner = make(MODELS[0], SPACE)
    released: Frozen = learner.freeze(continuing.states[""])
    return lambda part: learner.predict(released, part.batch)


def measured(before: int, seed: int) -> dict[str, Judged]:
    """Run all models over ``before`` impressions, the change, and what follows it."""
    whole = before + STRETCHES[-1][1] + 50_000
    days = whole / 250_000
    shop = replace(PRESETS["reference"], seed=seed, impressions=whole, days=days)
    run = replace(shop, drift=Tastes(sudden=(days * before / whole,)))
    change = round(run.drift.sudden[0] * 86_400_000)
    models = [Continuing(described) for described in MODELS]
    results: dict[str, Judged] = {}
    at = 0
    for part in clicks(run):
        row = int(np.searchsorted(part.shown.time, change))
        for piece in (_piece(part, 0, row), _piece(part, row, len(part.probability))):
            if not len(piece.probability):
                continue
            if piece.shown.time[0] < change:
                for each in models:
                    each(piece)
                continue
            if not results:
                named = {described.name: each for described, each in zip(MODELS, models, strict=True)}
                scores: dict[str, Callable[[Clicks], F64]] = {
                    "truth": lambda part: part.probability,
                    "frozen": frozen_at_the_change(models[0]),
                    "fresh start": Continuing(MODELS[0]),
                    **named,
                }
                results = {name: judged(score) for name, score in scores.items()}
            for result in results.values():
                result.observe(piece, at)
            at += len(piece.probability)
    for described, each in zip(MODELS, models, strict=True):
        if described.drift is not None:
            print(f"{described.name}: {each.trainer.report()}")
    return results


def _piece(part: Clicks, start: int, stop: int) -> Clicks:
    shown = replace(part.shown, **{name: column[start:stop] for name, column in vars(part.shown).items()})
    return Clicks(part.batch.slice(start, stop), part.probability[start:stop], shown)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.recovery", description=measured.__doc__)
    parser.add_argument("--before", type=int, default=2_000_000, help="impressions before the change")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    results = measured(given.before, given.seed)
    for figure in ("auc", "log_loss"):
        print(f"{figure:36}" + "".join(f"{f'{a // 1000}k-{b // 1000}k':>12}" for a, b in STRETCHES))
        for name, result in results.items():
            print(f"{name:36}" + "".join(f"{value:12.4f}" for value in result.figures(figure)))


if __name__ == "__main__":
    main()
