"""What a configuration would make of a line, tried without the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from udfs.decode.line import read_line
from udfs.decode.reject import Reason, Reject
from udfs.schema import Plan


@dataclass(frozen=True)
class Verdict:
    """What becomes of a line.

    Attributes:
        reason: why it is refused, None where it is accepted.
        message: what exactly is wrong.
        time: its event time, microseconds since 1970; None where it has none that is valid.
    """

    reason: Reason | None
    message: str = ""
    time: int | None = None


class Trial:
    """Reads lines as pack does, by the plain decoder that defines what pack does."""

    def __init__(self, plan: Plan, clocks: Mapping[str, int], now: int) -> None:
        """Keep what it takes.

        Args:
            plan: of the configuration.
            clocks: the newest event time of each partition of topics that the job has told of, by ``topic/number``.
            now: the ingest time, microseconds since 1970.
        """
        self._plan, self._clocks, self._now = plan, clocks, now

    def is_skipped(self, verdict: Verdict, topic: str) -> bool:
        """Return whether the job will pass an event over because it stands on the other side of its switch.

        Args:
            verdict: on the event.
            topic: the topic that it is sent to; empty for files.
        """
        boundary = self._plan.switch.time if self._plan.switch is not None else None
        if boundary is None or verdict.time is None:
            return False
        return verdict.time < boundary if topic else verdict.time >= boundary

    def verdict(self, line: bytes, columns: tuple[str, ...], topic: str, part: str) -> Verdict:
        """Return what becomes of a line.

        Args:
            line: its bytes.
            columns: the names of its columns, for CSV.
            topic: the topic that it is sent to; empty for files.
            part: the partition that it is sent to, ``topic/number``; empty where that is not known, and for files.
        """
        try:
            event = read_line(line, self._plan, columns, topic, self._now)
        except Reject as reject:
            return Verdict(reject.reason, reject.message)
        lateness, clock = self._plan.time.lateness, self._clocks.get(part)
        if lateness is not None and clock is not None and event.time < clock - lateness:
            behind = (clock - event.time) / 1e6
            message = f"{behind:.0f} s behind {part}, where time.lateness is {lateness / 1e6:.0f} s"
            return Verdict(Reason.TOO_LATE, message, event.time)
        return Verdict(None, "", event.time)
