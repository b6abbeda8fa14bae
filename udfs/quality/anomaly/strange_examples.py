"""Examples that are unlike those before them, all features taken together.

Numbers become ranks, categories rarities, and half-space trees say how thinly that place is populated. What
counts as strange is a share of all examples: the bound follows the scores (``alarm_rate.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from udfs.errors import ConfigurationError, StateError
from udfs.jit import kernel
from udfs.quality.anomaly import half_space_trees, log_histogram, ranks, rarity
from udfs.quality.anomaly.alarm_rate import NEAR, follow
from udfs.quality.anomaly.checks import within
from udfs.quality.anomaly.half_space_trees import Forest
from udfs.types import F32, F64, I32, U8, U32, Column

SEEN, BOUND = range(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangeOptions:
    """How strange is strange.

    Attributes:
        forest: the trees.
        learn: examples before the first verdict, at least two windows.
        rate: share of the examples that are called strange.
    """

    forest: Forest = field(default_factory=Forest)
    learn: int = 5000
    rate: float = 1e-3

    def __post_init__(self) -> None:
        if self.learn < 2 * self.forest.window:
            raise ConfigurationError(f"learn is {self.learn}", f"Choose {2 * self.forest.window} or more: two windows")
        within(self, rate=(1e-6, 0.5))


@kernel
def _pass(
    dense: F64,
    slots: U32,
    histograms: F32,
    ranked: F32,
    counts: F64,
    cells: F32,
    totals: F64,
    coordinate: I32,
    cut: F64,
    before: F32,
    now: F32,
    state: F64,
    depth: int,
    window: int,
    learn: int,
    rate: float,
    out: F64,
    reasons: U8,
) -> None:
    d = dense.shape[1]
    x, leaves = np.empty(d + slots.shape[1]), np.empty(len(now), np.int64)
    for row in range(len(dense)):
        ranks.transform(dense[row], histograms, ranked, counts, x[:d])
        rarity.transform(slots[row], cells, totals, x[d:])
        score = half_space_trees.visit(x, coordinate, cut, before, now, depth, window, leaves)
        if state[SEEN] >= learn:
            out[row] = score
            reasons[row] = 1 if score > state[BOUND] else 0
        elif state[SEEN] >= window:
            score = min(score, NEAR * state[BOUND])
        if state[SEEN] >= window:
            state[BOUND] = follow(state[BOUND], score, rate)
        state[SEEN] += 1.0
        if state[SEEN] % window == 0.0:
            before[:] = now
            now[:] = 0.0


class StrangeExamples:
    """Judges examples by those before them.

    Args:
        options: how strange is strange.
        d: numbers of an example.
        c: hashed values of an example.
    """

    def __init__(self, options: StrangeOptions, d: int, c: int) -> None:
        if d + c == 0:
            raise ConfigurationError("The examples have no features", "Leave this rule out")
        self._options, forest = options, options.forest
        self._planes = half_space_trees.grow(forest, d + c)
        self._arrays: tuple[Column, ...] = (
            log_histogram.new(d),
            ranks.new(d),
            np.zeros((d, 2)),
            np.zeros((c, 1 << rarity.BITS), np.float32),
            np.zeros(c),
            np.zeros((forest.trees, forest.nodes), np.float32),
            np.zeros((forest.trees, forest.nodes), np.float32),
            np.array([0.0, 1.0]),
        )

    def score(self, dense: F64, slots: U32) -> tuple[F64, U8]:
        """Return scores and verdicts of examples by those before them, and remember them.

        Args:
            dense: float64 (n, d); NaN is missing.
            slots: uint32 (n, c): one hash for each categorical field.

        Returns:
            float64 (n,): binary logarithms of how much thinner than evenly the place is populated; 0 at first.
            uint8 (n,): 1 where that is strange.
        """
        scores, reasons = np.zeros(len(dense)), np.zeros(len(dense), np.uint8)
        histograms, ranked, counts, cells, totals, before, now, state = self._arrays
        coordinate, cut = self._planes
        sketches, windows = (histograms, ranked, counts, cells, totals), (coordinate, cut, before, now, state)
        forest, learn, rate = self._options.forest, self._options.learn, self._options.rate
        _pass(dense, slots, *sketches, *windows, forest.depth, forest.window, learn, rate, scores, reasons)
        return scores, reasons

    def update(self, dense: F64, slots: U32) -> U8:
        """Return the verdicts of ``score``."""
        return self.score(dense, slots)[1]

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield eight parts: sketches of numbers and of values, both windows of the trees, and the bound."""
        for array in self._arrays:
            yield array.reshape(-1).view(np.uint8).data

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded.

        Raises:
            StateError: the parts are not of these features and trees.
        """
        if [len(part) for part in parts] != [array.nbytes for array in self._arrays]:
            raise StateError("The stored sketches are of other features or trees", "Restore an older checkpoint")
        for array, part in zip(self._arrays, parts, strict=True):
            array[...] = np.frombuffer(part, array.dtype).reshape(array.shape)
