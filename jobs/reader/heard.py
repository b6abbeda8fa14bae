"""What buckets have heard of how far the time of lanes has come, and who is to be told next."""

from __future__ import annotations

from collections.abc import Collection

SECOND = 1_000_000


class Heard:
    """Time goes to buckets with their events; those that get none, or no more for now, are told by themselves.

    To let time pass costs a bucket as much as some thousand events, however little it is.
    """

    def __init__(self, buckets: int) -> None:
        self._buckets = buckets
        self._by_all: dict[int, tuple[int, bool]] = {}
        self._told_at: dict[int, int] = {}

    def with_events(self, lane: int, low: int, going: Collection[int]) -> None:
        """Note that events of a lane, which carry its time before them, are going to these buckets."""
        if len(going) == self._buckets:
            self._by_all[lane] = low, False

    def to_tell(self, lane: int, low: int, quiet: bool, now: int, going: Collection[int], more: bool) -> list[int]:
        """Return the buckets that are to be told now, and note that they are.

        Args:
            lane: the lane that was looked into.
            low: the time it has reached, microseconds since 1970.
            quiet: whether nobody waits for it.
            now: ingest time, microseconds since 1970.
            going: the buckets that its events are going to.
            more: whether there is more to read: then these hear it with the next ones, the others once a second.
        """
        if (low, quiet) == self._by_all.get(lane) or (more and now < self._told_at.get(lane, 0) + SECOND):
            return []
        self._told_at[lane] = now
        spared = going if more else ()
        if not spared:
            self._by_all[lane] = low, quiet
        return [bucket for bucket in range(self._buckets) if bucket not in spared]
