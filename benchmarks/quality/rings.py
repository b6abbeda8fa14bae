"""``python -m benchmarks.quality.rings [--seeds N]``: what the rules about items find of rings, and what of people.

People see items by popularity, click at rates that differ from item to item, and return to what they clicked now and
then. Every ring is a set of accounts that click the same few items over and over. Recall is a share of the ring's
clicks after an item's first 20 of them; false positives are shares of people's clicks, on all items and on the rings'.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from benchmarks.quality.bots import late
from udfs.quality.anomaly.item_options import ItemOptions
from udfs.quality.anomaly.item_rules import ItemRules
from udfs.types import I64, U8, U64, Bool


@dataclass(frozen=True, kw_only=True)
class Market:
    """What people and rings are like.

    Attributes:
        events: impressions of people.
        items: how many.
        users: how many.
        returns: share of people's clicks that is repeated later.
        rings: how many.
        accounts: of each ring.
        targets: items of each ring.
        clicks: of each account on each target.
        seen: share of a ring's clicks that have an impression.
    """

    events: int = 400_000
    items: int = 3000
    users: int = 20_000
    returns: float = 0.1
    rings: int = 5
    accounts: int = 20
    targets: int = 3
    clicks: int = 10
    seen: float = 1.0


class Sales(NamedTuple):
    """Events in order: items, users, kinds and times as the rules take them, and whose are a ring's (n,)."""

    items: U64
    users: U64
    kinds: U8
    times: I64
    ring: Bool


def sales(market: Market, seed: int) -> Sales:
    """Draw a stream; the rings' clicks are spread over its second half."""
    rng = np.random.default_rng(seed)
    popularity = 1.0 / np.arange(5, market.items + 5)
    item = rng.choice(market.items, market.events, p=popularity / popularity.sum())
    user = rng.integers(0, market.users, market.events)
    when = np.arange(market.events, dtype=np.float64)
    clicked = rng.random(market.events) < rng.beta(2.0, 48.0, market.items)[item]
    again = clicked & (rng.random(market.events) < market.returns)
    later = rng.exponential(market.events / 50, again.sum())
    parts = [(item, user, when, 0, False), (item[clicked], user[clicked], when[clicked] + 5.0, 1, False)]
    parts.append((item[again], user[again], when[again] + later, 1, False))
    for ring in range(market.rings):
        shape = (market.clicks, market.accounts, market.targets)
        targets = rng.integers(0, market.items, market.targets)
        of_item = np.broadcast_to(targets, shape).ravel()
        accounts = market.users + ring * market.accounts + np.arange(market.accounts)
        of_user = np.broadcast_to(accounts[:, None], shape).ravel()
        times = rng.uniform(0.5, 1.0, len(of_item)) * market.events
        shown = rng.random(len(of_item)) < market.seen
        parts.append((of_item[shown], of_user[shown], times[shown] - 3.0, 0, True))
        parts.append((of_item, of_user, times, 1, True))
    order = np.argsort(np.concatenate([part[2] for part in parts]), kind="stable")
    lengths = [len(part[0]) for part in parts]
    items, users = (np.concatenate([part[i] for part in parts])[order].astype(np.uint64) for i in (0, 1))
    kinds = np.repeat(np.array([part[3] for part in parts], np.uint8), lengths)[order]
    times = (np.concatenate([part[2] for part in parts])[order] * 1e5).astype(np.int64)
    return Sales(items, users, kinds, times, np.repeat(np.array([part[4] for part in parts]), lengths)[order])


SCENARIOS: Final = {
    "reference": Market(),
    "small rings": Market(accounts=6, clicks=30),
    "large rings": Market(accounts=80, clicks=5),
    "without impressions": Market(seen=0.0),
    "once each": Market(accounts=100, clicks=1),
    "people who return often": Market(returns=0.35),
    "no rings": Market(rings=0),
}


def figures(stream: Sales, reasons: U8) -> dict[str, float]:
    """Return the share of clicks that were flagged, by whose they are."""
    clicks, flagged = stream.kinds == 1, reasons > 0
    of_ring = clicks & stream.ring
    targets = np.isin(stream.items, np.unique(stream.items[of_ring]))
    judged = np.zeros(len(flagged), np.bool_)
    judged[of_ring] = late(stream.items[of_ring])
    shares = {"rings": judged, "people": clicks & ~stream.ring, "on targets": clicks & ~stream.ring & targets}
    return {who: float(flagged[rows].mean()) if rows.any() else float("nan") for who, rows in shares.items()}


def run(market: Market, seed: int) -> dict[str, float]:
    """Return what the rules find in one stream."""
    stream = sales(market, seed)
    return figures(stream, ItemRules(ItemOptions()).update(*stream[:4]))


def main() -> None:
    """Print a table: the mean of all seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    print(f"{'':28}" + "".join(f"{who:>12}" for who in ("rings", "people", "on targets")))
    for name, market in SCENARIOS.items():
        runs = [run(market, seed) for seed in range(seeds)]
        print(f"{name:28}" + "".join(f"{np.mean([r[who] for r in runs]):12.5f}" for who in runs[0]), flush=True)


if __name__ == "__main__":
    main()
