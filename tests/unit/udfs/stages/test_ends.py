from __future__ import annotations

import itertools

from udfs.frames import decode
from udfs.stages.ends import Ends, end_frame


def said(ends: Ends, sender: int, senders: int, epoch: int) -> bool:
    return ends.complete(decode(end_frame(sender, senders, epoch)))


def test_the_last_sender_completes_it_in_any_order() -> None:
    for order in itertools.permutations(range(3)):
        ends = Ends()
        assert [said(ends, sender, 3, 1) for sender in order] == [False, False, True]


def test_a_sender_that_repeats_itself_counts_once() -> None:
    ends = Ends()
    assert [said(ends, sender, 2, 1) for sender in (0, 0, 1, 1)] == [False, False, True, False]


def test_a_new_start_asks_everyone_anew_and_an_older_one_is_ignored() -> None:
    ends = Ends()
    assert said(ends, 0, 1, 4)
    assert not said(ends, 0, 2, 5)
    assert not said(ends, 1, 2, 4)
    assert said(ends, 1, 2, 5)


def test_a_dump_remembers() -> None:
    ends, again = Ends(), Ends()
    said(ends, 2, 3, 7)
    said(ends, 0, 3, 7)
    again.load(ends.dump())
    assert again.dump() == ends.dump() == [7, [0, 2]]
    assert said(again, 1, 3, 7)
