from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.events import EVENT, IMPRESSION, TYPES, Events
from simulator.lines import Writer
from simulator.shop import CATEGORIES, DEVICES, vocabulary
from udfs.errors import ConfigurationError

START_MS = 1_735_689_600_000
ACCOUNT = np.arange(1_000)[::-1]


def rows(count: int, **values: Any) -> Events:
    events = np.zeros(count, EVENT)
    events["words"] = -1
    for name, value in values.items():
        events[name] = value
    return events


def texts(events: Events) -> list[bytes]:
    lines = Writer(26, START_MS, ACCOUNT).lines(events)
    assert lines.text.count(b"\n") == len(events)
    return [lines.between(i, i + 1) for i in range(len(events))]


def test_an_event_of_each_type() -> None:
    common = {"number": 7, "ts": 5, "user": 1, "impression": 9, "query": 3, "item": 42, "price": 1_205, "position": 10}
    events = rows(5, type=np.arange(5), category=2, device=1, **common)
    events["words"] = [0, 1, -1]
    a, b = vocabulary()[:2]
    ids = f'"event_id":"e1a-0000000007","ts":{START_MS + 5},"user":"u0000998"'
    query = f'"query_id":"q1a-0000000003"%s,"query":"{a} {b}"'
    shown = f',"item":"i000042","category":"{CATEGORIES[2]}","device":"{DEVICES[1]}"'
    answer = '"impression_id":"m1a-0000000009","item":"i000042"'
    assert [text.decode() for text in texts(events)] == [
        f'{{"type":"search",{ids},{query % ""}}}\n',
        f'{{"type":"impression",{ids},"impression_id":"m1a-0000000009",{query % shown},"price":12.05,"position":10}}\n',
        *(f'{{"type":"{name}",{ids},{answer}}}\n' for name in ("click", "cart", "purchase")),
    ]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.integers(0, 4),
                "ts": st.integers(-(10**11), 10**11),
                "query": st.integers(-1, 10**10 - 1),
                "price": st.integers(1, 99_999_900),
                "nulls": st.integers(0, 15),
                "words": st.sampled_from([(-1, -1, -1), (5, -1, -1), (5, 6, -1), (5, 6, 383)]),
                "category": st.integers(0, len(CATEGORIES) - 1),
                "device": st.integers(0, len(DEVICES) - 1),
            }
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_line_is_the_json_of_its_event(values: list[dict[str, Any]]) -> None:
    events = rows(len(values))
    for row, value in enumerate(values):
        for name, entry in value.items():
            events[name][row] = entry
    for text, value in zip(texts(events), values, strict=True):
        event = json.loads(text)
        assert event["type"] == TYPES[value["type"]]
        assert event["ts"] == START_MS + value["ts"]
        if event["type"] == "impression":
            null = [value["nulls"] >> bit & 1 for bit in range(4)]
            words = " ".join(vocabulary()[word] for word in value["words"] if word >= 0)
            assert event["category"] == (None if null[0] else CATEGORIES[value["category"]])
            assert event["device"] == (None if null[1] else DEVICES[value["device"]])
            assert event["query"] == (None if null[2] else words)
            assert event["price"] == (None if null[3] else value["price"] / 100)
            assert event["query_id"] == (f"q1a-{value['query']:010d}" if value["query"] >= 0 else None)


def test_more_lines_than_are_put_together_at_a_time() -> None:
    events = rows(20_000, number=np.arange(20_000), type=np.arange(20_000) % 5)
    found = [json.loads(text)["event_id"] for text in texts(events)]
    assert found == [f"e1a-{number:010d}" for number in range(20_000)]


def test_corrupt_lines_stand_in_their_places() -> None:
    events = rows(6, number=np.arange(6), type=IMPRESSION, corrupt=[0, 1, 0, 0, 7, 2])
    found = texts(events)
    assert [len(text) > 60_000 for text in found] == [False] * 4 + [True, False]
    assert not found[1].endswith(b"}\n")
    assert b'"cheap"' in found[5]
    assert [b"-000000000%d" % number in found[number] for number in range(6)] == [True] * 6


def test_nothing_is_no_lines() -> None:
    assert texts(rows(0)) == []


@pytest.mark.parametrize("ts", [-START_MS, 10**13])
def test_times_that_have_not_thirteen_digits_are_refused(ts: int) -> None:
    with pytest.raises(ConfigurationError, match="thirteen digits"):
        texts(rows(1, ts=ts))
