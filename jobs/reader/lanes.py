"""Which lane of the source reads which partition."""

from __future__ import annotations

import re

from udfs.hashing import hash32

_NUMBER = re.compile(r"(\d+)(?=\D*$)")


def _spread(i: int, lanes: int) -> int:
    """Return the ``i``-th lane in an order in which neighbours lie far apart (van der Corput's sequence)."""

    def inverse(n: int) -> float:
        value, place = 0.0, 0.5
        while n:
            value += place * (n & 1)
            n, place = n >> 1, place / 2
        return value

    return sorted(range(lanes), key=inverse)[i % lanes] if lanes & (lanes - 1) == 0 else i % lanes


def lane_of(part: str, lanes: int) -> int:
    """Return the lane of a partition or file.

    Names that differ by their last number, as those of partitions do, go to different lanes in turn, and those to
    different subtasks; where only the names are known, nothing spreads better.
    """
    found = _NUMBER.search(part)
    stem = part[: found.start()] + part[found.end() :] if found else part
    number = int(found[0]) if found else 0
    return _spread((hash32(stem, 0) + number) % lanes, lanes)
