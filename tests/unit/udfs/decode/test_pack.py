"""Packing: lines of records, headers of files, buckets, positions of rejects."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.decode.layout import Layout
from udfs.decode.pack import PAYLOAD_LIMIT, Packer, split_records
from udfs.decode.reject import REASONS
from udfs.frames import Frame, Kind, decode
from udfs.quality.clocks import Clocks
from udfs.quality.dead_letter import sources
from udfs.schema import (
    Categorical,
    EventType,
    FeatureSet,
    Field,
    Format,
    Label,
    Model,
    Plan,
    Switch,
    TimeRules,
    Timestamp,
)

NOW = 1_700_000_000_000_000


def plan(kind: str = "json", user: str | None = None, buckets: int = 4, lateness: int | None = None) -> Plan:
    fields = tuple(Field(name=name, type="categorical", path=(name,)) for name in ("u", "y"))
    return Plan(
        events=(
            EventType(
                name="e", fields=fields, timestamp=Timestamp(path=("t",), unit="s", earliest=0, latest=NOW), user=user
            ),
        ),
        features=FeatureSet(seed=1, features={"u": Categorical(field="u")}),
        models=(Model(name="m", learner="ftrl", features=("u",), label=Label(field="y")),),
        buckets=buckets,
        time=TimeRules(lateness=lateness),
        format=Format(kind=kind),  # type: ignore[arg-type]
    )


def pack(
    described: Plan, records: list[bytes], offset: int = 0, part: str = "a/0", clocks: Clocks | None = None
) -> Iterator[Frame]:
    """Pack records of a topic, their offsets from ``offset`` on; or of a file, one after the other in it."""
    data = np.frombuffer(b"".join(records), np.uint8)
    ends = np.cumsum([0, *map(len, records)]).astype(np.int64)
    bounds = np.stack((ends[:-1], ends[1:]), axis=1)
    file = part.startswith("/")
    offsets = offset + (ends[:-1] if file else np.arange(len(records)))
    packer = Packer(Layout.of(described), lambda _: ("t", "u", "y"))
    given = data, bounds, np.zeros(len(records), np.uint16), offsets, (part,), ("" if file else "a",), NOW
    for frame in packer.pack(*given, clocks):
        if frame:
            yield decode(frame)


@settings(deadline=None, max_examples=300)
@given(records=st.lists(st.lists(st.sampled_from([b"ab", b"\n", b"\r\n", b" ", b"\r", b"\t", b"{x}"])).map(b"".join)))
def test_records_are_cut_at_line_feeds_and_blank_lines_vanish(records: list[bytes]) -> None:
    data = np.frombuffer(b"".join(records), np.uint8)
    ends = np.cumsum([0, *map(len, records)]).astype(np.int64)
    span, record, index = split_records(data, np.stack((ends[:-1], ends[1:]), axis=1))
    found = [(data[a:b].tobytes(), int(r), int(i)) for (a, b), r, i in zip(span, record, index, strict=True)]
    expected = []
    for r, whole in enumerate(records):
        lines = [line for line in whole.split(b"\n") if line.strip(b" \r\t")]
        expected += [(line.removesuffix(b"\r"), r, i) for i, line in enumerate(lines)]
    assert found == expected


def test_an_empty_batch() -> None:
    assert list(pack(plan(), [])) == []
    assert list(pack(plan(), [b"", b" \n"])) == []


def test_one_user_has_one_bucket_and_arrival_order() -> None:
    records = [b'{"t":%d,"u":"u%d"}' % (i, i % 7) for i in range(200)]
    where: dict[bytes, set[int]] = {}
    for number, frame in enumerate(pack(plan(user="u"), records)):
        assert frame.kind == Kind.EVENTS
        assert frame.columns["offset"].tolist() == sorted(frame.columns["offset"].tolist())
        for row in frame.rows():
            where.setdefault(records[row.columns["offset"][0]].split(b'"u":')[1], set()).add(number)
    assert len(where) == 7
    assert all(len(frames) == 1 for frames in where.values())
    assert len(set().union(*where.values())) > 1


def ids(frames: Iterator[Frame]) -> list[tuple[int, ...]]:
    return sorted(tuple(row) for frame in frames for row in frame.columns["id"].tolist())


def test_events_without_id_are_told_apart_by_where_they_stand() -> None:
    records = [b'{"t":1,"u":"a"}'] * 50
    assert len(set(ids(pack(plan(), records)))) == 50
    assert len(set(ids(pack(plan(), records, part="/in/a.json")))) == 50


def test_a_line_of_a_file_is_the_same_however_the_file_is_cut() -> None:
    lines = [b'{"t":%d,"u":"a"}\n' % i for i in range(30)]
    whole = ids(pack(plan(), [b"".join(lines)], part="/in/a.json"))
    assert whole == ids(pack(plan(), [b"".join(lines[:7]), b"".join(lines[7:])], part="/in/a.json"))
    assert len(set(whole)) == 30


def test_where_rejects_come_from() -> None:
    long = b"[" + b"x" * 20_000
    (frame,) = pack(plan(buckets=1), [b'{"t":"no"}\n\n' + long], offset=7)
    assert frame.kind == Kind.REJECTS
    assert list(sources(frame)) == [{"topic": "a", "partition": 0, "offset": 7, "index": index} for index in range(2)]
    assert len(frame.ragged["payload"].bytes_at(1)) == PAYLOAD_LIMIT
    assert frame.columns["size"].tolist() == [10, 20_001]
    (frame,) = pack(plan(buckets=1), [b"\n\n" + long], offset=5, part="/in/day.json")
    assert next(sources(frame)) == {"file": "/in/day.json", "byte": 7}


def test_the_header_of_a_file_is_no_event() -> None:
    records = [b"t,u,y\r\n1,a,0\r\n2,b,1\r\n", b"t,u,y", b"3,c,0"]
    frames = list(pack(plan("csv", buckets=1), records, part="/in/a.csv"))
    assert [frame.kind for frame in frames] == [Kind.EVENTS]
    assert frames[0].columns["time"].tolist() == [1_000_000, 2_000_000, 3_000_000]


def test_frames_do_not_depend_on_the_batch() -> None:
    records = [b'{"t":%d,"u":"u%d"}' % (i, i) for i in range(40)]
    together = next(pack(plan(buckets=1), records))
    apart = [frame for half in (0, 20) for frame in pack(plan(buckets=1), records[half : half + 20], offset=half)]
    for name, column in together.columns.items():
        assert np.concatenate([frame.columns[name] for frame in apart]).tobytes() == column.tobytes()


def test_who_is_late_is_refused_with_its_line() -> None:
    records = [b'{"t":%d,"u":"u%d"}' % (t, i) for i, t in enumerate((100, 103, 101, 102, 99, 103))]
    late = plan(user="u", buckets=1, lateness=1_000_000)
    clocks = Clocks(late, {}, 0)
    events, rejects = pack(late, records, clocks=clocks)
    assert events.columns["offset"].tolist() == [0, 1, 3, 5]
    assert [REASONS[i] for i in rejects.columns["reason"]] == ["too_late", "too_late"]
    assert [rejects.ragged["payload"].bytes_at(i) for i in range(2)] == [records[2], records[4]]
    assert clocks.dials["a/0"][0] == 103_000_000


def test_what_is_on_the_other_side_of_the_switch_is_counted_and_moves_no_clock() -> None:
    records = [b'{"t":%d,"u":"u%d"}' % (t, i) for i, t in enumerate((99, 100, 101, 98))] + [b"{"]
    told = msgspec.structs.replace(plan(user="u", buckets=1, lateness=0), switch=Switch(time=100_000_000))
    for part, offsets, clock, reason in (("a/0", [1, 2], 101, "before_switch"), ("/in/a", [0], 99, "after_switch")):
        clocks = Clocks(told, {}, 0)
        events, rejects, skipped = pack(told, [record + b"\n" for record in records], part=part, clocks=clocks)
        starts = events.columns["offset"].tolist()
        assert starts == (offsets if part == "a/0" else [0])
        assert rejects.n == (1 if part == "a/0" else 2)
        assert clocks.dials[part][0] == clock * 1_000_000
        assert (skipped.kind, skipped.meta["now"]) == (Kind.SKIPPED, NOW)
        assert {name: n for name, n in skipped.meta["skipped"].items() if n} == {reason: 2}


def test_samples_ride_along_whatever_the_batch() -> None:
    records = [b'{"t":%d,"u":"u%d"}' % (i, i) for i in range(3000)]

    def samples(*batches: list[bytes]) -> list[bytes]:
        starts = itertools.accumulate((len(batch) for batch in batches), initial=0)
        frames = [
            frame for batch, at in zip(batches, starts, strict=False) for frame in pack(plan(user="u"), batch, at)
        ]
        return sorted(
            f.ragged["sample"].bytes_at(i) for f in frames for i in range(f.n) if len(f.ragged["sample"].row(i))
        )

    whole = samples(records)
    assert 3 <= len(whole) <= 40
    assert samples(records[:1000], records[1000:]) == whole
    row = json.loads(whole[0])
    assert row["timestamp"] == int(row["u"][1:]) * 1_000_000
