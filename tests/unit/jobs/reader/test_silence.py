"""Which partitions hold event time back."""

from __future__ import annotations

import msgspec
import numpy as np

from jobs.reader.reader import Block, Reading
from jobs.reader.silence import Silence
from tests.laws.strategies_histories import JOINED
from udfs.quality.clocks import Clocks
from udfs.schema import Match, Plan, TimeRules

IDLE = 5_000_000
PARTS = ["clicks/0", "shown/0", "shown/1"]


def plan(bounded: bool = False, idle: int | None = IDLE) -> Plan:
    """Return a plan with feedback in a topic of its own."""
    answer, *others = JOINED.events
    events = (
        msgspec.structs.replace(answer, match=Match(topic="clicks")),
        *(msgspec.structs.replace(other, match=Match(topic="shown")) for other in others),
    )
    return msgspec.structs.replace(JOINED, events=events, bounded=bounded, time=TimeRules(lateness=1, idle=idle))


def reading(heard: list[str], unread: list[str]) -> Reading:
    empty = np.zeros((0, 2), np.int64)
    blocks = [Block(part, np.zeros(0, np.uint8), empty, empty[:, 0]) for part in heard]
    return Reading(blocks=blocks, parts=PARTS, unread=unread)


def test_in_a_bounded_input_what_was_read_is_silent() -> None:
    described = plan(bounded=True)
    silence, clocks = Silence(described), Clocks(described, {}, 0)
    assert silence.waiting(reading(PARTS, ["shown/1"]), clocks, 0) == ["shown/1"]
    assert silence.waiting(reading([], []), clocks, 1) == []


def test_a_partition_is_silent_when_nothing_came_for_a_while() -> None:
    described = plan()
    silence, clocks = Silence(described), Clocks(described, {}, 0)
    assert silence.waiting(reading(PARTS, []), clocks, 0) == PARTS
    assert silence.waiting(reading(["shown/0"], []), clocks, IDLE) == ["shown/0"]
    assert silence.waiting(reading([], ["shown/1"]), clocks, 3 * IDLE) == ["shown/1"]


def test_feedback_that_stops_holds_time_back_and_one_that_never_came_does_not() -> None:
    described = plan()
    silence, clocks = Silence(described), Clocks(described, {"clicks/0": [7, 0, 0]}, 0)
    silence.waiting(reading(PARTS, []), clocks, 0)
    assert silence.waiting(reading([], []), clocks, 9 * IDLE) == ["clicks/0"]
    assert silence.waiting(reading([], []), Clocks(described, {}, 0), 9 * IDLE) == []


def test_without_a_time_nothing_is_ever_silent() -> None:
    described = plan(idle=None)
    silence, clocks = Silence(described), Clocks(described, {}, 0)
    assert silence.waiting(reading([], []), clocks, 10**15) == PARTS
