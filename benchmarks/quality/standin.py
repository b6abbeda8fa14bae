"""A stand-in for a ratings file: the habits of a film rating site, from a seed.

Most users come once and rate some hundred films in a row; films are rated as they are known (Zipf); a rating is the
overall mean, a user's and a film's bias, a product of tastes, and noise, rounded to 1 to 5 stars. The spreads are those
reported for public film ratings (deviation 1.1 in all, 0.45 between users, 0.75 between films that few have rated).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.types import F64, I64


class Ratings(NamedTuple):
    """Ratings in order of time: users and items (n,), ratings (n,), seconds (n,)."""

    user: I64
    item: I64
    rating: F64
    time: I64


def standin(n: int = 100_000, users: int = 943, items: int = 1682, seed: int = 1) -> Ratings:
    """Draw ``n`` ratings."""
    rng = np.random.default_rng(seed)
    activity = np.maximum(rng.lognormal(4.2, 0.95, users), 20.0)
    counts = rng.multinomial(n, activity / activity.sum())
    popularity = 1.0 / (np.arange(items) + 25.0) ** 1.1
    known = np.log(popularity / popularity.mean())
    item_bias = 0.22 * known + rng.normal(0.0, 0.45, items)
    user_bias = rng.normal(0.0, 0.43, users)
    rank = 8
    tastes = rng.normal(0.0, 1.0, (users, rank))
    traits = rng.normal(0.0, 0.42 / np.sqrt(rank), (items, rank)) * np.linspace(1.6, 0.4, rank)
    columns: list[list[tuple[int, int, int]]] = []
    for user in range(users):
        visits = 1 if rng.random() < 0.8 else 3
        starts = np.sort(rng.integers(0, 18_000_000, visits))
        size = min(int(counts[user]), items)
        liked = np.exp(0.8 * traits @ tastes[user]) * popularity
        chosen = rng.choice(items, size, replace=False, p=liked / liked.sum())
        visit = np.sort(rng.integers(0, visits, size))
        seconds = starts[visit] + np.cumsum(rng.integers(0, 25, size))
        columns.append([(int(s), user, int(i)) for s, i in zip(seconds, chosen, strict=True)])
    time, user_of, item_of = np.array(sorted(row for rows in columns for row in rows), np.int64).T
    raw = 3.42 + user_bias[user_of] + item_bias[item_of] - 0.22 * float(known @ popularity / popularity.sum())
    raw += np.einsum("nk,nk->n", tastes[user_of], traits[item_of]) + rng.normal(0.0, 0.83, len(time))
    return Ratings(user_of, item_of, np.clip(np.rint(raw), 1.0, 5.0), time)
