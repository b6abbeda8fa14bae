"""What happened to a breaker, in words."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.monitor.events import line_of, moment_of, state_after, told

TRIP: dict[str, Any] = {
    "event": "trip",
    "guard": "positive_rate",
    "item": "clicks/1",
    "expected": 26.6,
    "seen": 0.0,
    "z": -5.3,
    "since": 1_700_034_560_947_781,
    "time": 1_700_034_589_134_657,
    "open": True,
}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "trip of positive_rate (clicks/1): 0 positives where 26.6 were expected"),
        ({"event": "recovery", "item": ""}, "recovery of positive_rate: 0 positives where 26.6 were expected"),
        (
            {"guard": "distribution", "item": "price", "expected": 16.0, "seen": 1600.0},
            "trip of distribution (price): a median of 1600 after 16",
        ),
    ],
)
def test_an_event_of_a_guard(changed: dict[str, Any], words: str) -> None:
    assert told({**TRIP, **changed}) == words


def test_a_line_says_when_what_and_what_holds_now() -> None:
    line = line_of({**TRIP, "model": "ctr"})
    assert line.startswith("breaker of ctr at 2023-11-15 07:49:49: trip of positive_rate (clicks/1)")
    assert line.endswith("it is open: nothing is learned or released")


def test_a_command_has_no_figures() -> None:
    event = {"event": "close", "time": 0, "open": False}
    assert (told(event), moment_of(event), state_after(event)) == ("close", "-", "closed")
