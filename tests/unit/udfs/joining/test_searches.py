"""Impressions take fields of the search that they name, the same ones in any order of arrival."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.udfs.joining.histories import JOIN, LATENESS, layout
from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, Ragged
from udfs.joining.examples import Joined
from udfs.joining.joiner import UNIT, Joiner
from udfs.schema import Categorical, EventType, Feature, FeatureSet, Field, Join, Number, Search, Tokens
from udfs.types import Arrays

JOINED = msgspec.structs.replace(
    JOIN,
    labels=(msgspec.structs.replace(JOIN.labels[0], late="reverse"), *JOIN.labels[1:]),
    search=Search(event="search", by="query", fields=("words", "page", "device"), within=60 * UNIT),
)
SEARCH, IMPRESSION, CLICK = 4, 0, 1


class Event(msgspec.Struct, frozen=True):
    """One event; ``time`` in microseconds; of a search the fields are made of its id."""

    type: int
    time: int
    id: int
    user: int
    query: int
    impression: int = 0


def searched(join: Join = JOINED) -> Layout:
    plan = layout(join).plan
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in ("query", "user", "device"))
    fields += (Field(name="words", type="text", path=("words",)), Field(name="page", type="number", path=("page",)))
    shown = plan.events[0]
    query = Field(name="query", type="categorical", path=("query",))
    events = (
        msgspec.structs.replace(shown, fields=(*shown.fields, query)),
        *plan.events[1:],
        EventType(name="search", fields=fields, timestamp=shown.timestamp, user="user"),
    )
    features: dict[str, Feature] = {
        "item": Categorical(field="item"),
        "words": Tokens(field="words"),
        "page": Number(field="page"),
        "device": Categorical(field="device"),
    }
    model = msgspec.structs.replace(plan.models[0], features=tuple(features))
    return Layout.of(
        msgspec.structs.replace(plan, events=events, models=(model,), features=FeatureSet(seed=1, features=features))
    )


def sample(event: Event) -> bytes:
    if event.type == SEARCH:
        return json.dumps({"words": f"w{event.id}", "page": event.id, "device": "d", "query": "q"}).encode()
    return json.dumps({"item": "i", "timestamp": event.time}).encode() if event.type == IMPRESSION else b""


def frame(events: list[Event]) -> Frame:
    n = len(events)
    search = np.array([event.type == SEARCH for event in events])
    ids = np.array([event.id for event in events], np.uint32)
    words = np.where(search, 2, 0)
    columns: Arrays = {
        "id": np.array([(event.id, 0) for event in events], np.uint64).reshape(n, 2),
        "time": np.array([event.time for event in events], np.int64),
        "part": np.zeros(n, np.uint16),
        "type": np.array([event.type for event in events], np.uint8),
        "ref": np.array([(event.impression, 9, event.query) for event in events], np.uint64).reshape(n, 3),
        "user": np.array([event.user for event in events], np.uint64),
        "single": np.stack((ids + 5, np.where(search, ids, 0)), axis=1).astype(np.uint32),
        "present": np.where(search, 2, 1).astype(np.uint64)[:, None],
        "number": np.where(search, ids, np.nan)[:, None],
    }
    ragged = {
        "multiple.words": Ragged(np.cumsum([0, *words]).astype(np.uint32), np.repeat(ids, words)),
        "sample": Ragged.of_bytes([sample(event) for event in events]),
    }
    return Frame(Kind.EVENTS, n, {"parts": ["a/0"]}, columns, ragged)


def make_events(seed: int) -> list[Event]:
    draw = random.Random(seed)
    events = []
    for number in range(1, 40):
        time = draw.randrange(1, 200) * UNIT + draw.choice((0, 1, 500_000))
        events.append(Event(SEARCH, time, number, draw.randrange(1, 3), draw.randrange(5)))
    for number in range(40, 100):
        time = draw.randrange(1, 260) * UNIT + draw.choice((0, 1, 500_000))
        user, query = draw.randrange(1, 3), draw.randrange(5)
        events.append(Event(IMPRESSION, time, number, user, query, number))
        if draw.random() < 0.5:
            click = time + draw.choice((0, 10, 40, 80)) * UNIT
            events.append(Event(CLICK, click, 100 + number, user, 0, number))
    return events


def brute(events: list[Event]) -> dict[int, int]:
    """Return the id of the search whose fields each impression takes, 0 for none, by its own id."""
    found = {}
    for event in (event for event in events if event.type == IMPRESSION):
        mine = [
            (other.time, other.id)
            for other in events
            if other.type == SEARCH
            and event.query
            and (other.user, other.query) == (event.user, event.query)
            and event.time - 60 * UNIT <= other.time <= event.time
        ]
        found[event.id] = max(mine)[1] if mine else 0
    return found


def arrivals(events: list[Event], seed: int) -> Iterator[tuple[list[Event], int]]:
    draw = random.Random(seed)
    left = sorted(events, key=lambda event: event.time + draw.randrange(LATENESS))
    clock = 0
    while left:
        size = draw.randrange(1, 25)
        yield left[:size], max(0, clock - LATENESS)
        clock = max(clock, *(event.time for event in left[:size]))
        left = left[size:]


def run(events: list[Event], seed: int, restore: bool = False, join: Join = JOINED) -> tuple[list[Joined], Joiner]:
    described = searched(join)
    joiner, out = Joiner(described, join), list[Joined]()
    for batch, low in arrivals(events, seed):
        out += joiner.advance(low)
        for event in batch if restore else ():
            joiner.take(frame([event]), np.ones(1, np.bool_))
            parts = [bytes(part) for part in joiner.dump()]
            joiner = Joiner(described, join)
            joiner.load(parts)
        if not restore:
            joiner.take(frame(batch), np.ones(len(batch), np.bool_))
    return out + list(joiner.flush()), joiner


def rows_of(joined: list[Joined]) -> list[tuple[int, dict[str, Any]]]:
    """Return the id of each example's impression, and what it has of a search."""
    return [
        (
            int(one.rows.columns["id"][i, 0]),
            {
                "single": one.rows.columns["single"][i].tolist(),
                "present": int(one.rows.columns["present"][i, 0]),
                "number": one.rows.columns["number"][i].tolist(),
                "words": one.rows.ragged["multiple.words"].row(i).tolist(),
                "sample": json.loads(one.rows.ragged["sample"].bytes_at(i)),
            },
        )
        for one in joined
        for i in range(one.rows.n)
    ]


