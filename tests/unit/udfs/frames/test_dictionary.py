"""Arrays come back bit for bit; a table is taken where it wins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.frames.dictionary import LONGEST, pack, unpack

DTYPES = (np.dtype(np.uint32), np.dtype(np.uint64))


def drawn(seed: int, n: int, distinct: list[int], dtype: np.dtype[Any]) -> Any:
    """An array (n, k) whose columns have at most so many different values."""
    rng = np.random.default_rng(seed)
    most = np.iinfo(dtype).max
    columns = [rng.integers(0, most, count, dtype, endpoint=True)[rng.integers(0, count, n)] for count in distinct]
    return np.stack(columns, axis=1)


@given(
    st.integers(0, 1 << 32),
    st.integers(1, 700),
    st.lists(st.sampled_from([1, 2, 200, LONGEST, 300, 5000]), min_size=1, max_size=4),
    st.sampled_from(DTYPES),
)
def test_comes_back_bit_for_bit(seed: int, n: int, distinct: list[int], dtype: np.dtype[Any]) -> None:
    values = drawn(seed, n, distinct, dtype)
    packed = pack(values, 1 << 30)
    longest = min(len(np.unique(column)) for column in values.T)
    assert (packed is None) == (longest > LONGEST)
    if packed is not None:
        found = unpack(packed, dtype, values.shape)
        assert (found.dtype, found.tobytes()) == (dtype, values.tobytes())
        assert packed.tobytes() == pack(values.copy(), 1 << 30).tobytes()  # type: ignore[union-attr]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_longest_table_and_one_value_more(dtype: np.dtype[Any]) -> None:
    values = np.arange(LONGEST + 1, dtype=dtype).repeat(20)[:, None]
    assert pack(values, 1 << 30) is None
    packed = pack(values[:-20], 1 << 30)
    assert packed is not None
    assert packed.nbytes == 8 + 20 * LONGEST + LONGEST * dtype.itemsize


def test_what_would_take_more_is_left() -> None:
    values = np.arange(100, dtype=np.uint64)[:, None]
    assert pack(values, values.nbytes) is None
    packed = pack(values, 1000)
    assert packed is not None
    assert pack(values, packed.nbytes) is None
