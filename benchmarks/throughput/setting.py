"""What every competitor is told, and what it answers: one JSON object in, one JSON line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One measurement.

    Attributes:
        bootstrap: the broker.
        topic: the topic to read from its beginning.
        files: a folder of files with the topic's content.
        lines: how many lines to read; those of the whole topic unless the competitor is too slow for that.
        whole: whether ``lines`` is all there is.
        partitions: of the topic.
        folder: the competitor's own, for checkpoints and output.
        connector: the Kafka connector's archive.
        heap: the JVM's heap, as ``-Xmx`` takes it.
        checkpoint_s: seconds between checkpoints.
    """

    bootstrap: str
    topic: str
    files: str
    lines: int
    whole: bool
    partitions: int
    folder: str
    connector: str
    heap: str
    checkpoint_s: int = 10

    def encode(self) -> str:
        """Return the setting as one argument of a command line."""
        return json.dumps(asdict(self))


def compete(measure: Callable[[Setting], dict[str, object]]) -> None:
    """Run a competitor on the setting in ``argv[1]`` and print its answer, ``wall_s`` and what else it says."""
    answer = measure(Setting(**json.loads(sys.argv[1])))
    print(json.dumps(answer), flush=True)
