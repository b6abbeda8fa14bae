"""The order of event time, which the order of arrival must not show in."""

from __future__ import annotations

import numpy as np

from udfs.types import I64, U64


def by_time(times: I64, ids: U64) -> I64:
    """Return the rows (n,) by time, those of one time by id.

    >>> by_time(np.array([20, 10, 20]), np.array([5, 6, 4], np.uint64)).tolist()
    [1, 2, 0]

    Args:
        times: int64 (n,).
        ids: uint64 (n,).
    """
    rows: I64 = times.argsort(kind="stable")
    ordered = times[rows]
    same = ordered[1:] == ordered[:-1]
    if same.any():
        # Rows come in a few runs of rising times, which a stable sort makes use of; ids are random.
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        found = rows[tied]
        rows[tied] = found[np.lexsort((ids[found], times[found]))]
    return rows
