"""What is measured: plans from the configuration of the throughput job, and simulated lines to go with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import yaml

from benchmarks.throughput.job import described
from jobs.config import parse
from simulator.clicks import Clicks
from udfs.schema import Plan

_VECTOR, _TAGS = 32, 5


@dataclass(frozen=True)
class Workload:
    """A kind of events.

    Attributes:
        wide: whether every event carries a vector of 32 numbers and a list of 5 strings besides.
    """

    wide: bool = False

    def plan(self) -> Plan:
        """Return the plan of a bounded run of the throughput job, which never takes a snapshot."""
        tree = described("none:1", "clicks", snapshot=1 << 40)
        if self.wide:
            tree["events"]["impression"]["fields"] |= {
                "embedding": {"type": "vector", "length": _VECTOR},
                "tags": "list",
            }
            tree["features"] |= {"embedding": "vector", "tags": "list"}
        return parse(yaml.safe_dump(tree, sort_keys=False), {}).plan(1, True)

    def lines(self, events: int) -> list[bytes]:
        """Return the lines of a seeded stream, with its duplicates and bad lines."""
        clicks = Clicks(events=events, drift_at=0.7)
        lines = [line for block in clicks.blocks(clicks.truth()) for line in block]
        return list(_widened(lines)) if self.wide else lines


def _widened(lines: list[bytes]) -> Iterator[bytes]:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(len(lines), _VECTOR)).round(4).tolist()
    tags = rng.integers(0, 1000, (len(lines), _TAGS)).tolist()
    for line, vector, numbers in zip(lines, vectors, tags, strict=True):
        more = {"embedding": vector, "tags": [f"tag{number}" for number in numbers]}
        yield line.removesuffix(b"}") + b"," + json.dumps(more, separators=(",", ":")).encode()[1:]


WORKLOADS = {"clicks": Workload(), "wide": Workload(wide=True)}
