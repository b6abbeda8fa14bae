"""The linear predictor ``bias + dense . x + sum of slot weights``: one arithmetic for kernels and ONNX graphs.

A frozen linear model is ``weights`` float32 (2**bits,), ``dense`` float64 (d,), ``bias`` float64 (1,), and ``mean`` and
``scale`` float64 (d,) of its dense coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from udfs.features import Batch, Space
from udfs.jit import kernel
from udfs.learners.learner import Frozen
from udfs.learners.moments import LIMIT, coordinate
from udfs.prefetch import AHEAD, prefetch
from udfs.types import F32, F64, I32, U32, Column

if TYPE_CHECKING:
    from udfs.releases.graph import Graph


@kernel
def prefetch_slots(table: Column, slot: U32, mask: np.uint32, start: int, stop: int) -> None:
    """Prefetch the rows of a table that the entries ``AHEAD`` after ``start`` to ``stop`` will need."""
    for e in range(start + AHEAD, min(stop + AHEAD, len(slot))):
        prefetch(table, slot[e] & mask)


def linear_predictor(frozen: Frozen, batch: Batch) -> F64:
    """Return the linear predictor (n,) of a frozen linear model."""
    out = np.empty(len(batch))
    parameters = (frozen["weights"], frozen["dense"], frozen["bias"], frozen["mean"], frozen["scale"])
    _predict(batch.indptr, batch.slot, batch.value, batch.dense, *parameters, out)
    return out


@kernel
def _predict(
    indptr: I32,
    slot: U32,
    value: F32,
    dense: F64,
    weights: F32,
    dense_weights: F64,
    bias: F64,
    mean: F64,
    scale: F64,
    out: F64,
) -> None:
    mask = np.uint32(len(weights) - 1)
    for i in range(len(out)):
        prefetch_slots(weights, slot, mask, indptr[i], indptr[i + 1])
        total = bias[0]
        for j in range(len(dense_weights)):
            total += dense_weights[j] * coordinate(dense[i, j], mean[j], scale[j])
        for e in range(indptr[i], indptr[i + 1]):
            total += np.float64(weights[slot[e] & mask]) * value[e]
        out[i] = total


def linear_score(graph: Graph, space: Space, bits: int) -> str:
    """Build the linear predictor into a graph; return its name, double (n,)."""
    axis = graph.constant(np.array([1]))
    total = graph.row("bias")
    if space.width:
        low, high = graph.constant(np.array(-LIMIT)), graph.constant(np.array(LIMIT))
        clipped = graph.node("Clip", [graph.dense(), low, high])
        products = graph.node("Mul", [clipped, graph.row("dense")])
        total = graph.node("Add", [total, graph.node("ReduceSum", [products, axis], keepdims=1)])
    for feature in space.hashed:
        slots, mask = graph.slots(feature, bits)
        weights = graph.cast(graph.node("Mul", [graph.table("weights", slots), mask]), np.float64)
        total = graph.node("Add", [total, graph.node("ReduceSum", [weights, axis], keepdims=1)])
    return graph.node("Squeeze", [total, axis])
