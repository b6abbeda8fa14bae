"""Columns come back bit for bit, in as few bytes as they need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from udfs.frames import Frame, Kind, decode, encode
from udfs.frames.narrow import AS_IT_IS, TABLE, WHOLE, pack, stored, unpack
from udfs.types import Arrays

LARGE = 1_700_000_000_000_000
CASES: list[tuple[Any, str, int]] = [
    ([LARGE, LARGE + 255], "<i8", 1),
    ([LARGE, LARGE + 256], "<i8", 2),
    ([LARGE, LARGE + 65_536], "<i8", 4),
    ([LARGE, LARGE + 2**32 - 1], "<i8", 4),
    ([LARGE, LARGE + 2**32], "<i8", AS_IT_IS),
    ([-5, 250], "<i8", 1),
    ([-(2**63), 2**63 - 1], "<i8", AS_IT_IS),
    ([0, 2**64 - 1], "<u8", 1),
    ([2**64 - 1, 2**64 - 2], "<u8", 1),
    ([7, 7, 7], "<u8", 0),
    ([3, 2**32 - 1], "<u4", AS_IT_IS),
    ([2**32 - 1, 2**32 - 65_536], "<u4", 2),
    ([-1, 1], "<i4", AS_IT_IS),
    ([5, 260], "<u2", 1),
    ([5, 261], "<u2", AS_IT_IS),
    ([4, 4], "|u1", 0),
    ([4, 5], "|u1", AS_IT_IS),
    ([True, True], "|b1", 0),
    ([0.0, 1.0, 255.0], "<f8", WHOLE),
    ([0.0, 1.0, 256.0], "<f8", AS_IT_IS),
    ([0.0, 1.0, 0.5], "<f8", AS_IT_IS),
    ([0.0, 1.0, -0.0], "<f8", AS_IT_IS),
    ([0.0, 1.0, np.nan], "<f8", AS_IT_IS),
    ([np.nan, np.nan], "<f8", 0),
    ([1.0, 1.0], "<f8", 0),
    ([1.5, 1.5], "<f4", 0),
    ([[1, 2], [3, 4]], "<i8", 1),
    ([[LARGE, -5, 0.5], [-LARGE, 7, 0.25]] * 128, "<f8", TABLE),
    ([LARGE, -LARGE] * 128, "<i8", TABLE),
    ([LARGE, -LARGE] * 127, "<i8", AS_IT_IS),
    ([0, 2**32 - 1] * 128, "<u4", TABLE),
    ([0, 2**32 - 1] * 128, "<u8", TABLE),
    ([0.5, np.nan, -0.0, 0.0] * 64, "<f8", TABLE),
    ([0, 255] * 128, "<u8", 1),
    ([], "<i8", AS_IT_IS),
]


@pytest.mark.parametrize(("values", "dtype", "width"), CASES)
def test_a_column_takes_as_few_bytes_as_hold_it_exactly(values: Any, dtype: str, width: int) -> None:
    array = np.array(values, dtype)
    packing, data = pack(array)
    assert packing[0] == width
    assert stored(packing, array.dtype, array.size) == (data.dtype, data.size)
    found = unpack(packing, data, array.dtype, array.shape)
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert data.nbytes <= array.nbytes


@pytest.mark.parametrize("place", [0, 255, 256, 700])
def test_one_far_value_among_many_is_seen(place: int) -> None:
    array = np.arange(701, dtype=np.int64)
    array[place] = 1 << 40
    assert pack(array)[0] == (AS_IT_IS, 0)


def test_what_is_the_same_in_all_rows_takes_no_room() -> None:
    def size(n: int) -> int:
        columns: Arrays = {
            "weight": np.ones(n),
            "present": np.full((n, 1), 31, np.uint64),
            "part": np.zeros(n, np.uint16),
        }
        return len(encode(Frame(Kind.EXAMPLES, n, {}, columns)))

    assert size(10_000) <= size(10) + 16


def test_decoded_columns_are_read_only_however_they_were_packed() -> None:
    columns: Arrays = {
        "constant": np.ones(3),
        "narrow": np.arange(3),
        "whole": np.array([0.0, 1.0, 0.0]),
        "id": np.ones(3) / 7,
    }
    assert not any(
        column.flags.writeable for column in decode(encode(Frame(Kind.EVENTS, 3, {}, columns))).columns.values()
    )
