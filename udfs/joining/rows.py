"""The rows of impressions by number, while an example out of turn may need one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from udfs.frames import Frame
from udfs.frames.concat import concat
from udfs.types import I64, Bool

_BLOCK = 4096


class Rows:
    """Holds rows whose column ``impression`` counts from 0 on, in blocks of so many numbers, which leave whole."""

    def __init__(self, kept: int) -> None:
        """Keep the rule: a row is kept for so many microseconds of event time."""
        self._kept = kept
        self._blocks: dict[int, list[Frame]] = {}

    def __len__(self) -> int:
        return sum(frame.n for frames in self._blocks.values() for frame in frames)

    def append(self, frame: Frame) -> None:
        """Add rows, whose numbers go on where the last ended."""
        number, start = int(frame.columns["impression"][0]), 0
        while start < frame.n:
            block = (number + start) // _BLOCK
            stop = min(frame.n, (block + 1) * _BLOCK - number)
            self._blocks.setdefault(block, []).append(frame.slice(start, stop))
            start = stop

    def oldest(self) -> int | None:
        """Return the least number of a row; None where there is none."""
        first = next(iter(self._blocks.values()), None)
        return int(first[0].columns["impression"][0]) if first else None

    def known(self, numbers: I64) -> Bool:
        """Return which numbers (n,), of rows that came, are not forgotten."""
        known: Bool = numbers >= next(iter(self._blocks), 0) * _BLOCK
        return known

    def pick(self, numbers: I64) -> Frame:
        """Return copies of the rows of numbers (n,) that are known, in this order."""
        blocks = numbers // _BLOCK
        order = np.argsort(blocks, kind="stable")
        pieces = [
            self._whole(block).pick(numbers[order][blocks[order] == block] % _BLOCK)
            for block in np.unique(blocks).tolist()
        ]
        # Which frames they came in must not show.
        return concat([concat(pieces).pick(np.argsort(order))])

    def _whole(self, block: int) -> Frame:
        frames = self._blocks[block]
        if len(frames) > 1:
            frames[:] = [concat(frames)]
        return frames[0]

    def forget(self, low: int, dropped: int) -> None:
        """Forget full blocks from the front: all older than is kept at ``low``, or numbered below ``dropped``."""
        while len(self._blocks) > 1:
            block = next(iter(self._blocks))
            newest = int(self._whole(block).columns["time"].max())
            if newest + self._kept >= low and (block + 1) * _BLOCK > dropped:
                return
            del self._blocks[block]

    def dump(self) -> list[Frame]:
        """Return the blocks as frames."""
        return [concat(frames) for frames in self._blocks.values()]

    def load(self, frames: Sequence[Frame]) -> None:
        """Take what ``dump`` returned."""
        for frame in frames:
            self.append(frame)
