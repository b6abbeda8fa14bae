"""The kernels of the ranker: sums of the rows of a side's entries, and steps of AdaGrad on each of them.

A row of the state is ``SQUARES`` sums of squared gradients (of the vector, of the bias), the bias and the vector; a row
of a release is the bias and the vector.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.hashing.murmur3 import mix32
from udfs.jit import kernel
from udfs.learners.linear_predictor import prefetch_slots
from udfs.types import F32, F64, I32, U16, U32, Bool

SQUARES: Final = 2
_VECTOR, _BIAS = range(2)

_LIMIT: Final = 1e3
"""Largest magnitude of a bias and of a vector's element."""

_STEEPEST: Final = 1e6
"""Largest importance, and largest gradient of one coordinate: its square fits float32 with room for 1e26 more."""

_FIRST: Final = 1e-2
"""Squared gradients that a row begins with: a row that has none was never learned, and is all zero."""

_USER, _ITEM = False, True


@kernel
def _add(table: F32, row: np.uint32, at: int, out: F64) -> None:
    for j in range(len(out)):
        out[j] += np.float64(table[row, at + j])


@kernel
def _side(
    table: F32, at: int, slot: U32, field: U16, of_item: Bool, side: bool, start: int, stop: int, out: F64
) -> None:
    """Sum the biases and vectors of the entries of one side of an example."""
    out[:] = 0.0
    for e in range(start, stop):
        if of_item[field[e]] == side:
            _add(table, slot[e] & np.uint32(len(table) - 1), at, out)


@kernel
def _sum(table: F32, at: int, slot: U32, start: int, stop: int, out: F64) -> None:
    out[:] = 0.0
    for e in range(start, stop):
        _add(table, slot[e] & np.uint32(len(table) - 1), at, out)


@kernel
def _score(bias: float, user: F64, item: F64) -> float:
    total = bias + user[0] + item[0]
    for j in range(1, len(user)):
        total += user[j] * item[j]
    return float(total)


@kernel
def _outscored(score: float, others: F64) -> float:
    won = 0.0
    for other in others:
        won += 1.0 if score > other else 0.5 if score == other else 0.0
    return float(won / len(others)) if len(others) else math.nan


@kernel
def score_all(
    indptr: I32,
    slot: U32,
    field: U16,
    of_item: Bool,
    start: I32,
    other_indptr: I32,
    other_slot: U32,
    table: F32,
    bias: float,
    scores: F64,
    outscored: F64,
) -> None:
    """Score the examples by the rows of a release, and the items drawn for them."""
    user, item = np.empty(table.shape[1]), np.empty(table.shape[1])
    others = np.empty(np.max(start[1:] - start[:-1]) if len(scores) else 0)
    for i in range(len(scores)):
        prefetch_slots(table, slot, np.uint32(len(table) - 1), indptr[i], indptr[i + 1])
        _side(table, 0, slot, field, of_item, _USER, indptr[i], indptr[i + 1], user)
        _side(table, 0, slot, field, of_item, _ITEM, indptr[i], indptr[i + 1], item)
        scores[i] = _score(bias, user, item)
        drawn = start[i + 1] - start[i]
        for r in range(drawn):
            one = start[i] + r
            _sum(table, 0, other_slot, other_indptr[one], other_indptr[one + 1], item)
            others[r] = _score(bias, user, item)
        outscored[i] = _outscored(scores[i], others[:drawn])


@kernel
def _touch(table: F32, slot: np.uint32, seed: int, half_width: float) -> bool:
    """Draw the vector of a row that was never learned; return whether it was such a row."""
    row = table[slot & np.uint32(len(table) - 1)]
    if row[_VECTOR] > 0.0:
        return False
    # Uniform, not normal: exact arithmetic gives the same vector on every machine.
    base = mix32(np.uint32(mix32(np.uint32(seed)) ^ (slot & np.uint32(len(table) - 1))))
    row[_VECTOR] = row[_BIAS] = _FIRST
    for j in range(SQUARES + 1, len(row)):
        drawn = mix32(np.uint32(base + np.uint32(j) * np.uint32(0x9E3779B9)))
        row[j] = (np.float64(drawn) * 2.0**-31 - 1.0) * half_width
    return True


