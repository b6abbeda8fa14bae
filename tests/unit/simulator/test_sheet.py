from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.sheet import digits, joined, packed, table, without_leading_zeros

NUMBERS = st.lists(st.integers(0, 10**13 - 1), min_size=1, max_size=20)


@given(NUMBERS)
def test_digits_are_those_of_the_numbers(numbers: list[int]) -> None:
    text = digits(np.array(numbers), 13)
    assert [bytes(row).decode() for row in text] == [f"{number:013d}" for number in numbers]
    short = without_leading_zeros(text)
    assert [bytes(row[row != 0]).decode() for row in short] == [str(number) for number in numbers]


@given(st.lists(st.binary(max_size=6).map(lambda text: text.replace(b"\0", b"")), min_size=1, max_size=9))
def test_rows_are_their_pieces_without_the_padding(texts: list[bytes]) -> None:
    column = table(texts)[np.arange(len(texts))]
    rows = joined(len(texts), [b"<", column, b"|", column, b">\n"])
    assert packed(rows) == b"".join(b"<%s|%s>\n" % (text, text) for text in texts)


def test_no_rows_have_no_text() -> None:
    assert packed(joined(0, [b"a", np.empty((0, 3), np.uint8)])) == b""
