"""Examples that leave out of turn: positives before their windows close, and impressions once more after they have.

A positive that leaves at once meets negatives of impressions shown a window ago. Where traffic changes, there are more
or fewer of those than of its own time, so it is weighted by the ratio of the two: importance weighting by a ratio of
densities (Shimodaira 2000, "Improving predictive inference under covariate shift by weighting the log-likelihood
function"), here of the times of impressions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from udfs.frames import Frame
from udfs.joining.attribution import Attributed
from udfs.joining.examples import AGAIN, EARLY, Joined, out_of_turn
from udfs.joining.impressions import Impressions
from udfs.joining.rows import Rows
from udfs.joining.rules import Rules, weights_of, with_slack
from udfs.joining.traffic import Traffic
from udfs.schema import Join
from udfs.types import F64, I64, U8


class Turns:
    """Keeps the rows that it needs; for a join without such labels it keeps nothing.

    Attributes:
        rows: of the impressions that may make an example out of turn.
    """

    def __init__(self, join: Join, rules: Rules, impressions: Impressions, counts: Counter[str]) -> None:
        self._join, self._rules, self._impressions, self._counts = join, rules, impressions, counts
        self._weights = weights_of(join)
        self._labels = [i for i, label in enumerate(join.labels) if label.out_of_turn]
        self.rows = Rows(with_slack(join.kept))
        reach = max((join.ends[label.name] for label in join.labels if label.early_positives), default=0)
        self._traffic = Traffic(2 * reach) if reach else None

    def keep(self, held: Frame) -> None:
        """Take impressions, with their numbers."""
        if self._labels:
            self.rows.append(held)
            if self._traffic is not None:
                self._traffic.add(held.columns["time"])

    def of_feedback(self, answers: Frame, found: Attributed) -> Iterator[Joined]:
        """Yield what feedback, in the order of its time, makes of impressions at once."""
        for label in self._labels:
            for turn, make in ((EARLY, self._early), (AGAIN, self._again)):
                rows = np.flatnonzero(found.turn[:, label] == turn)
                rows = rows[self.rows.known(found.number[rows])]
                if len(rows):
                    rank = self._rules.rank[label, answers.columns["kind"][rows]]
                    yield make(label, found.number[rows], answers.columns["time"][rows], rank)

    def _early(self, label: int, numbers: I64, moments: I64, rank: U8) -> Joined:
        rows = self.rows.pick(numbers)
        start = int(self._rules.begins[label])
        begins = rows.columns["time"] if start < 0 else self._impressions.first(numbers, start)
        described, weight = self._join.labels[label], self._weights[label][rank]
        if self._traffic is not None:
            weight = weight * self._traffic.ratio(np.maximum(moments, begins) - described.window, begins)
        for count, n in (("examples", rows.n), ("positives", rows.n), ("unmatched", int((weight == 0).sum()))):
            self._counts[f"{described.name}.{count}"] += n
        return out_of_turn(label, rows, np.ones(rows.n), weight, EARLY)

    def _again(self, label: int, numbers: I64, _moments: I64, rank: U8) -> Joined:
        return self.again(label, self.rows.pick(numbers), rank)

    def again(self, label: int, rows: Frame, rank: U8) -> Joined:
        """Return impressions that left as negatives once more, as positives; where it says so, after a step back."""
        described, weight = self._join.labels[label], self._weights[label][rank]
        self._counts[f"{described.name}.corrected"] += rows.n
        if described.late == "fake_negative_weighted":
            return out_of_turn(label, rows, np.ones(rows.n), weight, AGAIN)
        twice = rows.pick(np.repeat(np.arange(rows.n), 2))
        weights: F64 = np.stack((np.full(rows.n, -1.0), weight), axis=1).ravel()
        return out_of_turn(label, twice, np.tile([0.0, 1.0], rows.n), weights, AGAIN)

    def in_turn(self, label: int, rows: Frame, got: U8) -> tuple[Frame, U8, Joined | None]:
        """Return of rows whose window has closed those that have not left yet, and what of them leaves once more."""
        if label not in self._labels:
            return rows, got, None
        gone = self._impressions.leave(rows.columns["impression"], label)
        if gone.any():
            here = np.flatnonzero(gone == 0)
            rows, got = rows.pick(here), got[here]
        late = self._impressions.late(rows.columns["impression"], label)
        again = np.flatnonzero((late > 0) & (got == 0))
        return rows, got, self.again(label, rows.pick(again), late[again]) if len(again) else None

    def forget(self, low: int) -> None:
        """Forget what nothing asks for any more once time is at ``low``."""
        if self._labels:
            self.rows.forget(low, self._impressions.dropped)
            if self._traffic is not None:
                self._traffic.forget(low)

    def dump(self) -> tuple[list[Any], list[Frame]]:
        """Return plain values, and frames."""
        return list(self._traffic.dump()) if self._traffic is not None else [], self.rows.dump()

    def load(self, values: list[Any], frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        if self._traffic is not None:
            self._traffic.load(*values)
        self.rows.load(frames)
