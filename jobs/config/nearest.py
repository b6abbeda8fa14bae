"""Did you mean: the known name that is most like an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(unknown: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?``, or a full stop where no known name is alike."""
    alike = get_close_matches(unknown, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {alike[0]}?" if alike else "."
