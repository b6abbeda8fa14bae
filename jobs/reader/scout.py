"""Who tells the lanes of some topics which partitions there are."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from jobs.reader.consumer import connected_consumer
from jobs.reader.lanes import lane_of

REFRESH_SECONDS = 30.0
MOST_SHARES = 2
"""Four shares took a tenth less of [user] and [train] than two, and 150 MiB more in each worker."""


class Scout:
    """Knows the partitions of all topics; asks again from time to time.

    Attributes:
        shares: how many times the usual size a lane reads at once, so that all lanes together read as much where few of
            them have partitions: a frame costs as much as a thousand rows.
    """

    def __init__(
        self, topics: Iterable[str], lanes: int, options: dict[str, Any], bounded: Iterable[str] | None
    ) -> None:
        """Keep what is needed; ``options`` are of kafka-python's consumer.

        Of a bounded input, ``bounded`` has the partitions; they are not asked for.
        """
        self._topics, self._number, self._options, self._bounded = tuple(topics), lanes, options, bounded is not None
        self._consumer: Any = None
        self._lanes: dict[int, list[str]] = {}
        self._asked = -REFRESH_SECONDS
        self.shares = 1
        if bounded is not None:
            self._share_out(bounded)

    def lane(self, lane: int) -> list[str]:
        """Return the partitions of a lane."""
        if not self._bounded and time.monotonic() - self._asked >= REFRESH_SECONDS:
            if self._consumer is None:
                self._consumer = connected_consumer(self._options)
            self._share_out(
                f"{topic}/{number}"
                for topic in self._topics
                for number in sorted(self._consumer.partitions_for_topic(topic) or ())
            )
            self._asked = time.monotonic()
        return self._lanes.get(lane, [])

    def _share_out(self, parts: Iterable[str]) -> None:
        lanes: dict[int, list[str]] = {}
        for part in parts:
            lanes.setdefault(lane_of(part, self._number), []).append(part)
        self._lanes, self.shares = lanes, min(MOST_SHARES, self._number // max(len(lanes), 1))

    def close(self) -> None:
        """Close the connection."""
        if self._consumer is not None:
            self._consumer.close()
