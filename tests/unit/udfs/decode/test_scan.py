"""The scanners equal Python's own reading of numbers, times and Unicode."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.decode.clean import clean
from udfs.decode.scan import (
    CLEAN,
    FOLD,
    cleanliness,
    number_end,
    read_integer,
    read_iso8601,
    read_number,
    utf8_length,
)
from udfs.decode.timestamp import parse_iso8601
from udfs.schema import Clean
from udfs.types import U8

CASES: tuple[Literal["keep", "lower", "upper"], ...] = ("keep", "lower", "upper")
RULES = [Clean(nfc=nfc, trim=trim, case=case) for nfc in (True, False) for trim in (True, False) for case in CASES]
many = settings(deadline=None, max_examples=1000)
plain = settings(deadline=None)


def raw(text: str | bytes) -> U8:
    return np.frombuffer(text.encode() if isinstance(text, str) else text, np.uint8)


def read(text: str) -> float | None:
    data = raw(text)
    good, value = read_number(data, 0, len(data))
    return value if good else None


@many
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_exactly_or_not_at_all(value: float) -> None:
    found = read(repr(value))
    assert found is None or struct.pack("d", found) == struct.pack("d", value)


@many
@given(
    digits=st.integers(0, 10**17), point=st.integers(0, 18), power=st.integers(-330, 330), sign=st.sampled_from("+-")
)
def test_a_decimal_is_read_exactly_or_not_at_all(digits: int, point: int, power: int, sign: str) -> None:
    text = str(digits)
    text = f"{text[:-point] or '0'}.{text[-point:]}" if 0 < point <= len(text) else text
    text = f"{'-' if sign == '-' else ''}{text}e{power}"
    found = read(text)
    assert found is None or struct.pack("d", found) == struct.pack("d", float(text))


@pytest.mark.parametrize(
    "text", ["0", "-0.0", "1", "0.1", "-2.5", "123456.789", "9007199254740991", "1e22", "1e-22", "0.30000000000000004"]
)
def test_usual_numbers_are_read(text: str) -> None:
    assert read(text) is None if text == "0.30000000000000004" else read(text) == float(text)


@plain
@given(value=st.integers(-(10**17) + 1, 10**17 - 1))
def test_integers_are_read(value: int) -> None:
    data = raw(str(value))
    assert number_end(data, 0, len(data)) == (len(data), True)
    assert read_integer(data, 0, len(data)) == (True, value)


@pytest.mark.parametrize("text", ["", "-", "01", "+1", ".5", "1.", "1e", "1e+", "-.1", "00", "e1", "Infinity"])
def test_what_is_no_number(text: str) -> None:
    data = raw(text)
    assert number_end(data, 0, len(data))[0] == -1


@pytest.mark.parametrize("text", ["1e5", "1.0", "0.0", "1E-2"])
def test_what_is_no_integer(text: str) -> None:
    data = raw(text)
    assert number_end(data, 0, len(data)) == (len(data), False)


zones = st.integers(-(23 * 60 + 59), 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@many
@given(time=st.datetimes(timezones=zones), space=st.booleans(), colon=st.booleans())
def test_iso_8601_equals_datetime(time: datetime, space: bool, colon: bool) -> None:
    text = time.isoformat(sep=" " if space else "T")
    if not colon:
        text = text[:-3] + text[-2:]
    expected = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert read_iso8601(raw(text), 0, len(text)) == (True, expected)
    assert parse_iso8601(text) == expected


@many
@given(
    text=st.from_regex(
        r"(0000|0001|1900|2000|2023|2024|9999)-(0[0-9]|1[0-3])-(0[01]|2[89]|3[0-2])[T ](00|23|24):(00|59|60):(00|59|60)"
        r"(\.[0-9]{0,10})?(Z|z|[+-](00|23|24):?(00|59|60))?",
        fullmatch=True,
    )
)
def test_both_readers_of_times_agree(text: str) -> None:
    data = raw(text)
    good, time = read_iso8601(data, 0, len(data))
    assert (time if good else None) == parse_iso8601(text)


@plain
@given(data=st.binary(min_size=1, max_size=6))
def test_utf8_as_python_decodes_it(data: bytes) -> None:
    length = utf8_length(raw(data), 0, len(data))

    def decodes(size: int) -> bool:
        try:
            return len(data[:size].decode()) == 1
        except UnicodeDecodeError:
            return False

    assert length == next((size for size in range(1, min(4, len(data)) + 1) if decodes(size)), 0)


def check(text: str, rules: Clean) -> int:
    data = raw(text)
    state = cleanliness(data, 0, len(data), rules.nfc, rules.trim, CASES.index(rules.case))
    if state == CLEAN:
        assert clean(text, rules) == text
    elif state == FOLD:
        assert text.isascii()
        assert clean(text, rules) == (text.lower() if rules.case == "lower" else text.upper())
    return int(state)


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_every_code_point_that_passes_as_clean_is_clean(rules: Clean) -> None:
    passed = 0
    for point in (*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 257)):
        character = chr(point)
        passed += check(character, rules) == CLEAN
        if point < 0x3400 or point % 16 == 0:
            for text in (f"e{character}", f"{character}\u0301", f"각{character}", f"a {character} b"):
                check(text, rules)
    assert passed > (30_000 if rules.case == "keep" else 60)


@many
@given(
    text=st.text(
        alphabet=st.characters(exclude_categories=["Cs"], max_codepoint=0x3FF) | st.sampled_from(" aA手각\u11a8")
    )
)
def test_text_that_passes_as_clean_is_clean(text: str) -> None:
    for rules in RULES:
        check(text, rules)
