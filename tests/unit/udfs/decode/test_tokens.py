"""The tokenizer of the line kernels accepts what Python's own strict reading accepts, and says where it ends."""

from __future__ import annotations

import json
import math
import struct
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.decode.containers import array, container_end
from udfs.decode.tokens import ARRAY, DECIMAL, INTEGER, OTHER, STRING, literal, number, scalar, string_end
from udfs.types import U8

many = settings(deadline=None, max_examples=1000)


def padded(text: str | bytes) -> tuple[U8, int]:
    data = text.encode() if isinstance(text, str) else text
    return np.frombuffer(data + bytes(16), np.uint8), len(data)


@many
@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20))
def test_a_number_is_read_exactly_or_marked(value: float) -> None:
    text = repr(value)
    end, tag, found = number(padded(text)[0], 0)
    assert end == len(text)
    assert tag == (INTEGER if isinstance(value, int) else DECIMAL)
    assert math.isnan(found) or struct.pack("d", found) == struct.pack("d", float(value))


@many
@given(text=st.from_regex(r"-?[0-9]{1,22}(\.[0-9]{0,22})?([eE][+-]?[0-9]{0,5})?", fullmatch=True))
def test_any_number_is_read_as_python_reads_it(text: str) -> None:
    end, tag, found = number(padded(text + ",")[0], 0)
    try:
        expected = json.loads(text, parse_int=Decimal, parse_float=Decimal)
    except ValueError:
        assert end != len(text)
        return
    assert (end, tag == INTEGER) == (len(text), not set(text) & set(".eE"))
    assert math.isnan(found) or found == float(expected)


@pytest.mark.parametrize("text", ["0", "1", "-0.5", "1735689600016", "10.96", "1e2", "0.25", "9007199254740991"])
def test_usual_numbers_are_read(text: str) -> None:
    assert number(padded(text)[0], 0)[2] == float(text)


@many
@given(text=st.text(max_size=30), escaped=st.booleans())
def test_strings_end_where_python_ends_them(text: str, escaped: bool) -> None:
    written = json.dumps(text, ensure_ascii=escaped)
    data, stop = padded(written + '"more')
    assert string_end(data, 1, stop) == (len(written.encode()) - 1, "\\" not in written)


@many
@given(body=st.binary(max_size=20))
def test_only_valid_strings_end(body: bytes) -> None:
    data, stop = padded(body + b'"')
    end, plain = string_end(data, 0, stop)
    try:
        _, expected = json.JSONDecoder().raw_decode('"' + (body + b'"').decode(errors="surrogateescape"))
        valid = (body + b'"').decode(errors="surrogateescape")[: expected - 1].encode(errors="surrogateescape")
        valid.decode()
    except ValueError:
        assert end == -1
        return
    assert (end, plain) == (len(valid) - 1, b"\\" not in valid)


@pytest.mark.parametrize("text", ["true", "false", "null", "tru", "nul", "fals", "True", "falsy", "x"])
def test_literals(text: str) -> None:
    assert (literal(padded(text)[0], 0)[0] == len(text)) == (text in ("true", "false", "null"))


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-10, 10) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@many
@given(document=st.lists(documents, max_size=4) | st.dictionaries(st.text(max_size=3), documents, max_size=4))
def test_containers_end_where_they_end(document: object) -> None:
    written = json.dumps(document, ensure_ascii=False)
    data, stop = padded(written + "]}")
    assert container_end(data, 0, stop) == len(written.encode())
    for cut in range(1, len(written)):
        data, stop = padded(written[:cut])
        assert container_end(data, 0, stop) == -1


@many
@given(values=st.lists(documents, max_size=6), known=st.integers(0, 3))
def test_flat_arrays_become_elements(values: list[object], known: int) -> None:
    written = json.dumps(values, ensure_ascii=False)
    data, stop = padded(written)
    element, value = np.zeros((20, 3), np.int64), np.zeros(20)
    end, used, tag = array(data, 0, stop, known, element, value)
    assert end == len(written.encode())
    if any(isinstance(item, list | dict) for item in values):
        assert (tag, used) == (OTHER, known)
        return
    assert (tag, used) == (ARRAY, known + len(values))
    for item, (first, last, kind), numeric in zip(values, element[known:], value[known:], strict=False):
        text = data[first:last].tobytes().decode()
        if kind == STRING:
            assert text == item
        else:
            assert kind == OTHER or json.loads(text) == item
        assert kind not in (INTEGER, DECIMAL) or math.isnan(numeric) or numeric == item


def test_no_scalar_begins_with_a_zero_byte() -> None:
    assert scalar(padded("")[0], 0, 0)[0] == -1
