"""The simulated shop's impressions and true clicks as examples of a model, without events, files or waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from simulator.answers import NEVER
from simulator.crowds import Visitors
from simulator.events import hashed
from simulator.impressions import Impressions
from simulator.population import Goods
from simulator.simulation import Simulation
from udfs.features import Batch, Space
from udfs.schema import Categorical, Cross, FeatureSet, Number, Tokens
from udfs.types import F64, I64, U32

_FEATURES: Final = FeatureSet(
    seed=1,
    features={
        "user": Categorical(field="user"),
        "item": Categorical(field="item"),
        "category": Categorical(field="category"),
        "device": Categorical(field="device"),
        "position": Categorical(field="position"),
        "user_category": Cross(of=("user", "category")),
        "words": Tokens(field="words"),
        "price": Number(field="price", log=True),
    },
)
SPACE: Final = Space.of(_FEATURES, tuple(_FEATURES.features))
_CATEGORIES: Final = 1_000


class Clicks(NamedTuple):
    """Impressions of people in order of time.

    Attributes:
        batch: the examples; the label is the click.
        probability: float64 (n,): the true probability of a click.
        shown: what was shown.
    """

    batch: Batch
    probability: F64
    shown: Impressions


def clicks(run: Simulation) -> Iterator[Clicks]:
    """Yield what people saw and clicked, slice by slice."""
    visitors = Visitors(run, Goods(run.seed, run.population))
    for number, (start, stop) in enumerate(run.slices):
        acts = visitors.act(number, start, stop)
        order = np.argsort(acts.shown.time, kind="stable")
        shown = Impressions(**{name: getattr(acts.shown, name)[order] for name in vars(acts.shown)})
        label = (acts.answers.click[order] != NEVER).astype(np.float64)
        yield Clicks(batch_of(shown, label), acts.chances.click[order], shown)


def batch_of(shown: Impressions, label: F64) -> Batch:
    """Return impressions as examples with these labels."""
    n = len(label)
    single = [shown.user, shown.item, shown.category, shown.device, shown.position]
    single.append(shown.user * _CATEGORIES + shown.category)
    slots = np.empty((n, len(single) + shown.words.shape[1]), np.uint32)
    for place, values in enumerate(single):
        slots[:, place] = slot_of(values, place)
    slots[:, len(single) :] = slot_of(shown.words, len(single))
    present = np.ones(slots.shape, np.bool_)
    present[:, len(single) :] = shown.words >= 0
    field = np.minimum(np.arange(slots.shape[1]), len(single)).astype(np.uint16)
    indptr = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    kept = slots[present]
    dense = np.log1p(shown.price / 100.0)[:, None]
    fields = np.broadcast_to(field, slots.shape)[present]
    return Batch(indptr, kept, np.ones(len(kept), np.float32), fields, dense, label, np.ones(n), shown.time * 1_000)


def slot_of(values: I64, place: int) -> U32:
    """Return the hashes of the values of the feature at a place among the hashed ones."""
    slots: U32 = (hashed(values, 16 + place) >> np.uint64(32)).astype(np.uint32)
    return slots
