from __future__ import annotations

import json

import jsonschema
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.dead_letters.letter import Position, decode, lines_of
from udfs.decode.pack import split_records
from udfs.decode.reject import REASONS
from udfs.quality.dead_letter import dead_letter
from udfs.releases import schemas

VALID = jsonschema.Draft202012Validator(schemas.load("dead_letter"))
RECORD = {"topic": "clicks", "partition": 0, "offset": 7, "index": 0}
LINE = {"file": "/in/a.ndjson", "byte": 0}


def written(
    payload: bytes = b"{}",
    reason: str = "not_json",
    source: dict[str, object] = LINE,
    step: str = "pack",
    encoding: str = "original",
    size: int | None = None,
) -> bytes:
    whole = len(payload) if size is None else size
    return dead_letter(reason, "message", step, source, None, payload, encoding, whole, 1)


@given(st.binary(), st.sampled_from(REASONS), st.sampled_from([RECORD, LINE]), st.sampled_from([0, 1]))
def test_what_is_put_out_is_read_back(payload: bytes, reason: str, source: dict[str, object], more: int) -> None:
    text = written(payload, reason, source, size=len(payload) + more)
    letter = decode(text)
    assert letter.data == payload
    document = json.loads(msgspec.json.encode(letter.document()))
    assert document == json.loads(text)
    VALID.validate(document)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"no json",
        written().replace(b"not_json", b"no_reason"),
        written().replace(b'"file":"/in/a.ndjson","byte":0', b'"byte":0'),
        written().replace(b'"payload":"{}"', b'"payload":null'),
    ],
)
def test_what_is_no_letter(text: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(text)


def test_a_position_has_one_name() -> None:
    assert str(Position(topic="clicks", partition=1, offset=7, index=2)) == "clicks:1:7:2"
    assert str(Position(file="s3://shop/in/a.gz", byte=9)) == "s3://shop/in/a.gz:9"
    with pytest.raises(ValueError, match="a topic or a file"):
        Position(topic="clicks", file="/in/a")


def test_which_letters_hold_the_original() -> None:
    assert decode(written()).is_whole
    assert not decode(written(size=9)).is_whole
    assert not decode(written(encoding="canonical")).is_whole
    assert decode(written(reason="too_large", source=RECORD)).is_whole
    assert not decode(written(reason="too_large", source=LINE)).is_whole


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"\n", b"\r", b" ", b"\t", b"{}", b"\xff", b"a\r"])).map(b"".join))
def test_lines_are_cut_as_pack_cuts_them(record: bytes) -> None:
    spans, _, index = split_records(np.frombuffer(record, np.uint8), np.array([[0, len(record)]]))
    assert [record[start:stop] for start, stop in spans.tolist()] == lines_of(record)
    assert index.tolist() == list(range(len(spans)))
