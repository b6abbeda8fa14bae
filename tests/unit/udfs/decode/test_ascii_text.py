from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.decode.ascii_text import text_state
from udfs.decode.scan import CLEAN, FOLD, cleanliness

few = st.text(alphabet="aZ @[`{ 9", max_size=20)
any_text = st.text(alphabet=st.characters(exclude_categories=["Cs"], max_codepoint=0x17F), max_size=20)


@pytest.mark.parametrize("case", [0, 1, 2])
@pytest.mark.parametrize("trim", [True, False])
@pytest.mark.parametrize("nfc", [True, False])
@settings(deadline=None, max_examples=300)
@given(before=st.text(" aA", max_size=2), text=few | any_text, behind=st.text(" aA\xe9", max_size=3))
def test_words_tell_what_bytes_tell(nfc: bool, trim: bool, case: int, before: str, text: str, behind: str) -> None:
    start, stop = len(before), len(before) + len(text.encode())
    data = np.frombuffer((before + text + behind).encode() + bytes(8), np.uint8)
    assert text_state(data, start, stop, nfc, trim, case) == cleanliness(data, start, stop, nfc, trim, case)


def test_a_long_name_is_clean_and_a_capital_in_any_place_is_folded() -> None:
    for size in range(1, 30):
        data = np.frombuffer(b"a" * size + bytes(8), np.uint8)
        assert text_state(data, 0, size, True, True, 1) == CLEAN
        for at in range(size):
            capital = data.copy()
            capital[at] = ord("A")
            assert text_state(capital, 0, size, True, True, 1) == FOLD
