from __future__ import annotations

import itertools
from dataclasses import fields, replace
from typing import Any, Literal

import numpy as np
import pytest

from udfs.augment.unshown import LONGEST, UnshownItems
from udfs.errors import StateError
from udfs.features import Batch, Space
from udfs.features.unshown import Unshown
from udfs.hashing.murmur3 import mix32
from udfs.schema import Categorical, FeatureSet, ListOf
from udfs.schema import Unshown as Rules
from udfs.types import F64, I64, U32

N, ITEMS = 40_000, 20
SHARES = np.arange(1, ITEMS + 1) / (ITEMS * (ITEMS + 1) / 2)
HASHES = np.array([mix32(np.uint32(i)) for i in range(ITEMS)], np.uint32)
FEATURES = FeatureSet(
    seed=1,
    features={"user": Categorical(field="user"), "item": Categorical(field="item"), "tags": ListOf(field="tags")},
)
SPACE = Space.of(FEATURES, ("user", "item", "tags"))
By = Literal["uniform", "popularity"]
each = pytest.mark.parametrize("by", ["uniform", "popularity"])


def memory(by: By = "uniform", size: int = 4_096, count: int = 3) -> UnshownItems:
    return UnshownItems(Rules(by=by, count=count, size=size), SPACE, ("item", "tags"), 1)


def examples(items: I64, label: float = 1.0, weight: float = 1.0, tags: int = 1) -> Batch:
    """Return examples of a user, an item and its tags, all of one label; the hash of a tag is the item's and one."""
    n = len(items)
    slot = np.empty((n, 2 + tags), np.uint32)
    slot[:, 0], slot[:, 1] = 7, HASHES[items]
    slot[:, 2:] = HASHES[items][:, None] + np.uint32(1)
    field = np.tile(np.array([0, 1] + [2] * tags, np.uint16), n)
    lots = np.random.default_rng(2).integers(1 << 32, size=n, dtype=np.uint32)
    pointers = (np.arange(n + 1) * (2 + tags)).astype(np.int32)
    rest = (np.zeros((n, 0)), np.full(n, label), np.full(n, weight), np.zeros(n, np.int64))
    return Batch(pointers, slot.ravel(), np.ones(slot.size, np.float32), field, *rest, lot=lots)


def shown(seed: int = 1) -> I64:
    """Draw items, the i-th of them i times as often as the first."""
    return np.random.default_rng(seed).choice(ITEMS, N, p=SHARES).astype(np.int64)


def items_of(found: Unshown) -> U32:
    """Return the first entry of each item that was drawn: its hash."""
    items: U32 = found.slot[found.indptr[:-1]]
    return items


def owners(found: Unshown) -> I64:
    return np.repeat(np.arange(len(found.own)), np.diff(found.start))


@each
def test_items_are_drawn_as_often_as_is_said(by: By) -> None:
    own = shown()
    found = memory(by).draw(examples(own))
    late = owners(found) >= N // 2
    counts = np.array([np.count_nonzero(items_of(found)[late] == item) for item in HASHES])
    drawn = SHARES if by == "popularity" else np.full(ITEMS, 1 / ITEMS)
    # Draws of the example's own item are left out.
    expected = drawn * (1.0 - SHARES)
    assert np.abs(counts / (3 * N / 2) - expected).max() < 0.01


