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
from tests.kafka.runs import Run, assert_truth, configuration, documents, progress_of, wait_for
from udfs.releases.registry import Registry

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not any(JARS.glob("*.jar")), reason="no Kafka connector: make jars"),
]
EVENTS = 60_000


def source(broker: Broker, topic: str) -> dict[str, object]:
    return {"kafka": {"bootstrap": broker.bootstrap, "topics": [topic], "group": topic}}


def test_topic_to_topics_exactly_once(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("clicks-in", partitions=2)
    truth = Clicks(events=EVENTS, seed=3).to_kafka(broker.bootstrap, "clicks-in")
    topics = {name: f"clicks-{name}" for name in ("releases", "dead_letters", "reports")}
    for topic in topics.values():
        broker.create_topic(topic)
    sinks = {"kafka": {"bootstrap": broker.bootstrap, **topics}}
    config = configuration(tmp_path, source=source(broker, "clicks-in"), sinks=sinks)
    out = tmp_path / "out"
    with Run(tmp_path / "log", "run", "--config", config, "--bounded", "--out", out) as run:
        assert run.wait() == 0, run.tail()

    progress = progress_of(out)
    assert_truth(progress, truth)
    letters = documents(broker, topics["dead_letters"])
    assert len(letters) == truth.bad.total()
    places = [(x["source"]["partition"], x["source"]["offset"], x["source"]["index"]) for x in letters]
    assert len(set(places)) == len(letters)
    assert {x["source"]["topic"] for x in letters} == {"clicks-in"}
    assert not (out / "dead_letters").exists()
    versions = [record["version"] for record in documents(broker, topics["releases"])]
    assert len(set(versions)) == len(versions) == EVENTS // 20_000
    assert sorted(versions) == sorted(versions_in(out))
    assert documents(broker, topics["reports"])


def versions_in(out: Path) -> list[str]:
    return [m.version for m in Registry.open(str(out / "registry")).histories()["ctr"].manifests.values()]


def test_records_of_many_lines_to_directories(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("blocks", partitions=2)
    clicks = Clicks(events=20_000, seed=4, bad_rate=0.005)
    truth = clicks.truth()
    lines = [line for block in clicks.blocks(truth) for line in block]
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")) as producer:
        for i in range(0, len(lines), 50):
            producer.send("blocks", b"\n".join(lines[i : i + 50]))
        for partition in range(2):
            producer.send("blocks", None, key=b"a tombstone", partition=partition)
            producer.send("blocks", b"\n\n", partition=partition)
        producer.flush(30)
    config = configuration(tmp_path, source=source(broker, "blocks"))
    out = tmp_path / "out"
    with Run(tmp_path / "log", "run", "--config", config, "--bounded", "--out", out) as run:
        assert run.wait() == 0, run.tail()
    assert_truth(progress_of(out), truth)


def test_killed_whole_and_resumed(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("killed", partitions=2)
    topics = {name: f"killed-{name}" for name in ("releases", "dead_letters", "reports")}
    for topic in topics.values():
        broker.create_topic(topic)
    sinks = {"kafka": {"bootstrap": broker.bootstrap, **topics}}
    config = configuration(tmp_path, source=source(broker, "killed"), sinks=sinks)
    out, log = tmp_path / "out", tmp_path / "log"
    first, second = (Clicks(events=EVENTS // 2, seed=seed) for seed in (5, 6))
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


def test_workers_killed_three_times(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("kills", partitions=2)
    config = configuration(tmp_path, source=source(broker, "kills"))
    out = tmp_path / "out"
    chance = random.Random(7)
    truths: list[Truth] = []
    with Run(tmp_path / "log", "run", "--config", config, "--out", out) as run:
        for seed in (11, 12, 13):
            before = progress_of(out).read
            truths.append(Clicks(events=20_000, seed=seed).to_kafka(broker.bootstrap, "kills"))
            wait_for(partial(has_read_more, out, before, run), run, 90)
            os.kill(chance.choice(run.workers()), signal.SIGKILL)
        sent = sum(lines_of(truth) for truth in truths)
        wait_for(lambda: progress_of(out).read == sent, run, 90)
        run.terminate()
        assert run.wait() == 0, run.tail()
    assert_truth(progress_of(out), *truths)
    versions = versions_in(out)
    assert len(set(versions)) == len(versions) > 0


def has_read_more(out: Path, before: int, run: Run) -> bool:
    return progress_of(out).read > before and bool(run.workers())


def lines_of(truth: Truth) -> int:
    return sum(map(len, truth.click)) + truth.duplicates + truth.bad.total()


def test_broker_stops_and_starts(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("outage", partitions=2)
    topics = {name: f"outage-{name}" for name in ("releases", "dead_letters", "reports")}
    for topic in topics.values():
        broker.create_topic(topic)
    sinks = {"kafka": {"bootstrap": broker.bootstrap, **topics}}
    config = configuration(tmp_path, source=source(broker, "outage"), sinks=sinks)
    out = tmp_path / "out"
    truths = [Clicks(events=EVENTS // 2, seed=7).to_kafka(broker.bootstrap, "outage")]
    with Run(tmp_path / "log", "run", "--config", config, "--out", out) as run:
        wait_for(lambda: progress_of(out).read > 0, run)
        broker.stop(graceful=False)
        broker.start()
        truths.append(Clicks(events=EVENTS // 2, seed=8).to_kafka(broker.bootstrap, "outage"))
        wait_for(lambda: learned_all(out, truths), run)
        run.terminate()
        assert run.wait() == 0, run.tail()

    assert_truth(progress_of(out), *truths)
    letters = [json.dumps(letter["source"]) for letter in documents(broker, topics["dead_letters"])]
    assert len(set(letters)) == len(letters) == sum(truth.bad.total() for truth in truths)


def learned_all(out: Path, truths: list[Truth]) -> bool:
    progress = progress_of(out)
    events = sum(sum(map(len, truth.click)) for truth in truths)
    learned = "ctr" in progress.models and progress.models["ctr"].examples >= events
    return learned and progress.read >= sum(map(lines_of, truths))
