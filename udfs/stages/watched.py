"""What the circuit breaker of a model watches in its examples: which features are there, and its numbers."""

from __future__ import annotations

import numpy as np

from udfs.decode.layout import Layout
from udfs.features import Space
from udfs.frames import Frame
from udfs.jit import kernel
from udfs.schema import Categorical, Model, Vector
from udfs.schema.behaviour import BEHAVIOUR
from udfs.schema.feature import MULTIPLE
from udfs.stages.selector import number_names
from udfs.types import F64, I64, U64, Bool


@kernel
def _are_there(words: U64, bits: I64, number: F64, first: int, out: Bool) -> None:
    """Write of each row which bits are set, and, from column ``first`` on, which numbers there are."""
    for row in range(len(words)):
        for i in range(len(bits)):
            out[row, i] = (words[row, bits[i] >> 6] >> np.uint64(bits[i] & 63)) & np.uint64(1) != 0
        for j in range(number.shape[1]):
            out[row, first + j] = number[row, j] == number[row, j]


class Watched:
    """The columns of example frames that a breaker is told: what events bring.

    What a user did before is made of other events, and differs from user to user more than a fault makes it.

    Attributes:
        features: the features that can be missing, parts of crosses included, in the order of ``present``.
        numbers: the number fields, in the order of the frames' column.
    """

    def __init__(self, layout: Layout, model: Model) -> None:
        kinds = Space.of(layout.features, model.features).features.features
        singles = [name for name in layout.singles if isinstance(kinds.get(name), Categorical)]
        self._bits = np.array([layout.singles.index(name) for name in singles], np.int64)
        many = [name for name in layout.multiples if isinstance(kinds.get(name), MULTIPLE)]
        self._multiples = [name for name in many if not isinstance(kinds[name], BEHAVIOUR)]
        vectors = [(name, kind.length) for name in layout.vectors if isinstance(kind := kinds.get(name), Vector)]
        self._vectors = np.cumsum([0, *(length for _, length in vectors)])[:-1].astype(np.int64)
        columns = number_names(layout, model)
        self.numbers = tuple(name for name in columns if name in layout.numbers)
        self._numbers = None if len(self.numbers) == len(columns) else [columns.index(name) for name in self.numbers]
        self.features = (*singles, *self._multiples, *(name for name, _ in vectors), *self.numbers)

    def present(self, frame: Frame) -> Bool:
        """Return bool (n, features): which are there."""
        out = np.empty((frame.n, len(self.features)), np.bool_)
        at = len(self._bits)
        for name in self._multiples:
            np.greater(np.diff(frame.ragged[f"multiple.{name}"].pointers), 0, out=out[:, at])
            at += 1
        if len(self._vectors):
            out[:, at : at + len(self._vectors)] = ~np.isnan(frame.columns["vector"][:, self._vectors])
            at += len(self._vectors)
        _are_there(frame.columns["present"], self._bits, self.number(frame), at, out)
        return out

    def number(self, frame: Frame) -> F64:
        """Return float64 (n, numbers): NaN is missing."""
        values: F64 = frame.columns["number"]
        return values if self._numbers is None else values[:, self._numbers]