def test_the_correction_is_what_an_item_is_drawn_with() -> None:
    own = shown()
    found = memory("popularity").draw(examples(own))
    late = owners(found) >= N // 2
    items, correction = items_of(found)[late], found.correction[late]
    means = np.array([correction[items == item].mean() for item in HASHES])
    assert np.abs(means + np.log(SHARES))[5:].max() < 0.1
    assert np.abs(means + np.log(SHARES)).max() < 0.25
    mine = np.array([found.own[N // 2 :][own[N // 2 :] == i].mean() for i in range(ITEMS)])
    assert np.abs(mine + np.log(SHARES)).max() < 0.25
    assert found.popularity.tolist() == (-found.own).tolist()
    uniform = memory().draw(examples(own))
    assert not uniform.own.any()
    assert not uniform.correction.any()


def test_popular_items_are_seldom_less_popular_than_what_is_drawn() -> None:
    own = shown()
    found = memory("uniform").draw(examples(own))
    late = slice(N // 2, None)
    rare, usual = (np.nanmean(found.less_popular[late][own[late] == item]) for item in (0, ITEMS - 1))
    assert rare < 0.1
    assert usual > 0.9


def test_an_item_has_all_of_its_own_entries_and_none_of_the_users() -> None:
    found = memory().draw(examples(shown(), tags=2))
    assert len(found.correction) > N
    entries = found.slot.reshape(-1, 3)
    assert np.isin(entries[:, 0], HASHES).all()
    assert (entries[:, 1:] == entries[:, :1] + np.uint32(1)).all()


def test_nothing_is_drawn_before_it_was_shown_and_never_ones_own_item() -> None:
    own = shown()
    found = memory("popularity").draw(examples(own))
    assert found.start[1] == 0
    assert (items_of(found) != HASHES[own][owners(found)]).all()
    first = {int(HASHES[item]): i for i, item in reversed(list(enumerate(own[:200].tolist())))}
    assert all(first[int(items_of(found)[j])] < owners(found)[j] for j in range(found.start[200]))


def test_only_positives_of_positive_weight_are_set_against_items_and_weight_shows_them() -> None:
    own = shown()[:100]
    for label, weight in ((0.0, 1.0), (1.0, 0.0), (1.0, -1.0), (np.nan, 1.0)):
        held = memory()
        held.draw(examples(own))
        before = {name: array.copy() for name, array in held.dump().items()}
        found = held.draw(examples(own, label, weight))
        assert found.start[-1] == 0
        assert np.isnan(found.less_popular).all()
        moved = any((array != before[name]).any() for name, array in held.dump().items())
        assert moved == (weight > 0.0)


def test_items_with_too_many_entries_are_not_remembered() -> None:
    held = memory()
    assert held.draw(examples(shown()[:50], tags=LONGEST)).start[-1] == 0
    assert held.draw(examples(shown()[:50], tags=LONGEST - 1)).start[-1] > 0


def test_an_example_without_its_item_draws_none_and_shows_none() -> None:
    held, whole = memory(), examples(shown()[:50])
    nameless = replace(
        whole,
        indptr=np.arange(51, dtype=np.int32),
        slot=whole.slot[:50],
        value=whole.value[:50],
        field=np.zeros(50, np.uint16),
    )
    found = held.draw(nameless)
    assert found.start[-1] == 0
    assert np.isnan(found.popularity).all()
    assert not held.dump()["counts"].any()


@each
@pytest.mark.parametrize("size", [4_096, 16])
def test_any_cutting_and_any_restore_gives_the_same(by: By, size: int) -> None:
    batch = examples(shown())
    whole = memory(by, size)
    found, held, parts = whole.draw(batch), memory(by, size), []
    for start, stop in itertools.pairwise([0, 1, 1_000, N]):
        parts.append(held.draw(batch.slice(start, stop)))
        restored = memory(by, size)
        restored.load({name: array.copy() for name, array in held.dump().items()})
        held = restored
    for name in ("slot", "correction", "own", "popularity", "less_popular"):
        joined: F64 = np.concatenate([getattr(part, name) for part in parts])
        assert joined.tobytes() == getattr(found, name).tobytes()
    assert all(array.tobytes() == whole.dump()[name].tobytes() for name, array in held.dump().items())


def test_a_slice_is_what_its_examples_have() -> None:
    batch = examples(shown()[:500])
    found = memory().draw(batch)
    part: Any = found.slice(100, 200)
    assert items_of(part).tolist() == items_of(found)[(owners(found) >= 100) & (owners(found) < 200)].tolist()
    part.outscored[:] = 0.5
    assert found.outscored[100:200].tolist() == [0.5] * 100
    assert all(len(getattr(part, field.name)) for field in fields(Unshown))


def test_a_state_of_another_size_is_refused() -> None:
    with pytest.raises(StateError, match="memory of items"):
        memory(size=16).load(memory(size=17).dump())
