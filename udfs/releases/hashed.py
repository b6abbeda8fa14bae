"""Hashed features as ONNX operators: MurmurHash3 of strings, as ``udfs/features/values.py`` defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from onnx import TensorProto

from udfs.hashing import hash32
from udfs.schema import Categorical, CharNGrams, Cross, History, ListOf, TimePart, Tokens

if TYPE_CHECKING:
    from udfs.releases.graph import Graph

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


class Hashed(NamedTuple):
    """Names of two tensors (n, k): hashes, uint32, and where they are present, bool."""

    hash: str
    present: str


def hashed(graph: Graph, name: str) -> Hashed:
    """Build the hashes of a feature."""
    feature = graph.space.features.features[name]
    seed = graph.space.features.seed_of(name)
    match feature:
        case Categorical(field=field):
            column = graph.node("Unsqueeze", [graph.input(field, TensorProto.STRING), _integers(graph, 1)])
            return _strings(graph, column, seed)
        case ListOf(field=field):
            return _strings(graph, graph.input(field, TensorProto.STRING, f"{field}_elements"), seed)
        case History():
            return _strings(graph, graph.input(name, TensorProto.STRING, f"{name}_elements"), seed)
        case Tokens(field=field):
            text = graph.input(field, TensorProto.STRING)
            return _strings(graph, graph.node("StringSplit", [text], delimiter=" "), seed)
        case CharNGrams(field=field, n=n):
            return _char_ngrams(graph, graph.input(field, TensorProto.STRING), n, seed)
        case TimePart():
            return _time_part(graph, feature, seed)
        case Cross(of=parts):
            return _cross(graph, [graph.hashed(part) for part in parts], seed)
        case _:
            raise TypeError(f"{name} is dense: it has no hash")


def _integers(graph: Graph, *values: int) -> str:
    return graph.constant(np.array(values, np.int64))


def _present(graph: Graph, strings: str) -> str:
    return graph.node("Not", [graph.node("Equal", [strings, graph.constant(np.array("", object))])])


def _strings(graph: Graph, strings: str, seed: int) -> Hashed:
    return Hashed(_murmur(graph, strings, seed), _present(graph, strings))


def _murmur(graph: Graph, strings: str, seed: int) -> str:
    signed = int(np.array(seed, np.uint32).astype(np.int32))
    return graph.node("MurmurHash3", [strings], positive=1, seed=signed)


def _char_ngrams(graph: Graph, text: str, n: int, seed: int) -> Hashed:
    # The tokenizer makes no second axis for no rows, nor columns for short ones: a last row of n characters does both.
    filler = graph.constant(np.array(["x" * n], object))
    rows = graph.node("Concat", [text, filler], axis=0)
    characters = graph.node("Tokenizer", [rows], mark=0, mincharnum=1, pad_value="", separators=[""])
    both = _integers(graph, 0, 1)
    grams = ""
    for i in range(n):
        stop = _integers(graph, -1, i + 1 - n if i + 1 < n else np.iinfo(np.int64).max)
        last = graph.node("Slice", [characters, _integers(graph, 0, i), stop, both])
        grams = graph.node("StringConcat", [grams, last]) if i else last
    return Hashed(_murmur(graph, grams, seed), _present(graph, last))


def _time_part(graph: Graph, feature: TimePart, seed: int) -> Hashed:
    # Mod has the sign of the divisor and what it leaves is not negative, so Div, which truncates, is a floor.
    unit, count, shift = (_HOUR, 24, 0) if feature.part == "hour" else (_DAY, 7, 3 * _DAY)
    time = graph.input("timestamp", TensorProto.INT64)
    local = graph.node("Add", [time, _integers(graph, feature.offset_minutes * _MINUTE + shift)])
    cycle = graph.node("Mod", [local, _integers(graph, unit * count)])
    part = graph.node("Div", [cycle, _integers(graph, unit)])
    table = graph.constant(np.array([hash32(str(i), seed) for i in range(count)], np.uint32))
    column = graph.node("Unsqueeze", [graph.node("Gather", [table, part]), _integers(graph, 1)])
    return Hashed(column, graph.node("Equal", [column, column]))


def _cross(graph: Graph, parts: list[Hashed], seed: int) -> Hashed:
    def uint32(value: int) -> str:
        return graph.constant(np.array(value, np.uint32))

    h = uint32(seed)
    for part in parts:
        h = graph.node("BitwiseXor", [graph.node("Mul", [h, uint32(0x9E3779B1)]), part.hash])
        h = graph.node("BitwiseXor", [h, graph.node("BitShift", [h, uint32(15)], direction="RIGHT")])
    present = parts[0].present
    for part in parts[1:]:
        present = graph.node("And", [present, part.present])
    return Hashed(graph.node("Mul", [h, uint32(0x85EBCA6B)]), present)
