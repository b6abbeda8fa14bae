"""What stands on the other side of a switch is counted once, whatever crashes and however the stream is cut."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_histories import JOINED, PLAN, START, history, recut
from udfs.frames import Kind, decode
from udfs.quality.switch import AFTER, BEFORE
from udfs.schema import Plan, Switch
from udfs.stages.driver import Driver
from udfs.stages.stage import Route

SWITCH = Switch(time=(START + 45) * 1_000_000)
PLANS = [msgspec.structs.replace(plan, switch=SWITCH) for plan in (PLAN, JOINED)]
seeds = st.integers(0, 12)


def skipped(driver: Driver) -> Counter[str]:
    """Return what the last report of every bucket says."""
    last = {}
    for output in driver.outputs:
        if output.route == Route.REPORT and (document := msgspec.json.decode(output.payload))["stage"] == "user":
            last[document["key"]] = document
    total: Counter[str] = Counter()
    for document in last.values():
        total.update({name: document[name] for name in (AFTER, BEFORE) if name in document})
    return total


@pytest.mark.parametrize("plan", PLANS, ids=["plain", "joined"])
@settings(deadline=None, max_examples=12)
@given(seed=seeds, base=st.sampled_from((1, 2_000, 1 << 20)), steps=st.integers(0, 10_000))
def test_crashes_leave_no_trace(plan: Plan, seed: int, base: int, steps: int) -> None:
    calm, shaken, cut = Driver(plan), Driver(plan, smallest_base=base), Driver(plan)
    draw = random.Random(steps)
    told: Counter[str] = Counter()
    for bucket, data in history(seed, plan=plan):
        calm.feed(bucket, data)
        shaken.feed(bucket, data)
        for piece in recut(data, draw):
            cut.feed(bucket, piece)
        if (frame := decode(data)).kind == Kind.SKIPPED:
            told.update(frame.meta["skipped"])
        if (chance := draw.random()) < 0.15:
            shaken.crash()
        elif chance < 0.4:
            shaken.checkpoint()
    for driver in (calm, shaken, cut):
        driver.end()
        assert skipped(driver) == +told
    assert shaken.dumps() == calm.dumps()
    assert shaken.outputs == calm.outputs


@pytest.mark.parametrize("plan", PLANS, ids=["plain", "joined"])
@settings(deadline=None, max_examples=12)
@given(seed=seeds)
def test_each_line_is_read_or_skipped(plan: Plan, seed: int) -> None:
    whole, parted = (lines(history(seed, plan=one)) for one in (msgspec.structs.replace(plan, switch=None), plan))
    assert whole["skipped"] == 0 < parted["skipped"]
    assert whole["read"] == parted["read"] + parted["skipped"]


def lines(sent: list[tuple[int, bytes]]) -> Counter[str]:
    found: Counter[str] = Counter(read=0, skipped=0)
    for _, data in sent:
        frame = decode(data)
        if frame.kind in (Kind.EVENTS, Kind.REJECTS):
            found["read"] += frame.n
        elif frame.kind == Kind.SKIPPED:
            found["skipped"] += sum(frame.meta["skipped"].values())
    return found


@pytest.mark.parametrize("plan", PLANS, ids=["plain", "joined"])
def test_no_event_reaches_a_stage_from_the_wrong_side(plan: Plan) -> None:
    sides: Counter[bool] = Counter()
    for seed in range(3):
        for frame in (decode(data) for _, data in history(seed, plan=plan)):
            if frame.kind == Kind.EVENTS:
                for part, time in zip(frame.columns["part"].tolist(), frame.columns["time"].tolist(), strict=True):
                    in_file = frame.meta["parts"][part].startswith("/")
                    assert in_file == (time < SWITCH.time)
                    sides[in_file] += 1
    assert min(sides[True], sides[False]) > 10