@kernel
def _held(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


@kernel
def _step(table: F32, slot: np.uint32, gradient: F64, rate: float, l2: float) -> None:
    """Move a row by the gradient (k + 1,) of its bias and vector; all elements of a vector have one learning rate."""
    row = table[slot & np.uint32(len(table) - 1)]
    g = _held(gradient[0] + l2 * row[SQUARES], _STEEPEST)
    row[_BIAS] += g * g
    row[SQUARES] = _held(row[SQUARES] - rate * g / math.sqrt(row[_BIAS]), _LIMIT)
    squares = 0.0
    for j in range(1, len(gradient)):
        g = _held(gradient[j] + l2 * row[SQUARES + j], _STEEPEST)
        squares += g * g
    row[_VECTOR] += squares / (len(gradient) - 1)
    scale = rate / math.sqrt(row[_VECTOR])
    for j in range(1, len(gradient)):
        g = _held(gradient[j] + l2 * row[SQUARES + j], _STEEPEST)
        row[SQUARES + j] = _held(row[SQUARES + j] - scale * g, _LIMIT)


@kernel
def _softmax(score: float, own: float, others: F64, correction: F64, weight: float, out: F64) -> float:
    """Write the gradient of each other's score; return that of the example's own score."""
    top = score + own
    for r in range(len(others)):
        top = max(top, others[r] + correction[r])
    mine = math.exp(score + own - top)
    total = mine
    for r in range(len(others)):
        out[r] = math.exp(others[r] + correction[r] - top)
        total += out[r]
    for r in range(len(others)):
        out[r] *= weight / total
    return weight * (mine / total - 1.0)


@kernel
def learn_all(
    indptr: I32,
    slot: U32,
    field: U16,
    of_item: Bool,
    label: F64,
    importance: F64,
    start: I32,
    other_indptr: I32,
    other_slot: U32,
    correction: F64,
    own: F64,
    table: F32,
    bias: F64,
    shown: float,
    rate: float,
    l2: float,
    half_width: float,
    seed: int,
    scores: F64,
    outscored: F64,
) -> None:
    """Learn the examples in order, each scored before; ``bias`` float64 (2,) is the bias and its squared gradients."""
    width = table.shape[1] - SQUARES
    most = np.max(start[1:] - start[:-1]) if len(label) else 0
    user, item, gradient, own_gradient = np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    other, others, steep = np.empty((most, width)), np.empty(most), np.empty(most)
    for i in range(len(label)):
        begin, end, drawn = indptr[i], indptr[i + 1], start[i + 1] - start[i]
        prefetch_slots(table, slot, np.uint32(len(table) - 1), begin, end)
        weight = _held(importance[i], _STEEPEST)
        learned = (shown > 0.0 or drawn > 0) and abs(weight) > 0.0 and label[i] == label[i]
        again = True
        while again:
            _side(table, SQUARES, slot, field, of_item, _USER, begin, end, user)
            _side(table, SQUARES, slot, field, of_item, _ITEM, begin, end, item)
            score = _score(bias[0], user, item)
            for r in range(drawn):
                one = start[i] + r
                _sum(table, SQUARES, other_slot, other_indptr[one], other_indptr[one + 1], other[r])
                others[r] = _score(bias[0], user, other[r])
            if scores[i] != scores[i]:
                scores[i], outscored[i] = score, _outscored(score, others[:drawn])
            again = False
            if learned:
                # Rows that are learned for the first time get their vectors after the example is scored without.
                for e in range(begin, end):
                    again |= _touch(table, slot[e], seed, half_width)
                for e in range(other_indptr[start[i]], other_indptr[start[i + 1]]):
                    again |= _touch(table, other_slot[e], seed, half_width)
        if not learned:
            continue
        positive = 1.0 if label[i] > 0.5 else 0.0
        error = shown * weight * (1.0 / (1.0 + math.exp(-score)) - positive)
        mine = error
        if drawn > 0:
            corrections = correction[start[i] : start[i + 1]]
            mine += _softmax(score, own[i], others[:drawn], corrections, weight, steep)
        bias[1] += error * error
        bias[0] = _held(bias[0] - rate * error / math.sqrt(bias[1] + _FIRST), _LIMIT)
        # What the items take from the user's side of the softmax adds up to nothing.
        gradient[0] = error
        own_gradient[0] = mine
        for j in range(1, width):
            gradient[j] = mine * item[j]
            for r in range(drawn):
                gradient[j] += steep[r] * other[r, j]
            own_gradient[j] = mine * user[j]
        for e in range(begin, end):
            _step(table, slot[e], own_gradient if of_item[field[e]] else gradient, rate, l2)
        for r in range(drawn):
            own_gradient[0] = steep[r]
            for j in range(1, width):
                own_gradient[j] = steep[r] * user[j]
            one = start[i] + r
            for e in range(other_indptr[one], other_indptr[one + 1]):
                _step(table, other_slot[e], own_gradient, rate, l2)
