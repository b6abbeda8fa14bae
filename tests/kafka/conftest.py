from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.artefacts import ArtefactsMissing
from benchmarks.broker import Broker
from simulator.clicks import Clicks
from simulator.truth import Truth
from tests.kafka.runs import Run, configuration

CLICKS = Clicks(events=20_000, seed=9)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker; a test that stops it starts it again."""
    one = Broker(tmp_path_factory.mktemp("kafka"))
    try:
        one.start()
    except ArtefactsMissing as missing:
        if os.environ.get("HEADRACE_REQUIRE_KAFKA"):
            raise
        pytest.skip(f"no Kafka broker: {missing}")
    try:
        yield one
    finally:
        one.stop()


@dataclass(frozen=True)
class Bounded:
    """A bounded run from a topic to topics that nothing disturbed.

    Attributes:
        topic: what it read, which ``CLICKS`` were sent to.
        topics: what it wrote to.
        truth: of what it read.
        out: its directory.
    """

    topic: str
    topics: dict[str, str]
    truth: Truth
    out: Path


@pytest.fixture(scope="session")
def bounded(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Bounded:
    folder, topic = tmp_path_factory.mktemp("bounded"), "clicks-in"
    broker.create_topic(topic, partitions=2)
    truth = CLICKS.to_kafka(broker.bootstrap, topic)
    topics = {name: f"clicks-{name}" for name in ("releases", "dead_letters", "reports")}
    for name in topics.values():
        broker.create_topic(name)
    source = {"kafka": {"bootstrap": broker.bootstrap, "topics": [topic], "group": topic}}
    sinks = {"kafka": {"bootstrap": broker.bootstrap, **topics}}
    config = configuration(folder, source=source, sinks=sinks)
    with Run(folder / "log", "run", "--config", config, "--bounded", "--out", folder / "out") as run:
        assert run.wait() == 0, run.tail()
    return Bounded(topic, topics, truth, folder / "out")
