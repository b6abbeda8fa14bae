"""Whether a number has changed its scale, as a price does that comes in cents.

Of each block of values the quartiles of log2|x|, in whole octaves, are compared with those of a decayed histogram of
the blocks before. All three must have moved the same way by ``OCTAVES``: a median alone jumps where there are two
modes, and one dear item that half of the shop looks at leaves the first quartile where it was. Zeros are left out;
``coverage`` has them.

The chance of a block of n values is at most ``exp(-n * KL(seen || reference))`` (Chernoff), with the shares of values
at or beyond a moved quartile; the largest of the three must exceed the bound, which a wide distribution may fail to do.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.jit import loop
from udfs.types import F64

BINS: Final = 64
LOWEST: Final = -20
"""The first bin's octave, 1e-6; the last bin begins at 9e12. What lies beyond them is counted in them."""
BLOCK: Final = 512
"""Values of a block: more than two pages of results have, each with prices of its own."""
OCTAVES: Final = 4
"""Bins that quartiles must move by: factors from 32 on do, none below 8."""
MEMORY: Final = 100.0
"""Blocks that the reference remembers."""
WARM: Final = 10.0
"""Blocks before the first comparison."""
CALM: Final = 2.0
"""Blocks in a row that are as before until a number is back."""

TRIPPED, SIZE, BLOCKS, IN_ORDER, SINCE, BEGUN, EXPECTED, SEEN, EVIDENCE = range(9)


def new(count: int) -> tuple[F64, F64, F64]:
    """Return tests (count, fields), and the bins (count, BINS) of open blocks and of references."""
    return np.zeros((count, EVIDENCE + 1)), np.zeros((count, BINS)), np.zeros((count, BINS))


@loop
def bin_of(bits: np.int64) -> int:
    """Return the bin of a float64 given as its bits: its exponent, within the bins."""
    octave = int((bits >> 52) & 0x7FF) - 1023
    return min(max(octave - LOWEST, 0), BINS - 1)


@loop
def share(bins: F64, row: int, first: int, last: int) -> float:
    """Return how many values of a row are in the bins from ``first`` up to ``last``, which is left out."""
    count = 0.0
    for b in range(first, last):
        count += bins[row, b]
    return count


@loop
def quartile(bins: F64, row: int, quarters: float) -> int:
    """Return the bin in which so many quarters of a row's values are reached."""
    wanted, b = share(bins, row, 0, BINS) * quarters / 4.0, 0
    reached = bins[row, 0]
    while reached < wanted and b < BINS - 1:
        b += 1
        reached += bins[row, b]
    return b


@loop
def _divergence(p: float, q: float) -> float:
    """Return KL(p || q) of two coins, 0 < q < 1."""
    found = p * math.log(p / q) if p > 0.0 else 0.0
    return found + ((1.0 - p) * math.log((1.0 - p) / (1.0 - q)) if p < 1.0 else 0.0)


@loop
def evidence(blocks: F64, references: F64, row: int) -> float:
    """Return how improbable a block is whose quartiles all moved, in nats; 0 where they did not; negative for down."""
    n, before = share(blocks, row, 0, BINS), share(references, row, 0, BINS)
    way, largest = 0, 0.0
    for quarters in range(1, 4):
        usual = quartile(references, row, quarters)
        moved = quartile(blocks, row, quarters) - usual
        direction = 1 if moved >= OCTAVES else -1 if moved <= -OCTAVES else 0
        if direction == 0 or direction == -way:
            return 0.0
        way = direction
        first, last = (usual + OCTAVES, BINS) if way > 0 else (0, usual - OCTAVES + 1)
        seen = share(blocks, row, first, last) / n
        expected = (share(references, row, first, last) + 1.0) / (before + 2.0)
        if seen > expected:
            largest = max(largest, n * _divergence(seen, expected))
    return way * largest


@loop
def _learn(tests: F64, blocks: F64, references: F64, row: int) -> None:
    for b in range(BINS):
        references[row, b] = references[row, b] * (1.0 - 1.0 / MEMORY) + blocks[row, b]
    tests[row, BLOCKS] += 1.0


@loop
def _judge(tests: F64, blocks: F64, references: F64, row: int, bound: float) -> bool:
    found = evidence(blocks, references, row) if tests[row, BLOCKS] >= WARM else 0.0
    was_tripped, calm = tests[row, TRIPPED] == 1.0, found == 0.0
    tests[row, IN_ORDER] = tests[row, IN_ORDER] + 1.0 if calm else 0.0
    if was_tripped:
        tests[row, TRIPPED] = np.float64(tests[row, IN_ORDER] < CALM)
    elif calm:
        _learn(tests, blocks, references, row)
    else:
        tests[row, TRIPPED] = np.float64(abs(found) >= bound)
    if was_tripped == (tests[row, TRIPPED] == 1.0):
        return False
    tests[row, EVIDENCE], tests[row, SINCE] = found, tests[row, BEGUN]
    tests[row, EXPECTED], tests[row, SEEN] = quartile(references, row, 2), quartile(blocks, row, 2)
    return True


@loop
def step(tests: F64, blocks: F64, references: F64, bound: float, now: float) -> bool:
    """Judge the blocks that are full; return whether a test changed its mind."""
    changed = False
    for row in range(len(tests)):
        if tests[row, SIZE] >= BLOCK:
            changed |= _judge(tests, blocks, references, row, bound)
            for b in range(BINS):
                blocks[row, b] = 0.0
            tests[row, SIZE], tests[row, BEGUN] = 0.0, now
    return changed


def forget(tests: F64, blocks: F64) -> None:
    """Begin all tests anew, with the references that they have."""
    tests[:, TRIPPED] = tests[:, SIZE] = 0.0
    blocks[:] = 0.0


def accept(test: F64, reference: F64) -> None:
    """Begin the reference of one test anew, with what comes."""
    test[TRIPPED] = test[BLOCKS] = 0.0
    reference[:] = 0.0


def figures(test: F64) -> dict[str, float]:
    """Return the medians before and in the block that changed the test's mind, and their difference as a normal's z."""
    before, now = (math.ldexp(math.sqrt(2.0), int(test[field]) + LOWEST) for field in (EXPECTED, SEEN))
    z = math.copysign(math.sqrt(2.0 * abs(test[EVIDENCE])), test[EVIDENCE])
    return {"expected": before, "seen": now, "z": z}
