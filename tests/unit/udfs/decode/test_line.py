"""What the definition says of single lines: reasons, bounds, cleaning, times."""

from __future__ import annotations

import pytest

from udfs.decode.line import Event, read_line
from udfs.decode.reject import MESSAGE_LIMIT, Reason, Reject
from udfs.schema import Clean, EventType, FeatureSet, Field, Format, Plan, Timestamp

NOW = 1_700_000_000_000_000


def plan(*fields: Field, unit: str = "s", kind: str = "json") -> Plan:
    when = Timestamp(path=("t",), unit=unit, earliest=0, latest=2 * NOW, future=1_000_000)  # type: ignore[arg-type]
    columns = ("t", *(field.name for field in fields))
    return Plan(
        events=(EventType(name="e", fields=fields, timestamp=when),),
        features=FeatureSet(seed=1, features={}),
        models=(),
        format=Format(kind=kind, columns=columns, max_line_bytes=6000),  # type: ignore[arg-type]
    )


def read(line: str | bytes, *fields: Field, unit: str = "s", kind: str = "json") -> Event:
    described = plan(*fields, unit=unit, kind=kind)
    data = line.encode() if isinstance(line, str) else line
    return read_line(data, described, described.format.columns, "", NOW)


PRICE = Field(name="p", type="number", path=("p",), minimum=0, maximum=10, nullable=False)
NAME = Field(name="n", type="categorical", path=("a", "n"), required=True, clean=Clean(case="lower"))
TEXT = Field(name="x", type="text", path=("x",), default="none", maximum=3)
LIST = Field(name="l", type="list", path=("l",), maximum=2)
VECTOR = Field(name="v", type="vector", path=("v",), length=2)


@pytest.mark.parametrize(
    ("line", "fields", "reason"),
    [
        (b"\xff", (), Reason.NOT_UTF8),
        (b"[1]", (), Reason.NOT_JSON),
        (b'{"t":1', (), Reason.NOT_JSON),
        (b'{"t":1}' + b" " * 6000, (), Reason.TOO_LARGE),
        (b'{"t":1,"p":11}', (PRICE,), Reason.OUT_OF_RANGE),
        (b'{"t":1,"p":-1e-300}', (PRICE,), Reason.OUT_OF_RANGE),
        (b'{"t":1,"p":"1"}', (PRICE,), Reason.WRONG_TYPE),
        (b'{"t":1,"p":null}', (PRICE,), Reason.WRONG_TYPE),
        (b'{"t":1,"p":NaN}', (PRICE,), Reason.NOT_FINITE),
        (b'{"t":1,"p":1e400}', (PRICE,), Reason.NOT_FINITE),
        (b'{"t":1,"p":1e99999999999999999999}', (PRICE,), Reason.NOT_FINITE),
        (b'{"t":1,"p":' + b"9" * 5000 + b"}", (PRICE,), Reason.NOT_FINITE),
        (b'{"t":1,"a":{"n":" "}}', (NAME,), Reason.MISSING_FIELD),
        (b'{"t":1,"a":{"n":1.5}}', (NAME,), Reason.WRONG_TYPE),
        (b'{"t":1,"a":{"n":"\\ud800"}}', (NAME,), Reason.NOT_UTF8),
        (b'{"t":1,"x":7}', (TEXT,), Reason.WRONG_TYPE),
        (b'{"t":1,"x":"abcd"}', (TEXT,), Reason.OUT_OF_RANGE),
        (b'{"t":1,"l":["a","b","c"]}', (LIST,), Reason.OUT_OF_RANGE),
        (b'{"t":1,"l":"a"}', (LIST,), Reason.WRONG_TYPE),
        (b'{"t":1,"v":[1]}', (VECTOR,), Reason.WRONG_TYPE),
        (b'{"t":1,"v":[1,Infinity]}', (VECTOR,), Reason.NOT_FINITE),
        (b'{"t":1,"v":[1,-1e39]}', (VECTOR,), Reason.NOT_FINITE),
        (b"{}", (), Reason.BAD_TIMESTAMP),
        (b'{"t":"1"}', (), Reason.BAD_TIMESTAMP),
        (b'{"t":true}', (), Reason.BAD_TIMESTAMP),
        (b'{"t":-1}', (), Reason.BAD_TIMESTAMP),
        (b'{"t":1e999999}', (), Reason.BAD_TIMESTAMP),
        (b'{"t":1e99999999999999999999}', (), Reason.BAD_TIMESTAMP),
        (b'{"t":1700000002}', (), Reason.FUTURE_TIMESTAMP),
    ],
)
def test_reasons(line: bytes, fields: tuple[Field, ...], reason: Reason) -> None:
    with pytest.raises(Reject) as caught:
        read(line, *fields)
    assert caught.value.reason == reason
    assert 0 < len(caught.value.message) <= MESSAGE_LIMIT


def test_values_are_cleaned_and_absent_ones_left_out() -> None:
    event = read('{"t":1.25,"a":{"n":" Red  ÉTÉ "},"l":["B",true,""],"v":[1,-0.5]}', NAME, TEXT, LIST, VECTOR, PRICE)
    assert event == Event(0, {"n": "red été", "x": "none", "l": ["B", "true"], "v": [1.0, -0.5]}, 1_250_000)


def test_integers_and_booleans_are_categories() -> None:
    assert read('{"t":1,"a":{"n":17}}', NAME).values == {"n": "17"}
    assert read('{"t":1,"a":{"n":true}}', NAME).values == {"n": "true"}
    assert read('{"t":1,"p":true}', PRICE).values == {"p": 1.0}


def test_digits_below_a_microsecond_are_cut_off_downwards() -> None:
    assert read('{"t":0.0000019}').time == 1
    assert read('{"t":"2023-11-14T22:13:19.9999999Z"}', unit="iso8601").time == NOW - 1


def test_csv_cells() -> None:
    name = Field(name="n", type="categorical", path=("n",))
    assert read('1,"a, ""b"""', name, kind="csv").values == {"n": 'a, "b"'}
    assert read("1,", name, kind="csv").values == {}
    for line in ("1", "1,2,3", '1,"a'):
        with pytest.raises(Reject) as caught:
            read(line, name, kind="csv")
        assert caught.value.reason == Reason.NOT_CSV


def test_a_huge_number_in_a_field_that_nobody_reads_is_no_fault() -> None:
    assert read(b'{"t":1,"z":' + b"9" * 5000 + b',"y":1e99999999999999999999}').time == 1_000_000
