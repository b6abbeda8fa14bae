"""The breaker's one pass over examples: count each, and after every ``STEP`` of them let the guards judge."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from udfs.jit import inlined, loop
from udfs.quality.breaker import coverage, distribution, positive_rate, vanishing, volume
from udfs.quality.breaker.vanishing import TRIPPED, Rules
from udfs.types import F64, I64, U16, Bool

STEP: Final = 64
"""Examples between two looks, counted since the beginning."""
_MINUTE: Final = 60_000_000
_JUMP: Final = 60 * _MINUTE
"""Microseconds that one example can advance the clock by: a broken one hardly moves it."""

TOTAL, CLOCK, MINUTE, USED, DROPPED, CHANGED, DECIDED, HELD, OPERATOR = range(9)


class State(NamedTuple):
    """All that a breaker remembers, for p partitions, c columns (features, then numbers), m numbers.

    Attributes:
        counters: int64 (9,).
        recent: int64 (p,): the example that each partition was seen at last.
        of_topic: bool (p,).
        examples, positives: float64 (p + 1,): since the last step; the last are those of partitions not followed.
        minute: float64 (p,): examples of the open minute.
        asked, there: float64 (c,): since the last step.
        rates, volumes, columns: tests (p + 1, fields), (p, fields), (c, fields).
        scales: tests (m, fields).
        blocks, references: float64 (m, bins).
    """

    counters: I64
    recent: I64
    of_topic: Bool
    examples: F64
    positives: F64
    minute: F64
    asked: F64
    there: F64
    rates: F64
    volumes: F64
    columns: F64
    scales: F64
    blocks: F64
    references: F64


class Examples(NamedTuple):
    """Examples (n,) as ``Breaker.judge`` takes them.

    Attributes:
        time: int64 (n,).
        part: uint16 (n,).
        label: float64 (n,).
        present: bool (n, k).
        bits: int64 (n, m): the bits of the numbers.
        number: float64 (n, m).
    """

    time: I64
    part: U16
    label: F64
    present: Bool
    bits: I64
    number: F64


class Slots(NamedTuple):
    """Where partitions of a frame are followed.

    Attributes:
        of_part: int64 (parts,): the slot of each of the frame's partitions, or -1.
        owner: int64 (p,): which of the frame's partitions a slot belongs to, or -1.
        is_topic: bool (parts,).
    """

    of_part: I64
    owner: I64
    is_topic: Bool


class Guards(NamedTuple):
    """The rules of the guards."""

    rate: Rules
    coverage: Rules
    volume: Rules
    scale_bound: float


def new(parts: int, features: int, numbers: int) -> State:
    """Return the state of a breaker that has seen nothing."""
    columns = features + numbers
    scales, blocks, references = distribution.new(numbers)
    return State(
        counters=np.zeros(OPERATOR + 1, np.int64),
        recent=np.zeros(parts, np.int64),
        of_topic=np.zeros(parts, np.bool_),
        examples=np.zeros(parts + 1),
        positives=np.zeros(parts + 1),
        minute=np.zeros(parts),
        asked=np.zeros(columns),
        there=np.zeros(columns),
        rates=vanishing.new(parts + 1),
        volumes=vanishing.new(parts),
        columns=vanishing.new(columns),
        scales=scales,
        blocks=blocks,
        references=references,
    )


@loop
def _least_recent(state: State) -> int:
    """Return the slot seen longest ago of those that no test has tripped on, or -1."""
    found = -1
    for p in range(len(state.recent)):
        tripped = state.rates[p, TRIPPED] + state.volumes[p, TRIPPED] > 0.0
        if not tripped and (found < 0 or state.recent[p] < state.recent[found]):
            found = p
    return found


@loop
def _follow(state: State, slots: Slots, part: int) -> int:
    """Return a slot for a partition that has none; the last place of the counts where all are taken by breaks."""
    p = int(state.counters[USED])
    if p < len(state.recent):
        state.counters[USED] += 1
    else:
        p = _least_recent(state)
        if p < 0:
            return len(state.recent)
        state.counters[DROPPED] += 1
        if slots.owner[p] >= 0:
            slots.of_part[slots.owner[p]] = -1
        state.examples[len(state.recent)] += state.examples[p]
        state.positives[len(state.recent)] += state.positives[p]
        state.examples[p] = state.positives[p] = state.minute[p] = 0.0
        for field in range(vanishing.LEARNED + 1):
            state.rates[p, field] = state.volumes[p, field] = 0.0
    slots.owner[p], slots.of_part[part], state.of_topic[p] = part, p, slots.is_topic[part]
    return p


@inlined
def _count(state: State, examples: Examples, slots: Slots, i: int) -> None:
    counters, features = state.counters, examples.present.shape[1]
    counters[TOTAL] += 1
    counters[CLOCK] = max(counters[CLOCK], min(examples.time[i], counters[CLOCK] + _JUMP))
    p = slots.of_part[examples.part[i]]
    if p < 0:
        p = _follow(state, slots, examples.part[i])
    state.examples[p] += 1.0
    state.positives[p] += examples.label[i] > 0.0
    if p < len(state.recent):
        state.recent[p] = counters[TOTAL]
        state.minute[p] += 1.0
    for c in range(features):
        state.asked[c] += 1.0
        state.there[c] += examples.present[i, c]
    for j in range(examples.number.shape[1]):
        x = examples.number[i, j]
        if x == x:
            state.asked[features + j] += 1.0
            if x != 0.0:
                state.there[features + j] += 1.0
                state.blocks[j, distribution.bin_of(examples.bits[i, j])] += 1.0
                state.scales[j, distribution.SIZE] += 1.0


@loop
def _step(state: State, guards: Guards) -> bool:
    counters = state.counters
    now = float(counters[CLOCK])
    changed = positive_rate.step(state.rates, state.examples, state.positives, counters[USED], guards.rate, now)
    changed |= coverage.step(state.columns, state.asked, state.there, guards.coverage, now)
    changed |= distribution.step(state.scales, state.blocks, state.references, guards.scale_bound, now)
    if counters[CLOCK] // _MINUTE > counters[MINUTE]:
        counters[MINUTE] = counters[CLOCK] // _MINUTE
        if guards.volume.shortest > 0.0:
            changed |= volume.minute(state.volumes, state.minute, state.of_topic, counters[USED], guards.volume, now)
    return changed


@loop
def sweep(state: State, examples: Examples, slots: Slots, guards: Guards, start: int) -> int:
    """Take examples from ``start`` on until a guard changes its mind, which CHANGED tells; return how far it came."""
    state.counters[CHANGED] = 0
    if state.counters[CLOCK] == 0 and start < len(examples.time):
        state.counters[CLOCK] = examples.time[start]
    for i in range(start, len(examples.time)):
        _count(state, examples, slots, i)
        if state.counters[TOTAL] % STEP == 0 and _step(state, guards):
            state.counters[CHANGED] = 1
            return i + 1
    return len(examples.time)
