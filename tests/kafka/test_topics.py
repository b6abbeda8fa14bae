"""Topics as a source, on a real broker."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaTimeoutError

from benchmarks.broker import Broker
from jobs.config.source import KafkaSource
from jobs.reader.kafka_options import consumer_options
from jobs.reader.lanes import lane_of
from jobs.reader.make import end_offsets
from jobs.reader.reader import SourceError
from jobs.reader.record_blocks import batched_consumer
from jobs.reader.start import Start
from jobs.reader.topics import Topics, TopicsReader
from udfs.errors import ConfigurationError

pytestmark = pytest.mark.kafka
LANES = 2
START_MS = 1_700_000_000_000


def section(bootstrap: str, *topics: str, **more: Any) -> KafkaSource:
    return KafkaSource(bootstrap=bootstrap, topics=topics, group=f"group-{topics[0]}", **more)


def source(broker: Broker, topic: str, bounded: bool = True, **more: Any) -> Topics:
    described = section(broker.bootstrap, topic)
    ends = end_offsets(described) if bounded else None
    return Topics((topic,), LANES, 8 << 20, consumer_options(described, described.group), ends=ends, **more)


def send(
    broker: Broker,
    topic: str,
    values: Sequence[bytes | None],
    partition: int = 0,
    written_ms: int | None = None,
    **options: Any,
) -> None:
    with contextlib.closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", **options)) as producer:
        for value in values:
            producer.send(
                topic, value, key=b"key", headers=[("name", b"\n")], partition=partition, timestamp_ms=written_ms
            )
        producer.flush(30)


def send_transaction(broker: Broker, topic: str, values: list[bytes], commit: bool) -> None:
    options = {"bootstrap_servers": broker.bootstrap, "acks": "all", "transactional_id": f"{topic}-{commit}"}
    with contextlib.closing(KafkaProducer(**options)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        for value in values:
            producer.send(topic, value, partition=0)
        producer.flush(30)
        if commit:
            producer.commit_transaction()
        else:
            producer.abort_transaction()


Found = dict[str, list[tuple[int, bytes]]]


def step(reader: TopicsReader, positions: list[dict[str, int]], begun: bool, found: Found) -> bool:
    """Read every lane once; return whether all have ended."""
    ended = []
    for lane in range(LANES):
        reading = reader.read(lane, positions[lane], begun, {})
        assert reading is not None
        for block in reading.blocks:
            rows = zip(block.offsets.tolist(), block.records.tolist(), strict=True)
            found.setdefault(block.part, []).extend((o, block.data[a:b].tobytes()) for o, (a, b) in rows)
        positions[lane] |= reading.positions
        ended.append(reading.ended)
    return all(ended)


@contextlib.contextmanager
def opened(of: Topics) -> Iterator[TopicsReader]:
    with contextlib.closing(of.open()) as reader:
        yield reader


def read_all(of: Topics, positions: list[dict[str, int]] | None = None) -> Found:
    """Read to the end of a bounded source."""
    positions = positions if positions is not None else [{} for _ in range(LANES)]
    found: Found = {}
    deadline = time.monotonic() + 30
    with opened(of) as reader:
        while not step(reader, positions, False, found):
            assert time.monotonic() < deadline, found
    return found


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_every_record_of_every_partition(broker: Broker, compression: str | None) -> None:
    topic = f"plain-{compression}"
    broker.create_topic(topic, partitions=3)
    values = [b"value %d" % i for i in range(500)]
    for partition in range(3):
        send(broker, topic, values, partition, compression_type=compression)
    found = read_all(source(broker, topic))
    assert found == {f"{topic}/{p}": list(enumerate(values)) for p in range(3)}
    assert len({lane_of(part, LANES) for part in found}) == 2


def test_null_values_are_empty(broker: Broker) -> None:
    broker.create_topic("nulls")
    send(broker, "nulls", [b"a", None, b""])
    assert read_all(source(broker, "nulls")) == {"nulls/0": [(0, b"a"), (1, b""), (2, b"")]}


def test_aborted_transactions_and_markers_are_passed_over(broker: Broker) -> None:
    broker.create_topic("transactions")
    send_transaction(broker, "transactions", [b"never"] * 3, commit=False)
    send_transaction(broker, "transactions", [b"a", b"b"], commit=True)
    send(broker, "transactions", [b"c"])
    send_transaction(broker, "transactions", [b"never"], commit=False)
    positions: list[dict[str, int]] = [{}, {}]
    found = read_all(source(broker, "transactions"), positions)
    assert [value for _, value in found["transactions/0"]] == [b"a", b"b", b"c"]
    lane = lane_of("transactions/0", LANES)
    assert positions[lane]["transactions/0"] == log_end(broker, "transactions") == 10


def log_end(broker: Broker, topic: str) -> int:
    partition = TopicPartition(topic, 0)
    with contextlib.closing(KafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=None)) as consumer:
        return int(consumer.end_offsets([partition])[partition])


def test_from_a_position_within_a_batch_to_an_end_within_a_batch(broker: Broker) -> None:
    broker.create_topic("within")
    send(broker, "within", [b"%d" % i for i in range(100)], linger_ms=1_000)
    full = source(broker, "within")
    part = Topics(full.topics, LANES, full.size, full.options, ends={"within/0": 60})
    positions: list[dict[str, int]] = [{}, {}]
    positions[lane_of("within/0", LANES)]["within/0"] = 40
    assert read_all(part, positions) == {"within/0": [(i, b"%d" % i) for i in range(40, 60)]}
    assert positions[lane_of("within/0", LANES)]["within/0"] == 60


@pytest.mark.parametrize(
    ("start", "first"),
    [
        (Start("earliest"), 0),
        (Start("latest"), 3),
        (Start("committed"), 2),
        (Start("timestamp", START_MS), 3),
        (Start("offsets", offsets={"begin-offsets/0": 1}), 1),
    ],
    ids=lambda start: getattr(start, "at", None),
)
def test_where_a_lane_begins(broker: Broker, start: Start, first: int) -> None:
    topic = f"begin-{start.at}"
    broker.create_topic(topic)
    send(broker, topic, [b"0", b"1", b"2"], written_ms=START_MS - 1)
    described = section(broker.bootstrap, topic)
    if start.at == "committed":
        from kafka.structs import OffsetAndMetadata

        options = {"bootstrap_servers": broker.bootstrap, "group_id": described.group, "enable_auto_commit": False}
        with contextlib.closing(KafkaConsumer(**options)) as consumer:
            consumer.assign([TopicPartition(topic, 0)])
            consumer.commit({TopicPartition(topic, 0): OffsetAndMetadata(2, "", -1)})
    live = source(broker, topic, bounded=False, start=start)
    positions: list[dict[str, int]] = [{}, {}]
    found: Found = {}
    with opened(live) as reader:
        step(reader, positions, False, found)
        send(broker, topic, [b"3"], written_ms=START_MS + 1)
        deadline = time.monotonic() + 20
        while not found or found[f"{topic}/0"][-1][0] < 3:
            assert time.monotonic() < deadline
            step(reader, positions, True, found)
    assert [offset for offset, _ in found[f"{topic}/0"]] == list(range(first, 4))


def test_a_partition_that_is_added_is_read_from_its_beginning(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.reader.scout.REFRESH_SECONDS", 0.0)
    broker.create_topic("grows")
    live = source(broker, "grows", bounded=False, start=Start("latest"))
    live.options["metadata_max_age_ms"] = 200
    positions: list[dict[str, int]] = [{}, {}]
    found: Found = {}
    with opened(live) as reader:
        step(reader, positions, False, found)
        with contextlib.closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            admin.create_partitions({"grows": 2})
        send(broker, "grows", [b"early"], partition=1)
        deadline = time.monotonic() + 30
        while not found:
            assert time.monotonic() < deadline
            step(reader, positions, True, found)
    assert found == {"grows/1": [(0, b"early")]}


def test_what_retention_removed_is_an_error(broker: Broker) -> None:
    broker.create_topic("short")
    send(broker, "short", [b"0", b"1", b"2"])
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        admin.delete_records({TopicPartition("short", 0): 2})
    positions: list[dict[str, int]] = [{}, {}]
    positions[lane_of("short/0", LANES)]["short/0"] = 1
    with pytest.raises(SourceError, match="Offset 1 of short/0 is gone"):
        read_all(source(broker, "short"), positions)


def test_an_outage_is_waited_for(tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
    with Broker(tmp_path_factory.mktemp("own") / "kafka") as own:
        own.create_topic("outage")
        send(own, "outage", [b"0"])
        live = source(own, "outage", bounded=False)
        own.stop(graceful=False)
        with opened(live) as reader:
            lane = lane_of("outage/0", LANES)
            assert reader.read(lane, {}, False, {}) is None
            assert "the brokers do not answer" in capsys.readouterr().err
            own.start()
            positions: list[dict[str, int]] = [{}, {}]
            found: Found = {}
            deadline = time.monotonic() + 60
            while not found:
                assert time.monotonic() < deadline
                reading = reader.read(lane, positions[lane], False, {})
                found |= {block.part: [] for block in reading.blocks} if reading else {}


def test_what_was_fetched_before_an_error_is_read_again(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    broker.create_topic("fails")
    values = [b"%d" % i for i in range(50)]
    send(broker, "fails", values)
    polled: list[int] = []

    def failing(options: dict[str, Any]) -> Any:
        consumer = batched_consumer(options)
        original = consumer.poll

        def poll(**more: Any) -> Any:
            found = original(**more)
            polled.append(len(found))
            if polled[-2:] == [1, 0] and sum(polled) == 1:
                raise KafkaTimeoutError("planned")
            return found

        consumer.poll = poll
        return consumer

    monkeypatch.setattr("jobs.reader.topics.batched_consumer", failing)
    live = source(broker, "fails", bounded=False)
    lane, position = lane_of("fails/0", LANES), 0
    found: list[bytes] = []
    failures = 0
    deadline = time.monotonic() + 30
    with opened(live) as reader:
        while len(found) < len(values):
            assert time.monotonic() < deadline
            reading = reader.read(lane, {"fails/0": position}, True, {})
            if reading is None:
                failures += 1
                continue
            position = reading.positions["fails/0"]
            found += [block.data[a:b].tobytes() for block in reading.blocks for a, b in block.records.tolist()]
    assert failures == 1
    assert found == values


def test_positions_are_committed_to_the_group_after_a_while(broker: Broker) -> None:
    broker.create_topic("commits")
    send(broker, "commits", [b"0", b"1"])
    live = source(broker, "commits", bounded=False, commit_after=0.0)
    positions: list[dict[str, int]] = [{}, {}]
    partition = TopicPartition("commits", 0)
    with opened(live) as reader:
        options = {"bootstrap_servers": broker.bootstrap, "group_id": "group-commits", "enable_auto_commit": False}
        with contextlib.closing(KafkaConsumer(**options)) as consumer:
            deadline = time.monotonic() + 30
            while consumer.committed(partition) != 2:
                assert time.monotonic() < deadline
                step(reader, positions, True, {})


def test_ends_and_what_is_missing(broker: Broker) -> None:
    broker.create_topic("some", partitions=2)
    send(broker, "some", [b"a", b"b", b"c"])
    assert end_offsets(section(broker.bootstrap, "some")) == {"some/0": 3, "some/1": 0}
    with pytest.raises(ConfigurationError, match="nowhere does not exist"):
        end_offsets(section(broker.bootstrap, "nowhere"))
