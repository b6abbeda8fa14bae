"""What a lane's time is at the switch between an archive and topics."""

from __future__ import annotations

import msgspec

from tests.laws.strategies_histories import JOINED
from udfs.quality.clocks import Clocks
from udfs.schema import Switch, TimeRules


def test_an_archive_that_was_read_has_come_to_the_switch() -> None:
    parted = msgspec.structs.replace(JOINED, switch=Switch(time=100), time=TimeRules(lateness=10))
    behind, ahead = Clocks(parted, {}, 20), Clocks(parted, {}, 120)
    behind.pass_switch()
    ahead.pass_switch()
    assert (behind.low, ahead.low) == (100, 120)
    behind.pass_time(["clicks/0"])
    assert behind.low == 100


def test_without_a_lateness_or_a_time_it_stands() -> None:
    for switch, lateness in ((Switch(time=100), None), (Switch(), 10), (None, 10)):
        plan = msgspec.structs.replace(JOINED, switch=switch, time=TimeRules(lateness=lateness))
        clocks = Clocks(plan, {}, 20)
        clocks.pass_switch()
        assert clocks.low == 20
