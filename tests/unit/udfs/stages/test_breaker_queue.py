"""What becomes of examples while a breaker is open, and after; cutting and restoring change nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest

from benchmarks.quality.traffic import Traffic, clicks_dead, silent_part
from tests.unit.udfs.stages.shop_examples import frame_of, layout_of, plan_of
from udfs.frames import Frame
from udfs.schema import BreakerRules
from udfs.stages.breaker_queue import EVENTS, PARTS, BreakerQueue
from udfs.stages.parts import dump_arrays

BEFORE, BROKEN, AFTER = 40_000, 6_000, 16_000
POLICIES: tuple[Literal["discard", "hold"], ...] = ("discard", "hold")


def queue_of(rules: BreakerRules | None, identified: bool = False) -> BreakerQueue:
    layout = layout_of(plan_of(breaker=rules))
    return BreakerQueue(layout, layout.models[0], identified)


def broken_shop() -> list[Frame]:
    """Return frames of a thousand examples: clicks die, and come back."""
    frames, done = [], 0
    for chunk in Traffic(rate=0.1).chunks(BEFORE + BROKEN + AFTER, size=1_000):
        examples = clicks_dead(chunk) if BEFORE <= done < BEFORE + BROKEN else chunk
        frames.append(frame_of(examples, done))
        done += len(examples)
    return frames


FRAMES = broken_shop()


def numbers(pieces: Sequence[Frame]) -> list[int]:
    return [number for piece in pieces for number in piece.columns["offset"].tolist()]


def dumped(queue: BreakerQueue) -> bytes:
    meta, arrays, parts = queue.dump()
    assert len(parts) == PARTS
    return b"".join([*map(bytes, dump_arrays(meta, arrays)), *parts])


def restored(queue: BreakerQueue, rules: BreakerRules | None) -> BreakerQueue:
    meta, arrays, parts = queue.dump()
    other = queue_of(rules)
    other.load(meta, {name: array.copy() for name, array in arrays.items()}, parts)
    return other


@pytest.mark.parametrize("policy", POLICIES)
def test_a_break_is_not_learned_and_ends_by_itself(policy: Literal["discard", "hold"]) -> None:
    queue = queue_of(BreakerRules(policy=policy))
    learned = numbers([piece for frame in FRAMES for piece in queue.take(frame)])
    told = queue.told()
    assert [(event["event"], event["open"]) for event in (told[0], told[-1])] == [("trip", True), ("recovery", False)]
    assert queue.told() == []
    assert not [number for number in learned if BEFORE <= number < BEFORE + BROKEN]
    assert learned == sorted(learned)
    report = queue.report()
    assert report is not None
    assert (report["open"], report["held"], report["trips"]) == (False, 0, queue.trips)
    assert report["discarded"] == BEFORE + BROKEN + AFTER - len(learned) - report["pending"]
    assert report["pending"] == 2_000
    assert numbers(list(queue.flush()))[-1] == BEFORE + BROKEN + AFTER - 1


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("size", [1_000, 77, 333])
def test_any_cutting_and_any_restore_is_the_same(policy: Literal["discard", "hold"], size: int) -> None:
    rules = BreakerRules(policy=policy, hold_back=500, max_held=900)
    plain, cut = queue_of(rules), queue_of(rules)
    expected, found = [], []
    for i, frame in enumerate(FRAMES):
        expected += numbers(list(plain.take(frame)))
        for start, stop in itertools.pairwise([*range(0, frame.n, size), frame.n]):
            found += numbers(list(cut.take(frame.slice(start, stop))))
        if i % 3 == 0:
            assert dumped(cut) == dumped(plain)
            cut = restored(cut, rules)
    assert found == expected
    assert dumped(cut) == dumped(plain)


def opened(queue: BreakerQueue) -> int:
    """Feed until the breaker is open and has held a while; return how many frames that took."""
    stop = (BEFORE + BROKEN) // 1_000
    for frame in FRAMES[:stop]:
        for _ in queue.take(frame):
            pass
    assert queue.is_open
    return stop


def counted(queue: BreakerQueue) -> dict[str, Any]:
    report = queue.report()
    assert report is not None
    return report


def test_what_is_held_is_learned_when_it_is_accepted() -> None:
    queue = queue_of(BreakerRules(policy="hold"))
    stop = opened(queue)
    held, pending = counted(queue)["held"], counted(queue)["pending"]
    assert held > 0
    freed = numbers(list(queue.obey([(1, "accept", 1)], 1)))
    assert len(freed) == held
    later = numbers([piece for frame in FRAMES[stop : stop + 4] for piece in queue.take(frame)])
    assert later[:pending] == list(range(freed[-1] + 1, freed[-1] + 1 + pending))
    assert (counted(queue)["held"], queue.discarded) == (0, 0)


def test_what_waits_is_learned_when_a_break_is_accepted_and_nothing_is_held() -> None:
    queue = queue_of(BreakerRules())
    stop = opened(queue)
    gone, pending = queue.discarded, counted(queue)["pending"]
    assert gone > 0
    assert list(queue.obey([(1, "accept", 1)], 1)) == []
    later = numbers([piece for frame in FRAMES[stop : stop + 3] for piece in queue.take(frame)])
    assert len(later) == 3_000 > pending
    assert queue.discarded == gone


def test_what_is_held_is_discarded_when_an_operator_closes() -> None:
    queue = queue_of(BreakerRules(policy="hold"))
    opened(queue)
    held = counted(queue)["held"]
    assert list(queue.obey([(1, "close", 1)], 1)) == []
    assert (counted(queue)["held"], queue.discarded, queue.is_open) == (0, held, False)


def test_what_is_held_is_bounded_and_the_oldest_goes() -> None:
    queue = queue_of(BreakerRules(policy="hold", max_held=300))
    opened(queue)
    assert counted(queue)["held"] == 300
    assert queue.discarded > 0
    newest = numbers(list(queue.obey([(1, "accept", 1)], 1)))
    assert newest == list(range(newest[-1] - 299, newest[-1] + 1))


def test_an_operator_opens_it_and_nothing_is_learned_until_it_is_closed() -> None:
    queue = queue_of(BreakerRules(hold_back=10))
    list(queue.take(FRAMES[0]))
    assert list(queue.obey([(1, "open", 1)], 1)) == []
    assert queue.is_open
    assert list(queue.take(FRAMES[1])) == []
    list(queue.obey([(2, "close", 1)], 1))
    assert numbers(list(queue.take(FRAMES[2])))[-1] == 2_989


def obeyed(queue: BreakerQueue) -> Iterator[Any]:
    return (event["event"] for event in queue.told())


def test_no_command_is_obeyed_twice() -> None:
    queue = queue_of(BreakerRules())
    list(queue.obey([(1, "open", 1)], 1))
    list(queue.obey([(1, "open", 1), (2, "close", 1)], 1))
    assert list(obeyed(queue)) == ["open", "close"]
    again = restored(queue, BreakerRules())
    list(again.obey([(2, "close", 1), (1, "open", 1), (3, "open", 1)], 1))
    assert list(obeyed(again)) == ["open"]


def test_what_was_commanded_before_a_state_began_is_no_business_of_it() -> None:
    queue = queue_of(BreakerRules())
    list(queue.obey([(1, "open", 3), (2, "open", 4)], 4))
    assert list(obeyed(queue)) == ["open"]
    other = queue_of(BreakerRules())
    list(other.obey([], 4))
    list(other.obey([(1, "open", 3)], 4))
    assert list(obeyed(other)) == ["open"]


def test_a_command_without_a_breaker_is_told_of() -> None:
    queue = queue_of(None)
    list(queue.obey([(1, "open", 1)], 1))
    (event,) = queue.told()
    assert (event["event"], event["command"], queue.is_open) == ("ignored", "open", False)
    assert queue.report() is None
    assert queue.summary() is None


def test_without_a_breaker_examples_pass() -> None:
    assert numbers(list(queue_of(None).take(FRAMES[0]))) == list(range(1_000))
    (known,) = queue_of(None, identified=True).take(FRAMES[0])
    assert known.columns["index"].tolist() == [0] * 1_000


@pytest.mark.parametrize("other", [None, BreakerRules(max_parts=7)], ids=["off", "other columns"])
def test_what_waits_is_learned_when_the_breaker_goes(other: BreakerRules | None) -> None:
    queue = queue_of(BreakerRules())
    for frame in FRAMES[:3]:
        list(queue.take(frame))
    changed = restored(restored(queue, other), other)
    assert numbers(list(changed.take(FRAMES[3])))[:2_000] == list(range(1_000, 3_000))
    assert changed.discarded == 0


def test_what_waits_is_discarded_when_an_open_breaker_goes() -> None:
    queue = queue_of(BreakerRules(policy="hold"))
    opened(queue)
    known = counted(queue)
    changed = restored(queue, None)
    assert changed.discarded == known["held"] + known["pending"]
    assert not changed.is_open
    assert len(numbers(list(changed.take(FRAMES[3])))) == 1_000


def test_the_newest_events_are_remembered() -> None:
    queue = queue_of(BreakerRules())
    for number in range(2 * EVENTS):
        list(queue.obey([(number + 1, "close", 1)], 1))
    assert len(counted(queue)["events"]) == EVENTS


def test_silence_is_no_break_where_the_input_ends() -> None:
    chunks = list(Traffic(per_day=1e6).chunks(80_000, size=4_000))
    frames = [frame_of(chunk if i < 10 else silent_part(chunk)) for i, chunk in enumerate(chunks)]
    for bounded, expected in ((True, set[Any]()), (False, {"volume"})):
        layout = layout_of(plan_of(bounded=bounded))
        queue = BreakerQueue(layout, layout.models[0], False)
        for frame in frames:
            list(queue.take(frame))
        assert {event.get("guard") for event in queue.told()} == expected
