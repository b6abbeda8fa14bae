"""The half-life of accumulators: what they gathered counts half after so many examples that were learned since.

Time goes in ticks, a sixteenth of a half-life each, counted in the state. A row of a table knows the tick until which
it has decayed and catches up when it is next learned: nothing is swept, and any cutting of the stream gives the same.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.jit import kernel
from udfs.types import I64

TICKS_PER_HALF_LIFE: Final = 16
"""A tick takes 4 % off squared gradients, 2 % off what divides a learning rate."""

TICK: Final = 2
"""The column of a table that holds the tick of its rows, as float32."""

END: Final = 1 << 24
"""Float32 counts ticks exactly until here: then all rows catch up and the count begins anew."""

_COUNT, _TICKS = range(2)
_PER_TICK = -math.log(2.0) / TICKS_PER_HALF_LIFE


def new() -> I64:
    """Return a clock int64 (2,): examples since the last tick, and ticks."""
    return np.zeros(2, np.int64)


def examples_per_tick(half_life: float | None) -> int:
    """Return after how many examples a tick comes; 0 stands for never."""
    return 0 if half_life is None else max(1, round(half_life / TICKS_PER_HALF_LIFE))


@kernel
def advance(clock: I64, per_tick: int) -> bool:
    """Count an example that was learned; return whether a tick came."""
    clock[_COUNT] += 1
    if clock[_COUNT] < per_tick:
        return False
    clock[_COUNT] = 0
    clock[_TICKS] += 1
    return True


@kernel
def left_after(ticks: float) -> float:
    """Return the share that is left after so many ticks."""
    return math.exp(ticks * _PER_TICK)
