"""Dense coordinates as ONNX operators: logarithm, mean and scale in double precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto

from udfs.schema import Count, Number, Rate, Since, Vector

if TYPE_CHECKING:
    from udfs.releases.graph import Graph


def standardised(graph: Graph) -> str:
    """Build the dense coordinates (n, d), double: ``(x - mean) * scale``, 0 where missing; (1, 0) without any."""
    columns = [_coordinates(graph, name) for name in graph.space.dense]
    if not columns:
        return graph.constant(np.zeros((1, 0)))
    raw = graph.node("Concat", columns, axis=1)
    centred = graph.node("Sub", [raw, graph.row("mean")])
    scaled = graph.node("Mul", [centred, graph.row("scale")])
    return graph.node("Where", [graph.node("IsNaN", [raw]), graph.constant(np.array(0.0)), scaled])


def _coordinates(graph: Graph, name: str) -> str:
    match graph.space.features.features[name]:
        case Vector(field=field, length=length):
            return graph.input(field, TensorProto.DOUBLE, length)
        case Number(field=field, log=log):
            return _number(graph, field, log)
        case Count(log=log) | Rate(log=log) | Since(log=log):
            return _number(graph, name, log)
        case _:
            raise TypeError(f"{name} is hashed: it has no coordinates")


def _number(graph: Graph, field: str, log: bool) -> str:
    axis = graph.constant(np.array([1]))
    column = graph.node("Unsqueeze", [graph.input(field, TensorProto.DOUBLE), axis])
    return _signed_log1p(graph, column) if log else column


def _signed_log1p(graph: Graph, x: str) -> str:
    # ONNX has no log1p: with u = 1 + a, log(u) * (a / (u - 1)) undoes the rounding of u (Goldberg 1991, theorem 4).
    one = graph.constant(np.array(1.0))
    a = graph.node("Abs", [x])
    u = graph.node("Add", [a, one])
    tiny = graph.node("Equal", [u, one])
    rounded = graph.node("Where", [tiny, one, graph.node("Sub", [u, one])])
    log = graph.node("Mul", [graph.node("Log", [u]), graph.node("Div", [a, rounded])])
    return graph.node("Mul", [graph.node("Sign", [x]), graph.node("Where", [tiny, a, log])])
