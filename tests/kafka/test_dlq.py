"""Dead letters of topics: replayed to where they came from, looked up again, and never sent twice by a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from benchmarks.broker import Broker
from jobs.cli.app import exit_code_of
from jobs.config import load
from jobs.dead_letters.ledger import Ledger
from jobs.dead_letters.letter import Position
from jobs.dead_letters.originals import TopicLines
from jobs.dead_letters.topic import Topics
from jobs.options import JARS
from tests.kafka.conftest import CLICKS, Bounded
from tests.kafka.runs import Run, configuration, progress_of
from tests.unit.jobs.dead_letters.sample import HOUR, NOW, click, letters_of
from udfs.errors import ConfigurationError

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


def send(broker: Broker, topic: str, *values: bytes | None) -> None:
    with KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        for value in values:
            producer.send(topic, value, partition=0)
        producer.flush(30)


class TopicJob:
    """A topic of events, one of dead letters, and the configuration between them."""

    def __init__(self, broker: Broker, folder: Path, name: str) -> None:
        self.broker, self.name, self.out = broker, name, folder / "out"
        self.topics = {kind: f"{name}-{kind}" for kind in ("releases", "dead_letters", "reports")}
        for topic in (name, *self.topics.values()):
            broker.create_topic(topic)
        source = {"kafka": {"bootstrap": broker.bootstrap, "topics": [name], "group": name}}
        sinks = {"kafka": {"bootstrap": broker.bootstrap, **self.topics}}
        self.config = configuration(folder, source=source, sinks=sinks)

    def refuse(self, *records: bytes) -> None:
        """Send records, whose prices may be 10 at the most, and put out their dead letters."""
        send(self.broker, self.name, *records)
        self.bound(10)
        with Topics(load(self.config).source.kafka) as topics:  # type: ignore[arg-type]
            offset = topics.ends(self.name)[f"{self.name}/0"] - len(records)
        for i, record in enumerate(records):
            letters = letters_of(record, f"{self.name}/0", load(self.config), offset + i)
            send(self.broker, self.topics["dead_letters"], *letters)
        self.bound(None)

    def bound(self, price: float | None) -> None:
        tree = yaml.safe_load(self.config.read_text())
        tree["events"]["impression"]["fields"]["price"]["maximum"] = price
        self.config.write_text(yaml.safe_dump(tree))

    def dlq(self, command: str, *arguments: str) -> int:
        return exit_code_of(
            ["dlq", command, "--config", str(self.config), "--out", str(self.out), *arguments, "--json"]
        )

    def records(self) -> list[Any]:
        with Topics(load(self.config).source.kafka) as topics:  # type: ignore[arg-type]
            return list(topics.records(self.name))


def told(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    return [(found["outcome"], found["why"]) for found in map(json.loads, capsys.readouterr().out.splitlines())]


def test_sent_back_with_its_marks(broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = TopicJob(broker, tmp_path, "marks")
    dear, dearer = click(1, price=20), b" " + click(2, price=30) + b" "
    job.refuse(b"\n".join([click(0), dear + b"\r", b"", dearer]))
    assert job.dlq("list", "--source", "marks:0:0") == 0
    (group,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (group["source"], group["letters"]) == ("marks/0", 2)

    assert job.dlq("replay") == job.dlq("replay") == 0
    assert told(capsys) == [("sent", "accepted")] * 2 + [("not sent", "sent_before")] * 2
    sent = job.records()[1:]
    assert [record.value for record in sent] == [dearer, dear]
    marks = [dict(record.headers) for record in sent]
    assert [mark["headrace-first"] for mark in marks] == [b"marks:0:0:2", b"marks:0:0:1"]
    assert [mark["headrace-attempt"] for mark in marks] == [b"1", b"1"]

    assert job.dlq("replay", "--again", "--attempts", "1") == 0
    assert told(capsys) == [("not sent", "too_many_attempts")] * 2


def test_what_fails_again_is_known(broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = TopicJob(broker, tmp_path, "failing")
    job.refuse(click(1, price=20))
    job.bound(10)
    assert job.dlq("replay") == 0
    assert told(capsys) == [("sent", "rejected: out_of_range")]
    again = letters_of(job.records()[1].value, "failing/0", load(job.config), 1)
    send(broker, job.topics["dead_letters"], *again)
    assert job.dlq("show", "failing:0:1") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["attempts"], shown["first"]) == (1, "failing:0:0:0")


def test_originals_are_looked_up(broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = TopicJob(broker, tmp_path, "long")
    long = click(1, price=20, note="x" * 9000)
    job.refuse(b"\n".join([click(0), long]))
    assert job.dlq("replay") == job.dlq("replay", "--refetch") == 0
    assert told(capsys) == [("not sent", "truncated"), ("sent", "accepted")]
    assert job.records()[1].value == long
    with Topics(load(job.config).source.kafka) as topics:  # type: ignore[arg-type]
        lookup = TopicLines(topics.record)
        for offset, index, why in ((7, 0, "gone"), (0, 2, "no such line")):
            with pytest.raises(LookupError, match=why):
                lookup(Position(topic="long", offset=offset, index=index))
        with pytest.raises(ConfigurationError, match="nowhere does not exist"):
            topics.partitions("nowhere")


class Crash(Exception):
    pass


def test_a_crash_between_sending_and_recording(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = TopicJob(broker, tmp_path, "crash")
    job.refuse(click(1, price=20), click(2, price=30))
    put = Ledger.put

    def crash_when_done(ledger: Ledger, replay: Any) -> None:
        if replay.done:
            raise Crash
        put(ledger, replay)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "put", crash_when_done)
        with pytest.raises(Crash):
            job.dlq("replay")
    assert len(job.records()) == 4
    assert job.dlq("replay") == 0
    assert told(capsys) == [("not sent", "sent_before")] * 2
    assert len(job.records()) == 4
    assert Ledger(str(job.out / "replays")).first("crash:0:2:0") in ("crash:0:0:0", "crash:0:1:0")


def test_a_crash_before_sending(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = TopicJob(broker, tmp_path, "early")
    job.refuse(click(1, price=20))

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(KafkaProducer, "send", crash)
        with pytest.raises(Crash):
            job.dlq("replay")
    assert job.dlq("replay", "--dry-run") == job.dlq("replay") == 0
    assert told(capsys) == [("not sent", "sent_before"), ("sent", "accepted")]
    assert len(job.records()) == 2


def test_brokers_that_take_a_part(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = TopicJob(broker, tmp_path, "part")
    job.refuse(click(1, price=20), click(2, price=30))
    produce = KafkaProducer.send
    taken: list[bytes] = []

    def one(producer: KafkaProducer, topic: str, value: bytes, **more: Any) -> Any:
        if taken:
            raise KafkaTimeoutError
        taken.append(value)
        return produce(producer, topic, value, **more)

    with monkeypatch.context() as patch:
        patch.setattr(KafkaProducer, "send", one)
        assert job.dlq("replay") == 3
    assert "only the rest is sent" in capsys.readouterr().err
    assert job.dlq("replay") == 0
    assert sorted(told(capsys)) == [("not sent", "sent_before"), ("sent", "accepted")]
    assert [record.value for record in job.records()[2:]] == [click(2, price=30), click(1, price=20)]


def test_a_broker_that_goes_down(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = TopicJob(broker, tmp_path, "down")
    job.refuse(click(1, price=20))
    put = Ledger.put

    def put_and_stop(ledger: Ledger, replay: Any) -> None:
        put(ledger, replay)
        broker.stop(graceful=False)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "put", put_and_stop)
        assert job.dlq("replay") == 3
    assert job.dlq("replay") == 2
    assert "do not answer" in capsys.readouterr().err
    broker.start()
    assert job.dlq("replay") == job.dlq("replay") == 0
    assert told(capsys) == [("sent", "accepted"), ("not sent", "sent_before")]
    assert len(job.records()) == 2


def test_to_another_topic_and_what_would_be_late(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = TopicJob(broker, tmp_path, "late")
    broker.create_topic("elsewhere", partitions=2)
    job.refuse(click(1, price=20))
    (job.out / "reports").mkdir(parents=True)
    report = {"stage": "read", "times": {"late/0": NOW + 30 * HOUR}}
    (job.out / "reports" / "part-0").write_text(json.dumps(report) + "\n")
    assert job.dlq("replay", "--dry-run") == job.dlq("replay", "--dry-run", "--bounded") == 0
    assert told(capsys) == [("would be sent", "rejected: too_late"), ("would be sent", "accepted")]
    assert job.dlq("replay", "--to", "elsewhere") == 0
    assert told(capsys) == [("sent", "accepted")]
    with Topics(load(job.config).source.kafka) as topics:  # type: ignore[arg-type]
        assert [record.value for record in topics.records("elsewhere")] == [click(1, price=20)]
    assert job.dlq("replay", "--to", "nowhere") == 2
    assert "The topic nowhere does not exist" in capsys.readouterr().err


def test_a_topic_that_the_job_no_longer_reads(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = TopicJob(broker, tmp_path, "before")
    job.refuse(click(1, price=20))
    broker.create_topic("after")
    tree = yaml.safe_load(job.config.read_text())
    tree["source"]["kafka"]["topics"] = ["after"]
    job.config.write_text(yaml.safe_dump(tree))
    assert job.dlq("replay") == 0
    assert told(capsys) == [("not sent", "no_way_back")]


@pytest.mark.skipif(not any(JARS.glob("*.jar")), reason="no Kafka connector: make jars")
def test_replayed_with_the_right_configuration(
    broker: Broker, bounded: Bounded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = TopicJob(broker, tmp_path, "right")
    CLICKS.to_kafka(broker.bootstrap, "right")
    expected = progress_of(bounded.out)
    job.bound(20)
    with Run(tmp_path / "log-1", "run", "--config", job.config, "--bounded", "--out", job.out) as run:
        assert run.wait() == 0, run.tail()
    refused = progress_of(job.out).rejected["out_of_range"]
    assert refused > 0

    job.bound(None)
    for outcome in (("sent", "accepted"), ("not sent", "sent_before")):
        assert job.dlq("replay", "--reason", "out_of_range", "--bounded") == 0
        assert told(capsys) == [outcome] * refused
    with Run(tmp_path / "log-2", "run", "--config", job.config, "--bounded", "--resume", "--out", job.out) as run:
        assert run.wait() == 0, run.tail()
    found = progress_of(job.out)
    assert found.read == expected.read + refused
    assert found.rejected == expected.rejected | {"out_of_range": refused}
    assert (found.accepted, found.duplicates) == (expected.accepted, expected.duplicates)
    assert found.checksum == expected.checksum
    assert found.models["ctr"].examples == expected.models["ctr"].examples
