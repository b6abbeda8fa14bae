"""Refusing values of a configuration that make no sense."""

from __future__ import annotations

from math import inf

from udfs.errors import ConfigurationError


def refuse(owner: object, name: str, value: object, allowed: str) -> None:
    """Raise the error that names a field of ``owner``, its value and what is allowed."""
    raise ConfigurationError(f"{type(owner).__name__}.{name} is {value}", f"Allowed is {allowed}")


def within(owner: object, low: float, high: float, *names: str) -> None:
    """Refuse numbers outside [low, high].

    Raises:
        ConfigurationError: a named attribute of ``owner`` is not in the range, or no number.
    """
    for name in names:
        value = getattr(owner, name)
        if not low <= value <= high:
            refuse(owner, name, value, f"{low:g} or more" if high == inf else f"{low:g} to {high:g}")


def positive(owner: object, *names: str) -> None:
    """Refuse what is not above zero, and infinity.

    Raises:
        ConfigurationError: a named attribute of ``owner`` is not.
    """
    for name in names:
        value = getattr(owner, name)
        if not 0 < value < inf:
            refuse(owner, name, value, "more than 0")
