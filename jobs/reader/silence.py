"""Which partitions of a lane hold event time back, and which are silent."""

from __future__ import annotations

from jobs.reader.reader import Reading
from udfs.quality.clocks import Clocks
from udfs.schema import Plan


class Silence:
    """Tells the partitions that something may still come from.

    In a bounded input one is silent at its end. In another it is when nothing is unread and nothing came for
    ``time.idle``; but not one of a topic of feedback alone that brought some before: where clicks stop, impressions
    must not pass for unanswered.
    """

    def __init__(self, plan: Plan) -> None:
        self._bounded, self._idle = plan.bounded, plan.time.idle
        self._heard: dict[str, int] = {}
        join = plan.join
        names = [kind.event for kind in join.feedback] if join else []
        only = {event.match.topic for event in plan.events if event.name in names}
        self._feedback = only - {event.match.topic for event in plan.events if event.name not in names} - {None}

    def waiting(self, reading: Reading, clocks: Clocks, now: int) -> list[str]:
        """Return the partitions that are not silent.

        Args:
            reading: what was just found.
            clocks: the lane's, after that.
            now: ingest time, microseconds since 1970.
        """
        for block in reading.blocks:
            self._heard[block.part] = now
        return [part for part in reading.parts if part in reading.unread or self._is_awaited(part, clocks, now)]

    def _is_awaited(self, part: str, clocks: Clocks, now: int) -> bool:
        if self._bounded:
            return False
        heard = self._heard.setdefault(part, now)
        if part.rpartition("/")[0] in self._feedback and part in clocks.dials:
            return True
        return self._idle is None or now < heard + self._idle
