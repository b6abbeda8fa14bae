"""``python -m benchmarks.quality.bots [--seeds N]``: what the anomaly rules find, and whom they accuse, by habit.

Recall and false positives are shares of events after a user's first 20; ``heaviest`` are the 0.1 % of people with the
most events. Every scenario changes some habits of people or bots.
"""

from __future__ import annotations

import argparse
from typing import Final

import numpy as np

from benchmarks.quality.shoppers import NAMES, PERSON, Habits, Stream, shoppers
from udfs.quality.anomaly.user_options import UserOptions
from udfs.quality.anomaly.user_rules import UserRules
from udfs.types import U8, U64, Bool

SCENARIOS: Final = {
    "reference": Habits(),
    "slow scrapers": Habits(per_second=(2.0, 3.0)),
    "scrapers of whole pages": Habits(per_second=(5.0, 10.0), scraper_page=10),
    "regular pages, little jitter": Habits(regular_page=8, jitter=0.02),
    "regular pages, slow": Habits(regular_page=8, interval=(60.0, 600.0)),
    "clickers of half": Habits(clicks=0.5),
    "heavy, irregular, no clicks": Habits(heavy_jitter=0.5),
    "heavy, irregular, clicking": Habits(heavy_jitter=0.5, heavy_clicks=0.3),
    "quick people": Habits(think=(6.0, 0.8)),
    "steady people": Habits(think=(12.0, 0.5), pace=0.4),
    "people in long sessions": Habits(think=(12.0, 0.7), stay=60.0),
    "slow people": Habits(think=(40.0, 1.4)),
    "people of very unequal click rates": Habits(size=10.0),
    "people of utterly unequal click rates": Habits(size=3.0),
    "people of equal click rates": Habits(size=500.0),
    "few clicks": Habits(rate=0.01),
    "many clicks": Habits(rate=0.1),
    "heavier tail": Habits(shape=1.05),
    "many bots": Habits(people=1000, bots=100),
    "short-lived bots": Habits(events=400),
    "many people": Habits(people=20_000),
}


def late(users: U64, learn: int = 20) -> Bool:
    """Return which events come after their user's first ``learn``."""
    order = np.argsort(users, kind="stable")
    _, first, lengths = np.unique(users[order], return_index=True, return_counts=True)
    number = np.empty(len(users), np.int64)
    number[order] = np.arange(len(users)) - np.repeat(first, lengths)
    return number >= learn


def heaviest(stream: Stream) -> Bool:
    """Return which events are those of the 0.1 % of people who have most."""
    people, counts = np.unique(stream.users[stream.truth == PERSON], return_counts=True)
    most = people[np.argsort(counts)[-max(len(people) // 1000, 1) :]]
    return np.isin(stream.users, most)


def figures(stream: Stream, reasons: U8) -> dict[str, float]:
    """Return the share of flagged events, by who sent them."""
    flagged, judged = reasons > 0, late(stream.users)
    shares = {name: float(flagged[judged & (stream.truth == kind)].mean()) for kind, name in enumerate(NAMES)}
    return shares | {"heaviest": float(flagged[judged & heaviest(stream)].mean())}


def run(habits: Habits, seed: int) -> dict[str, float]:
    """Return what the rules find in one stream."""
    stream = shoppers(habits, seed)
    return figures(stream, UserRules(UserOptions()).update(*stream[:3]))


def main() -> None:
    """Print a table: the worst of all seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    print(f"{'':36}" + "".join(f"{name:>10}" for name in (*NAMES, "heaviest")))
    for name, habits in SCENARIOS.items():
        runs = [run(habits, seed) for seed in range(seeds)]
        worst = {who: (max if who in ("people", "heaviest") else min)(run[who] for run in runs) for who in runs[0]}
        print(f"{name:36}" + "".join(f"{share:10.5f}" for share in worst.values()), flush=True)


if __name__ == "__main__":
    main()
