"""Event time of the partitions of a lane: who comes too late, and how far time has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from udfs.quality.lateness import CLOCK, advance
from udfs.schema import Plan
from udfs.types import I64, U16, Bool

Dial: TypeAlias = list[int]
"""What is kept of one clock: its time, how many events in a row were far ahead of it, and the earliest of those."""


class Clocks:
    """Clocks by partition.

    Attributes:
        dials: the clocks, by name.
        low: no event before this is accepted any more, microseconds since 1970.
    """

    def __init__(self, plan: Plan, dials: Mapping[str, Dial], low: int) -> None:
        """Go on from clocks as they are kept."""
        self._rules, self._joined = plan.time, plan.join is not None
        self._switch = plan.switch.time if plan.switch is not None else None
        self.dials = {name: list(dial) for name, dial in dials.items()}
        self.low = low

    def judge(self, times: I64, part: U16, parts: Sequence[str]) -> Bool:
        """Let events advance their clocks, in order; return which are too late.

        Args:
            times: int64 (n,): event times, microseconds since 1970.
            part: uint16 (n,): their partitions, as indices into ``parts``.
            parts: the partitions' names.
        """
        lateness = -1 if self._rules.lateness is None else self._rules.lateness
        late = np.empty(len(times), np.bool_)
        names = list(dict.fromkeys(parts))
        of_part: U16 = np.array([names.index(name) for name in parts], np.uint16)
        clocks: I64 = np.array([self.dials.get(name, [0] * CLOCK) for name in names], np.int64).reshape(-1, CLOCK)
        floor = self.low if self._joined else 0
        advance(times, of_part[part], lateness, self._rules.max_jump, floor, clocks, late)
        self.dials |= {name: dial for name, dial in zip(names, clocks.tolist(), strict=True) if dial[0]}
        return late

    def pass_time(self, waiting: Collection[str]) -> None:
        """Move ``low`` up to where nothing earlier is awaited, but no further than a clock has come, less the lateness.

        Args:
            waiting: partitions that something may come from; one whose clock is unknown holds everything back.
        """
        if self._rules.lateness is None:
            return
        if waiting:
            found = min(self.dials[name][0] if name in self.dials else 0 for name in waiting)
        else:
            found = max((dial[0] for dial in self.dials.values()), default=0)
        self.low = max(self.low, found - self._rules.lateness)

    def pass_switch(self) -> None:
        """Move ``low`` up to the switch: an archive was read, and of topics nothing earlier counts."""
        if self._rules.lateness is not None and self._switch is not None:
            self.low = max(self.low, self._switch)
