"""``python -m benchmarks.quality.breaker``: the circuit breaker on clean traffic with sales, and on breaks.

Click rates are 1, 4 and 10 %, and 4 % where examples come in pages of 20 that have much in common. First false trips,
and CPU time, over 20 million clean examples each (``--clean``). Then of each kind of break, over draws at different
hours of the day: impressions from the break until the breaker opens, examples since the break that were learned, and
impressions from its end until the breaker closes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from benchmarks.quality.traffic import (
    FEATURES,
    HOUR,
    NUMBERS,
    Break,
    Examples,
    Traffic,
    clicks_dead,
    clicks_of_part_dead,
    field_null,
    scaled,
    silent_part,
)
from udfs.quality.breaker import Breaker, Event
from udfs.types import Bool

BREAKS: dict[str, Break] = {
    "all clicks": clicks_dead,
    "clicks of 1 in 4": clicks_of_part_dead,
    "field null": field_null,
    "price in cents": scaled,
    "price all 0": lambda examples: scaled(examples, 0.0),
    "1 in 4 silent": silent_part,
}


RATES_AND_PAGES = ((0.01, 1), (0.04, 1), (0.1, 1), (0.04, 20))


@dataclass
class Watch:
    """A breaker, and what it said to all examples so far.

    Attributes:
        count: examples so far.
        events: with each the number of examples after which it came.
    """

    breaker: Breaker = field(default_factory=lambda: Breaker(FEATURES, NUMBERS))
    count: int = 0
    events: list[tuple[int, Event]] = field(default_factory=list)
    seconds: float = 0.0
    _learn: list[Bool] = field(default_factory=list)

    def feed(self, chunks: Iterable[Examples]) -> None:
        """Let the breaker judge examples, in order of time."""
        for e in chunks:
            start = time.process_time()
            said = self.breaker.judge(e.time, e.part, e.parts, e.label, e.present, e.number)
            self.seconds += time.process_time() - start
            self._learn.append(said.learn)
            for event in said.events:
                self.events.append((self.count + int(np.searchsorted(e.time, int(event["time"]), "right")), event))
            self.count += len(e)

    def learned(self, start: int, stop: int) -> int:
        """Return how many of some examples, by number, are to be learned; those without verdict as if at the end."""
        self._learn = [np.concatenate([*self._learn, self.breaker.flush()])]
        return int(self._learn[0][start:stop].sum())


class Outcome(NamedTuple):
    """Of one break: examples until open, learned of the broken, and until closed; None where it never happened."""

    opened: int | None
    learned: int
    closed: int | None


def outcome(traffic: Traffic, broken: Break, before: int, during: int, after: int) -> Outcome:
    """Return what happens in ``before`` clean examples, ``during`` broken ones, and ``after`` clean ones again."""
    watch, left = Watch(), [before, during, after]
    starts = [0]
    for chunk in traffic.chunks(sum(left), size=1_000):
        phase = min(phase for phase, examples in enumerate(left) if examples > 0)
        left[phase] -= len(chunk)
        watch.feed([broken(chunk) if phase == 1 else chunk])
        if left[phase] <= 0:
            starts.append(watch.count)
    opened = [n for n, event in watch.events if event["event"] == "trip" and n > starts[1]]
    closed = [n for n, event in watch.events if not event["open"] and n > starts[2]]
    return Outcome(
        opened[0] - starts[1] if opened else None,
        watch.learned(starts[1], starts[2]),
        closed[0] - starts[2] if closed and opened else None,
    )


def clean(rate: float, page: int, n: int) -> None:
    """Print what the breaker says to ``n`` clean examples: daily waves, two sales, drift by 2 in a week."""
    Watch().feed(Traffic().chunks(1_000))  # compiles
    watch = Watch()
    traffic = Traffic(rate=rate, page=page, sales=(30 * HOUR, 60 * HOUR), weekly=2.0)
    start = time.perf_counter()
    for chunk in traffic.chunks(n):
        watch.feed([chunk])
    trips = [event for _, event in watch.events if event["event"] == "trip"]
    learned, days = watch.learned(0, n), n / traffic.per_day
    print(
        f"clean, {rate:.0%}, pages of {page}: {n:,} examples, {days:.1f} days, {len(trips)} trips, {learned:,} learned"
    )
    drawn = time.perf_counter() - start
    print(f"  {watch.seconds / n * 1e9:.0f} ns of CPU an example; {drawn:.0f} s with drawing them")
    for event in trips:
        print(f"  {event}")


def _figure(values: list[int | None]) -> str:
    found = [value for value in values if value is not None]
    if not found:
        return f"{'never':>16}"
    missed = f" never {len(values) - len(found)}" if len(found) < len(values) else ""
    return f"{np.median(found):8.0f}{max(found):8d}{missed}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.breaker", description=__doc__)
    parser.add_argument("--clean", type=int, default=20_000_000, help="clean examples")
    parser.add_argument("--draws", type=int, default=20, help="draws of each break")
    given = parser.parse_args()
    for rate, page in RATES_AND_PAGES:
        clean(rate, page, given.clean)
    print("rate  page  break                    opens after  learned since     closes after   (median, largest)")
    for rate, page in RATES_AND_PAGES:
        for name, broken in BREAKS.items():
            draws = []
            for seed in range(given.draws):
                traffic = Traffic(rate=rate, page=page, hour=24 * seed / given.draws, seed=seed)
                draws.append(outcome(traffic, broken, 200_000 + 1_000 * seed, 200_000, 50_000))
            columns = [_figure([draw[i] for draw in draws]) for i in range(3)]
            print(f"{rate:4.0%}{page:6}  {name:18} {'  '.join(columns)}", flush=True)


if __name__ == "__main__":
    main()
