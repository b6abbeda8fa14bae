"""The documents that stages put out about themselves, as far as the monitor reads them."""

from __future__ import annotations

from typing import Any

import msgspec

from udfs.evaluation.merge import Figures


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What one bucket of users has counted since its state began.

    Attributes:
        epoch: the start of the job that wrote it.
        key: the bucket.
        now: ingest time, microseconds since 1970.
        anomalous: events that were dropped because their user is a bot, by rule.
        suspected: accepted events whose user looks like one, by rule.
        checksum: of the ids of the accepted events, 16 hexadecimal digits; those of all buckets add, modulo 2**64.
        offsets: the highest offset seen of each source partition.
        joined: what became of impressions and feedback, where they are joined.
        after_switch: events of an archive that count in the topics that follow it.
        before_switch: events of topics that count in the archive before them.
    """

    epoch: int = 0
    key: int
    now: int
    read: int
    accepted: int
    duplicates: int
    rejected: dict[str, int]
    anomalous: dict[str, int] = {}
    suspected: dict[str, int] = {}
    checksum: str = "0"
    remembered: int = 0
    forgotten: int = 0
    offsets: dict[str, int] = {}
    joined: dict[str, int] = {}
    after_switch: int = 0
    before_switch: int = 0

    @property
    def order(self) -> tuple[int, ...]:
        """Return what grows from one document of a bucket to the next."""
        left = sum(n for name, n in self.joined.items() if name.endswith(".examples"))
        return self.epoch, self.read, sum(self.rejected.values()), left, self.now


class ItemCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules about items and features of them have counted in one partition of a model's items since it began.

    Attributes:
        epoch: the start of the job that wrote it.
        key: the partition.
        now: ingest time, microseconds since 1970.
        examples: how many came.
        failed: examples on which the stage raised.
        anomalous: positive examples that were dropped, by rule.
        quarantined: those that became dead letters.
        suspected: those that were learned nevertheless.
        remembered: items that are remembered.
        forgotten: items that had to make room for others.
        behaviour: what features of items have counted; empty where the model sees none.
    """

    epoch: int = 0
    model: str
    key: int
    now: int
    examples: int
    failed: int = 0
    anomalous: dict[str, int] = {}
    quarantined: dict[str, int] = {}
    suspected: dict[str, int] = {}
    remembered: int = 0
    forgotten: int = 0
    behaviour: dict[str, int] = {}

    @property
    def order(self) -> tuple[int, ...]:
        """Return what grows from one document of a partition to the next."""
        return self.epoch, self.examples, self.failed, self.now


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """What one partition of a model has learned since its state began.

    Attributes:
        epoch: the start of the job that wrote it.
        key: the partition.
        now: ingest time, microseconds since 1970.
        failed: examples on which the stage raised.
        refused_keys: examples of key values beyond the most that may have parameters.
        not_learned: examples outside of the window in which it learns; None without one.
        progressive: by clock, the figures of progressive validation.
        drift: by watched stream, what its detector tells (``Watch.report``).
        breaker: what the circuit breaker did; None without one.
        anomalies: examples by what filters found wrong with them.
        curve: by clock, the figures of past windows; only in the last document of a bounded run.
    """

    epoch: int = 0
    model: str
    key: int
    now: int
    examples: int
    failed: int = 0
    refused_keys: int = 0
    not_learned: int | None = None
    progressive: dict[str, Figures]
    drift: dict[str, Any] = {}
    breaker: dict[str, Any] | None = None
    anomalies: dict[str, int] = {}
    curve: dict[str, list[Figures]] | None = None

    @property
    def order(self) -> tuple[int, ...]:
        """Return what grows from one document of a partition to the next."""
        # Ticks that come after the end bring one more document, without the curve.
        return self.epoch, self.examples, self.failed + self.refused_keys, int(self.curve is not None), self.now
