from __future__ import annotations

import itertools

import numpy as np
import pytest

from udfs.augment.unshown import Unshown, UnshownItems
from udfs.errors import StateError
from udfs.types import U32

N, ITEMS = 40_000, 20
SHARES = np.arange(1, ITEMS + 1) / (ITEMS * (ITEMS + 1) / 2)


def shown(seed: int = 1) -> U32:
    """Draw items, the i-th of them i times as often as the first."""
    return np.random.default_rng(seed).choice(ITEMS, N, p=SHARES).astype(np.uint32)


def lots() -> U32:
    return np.random.default_rng(2).integers(1 << 32, size=N, dtype=np.uint32)


def drawn(by_popularity: bool, items: U32) -> tuple[Unshown, UnshownItems]:
    memory = UnshownItems(5_000, by_popularity, bits=10)
    return memory.draw(items, lots(), 3), memory


@pytest.mark.parametrize("by_popularity", [True, False])
def test_items_are_drawn_as_often_as_is_said(by_popularity: bool) -> None:
    found, _ = drawn(by_popularity, shown())
    late = found.item[N // 2 :]
    counts = np.bincount(late.ravel(), minlength=ITEMS) / late.size
    expected = SHARES if by_popularity else np.full(ITEMS, 1 / ITEMS)
    assert np.abs(counts - expected).max() < 0.01


def test_the_correction_is_what_an_item_is_drawn_with() -> None:
    found, _ = drawn(True, shown())
    late, correction = found.item[N // 2 :].ravel(), found.correction[N // 2 :].ravel()
    means = np.array([correction[late == item].mean() for item in range(ITEMS)])
    assert np.abs(means + np.log(SHARES))[5:].max() < 0.1
    assert np.abs(means + np.log(SHARES)).max() < 0.25
    uniform, _ = drawn(False, shown())
    assert np.allclose(uniform.correction[N // 2 :], np.log(ITEMS))


def test_nothing_is_drawn_before_it_was_shown_and_ones_own_item_is_not_valid() -> None:
    items = shown()
    found, _ = drawn(True, items)
    assert not found.valid[0].any()
    assert (found.valid[1:] == (found.item[1:] != items[1:, None])).all()
    first = {int(item): i for i, item in reversed(list(enumerate(items[:200].tolist())))}
    assert all(first[item] < i for i in range(1, 200) for item in found.item[i].tolist())


@pytest.mark.parametrize("by_popularity", [True, False])
def test_any_cutting_and_any_restore_gives_the_same(by_popularity: bool) -> None:
    items, chance = shown(), lots()
    found, whole = drawn(by_popularity, items)
    memory, parts = UnshownItems(5_000, by_popularity, bits=10), []
    for start, stop in itertools.pairwise([0, 1, 1_000, N]):
        parts.append(memory.draw(items[start:stop], chance[start:stop], 3))
        restored = UnshownItems(5_000, by_popularity, bits=10)
        restored.load({name: array.copy() for name, array in memory.dump().items()})
        memory = restored
    for place, name in enumerate(Unshown._fields):
        assert np.concatenate([part[place] for part in parts]).tobytes() == getattr(found, name).tobytes()
    assert all(array.tobytes() == whole.dump()[name].tobytes() for name, array in memory.dump().items())


def test_a_state_of_another_size_is_refused() -> None:
    with pytest.raises(StateError, match="memory of items"):
        UnshownItems(10, True, bits=4).load(UnshownItems(11, True, bits=4).dump())
