from __future__ import annotations

import contextlib
import json
import os
import random
import signal
from functools import partial
from pathlib import Path

import pytest
from kafka import KafkaProducer

from benchmarks.broker import Broker
from jobs.options import JARS
from simulator.clicks import Clicks
from simulator.truth import Truth
from tests.kafka.conftest import CLICKS, Bounded
from tests.kafka.runs import SNAPSHOT, Run, assert_truth, configuration, documents, progress_of, wait_for
from udfs.releases.registry import Registry

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not any(JARS.glob("*.jar")), reason="no Kafka connector: make jars"),
]
PART = 10_000
"""Events that are sent at once: some seconds of reading, in which something happens."""


def source(broker: Broker, topic: str) -> dict[str, object]:
    return {"kafka": {"bootstrap": broker.bootstrap, "topics": [topic], "group": topic}}


def test_topic_to_topics_exactly_once(broker: Broker, bounded: Bounded) -> None:
    progress = progress_of(bounded.out)
    assert_truth(progress, bounded.truth)
    letters = documents(broker, bounded.topics["dead_letters"])
    assert len(letters) == bounded.truth.bad.total()
    places = [(x["source"]["partition"], x["source"]["offset"], x["source"]["index"]) for x in letters]
    assert len(set(places)) == len(letters)
    assert {x["source"]["topic"] for x in letters} == {bounded.topic}
    assert not (bounded.out / "dead_letters").exists()
    versions = [record["version"] for record in documents(broker, bounded.topics["releases"])]
    assert len(set(versions)) == len(versions) == CLICKS.events // SNAPSHOT
    assert sorted(versions) == sorted(versions_in(bounded.out))
    assert documents(broker, bounded.topics["reports"])


def versions_in(out: Path) -> list[str]:
    return [m.version for m in Registry.open(str(out / "registry")).histories()["ctr"].manifests.values()]


def test_killed_whole_and_resumed(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("killed", partitions=2)
    topics = {name: f"killed-{name}" for name in ("releases", "dead_letters", "reports")}
    for topic in topics.values():
        broker.create_topic(topic)
    sinks = {"kafka": {"bootstrap": broker.bootstrap, **topics}}
    config = configuration(tmp_path, source=source(broker, "killed"), sinks=sinks)
    out, log = tmp_path / "out", tmp_path / "log"
    first, second = (Clicks(events=PART, seed=seed) for seed in (5, 6))
    truths = [first.to_kafka(broker.bootstrap, "killed")]
    with Run(log, "run", "--config", config, "--out", out) as run:
        wait_for(lambda: progress_of(out).read > 0, run)
        truths.append(second.to_kafka(broker.bootstrap, "killed"))
        run.kill()
    with Run(log, "run", "--config", config, "--bounded", "--resume", "--out", out) as run:
        assert run.wait() == 0, run.tail()

    assert_truth(progress_of(out), *truths)
    letters = [json.dumps(letter["source"]) for letter in documents(broker, topics["dead_letters"])]
    assert len(set(letters)) == len(letters) == sum(truth.bad.total() for truth in truths)
    versions = [record["version"] for record in documents(broker, topics["releases"])]
    assert len(set(versions)) == len(versions)
    assert sorted(versions) == sorted(versions_in(out))


def test_many_lines_in_a_record_then_killed_workers_then_a_broker_that_restarts(broker: Broker, tmp_path: Path) -> None:
    """One run through all of it: before the next thing comes, it has learned all that was sent, once."""
    broker.create_topic("faults", partitions=2)
    topics = {name: f"faults-{name}" for name in ("releases", "dead_letters", "reports")}
    for topic in topics.values():
        broker.create_topic(topic)
    sinks = {"kafka": {"bootstrap": broker.bootstrap, **topics}}
    config = configuration(tmp_path, source=source(broker, "faults"), sinks=sinks)
    out = tmp_path / "out"
    chance = random.Random(7)
    truths = [send_blocks(broker, "faults", Clicks(events=PART, seed=4, bad_rate=0.005))]
    with Run(tmp_path / "log", "run", "--config", config, "--out", out) as run:
        wait_for(lambda: learned_all(out, truths), run)
        assert_truth(progress_of(out), *truths)

        for seed in (11, 12, 13):
            before = progress_of(out).read
            truths.append(Clicks(events=PART, seed=seed).to_kafka(broker.bootstrap, "faults"))
            wait_for(partial(has_read_more, out, before, run), run, 90)
            os.kill(chance.choice(run.workers()), signal.SIGKILL)
        wait_for(lambda: learned_all(out, truths), run, 90)
        assert_truth(progress_of(out), *truths)

        before = progress_of(out).read
        truths.append(Clicks(events=PART, seed=7).to_kafka(broker.bootstrap, "faults"))
        wait_for(partial(has_read_more, out, before, run), run, 90)
        broker.stop(graceful=False)
        broker.start()
        truths.append(Clicks(events=PART, seed=8).to_kafka(broker.bootstrap, "faults"))
        wait_for(lambda: learned_all(out, truths), run)
        run.terminate()
        assert run.wait() == 0, run.tail()

    assert_truth(progress_of(out), *truths)
    letters = [json.dumps(letter["source"]) for letter in documents(broker, topics["dead_letters"])]
    assert len(set(letters)) == len(letters) == sum(truth.bad.total() for truth in truths)
    versions = versions_in(out)
    assert len(set(versions)) == len(versions) > 0


def send_blocks(broker: Broker, topic: str, clicks: Clicks) -> Truth:
    """Send fifty lines a record, and records that hold none."""
    truth = clicks.truth()
    lines = [line for block in clicks.blocks(truth) for line in block]
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")) as producer:
        for i in range(0, len(lines), 50):
            producer.send(topic, b"\n".join(lines[i : i + 50]))
        for partition in range(2):
            producer.send(topic, None, key=b"a tombstone", partition=partition)
            producer.send(topic, b"\n\n", partition=partition)
        producer.flush(30)
    return truth


def has_read_more(out: Path, before: int, run: Run) -> bool:
    return progress_of(out).read > before and bool(run.workers())


def lines_of(truth: Truth) -> int:
    return sum(map(len, truth.click)) + truth.duplicates + truth.bad.total()


def learned_all(out: Path, truths: list[Truth]) -> bool:
    progress = progress_of(out)
    events = sum(sum(map(len, truth.click)) for truth in truths)
    learned = "ctr" in progress.models and progress.models["ctr"].examples >= events
    return learned and progress.read >= sum(map(lines_of, truths))
