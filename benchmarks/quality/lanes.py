"""A source through the job's own reading operator and [user], without Flink: lanes in any order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from jobs.config.configuration import Configuration
from jobs.reader.function import ReadFunction
from jobs.reader.make import make_source
from jobs.reader.reader import Source
from udfs.stages.driver import MemoryStore
from udfs.stages.keeper import Keeper
from udfs.stages.stage import Output
from udfs.stages.vertices import vertices


@dataclass
class _State:
    """One key's list state, as the operator uses it."""

    held: dict[int, list[bytes]] = field(default_factory=dict)
    key: int = 0

    def get(self) -> list[bytes]:
        return self.held.get(self.key, [])

    def add(self, entry: bytes) -> None:
        self.held.setdefault(self.key, []).append(entry)

    def update(self, entries: list[bytes]) -> None:
        self.held[self.key] = list(entries)


class _Context:
    """What Flink hands to the operator: state, and metrics that nobody reads."""

    def __init__(self) -> None:
        self.state = _State()

    def get_list_state(self, descriptor: Any) -> _State:
        return self.state

    def get_metrics_group(self) -> _Context:
        return self

    def add_group(self, name: str) -> _Context:
        return self

    def gauge(self, name: str, value: Any) -> None:
        pass


def read(configuration: Configuration, given: Path | Source, seed: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (bucket, frame) as the operator sends them, from a folder or another bounded source, lanes in any order."""
    source = make_source(configuration, given, True) if isinstance(given, Path) else given
    plan, draw = configuration.plan(1, True), random.Random(seed)
    lanes = list(range(plan.buckets))
    function = ReadFunction(source, plan.to_json(), lanes, lanes, False)
    context: Any = _Context()
    function.open(context)
    while left := [lane for lane in lanes if lane not in function._ended]:
        lane = context.state.key = draw.choice(left)
        for out in function._run(lane):
            if not isinstance(out, tuple):
                yield out[0], out[1]
    function.close()


def users(configuration: Configuration, given: Path | Source, seed: int = 0) -> Iterator[Output]:
    """Yield what [user] puts out of a bounded input: a folder, or another source."""
    vertex = vertices(configuration.plan(1, True))[0]
    keepers = [Keeper(partial(vertex.make, key), MemoryStore(), vertex.fingerprint(key)) for key in range(vertex.keys)]
    for bucket, frame in read(configuration, given, seed):
        yield from keepers[bucket].process(frame)
