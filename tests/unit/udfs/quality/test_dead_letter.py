"""Rows that leave for the dead letters together say what each would say alone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from udfs.decode.reject import Reason
from udfs.frames import Frame, Kind, Ragged
from udfs.quality.anomaly.item_options import ItemReason
from udfs.quality.anomaly.user_options import UserReason
from udfs.quality.dead_letter import of_rows, payloads
from udfs.schema import canonical
from udfs.stages import item_judge, user_judge

MESSAGES = {Reason.BOT_PACE: "too fast", Reason.BOT_DAY: "too many"}


def frame() -> Frame:
    columns = {
        "part": np.array([0, 1, 1], np.uint16),
        "offset": np.array([7, 8, 9]),
        "index": np.array([0, 0, 2], np.uint32),
        "type": np.array([1, 0, 1], np.uint8),
        "single": np.array([[1, 2], [3, 4], [5, 6]], np.uint32),
        "number": np.array([0.5, np.nan, -1.0]),
    }
    ragged = {
        "sample": Ragged.of_bytes([b"a", b"", "\u00e9\xff".encode("latin-1")]),
        "multiple": Ragged(np.array([0, 2, 2, 3], np.uint32), np.array([10, 11, 12], np.uint32)),
    }
    return Frame(Kind.EVENTS, 3, {"parts": ["clicks/0", "clicks/1"], "now": 98}, columns, ragged)


def letters(rows: list[int], reasons: list[Reason]) -> list[dict[str, Any]]:
    why = [(reason, MESSAGES[reason]) for reason in reasons]
    found = of_rows(frame(), np.array(rows, np.int64), why, "user", 99, ("impression", "click"))
    return [json.loads(letter) for letter in found]


def test_letters_of_rows_that_leave_together() -> None:
    first, second = letters([2, 0], [Reason.BOT_DAY, Reason.BOT_PACE])
    assert first["source"] == {"topic": "clicks", "partition": 1, "offset": 9, "index": 2}
    assert (first["reason"], first["message"], first["event_type"]) == ("bot_day", "too many", "click")
    assert (first["step"], first["ingest_time"], first["truncated"]) == ("user", 99, False)
    assert json.loads(first["payload"]) == {
        "type": 1,
        "single": [5, 6],
        "number": -1.0,
        "sample": "\ufffd\ufffd",
        "multiple": [12],
    }
    assert second["source"] == {"topic": "clicks", "partition": 0, "offset": 7, "index": 0}
    assert json.loads(second["payload"])["multiple"] == [10, 11]
    every = list(payloads(frame()))
    assert [first["payload"], second["payload"]] == [every[row].decode() for row in (2, 0)]
    assert all(canonical(json.loads(payload)) == payload for payload in every)


def test_each_alone_says_the_same() -> None:
    rows, reasons = [2, 1, 0], [Reason.BOT_DAY, Reason.BOT_PACE, Reason.BOT_PACE]
    alone = [letters([row], [reason])[0] for row, reason in zip(rows, reasons, strict=True)]
    assert letters(rows, reasons) == alone


def test_no_rows_no_letters() -> None:
    assert letters([], []) == []


def test_payloads_are_without_their_position() -> None:
    values = [json.loads(payload) for payload in payloads(frame())]
    assert [list(row) for row in values] == [["multiple", "number", "sample", "single", "type"]] * 3
    assert values[1]["multiple"] == []
    assert values[1]["number"] is None


def test_the_reasons_of_rules_are_those_of_dead_letters() -> None:
    for prefix, reasons, why in (("bot", UserReason, user_judge.WHY), ("item", ItemReason, item_judge.WHY)):
        named = [f"{prefix}_{one.name.lower()}" for one in reasons]
        assert [reason for reason, _ in why[1:]] == [name for name in named if name in set(Reason)]
        assert named.index(why[-1][0]) == len(why) - 1
