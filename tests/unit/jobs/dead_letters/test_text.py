from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.dead_letters.text import readable


@given(st.one_of(st.binary(), st.text()))
def test_nothing_steers_a_terminal(data: bytes | str) -> None:
    assert readable(data).isprintable()


@given(st.text(st.characters(categories=["L", "N", "P"], exclude_characters="\\")))
def test_what_is_printable_stays(text: str) -> None:
    assert readable(text.encode()) == readable(text) == text
