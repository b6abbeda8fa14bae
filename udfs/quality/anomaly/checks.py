"""Ranges of options, refused with the name, the value and what is allowed."""

from __future__ import annotations

from udfs.errors import ConfigurationError


def within(options: object, **ranges: tuple[float, float]) -> None:
    """Check that each named attribute lies in its closed range.

    Raises:
        ConfigurationError: one does not.
    """
    for name, (low, high) in ranges.items():
        value = getattr(options, name)
        if not low <= value <= high:
            raise ConfigurationError(f"{name} is {value}", f"Choose {low} to {high}")
