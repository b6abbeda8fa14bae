"""Integer state keys that Flink spreads evenly over its key groups."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

_WORD = 0xFFFFFFFF


def key_group(key: int, max_parallelism: int) -> int:
    """Return the key group of a ``Row(INT)``, as ``KeyByKeySelector`` makes keys; its hash is 62 more than the integer.

    It is what ``KeyGroupRangeAssignment`` assigns, which is fixed: Flink finds its own state by it. To ask it takes
    thousands of calls into the JVM for each start. The mixing is ``udfs.hashing.hash32`` of four bytes, written out,
    since to load its kernel would cost every start 0.4 CPU-seconds. This is private API of apache-flink 2.3.0; a test
    on a cluster compares the two.
    """
    mixed = (62 + key) * 0xCC9E2D51 & _WORD
    mixed = _rotated(mixed, 15) * 0x1B873593 & _WORD
    mixed = (_rotated(mixed, 13) * 5 + 0xE6546B64 & _WORD) ^ 4
    mixed = (mixed ^ mixed >> 16) * 0x85EBCA6B & _WORD
    mixed = (mixed ^ mixed >> 13) * 0xC2B2AE35 & _WORD
    mixed ^= mixed >> 16
    # As a signed number, made positive; the smallest has no counterpart.
    return (mixed if mixed < 1 << 31 else (1 << 32) - mixed) % (1 << 31) % max_parallelism


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> 32 - bits) & _WORD


def balanced_keys(n: int, max_parallelism: int) -> list[int]:
    """Return ``n`` integers, the i-th of which falls into the i-th n-th of the key groups.

    So any parallelism that divides ``n`` gets the same number of keys for each subtask.

    Raises:
        ValueError: there are more keys than key groups.
    """
    if n > max_parallelism:
        raise ValueError(f"{n} keys do not fit {max_parallelism} key groups")
    keys: dict[int, int] = {}
    for candidate in count():
        keys.setdefault(key_group(candidate, max_parallelism) * n // max_parallelism, candidate)
        if len(keys) == n:
            return [keys[i] for i in range(n)]
    raise AssertionError


def growing_keys(n: int, max_parallelism: int) -> list[int]:
    """Return ``n`` integers, of which the first m are those of every m below ``n``.

    So what is added last moves nobody's state. The i-th falls into the key group at the i-th point of van der Corput's
    sequence: spread evenly, and exactly so for powers of two.
    """
    candidates, unused = count(), defaultdict[int, list[int]](list)
    keys = []
    for i in range(n):
        wanted = int(_van_der_corput(i) * max_parallelism)
        while not unused[wanted]:
            candidate = next(candidates)
            unused[key_group(candidate, max_parallelism)].append(candidate)
        keys.append(unused[wanted].pop(0))
    return keys


def _van_der_corput(i: int) -> float:
    """Return the i-th point: the binary digits of i mirrored at the point (van der Corput 1935).

    >>> [_van_der_corput(i) for i in range(4)]
    [0.0, 0.5, 0.25, 0.75]
    """
    return int(f"{i:b}"[::-1], 2) / (1 << max(i.bit_length(), 1))
