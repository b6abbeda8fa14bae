from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from simulator.reference import FAULTS
from simulator.topics import to_topics
from tests.unit.simulator.runs import SHOP, write
from udfs.errors import ConfigurationError

RUN = FAULTS["all"](SHOP)


class Future:
    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def add_errback(self, heard: Callable[[Exception], None]) -> None:
        if self._error:
            heard(self._error)


@dataclass
class Producer:
    """Keeps what is sent, by topic and partition."""

    partitions: int = 3
    error: Exception | None = None
    records: dict[tuple[str, int], list[bytes]] = field(default_factory=lambda: defaultdict(list))
    flushed: int = 0

    def partitions_for(self, topic: str) -> set[int] | None:
        return set(range(self.partitions)) or None

    def send(self, topic: str, value: bytes, *, partition: int) -> Future:
        self.records[topic, partition].append(value)
        return Future(self.error)

    def flush(self) -> None:
        self.flushed += 1


def test_partitions_hold_the_same_lines_as_files_in_records_of_many(tmp_path: Path) -> None:
    producer = Producer()
    summary = to_topics(RUN, producer, "shop", tmp_path / "truth", lines_per_record=50)
    written = write(tmp_path / "files", RUN)
    assert summary == written.summary
    assert set(producer.records) == {("shop", partition) for partition in range(3)}
    for (_, partition), records in producer.records.items():
        names = sorted(name for name in written.files if name.startswith(f"events-{partition:02d}-"))
        assert b"\n".join(records) + b"\n" == b"".join(written.files[name] for name in names)
        counts = [record.count(b"\n") + 1 for record in records]
        assert max(counts) == 50
        assert len(counts) < 1.1 * sum(counts) / 50 + len(RUN.slices) + 1
    assert producer.flushed == len(RUN.slices) + 1
    assert (tmp_path / "truth/summary.json").is_file()


def test_each_series_may_have_a_topic(tmp_path: Path) -> None:
    producer = Producer()
    to_topics(RUN, producer, "shop", tmp_path / "truth", mixed=False, lines_per_record=1)
    written = write(tmp_path / "files", RUN, mixed=False)
    for (topic, partition), records in producer.records.items():
        start = f"{topic.removeprefix('shop-')}-{partition:02d}-"
        names = sorted(name for name in written.files if name.startswith(start))
        assert records == b"".join(written.files[name] for name in names).splitlines()
    assert {topic for topic, _ in producer.records} == {
        f"shop-{s}" for s in ("searches", "impressions", "clicks", "orders")
    }


def test_a_record_that_is_not_delivered_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KafkaError, match="could not be delivered"):
        to_topics(RUN, Producer(error=KafkaError("gone")), "shop", tmp_path / "truth")
    assert list((tmp_path / "truth").iterdir()) == []


@pytest.mark.parametrize(("partitions", "remedy"), [(2, "set partitions to 2"), (0, "Create the topic")])
def test_topics_need_enough_partitions(tmp_path: Path, partitions: int, remedy: str) -> None:
    with pytest.raises(ConfigurationError, match=remedy):
        to_topics(RUN, Producer(partitions), "shop", tmp_path / "truth")
