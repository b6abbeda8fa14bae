"""Ranges of options, refused with the name, the value and what is allowed."""

from __future__ import annotations


def within(name: str, value: float, low: float, high: float) -> None:
    """Raise ValueError unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise ValueError(f"{name} is {value!r}, allowed is {low:g} to {high:g}")


def table_bits(bits: int) -> None:
    """Raise ValueError unless a table of ``2**bits`` rows is one that we allow."""
    within("bits", bits, 1, 28)
