"""A seeded click stream whose events carry their label, with duplicates, bad lines and a sudden drift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.dirt import KINDS
from simulator.folder import make_folder
from simulator.shop import CATEGORIES, DEVICES, Impressions, Shop, vocabulary
from simulator.truth import Truth
from udfs.errors import ConfigurationError

_BLOCK = 50_000
_REPEATED_WITHIN = 2_000
_LINE = (
    '{"event_id":"e%s-%010d","ts":%d,"user":"u%07d","item":"i%06d","category":"%s","device":"%s",'
    '"query":"%s","price":%.2f,"position":%d,"click":%d}'
)


@dataclass(frozen=True, kw_only=True)
class Clicks:
    """A click stream: the same values give the same bytes.

    Attributes:
        events: how many distinct good events.
        seed: decides everything random.
        users: how many users there are.
        items: how many items there are.
        duplicate_rate: repeated lines per event, each within 2,000 events of the first.
        bad_rate: bad lines per event, all kinds equally often.
        drift_at: the fraction of events after which tastes change at once; None for never.
        start_ms: time of the first event, milliseconds since 1970.
        per_second: events in a second of event time.
    """

    events: int = 200_000
    seed: int = 1
    users: int = 20_000
    items: int = 2_000
    duplicate_rate: float = 0.01
    bad_rate: float = 0.001
    drift_at: float | None = None
    start_ms: int = 1_735_689_600_000
    per_second: float = 50.0

    def __post_init__(self) -> None:
        for name in ("events", "users", "items"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; at least 1 is allowed")
        for name in ("duplicate_rate", "bad_rate", "drift_at"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} is {value}; 0 to 1 is allowed")
        if self.per_second <= 0:
            raise ValueError(f"per_second is {self.per_second}; more than 0 is allowed")

    @property
    def drift_event(self) -> int | None:
        """The number of the first event after the drift."""
        return None if self.drift_at is None else int(self.events * self.drift_at)

    def truth(self) -> Truth:
        """Return what will hold the truth about this stream, knowing nothing yet."""
        return Truth(self.seed, self.drift_event)

    def to_files(self, out_dir: Path, part_events: int = 1_000_000) -> Truth:
        """Write ``part-NNNNN.ndjson`` into a folder, under dot-names first, and ``<folder>-truth.json`` beside it.

        Raises:
            ConfigurationError: the folder holds parts already, or cannot be made.
        """
        make_folder(out_dir)
        if any(out_dir.glob("part-*.ndjson")):
            raise ConfigurationError(f"{out_dir} holds parts already", "Name an empty folder")
        truth = self.truth()
        blocks = self.blocks(truth)
        blocks_per_part = max(1, part_events // _BLOCK)
        parts = -(-self.events // (_BLOCK * blocks_per_part))
        for part in range(parts):
            name = f"part-{part:05d}.ndjson"
            partial = out_dir / f".{name}"
            with partial.open("wb") as out:
                for _, lines in zip(range(blocks_per_part), blocks, strict=False):
                    out.write(b"\n".join(lines) + b"\n")
            partial.rename(out_dir / name)
        truth.write(out_dir.with_name(f"{out_dir.name}-truth.json"))
        return truth

    def to_kafka(self, bootstrap: str, topic: str) -> Truth:
        """Send every line as a record, keyed by nothing, and return once all are acknowledged.

        Raises:
            kafka.errors.KafkaError: a record could not be delivered.
        """
        from simulator.records import send

        truth = self.truth()
        send(bootstrap, topic, self.blocks(truth))
        return truth

    def blocks(self, truth: Truth) -> Iterator[list[bytes]]:
        """Yield the lines, without line ends, block by block; ``truth`` learns what is in them."""
        before = Shop(self.seed, self.users, self.items)
        after = Shop(self.seed, self.users, self.items, drifted=True)
        drift = self.events if self.drift_event is None else self.drift_event
        cuts = sorted({*range(0, self.events, _BLOCK), self.events})
        for start, stop in pairwise(cuts):
            rng = np.random.default_rng([self.seed, 3, start])
            lines: list[bytes] = []
            for shop, first, last in ((before, start, min(stop, drift)), (after, max(start, drift), stop)):
                if first < last:
                    shown = shop.impressions(rng, last - first)
                    click = rng.random(last - first) < shown.probability
                    truth.learn(shown.probability, click)
                    lines += self._lines(rng, first, shown, click)
            yield self._dirty(rng, start, lines, truth)

    def _lines(
        self, rng: np.random.Generator, first: int, shown: Impressions, click: npt.NDArray[np.bool_]
    ) -> list[bytes]:
        n = len(click)
        number = np.arange(first, first + n)
        ts = (self.start_ms + (number + rng.random(n)) * (1000 / self.per_second)).astype(np.int64)
        words = np.array([*vocabulary(), ""], object)[shown.words]
        queries = [" ".join(filter(None, row)) for row in words.tolist()]
        columns = (
            [f"{self.seed:x}"] * n,
            number.tolist(),
            ts.tolist(),
            shown.user.tolist(),
            shown.item.tolist(),
            np.array(CATEGORIES, object)[shown.category].tolist(),
            np.array(DEVICES, object)[shown.device].tolist(),
            queries,
            shown.price.tolist(),
            shown.position.tolist(),
            click.tolist(),
        )
        return [(_LINE % row).encode() for row in zip(*columns, strict=True)]

    def _dirty(self, rng: np.random.Generator, start: int, lines: list[bytes], truth: Truth) -> list[bytes]:
        """Mix repeated and bad lines into a block; where a line goes is a key between those of its neighbours."""
        n = len(lines)
        repeated = rng.choice(n, rng.binomial(n, self.duplicate_rate), replace=False)
        spoilt = rng.integers(0, n, rng.binomial(n, self.bad_rate))
        kinds = rng.integers(0, len(KINDS), len(spoilt))
        names = tuple(KINDS)
        bad = [
            KINDS[names[kind]](_renamed(lines[at], i)) for i, (at, kind) in enumerate(zip(spoilt, kinds, strict=True))
        ]
        truth.duplicates += len(repeated)
        truth.bad.update(names[kind] for kind in kinds)
        where = [np.arange(n), repeated + rng.integers(0, _REPEATED_WITHIN, len(repeated)) + 0.5, spoilt + 0.5]
        every = [*lines, *(lines[at] for at in repeated), *bad]
        return [every[i] for i in np.argsort(np.concatenate(where), kind="stable")]


def _renamed(line: bytes, i: int) -> bytes:
    return line.replace(b'"event_id":"e', b'"event_id":"x%d-' % i, 1)


def generate(
    events: int, seed: int, out: Path | None, bootstrap: str | None, topic: str, duplicates: float, bad: float
) -> Truth:
    """Write a stream whose tastes change after 70 % of it, to files in ``out`` or to a topic."""
    clicks = Clicks(events=events, seed=seed, duplicate_rate=duplicates, bad_rate=bad, drift_at=0.7)
    if out is not None:
        return clicks.to_files(out)
    if bootstrap is None:
        raise ValueError("neither out nor bootstrap is given")
    return clicks.to_kafka(bootstrap, topic)