def expected(id: int, search: int) -> dict[str, Any]:
    if search == 0:
        return {"single": [id + 5, 0], "present": 1, "words": []}
    return {"single": [id + 5, search], "present": 3, "number": [float(search)], "words": [search, search]}


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_every_example_has_the_fields_of_the_newest_search_it_names(seed: int, order: int) -> None:
    events = make_events(seed)
    joined, joiner = run(events, order)
    searches, found = brute(events), rows_of(joined)
    assert {id for id, _ in found} == searches.keys()
    for id, row in found:
        search = searches[id]
        assert {**row, **expected(id, search)} == row
        sampled = {"words": f"w{search}", "page": search, "device": "d"} if search else {}
        assert {name: row["sample"].get(name) for name in sampled} == sampled
        assert "query" not in row["sample"]
    assert joiner.state["searched"] == sum(searches[id] > 0 for id, _ in found)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000))
def test_cuts_and_restores_leave_no_trace(seed: int) -> None:
    events = make_events(seed)
    (calm, one), (joined, other) = run(events, seed), run(events, seed, restore=True)
    assert repr(rows_of(joined)) == repr(rows_of(calm))
    assert b"".join(map(bytes, other.dump())) == b"".join(map(bytes, one.dump()))


def test_beyond_the_bound_searches_are_forgotten_and_counted() -> None:
    _, joiner = run(make_events(1), 2, join=msgspec.structs.replace(JOINED, max_waiting=16))
    assert joiner.state["searches_forgotten"] > 0


def test_a_search_behind_the_time_is_counted_and_not_taken() -> None:
    joiner = Joiner(searched(), JOINED)
    assert list(joiner.advance(100 * UNIT)) == []
    late, shown = Event(SEARCH, 99 * UNIT, 1, 1, 1), Event(IMPRESSION, 100 * UNIT, 2, 1, 1, 2)
    joiner.take(frame([late, shown]), np.ones(2, np.bool_))
    assert [row["words"] for _, row in rows_of(list(joiner.flush()))] == [[], []]
    assert joiner.state["behind"] == 1
