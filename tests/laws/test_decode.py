"""For any bytes, the fast path and the slow path make the same frames of events and of rejects."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_lines import (
    ISO,
    NOW,
    NUMBERS,
    OTHERS,
    PARTS,
    STRINGS,
    TIMES,
    csv_line,
    csv_plan,
    json_line,
    json_plan,
    mutate,
    pack,
)
from udfs.decode import batch_decoder
from udfs.decode.line import Event, read_line
from udfs.decode.reject import REASONS
from udfs.frames import Kind, decode
from udfs.schema import Plan, Timestamp

BATCHES, LINES = 15, 60
JSON = json_plan()
CSV = csv_plan()
PLANS = {
    "json": JSON,
    "json in seconds": json_plan("s"),
    "csv": CSV,
    "csv by header": csv_plan(columns=()),
    "tab": csv_plan(separator="\t", unit="iso8601"),
    "json without time": json_plan("ingest"),
    "csv without time": csv_plan(unit="ingest"),
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))


def culprits(plan: Plan, records: list[bytes], part: list[int]) -> list[bytes]:
    """Return the records that the two paths disagree on."""
    if pack(plan, records, part, fast=True) == pack(plan, records, part, fast=False):
        return []
    alone = [
        record
        for record, p in zip(records, part, strict=True)
        if pack(plan, [record], [p], fast=True) != pack(plan, [record], [p], fast=False)
    ]
    return alone or records


def writer(plan: Plan) -> Callable[[random.Random, float], bytes]:
    if plan.format.kind == "json":
        return lambda draw, odd: json_line(draw, odd)
    return lambda draw, odd: csv_line(draw, odd, plan.format.separator, plan.events[0].timestamp.unit)


@every_plan
@pytest.mark.parametrize("odd", [0.0, 0.03, 0.1, 0.3])
@pytest.mark.parametrize("mutated", [0.0, 0.3])
def test_both_paths_agree_on_events_of_every_kind(plan: Plan, odd: float, mutated: float) -> None:
    draw = random.Random(f"{odd} {mutated} {plan.format}")
    write = writer(plan)
    for _ in range(BATCHES):
        records = []
        for _ in range(LINES):
            lines = [write(draw, odd) for _ in range(draw.choice((1, 1, 1, 2, 3)))]
            record = draw.choice((b"\n", b"\n", b"\r\n", b"\n\n \n")).join(lines)
            records.append(mutate(draw, record) if draw.random() < mutated else record)
        assert culprits(plan, records, [draw.randrange(len(PARTS)) for _ in records]) == []


@every_plan
@settings(deadline=None, max_examples=300)
@given(records=st.lists(st.binary(max_size=40), max_size=4))
def test_both_paths_agree_on_any_bytes(plan: Plan, records: list[bytes]) -> None:
    part = [i % len(PARTS) for i in range(len(records))]
    assert pack(plan, records, part, fast=True) == pack(plan, records, part, fast=False)


fragment = st.sampled_from((*NUMBERS, *OTHERS, *TIMES, *(f'"{t}"' for t in ISO), *(f'"{s}"' for s in STRINGS)))
key = st.sampled_from(
    ("type", "kind", "name", "id", "who", "user", "time", "at", "ts", "query", "what", "deep", "item", "x")
)
value: st.SearchStrategy[str] = st.recursive(
    fragment,
    lambda inner: st.lists(st.tuples(key, inner), max_size=6).map(
        lambda pairs: "{" + ",".join(f'"{k}":{v}' for k, v in pairs) + "}"
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=600)
@given(lines=st.lists(value, max_size=3), part=st.integers(0, len(PARTS) - 1))
def test_both_paths_agree_on_any_nesting(lines: list[str], part: int) -> None:
    record = "\n".join(lines).encode(errors="surrogatepass")
    assert pack(JSON, [record], [part], fast=True) == pack(JSON, [record], [part], fast=False)


PLAIN = '{"id":"e1","who":{"user":"u"},"time":{"at":1700000000000},"title":"ab","price":%s,"query":%s,"type":"any"}'


@settings(deadline=None, max_examples=500)
@given(price=st.floats().map(repr) | st.integers().map(str) | st.sampled_from(NUMBERS), query=st.text().map(repr))
def test_both_paths_agree_on_any_number_and_text(price: str, query: str) -> None:
    texts = (json.dumps(query, ensure_ascii=False), f'"{query}"')
    records = [(PLAIN % (price, text)).encode(errors="surrogatepass") for text in texts]
    assert culprits(JSON, records, [0, 1]) == []


ARRAYS = '{"id":"e1","time":{"at":1700000000000},"title":"ab","price":1,"tags":%s,"vector":%s}'
array = st.lists(fragment | st.just("[1]"), max_size=4).map(",".join).map("[{}]".format) | fragment


@settings(deadline=None, max_examples=600)
@given(tags=array, vector=array | st.tuples(st.floats(), st.floats()).map(lambda pair: json.dumps(list(pair))))
def test_both_paths_agree_on_any_array(tags: str, vector: str) -> None:
    record = (ARRAYS % (tags, vector)).encode(errors="surrogatepass")
    assert culprits(JSON, [record, b" " + record.replace(b",", b" ,\t")], [0, 1]) == []


@every_plan
def test_plain_events_never_need_the_slow_path(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[bytes] = []

    def read(line: bytes, *rest: Any) -> Event:
        slow.append(line)
        return read_line(line, *rest)

    monkeypatch.setattr(batch_decoder, "read_line", read)
    if plan.format.kind == "json":
        scale = "" if plan is PLANS["json in seconds"] else "000"
        records = [
            b'{"id":"e%d","who":{"user":"u1"},"time":{"at":1700000000%s},"title":"ab","price":1.5,"query":"Red shoes",'
            b'"what":{"deep":{"item":7},"note":"\xe6\x89\x8b"},"type":"buy","tags":["Red",1,""],"vector":[1,-2.5]}'
            % (i, scale.encode())
            for i in range(20)
        ]
    else:
        day = "2023-11-14T22:13:20Z" if plan is PLANS["tab"] else "1700000000"
        cells = ["u1", "e1", "7", "Red shoes", '"ab"', "", "1.5", "2", day, '"[7]"', '"[1,-2.5]"', "a", "yes"]
        records = [plan.format.separator.join(cells).encode()] * 20
    frames = [decode(data) for data in pack(plan, records, [0] * 20, fast=True) if data]
    assert slow == []
    assert sum(frame.n for frame in frames) == 20


@pytest.mark.parametrize("name", ["json without time", "csv without time"])
@pytest.mark.parametrize("fast", [True, False])
def test_events_without_a_time_have_that_of_their_batch(name: str, fast: bool) -> None:
    plan, draw = PLANS[name], random.Random(3)
    records = [writer(plan)(draw, 0.0) for _ in range(50)]
    frames = [decode(data) for data in pack(plan, records, [0] * 50, fast) if data]
    times = {time for frame in frames if "time" in frame.columns for time in frame.columns["time"].tolist()}
    assert times == {NOW}
    events = tuple(
        msgspec.structs.replace(event, timestamp=Timestamp(unit="ingest", earliest=0, latest=NOW - 1))
        for event in plan.events
    )
    refused = pack(msgspec.structs.replace(plan, events=events), records, [0] * 50, fast)
    reasons = [REASONS[i] for data in refused if data for i in decode(data).columns["reason"].tolist()]
    assert reasons.count("bad_timestamp") > 40


@every_plan
def test_the_lines_of_a_batch_are_decoded_one_like_alone(plan: Plan) -> None:
    draw = random.Random(7)
    records = [writer(plan)(draw, 0.05) for _ in range(100)]
    together = [decode(data) for data in pack(plan, records, [1] * 100, fast=True) if data]
    rows = [row for frame in together if frame.kind == Kind.EVENTS for row in frame.rows()]
    assert len(rows) > 10
    for row in rows:
        raw = records[row.columns["offset"][0]].split(b"\n")[row.columns["index"][0]]
        (alone,) = [decode(data) for data in pack(plan, [raw], [1], fast=True) if data]
        for name, ragged in row.ragged.items():
            assert ragged.bytes_at(0) == alone.ragged[name].bytes_at(0)
        for name in ("single", "present", "number", "label", "time", "type"):
            assert row.columns[name].tobytes() == alone.columns[name].tobytes()


def test_every_reason_of_pack_occurs() -> None:
    draw = random.Random(1)
    found: set[str] = set()
    for plan in (JSON, CSV):
        records = [mutate(draw, writer(plan)(draw, 0.2)) for _ in range(1500)] + [b'"' + b"x" * 3000 + b'"']
        records += [json_line(draw, 0.0).replace(b'"at":1700000000', b'"at":3500000000') for _ in range(10)]
        for data in pack(plan, records, [i % 2 for i in range(len(records))], fast=True):
            frame = decode(data) if data else None
            if frame is not None and "reason" in frame.columns:
                found.update(REASONS[i] for i in frame.columns["reason"])
    later = {"too_late", "stage_error", "outlier", "strange_example"}
    later |= {reason for reason in REASONS if reason.startswith(("bot_", "item_"))}
    assert found == set(REASONS) - later
