"""Rows of cleaned event fields as the tensors that a released model takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from udfs.releases.manifest import Tensor
from udfs.types import Column

RawRow = Mapping[str, Any]


def feed(inputs: Sequence[Tensor], rows: Sequence[RawRow]) -> dict[str, Column]:
    """Return a tensor for each input.

    Args:
        inputs: the inputs of the model, as its manifest gives them.
        rows: cleaned values by field, as in ``udfs/features/values.py``, and the event's time in microseconds under
            ``timestamp``; what is absent or None is missing.
    """
    return {tensor.name: _column(tensor, [row.get(tensor.name) for row in rows]) for tensor in inputs}


def _column(tensor: Tensor, values: list[Any]) -> Column:
    if tensor.type == "int64":
        return np.array([value or 0 for value in values], np.int64)
    if tensor.type == "string":
        return _strings(values) if len(tensor.shape) == 1 else _lists(values)
    if len(tensor.shape) == 1:
        return np.array([math.nan if value is None else value for value in values], np.float64)
    length = int(tensor.shape[1])
    vectors = [value or [math.nan] * length for value in values]
    return np.array(vectors, np.float64).reshape(len(values), length)


def _strings(values: list[Any]) -> Column:
    return np.array([value or "" for value in values], object)


def _lists(values: list[Any]) -> Column:
    longest = max((len(value or ()) for value in values), default=0)
    padded = np.full((len(values), longest), "", object)
    for i, value in enumerate(values):
        padded[i, : len(value or ())] = value or ()
    return padded
