"""Integer state keys that Flink spreads evenly over its key groups."""

from __future__ import annotations

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
