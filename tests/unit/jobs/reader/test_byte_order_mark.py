"""A byte order mark at the beginning of a file belongs to no line and to no column's name."""

from __future__ import annotations

import gzip
from codecs import BOM_UTF8
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from jobs.config.patterns import to_regex
from jobs.reader.files import Files
from jobs.reader.headers import header
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.decode.reject import REASONS
from udfs.frames import Kind, decode
from udfs.schema import Categorical, EventType, FeatureSet, Field, Format, Label, Model, Plan, Timestamp

NOW = 1_700_000_000_000_000
MAX_LINE = 64
FORMATS = {
    "header.csv": (Format(kind="csv", max_line_bytes=MAX_LINE), [b"u,y,t", b"a,1,5", b"bad", b"c,0,7"]),
    "quoted.csv": (Format(kind="csv", max_line_bytes=MAX_LINE), [b'"u","y","t"', b"a,1,5", b"bad", b"c,0,7"]),
    "columns.csv": (
        Format(kind="csv", columns=("u", "y", "t"), max_line_bytes=MAX_LINE),
        [b"a,1,5", b"bad", b"c,0,7"],
    ),
    "lines.ndjson": (
        Format(kind="json", max_line_bytes=MAX_LINE),
        [b'{"u":"a","y":"1","t":5}', b"bad", b'{"u":"c","y":"0","t":7}'],
    ),
}


def plan(rules: Format) -> Plan:
    fields = tuple(Field(name=name, type="categorical", path=(name,), required=True) for name in ("u", "y"))
    when = Timestamp(path=("t",), unit="s", earliest=0, latest=NOW)
    return Plan(
        events=(EventType(name="e", fields=fields, timestamp=when),),
        features=FeatureSet(seed=1, features={"u": Categorical(field="u")}),
        models=(Model(name="m", learner="ftrl", features=("u",), label=Label(field="y")),),
        buckets=1,
        format=rules,
    )


class Found(NamedTuple):
    """The bytes that events and rejects begin at, with the time of events and the reason of rejects."""

    events: list[tuple[int, int]]
    rejects: list[tuple[int, str]]


def read(path: Path, rules: Format, fast: bool = True, size: int = 4_000, restore: bool = False) -> Found:
    source = Files(path.parent.as_uri(), to_regex(path.name), 1, size, 0.0, MAX_LINE, once=True)
    packer = Packer(Layout.of(plan(rules)), lambda part: header(part, rules.separator), fast)
    reader = source.open()
    positions: dict[str, int] = {}
    found, ended = Found([], []), False
    while not ended:
        reading = reader.read(0, positions, True, {})
        assert reading is not None
        ended = reading.ended
        for block in reading.blocks:
            part = np.zeros(len(block.records), np.uint16)
            for data in packer.pack(block.data, block.records, part, block.offsets, (block.part,), ("",), NOW):
                frame = decode(data) if data else None
                if frame is not None and frame.kind == Kind.EVENTS:
                    columns = frame.columns
                    found.events.extend(zip(columns["offset"].tolist(), columns["time"].tolist(), strict=True))
                elif frame is not None:
                    reasons = [str(REASONS[reason]) for reason in frame.columns["reason"].tolist()]
                    found.rejects.extend(zip(frame.columns["offset"].tolist(), reasons, strict=True))
        positions |= reading.positions
        if restore:
            reader.close()
            reader = source.open()
    reader.close()
    return found


@pytest.mark.parametrize("size", [1, 4_000])
@pytest.mark.parametrize("restore", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_every_line_is_read_where_it_stands(name: str, packed: bool, restore: bool, size: int, tmp_path: Path) -> None:
    rules, lines = FORMATS[name]
    content = BOM_UTF8 + b"\r\n".join(lines)
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)
    first, bad, last = (content.index(line) for line in lines[-3:])
    expected = Found([(first, 5_000_000), (last, 7_000_000)], [(bad, "not_json" if "json" in name else "not_csv")])
    assert read(path, rules, True, size, restore) == read(path, rules, False, size, restore) == expected


@pytest.mark.parametrize("longer", [0, 1])
def test_the_longest_line_may_follow_a_mark(longer: int, tmp_path: Path) -> None:
    rules, lines = FORMATS["columns.csv"]
    long = b"x" * (MAX_LINE - len(b",1,5") + longer) + b",1,5"
    path = tmp_path / "a.csv"
    path.write_bytes(BOM_UTF8 + long + b"\n" + lines[-1] + b"\n")
    last = (3 + len(long) + 1, 7_000_000)
    expected = Found([last], [(3, "too_large")]) if longer else Found([(3, 5_000_000), last], [])
    for size in (1, 4_000):
        assert read(path, rules, size=size) == expected


@pytest.mark.parametrize("content", [BOM_UTF8, BOM_UTF8 + b"\n", BOM_UTF8[:2]])
def test_hardly_more_than_a_mark(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(content)
    found = read(path, FORMATS["lines.ndjson"][0])
    assert found == Found([], [(0, "not_utf8")] if len(content) == 2 else [])


def test_a_mark_further_behind_belongs_to_its_line(tmp_path: Path) -> None:
    rules, lines = FORMATS["lines.ndjson"]
    path = tmp_path / "a.ndjson"
    path.write_bytes(lines[0] + b"\n" + BOM_UTF8 + lines[2])
    expected = Found([(0, 5_000_000)], [(len(lines[0]) + 1, "not_json")])
    assert read(path, rules) == read(path, rules, fast=False) == expected
