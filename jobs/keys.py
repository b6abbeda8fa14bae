"""Integer state keys that Flink spreads evenly over its key groups."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any


def balanced_keys(gateway: Any, n: int, max_parallelism: int) -> list[int]:
    """Return ``n`` integers, the i-th of which falls into the i-th n-th of the key groups.

    So any parallelism that divides ``n`` gets the same number of keys for each subtask. The assignment is the JVM's
    own; the keys are ``Row(INT)``, as ``KeyByKeySelector`` makes them.

    Raises:
        ValueError: there are more keys than key groups.
    """
    if n > max_parallelism:
        raise ValueError(f"{n} keys do not fit {max_parallelism} key groups")
    assign = gateway.jvm.org.apache.flink.runtime.state.KeyGroupRangeAssignment.assignToKeyGroup
    row = gateway.jvm.org.apache.flink.types.Row
    keys: dict[int, int] = {}
    for candidate in count():
        key = row(1)
        key.setField(0, candidate)
        keys.setdefault(assign(key, max_parallelism) * n // max_parallelism, candidate)
        if len(keys) == n:
            return [keys[i] for i in range(n)]
    raise AssertionError


def growing_keys(gateway: Any, n: int, max_parallelism: int) -> list[int]:
    """Return ``n`` integers, of which the first m are those of every m below ``n``.

    So what is added last moves nobody's state. The i-th falls into the key group at the i-th point of van der Corput's
    sequence: spread evenly, and exactly so for powers of two.
    """
    assign = gateway.jvm.org.apache.flink.runtime.state.KeyGroupRangeAssignment.assignToKeyGroup
    row = gateway.jvm.org.apache.flink.types.Row
    candidates, unused = count(), defaultdict[int, list[int]](list)
    keys = []
    for i in range(n):
        wanted = int(_van_der_corput(i) * max_parallelism)
        while not unused[wanted]:
            candidate = next(candidates)
            key = row(1)
            key.setField(0, candidate)
            unused[assign(key, max_parallelism)].append(candidate)
        keys.append(unused[wanted].pop(0))
    return keys


def _van_der_corput(i: int) -> float:
    """Return the i-th point: the binary digits of i mirrored at the point (van der Corput 1935).

    >>> [_van_der_corput(i) for i in range(4)]
    [0.0, 0.5, 0.25, 0.75]
    """
    return int(f"{i:b}"[::-1], 2) / (1 << max(i.bit_length(), 1))
