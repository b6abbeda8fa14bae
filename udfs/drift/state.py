"""Loading of states that are dicts of named arrays of fixed shapes."""

from __future__ import annotations

from udfs.errors import StateError
from udfs.types import Arrays


def restore(mine: Arrays, stored: Arrays, what: str) -> None:
    """Copy stored arrays into live ones.

    Raises:
        StateError: they have other names, shapes or types.
    """
    if {name: (a.shape, a.dtype) for name, a in mine.items()} != {
        name: (a.shape, a.dtype) for name, a in stored.items()
    }:
        raise StateError(f"The stored state of {what} has other names, shapes or types", f"Start {what} anew")
    for name, array in stored.items():
        mine[name][...] = array


def below(arrays: Arrays, prefix: str) -> Arrays:
    """Return the arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
