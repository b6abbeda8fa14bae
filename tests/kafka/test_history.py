"""An archive and then the topic that it was made from, on a real broker: each event once, whatever is killed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from benchmarks.broker import Broker
from jobs.cli.app import exit_code_of
from jobs.config import load
from jobs.monitor import Progress, Tail
from jobs.options import JARS
from jobs.reader.make import make_source
from tests.kafka.runs import Run, configuration, progress_of, wait_for
from udfs.errors import ConfigurationError

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not any(JARS.glob("*.jar")), reason="no Kafka connector: make jars"),
]
START_MS = 1_735_689_600_000
EVENTS = 24_000
SWITCH = 12_000
"""Events are a second apart; this one is the first that the topic answers for."""
ARCHIVED = range(14_000)
SENT = range(10_000, EVENTS)
MARGIN = 600
AGAIN = 50
PARTITIONS = 2
SMALL = {"buckets": 4, "parallelism": 2, "read_size": "4KiB", "heap": "768MiB"}
"""So that a lane reads some forty events at a time, and the long file takes half a minute."""


def event(number: int, second: int | None = None, click: int = 0) -> bytes:
    document = {
        "event_id": f"e{number}",
        "ts": START_MS + 1000 * (number if second is None else second),
        "user": f"u{number % 97}",
        "item": f"i{number % 11}",
        "price": 5,
        "click": click or int(number % 7 == 0),
    }
    return json.dumps(document).encode()


def archive(folder: Path) -> Path:
    """Write the archived events to a long file and three short ones, and one that is out of range."""
    folder.mkdir()
    for part, numbers in enumerate((ARCHIVED[600:], ARCHIVED[:200], ARCHIVED[200:400], ARCHIVED[400:600])):
        lines = [event(number) for number in numbers]
        lines += [event(ARCHIVED[-1], SWITCH - 1, click=7)] if part == 0 else []
        (folder / f"part-{part}.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    return folder


def send(broker: Broker, topic: str, numbers: Iterable[int]) -> None:
    """Send events by turns to both partitions, each record as old as its event."""
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")) as producer:
        for number in numbers:
            written = START_MS + 1000 * number
            producer.send(topic, event(number), partition=number % PARTITIONS, timestamp_ms=written)
        producer.flush(60)


def send_again(broker: Broker, topic: str) -> None:
    """Send events that the archive holds once more, dated behind the switch."""
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")) as producer:
        for number in range(SWITCH - AGAIN, SWITCH):
            second = number + 2 * AGAIN
            producer.send(topic, event(number, second), partition=0, timestamp_ms=START_MS + 1000 * second)
        producer.flush(60)


def job(broker: Broker, folder: Path, topic: str, switch: dict[str, Any] | None = None, **sections: Any) -> Path:
    by_time = {"time": "2025-01-01T03:20:00Z", "margin": f"{MARGIN}s"}
    source = {
        "files": {"max_line": "1KiB"},
        "kafka": {"bootstrap": broker.bootstrap, "topics": [topic], "group": topic, "max_line": "1KiB"},
        "switch": by_time if switch is None else switch,
    }
    return configuration(folder, source=source, **sections)


def check(progress: Progress, expected: int = EVENTS, again: int = AGAIN) -> None:
    assert progress.accepted == expected
    assert progress.duplicates == again
    assert progress.models["ctr"].examples == expected
    assert progress.skipped == {"after_switch": len(ARCHIVED) - SWITCH, "before_switch": MARGIN}
    assert progress.rejected == {"out_of_range": 1}


def test_each_event_once_through_kills_before_at_and_after_the_switch(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("history", partitions=PARTITIONS)
    send(broker, "history", range(SENT[0], 16_000))
    config = job(broker, tmp_path, "history", runtime=SMALL)
    out, log = tmp_path / "out", tmp_path / "log"
    arguments: tuple[str | Path, ...] = ("run", "--config", config, "--input", archive(tmp_path / "in"), "--out", out)
    with Run(log, *arguments) as run:
        wait_for(lambda: progress_of(out).read > 0, run)
        run.kill()
    assert progress_of(out).read < SWITCH
    with Run(log, *arguments, "--resume") as run:
        wait_for(lambda: progress_of(out).read > SWITCH, run)
        run.kill()
    send_again(broker, "history")
    with Run(log, *arguments, "--resume") as run:
        wait_for(lambda: progress_of(out).duplicates == AGAIN and progress_of(out).accepted == 16_000, run)
        send(broker, "history", range(16_000, 20_000))
        wait_for(lambda: progress_of(out).accepted > 16_000, run)
        run.kill()
    send(broker, "history", range(20_000, EVENTS))
    with Run(log, *arguments, "--resume", "--bounded") as run:
        assert run.wait() == 0, run.tail()
    check(progress_of(out))
    report = json.loads((out / "report.json").read_bytes())
    assert report["events"]["skipped"]["before_switch"] == MARGIN


def test_a_bounded_run_ends_where_the_topic_ended(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broker.create_topic("history-bounded", partitions=PARTITIONS)
    send(broker, "history-bounded", SENT)
    config = job(broker, tmp_path, "history-bounded")
    out = tmp_path / "out"
    given = archive(tmp_path / "in")
    with Run(tmp_path / "log", "run", "--config", config, "--input", given, "--bounded", "--out", out) as run:
        assert run.wait() == 0, run.tail()
    check(progress_of(out), again=0)

    lanes = [report for report in Tail(out / "reports").read() if report["stage"] == "read"]
    assert all(report["archive_read"] or not report["positions"] for report in lanes)
    assert {report["key"] for report in lanes if report["archive_read"]} == set(range(4))

    replay = ["dlq", "replay", "--config", str(config), "--out", str(out), "--dry-run", "--json"]
    capsys.readouterr()
    assert exit_code_of(replay) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["outcome"], told["why"]) == ("not sent", "no_way_back")


def test_from_the_offsets_that_an_archive_reaches(broker: Broker, tmp_path: Path) -> None:
    broker.create_topic("history-offsets", partitions=PARTITIONS)
    send(broker, "history-offsets", SENT)
    behind = (ARCHIVED.stop - SENT[0]) // PARTITIONS
    switch = {"offsets": {f"history-offsets/{number}": behind for number in range(PARTITIONS)}}
    config = job(broker, tmp_path, "history-offsets", switch)
    out = tmp_path / "out"
    given = archive(tmp_path / "in")
    with Run(tmp_path / "log", "run", "--config", config, "--input", given, "--bounded", "--out", out) as run:
        assert run.wait() == 0, run.tail()
    progress = progress_of(out)
    assert (progress.accepted, progress.duplicates, progress.skipped) == (EVENTS, 0, {})
    assert progress.models["ctr"].examples == EVENTS


def test_a_topic_that_no_longer_holds_the_switch_is_refused_before_anything_starts(
    broker: Broker, tmp_path: Path
) -> None:
    broker.create_topic("history-short", partitions=PARTITIONS)
    send(broker, "history-short", SENT)
    given = archive(tmp_path / "in")
    path = job(broker, tmp_path, "history-short")
    described = load(path).under(tmp_path / "out")
    make_source(described, given, bounded=False, anew=True)
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        admin.delete_records({TopicPartition("history-short", 1): (SWITCH - SENT[0]) // PARTITIONS})
    with pytest.raises(ConfigurationError, match="history-short/1 may no longer hold all from the switch on"):
        make_source(described, given, bounded=False, anew=True)
    make_source(described, given, bounded=False)
    accepting = job(broker, tmp_path, "history-short", {"time": "2025-01-01T03:20:00Z", "gap": "accept"})
    make_source(load(accepting).under(tmp_path / "out"), given, bounded=False, anew=True)
