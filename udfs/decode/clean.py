"""Cleaning strings before they are validated and hashed."""

from __future__ import annotations

import unicodedata

from udfs.schema import Clean


def clean(text: str, rules: Clean) -> str:
    r"""Normalise, trim and fold case as asked, in this order, then normalise again: folding can undo NFC.

    >>> clean("  Red \t shoes ", Clean(case="lower"))
    'red shoes'
    """
    if rules.nfc:
        text = unicodedata.normalize("NFC", text)
    if rules.trim:
        text = " ".join(text.split())
    if rules.case == "keep":
        return text
    folded = text.lower() if rules.case == "lower" else text.upper()
    return unicodedata.normalize("NFC", folded) if rules.nfc else folded
