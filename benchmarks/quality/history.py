"""``python -m benchmarks.quality.history``: an archive and then topics beside the same events as files alone."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.quality.lanes import users
from jobs.config import parse
from jobs.config.configuration import Configuration
from jobs.config.units import write_moment
from jobs.reader.files import Files
from jobs.reader.history import History
from jobs.reader.lanes import lane_of
from jobs.reader.reader import Block, Reading, Source
from jobs.reader.topics import Topics, TopicsReader
from simulator.files import to_files
from simulator.reference import PRESETS, none
from udfs.frames import Kind, decode
from udfs.stages.stage import Output, Route

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop.yaml"
BUCKETS = 4


@dataclass(frozen=True)
class Held(Topics):
    """Topics whose partitions are lists of lines."""

    lines: Mapping[str, list[bytes]] = field(default_factory=dict)

    def open(self) -> TopicsReader:
        """Return a reader."""
        return HeldReader(self)


class HeldReader(TopicsReader):
    """Reads a few lines of each partition at a time."""

    def __init__(self, source: Held) -> None:
        self._held = source.lines

    def read(self, lane: int, positions: Mapping[str, int], begun: bool, times: Mapping[str, int]) -> Reading:
        """Read on in every partition of a lane."""
        reading = Reading(parts=[part for part in self._held if lane_of(part, BUCKETS) == lane])
        for part in reading.parts:
            lines, at = self._held[part], positions.get(part, 0)
            taken = lines[at : at + 40]
            reading.positions[part] = at + len(taken)
            ends = np.cumsum([0, *map(len, taken)])
            spans = np.stack((ends[:-1], ends[1:]), axis=1).astype(np.int64)
            data = np.frombuffer(b"".join(taken), np.uint8)
            reading.blocks.append(Block(part, data, spans, at + np.arange(len(taken))))
            if at + len(taken) < len(lines):
                reading.unread.append(part)
        reading.ended = not reading.unread
        return reading

    def close(self) -> None:
        """There is nothing to release."""


class Shop:
    """A shop without faults, twice: as files; and as files of its first part and topics of its last, which overlap."""

    def __init__(self, folder: Path, impressions: int) -> None:
        self.folder, self.whole, self.archive = folder, folder / "whole", folder / "archive"
        to_files(none(replace(PRESETS["small"], impressions=impressions)), self.whole, folder / "truth")
        self.archive.mkdir()
        timed = {path.name: list(map(_timed, path.read_bytes().splitlines())) for path in self.whole.glob("*.ndjson")}
        every = sorted(time for lines in timed.values() for time, _ in lines)
        self.switch, first, last = (every[len(every) * k // 10] for k in (5, 4, 7))
        self.held: dict[str, list[bytes]] = {}
        for number, (name, lines) in enumerate(sorted(timed.items())):
            archived = [line + b"\n" for time, line in lines if time < last]
            (self.archive / name).write_bytes(b"".join(archived))
            self.held[f"shop/{number}"] = [line for time, line in lines if time >= first]
        self.skipped = Counter(
            after_switch=sum(self.switch <= time < last for time in every),
            before_switch=sum(first <= time < self.switch for time in every),
        )

    def configuration(self, source: dict[str, Any]) -> Configuration:
        """Return the example with this source."""
        tree = yaml.safe_load(SHOP.read_text())
        tree["source"], tree["runtime"] = source, {"buckets": BUCKETS, "read_size": "16KiB"}
        return parse(yaml.safe_dump(tree, sort_keys=False), {})

    def history(self, start: int) -> tuple[Configuration, Source]:
        """Return the example with both, and how they are read in one start of several."""
        topics = {"bootstrap": "127.0.0.1:9", "topics": ["shop"], "group": "shop"}
        switch = {"time": write_moment(self.switch * 1000)}
        lines = {"max_line": "1KiB"}
        described = self.configuration({"files": lines, "kafka": topics | lines, "switch": switch})
        files = Files(self.archive.as_uri(), ".*", BUCKETS, 16 << 10, 1.0, 1 << 10, merged=True, once=True)
        held = Held(("shop",), BUCKETS, 0, {}, lines=self.held)
        return described, History(files, held, (self.folder / f"meet-{start}").as_uri())


def _timed(line: bytes) -> tuple[int, bytes]:
    return json.loads(line)["ts"], line


def made(outputs: Iterator[Output]) -> tuple[Counter[Any], Counter[str]]:
    """Return the examples, however they were ordered, by model, event, label and weight; and the last counts."""
    examples: Counter[Any] = Counter()
    newest: dict[int, dict[str, Any]] = {}
    for output in outputs:
        if output.route == Route.NEXT and (frame := decode(output.payload)).kind == Kind.EXAMPLES:
            columns = (frame.columns[name].tolist() for name in ("time", "label", "weight"))
            examples.update((output.key, *row) for row in zip(*columns, strict=True))
        elif output.route == Route.REPORT:
            report = json.loads(output.payload)
            newest[report["key"]] = report
    counts: Counter[str] = Counter()
    for report in newest.values():
        counts.update({name: n for name, n in (report | report["joined"]).items() if isinstance(n, int)})
    for name in ("now", "epoch", "key", "remembered", "waiting"):
        del counts[name]
    return examples, counts


def compare(impressions: int, orders: int = 3) -> dict[str, Any]:
    """Return, of several orders in which lanes come by turns, how many examples and counts differ: none should."""
    differing: Counter[str] = Counter(examples=0, counts=0)
    told: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        shop = Shop(Path(name), impressions)
        examples, counts = made(users(shop.configuration({"files": {}}), shop.whole))
        for seed in range(orders):
            found, told = made(users(*shop.history(seed), seed=seed))
            differing["examples"] += (found - examples).total() + (examples - found).total()
            differing["counts"] += sum(told[key] != n for key, n in (counts + shop.skipped).items())
    return {"differing": dict(differing), "counts": dict(told)}


if __name__ == "__main__":
    print(json.dumps(compare(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000), indent=2))
