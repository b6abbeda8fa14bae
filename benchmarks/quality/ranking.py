"""``python -m benchmarks.quality.ranking``: what unshown negatives do to a ranker, and cost.

On the simulator's reference shop, people only. After a first stretch every impression is judged: AUC over what was
shown, scored just before it is learned; AUC unshown, how often a click outscores an item drawn uniformly from all that
there are in the same moment, both scored by the model as it was before the slice; and CPU time of learning with the
draws, the median over slices that all models take in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from benchmarks.quality.sampling import with_lots
from benchmarks.quality.shop_clicks import SPACE, Clicks, batch_of, clicks
from simulator.population import Goods
from simulator.reference import PRESETS
from simulator.simulation import Simulation
from udfs.evaluation import Progressive
from udfs.features import Batch, Space
from udfs.learners import make
from udfs.schema import Augment, Label, Model, Unshown
from udfs.training.trainer import Trainer
from udfs.types import F64

PLAIN: Final = ("user", "item", "category", "device", "position", "words")
_ITEM: Final = ["item", "category"]
_UNIFORM, _POPULARITY = Unshown(by="uniform"), Unshown(by="popularity")


class Uncorrected(Trainer):
    """Learns without -log q, which no configuration can: to show what it does."""

    def drawn(self, batch: Batch) -> Batch:
        """Return the examples with corrections of 0."""
        found = super().drawn(batch).unshown
        assert found is not None
        nothing = np.zeros(len(found.correction))
        return replace(batch, unshown=replace(found, correction=nothing, own=np.zeros(len(batch))))


def variant(learner: str, unshown: Unshown | None = None, **options: Any) -> Model:
    """Return a model of the features that a ranker can have."""
    rules = Augment(unshown=unshown)
    own = {"item": _ITEM, **options} if learner == "ranker" else options
    return Model(name="m", learner=learner, features=PLAIN, label=Label(field="y"), options=own, augment=rules)


VARIANTS: dict[str, tuple[type[Trainer], Model]] = {
    "ftrl": (Trainer, variant("ftrl")),
    "ftrl, price and user x category": (
        Trainer,
        Model(name="m", learner="ftrl", features=SPACE.names, label=Label(field="y")),
    ),
    "ranker, shown alone": (Trainer, variant("ranker")),
    "uniform": (Trainer, variant("ranker", _UNIFORM)),
    "popularity": (Trainer, variant("ranker", _POPULARITY)),
    "popularity, no correction": (Uncorrected, variant("ranker", _POPULARITY)),
    "uniform, shown 0.1": (Trainer, variant("ranker", _UNIFORM, shown=0.1)),
    "popularity, shown 0.1": (Trainer, variant("ranker", _POPULARITY, shown=0.1)),
    "popularity, shown 0.1, no correction": (Uncorrected, variant("ranker", _POPULARITY, shown=0.1)),
    "uniform alone": (Trainer, variant("ranker", _UNIFORM, shown=0.0)),
    "popularity alone": (Trainer, variant("ranker", _POPULARITY, shown=0.0)),
    "popularity alone, no correction": (Uncorrected, variant("ranker", _POPULARITY, shown=0.0)),
}


class Judged:
    """One variant: what it learned, and how well it did."""

    def __init__(self, trainer: type[Trainer], described: Model) -> None:
        space = Space.of(SPACE.features, described.features)
        self._places = np.array([SPACE.hashed.index(name) for name in space.hashed])
        self._whole = space.names == SPACE.names
        self._learner = make(described, space)
        self._trainer, self._states = trainer(described, self._learner), {"": self._learner.init()}
        self._shown = Progressive("ranking", 1 << 40)
        self._won: list[F64] = []
        self._costs: list[float] = []

    def learn(self, part: Batch, chosen: Batch, drawn: Batch, judged: bool) -> None:
        """Judge the clicks of a slice against items drawn for them, learn the slice, and judge its scores."""
        if judged:
            frozen = self._learner.freeze(self._states[""])
            mine, others = (self._learner.predict(frozen, self._seen(each)) for each in (chosen, drawn))
            self._won.append((mine > others) + 0.5 * (mine == others))
        batch = self._seen(part)
        begin = time.process_time()
        scores = self._trainer.learn(self._states, "", self._trainer.drawn(batch), 0)
        self._costs.append((time.process_time() - begin) / len(scores))
        if judged:
            self._shown.update(scores, part.label, part.weight)

    def _seen(self, batch: Batch) -> Batch:
        """Return examples without what the model does not see."""
        if self._whole:
            return batch
        kept = np.isin(batch.field, self._places)
        before = np.concatenate(([0], np.cumsum(kept)))
        field = np.searchsorted(self._places, batch.field[kept]).astype(np.uint16)
        pointers, nothing = before[batch.indptr].astype(np.int32), np.zeros((len(batch), 0))
        slot, value = batch.slot[kept], batch.value[kept]
        return replace(batch, indptr=pointers, slot=slot, value=value, field=field, dense=nothing)

    def figures(self) -> list[float]:
        """Return AUC, AUC unshown, and microseconds an example."""
        auc = self._shown.report()["auc"]
        return [float(auc or np.nan), float(np.concatenate(self._won).mean()), 1e6 * float(np.median(self._costs))]


def pairs(part: Clicks, goods: Goods, draw: np.random.Generator) -> tuple[Batch, Batch]:
    """Return the clicks of a slice, and each with another item, drawn uniformly, in place of its own."""
    clicked = part.batch.label > 0.5
    shown = replace(part.shown, **{name: column[clicked] for name, column in vars(part.shown).items()})
    item = draw.integers(len(goods.category), size=len(shown))
    other = replace(shown, item=item, category=goods.category[item], price=goods.price[item])
    return batch_of(shown, np.ones(len(shown))), batch_of(other, np.ones(len(shown)))


def measured(run: Simulation, before: int, variants: Iterable[Judged]) -> None:
    """Let all variants learn the run, and judge them after ``before`` impressions."""
    goods, draw, seen = Goods(run.seed, run.population), np.random.default_rng(run.seed), 0
    for part in clicks(run):
        chosen, drawn = pairs(part, goods, draw)
        batch = with_lots(part, seen).batch
        for each in variants:
            each.learn(batch, chosen, drawn, seen >= before)
        seen += len(batch)


def main() -> None:
    """Print a line for each variant."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.ranking", description=__doc__)
    parser.add_argument("--impressions", type=int, default=1_500_000)
    parser.add_argument("--before", type=int, default=500_000, help="of them, before the first that is judged")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    run = replace(PRESETS["reference"], impressions=given.impressions, seed=given.seed)
    variants = {name: Judged(trainer, described) for name, (trainer, described) in VARIANTS.items()}
    measured(run, given.before, variants.values())
    print(f"{'':36}" + "".join(f"{head:>13}" for head in ("AUC", "AUC unshown", "us")))
    for name, each in variants.items():
        print(f"{name:36}" + "".join(f"{value:13.4f}" for value in each.figures()))


if __name__ == "__main__":
    main()
