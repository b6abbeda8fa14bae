"""The whole description that stages are built from; its digest shapes every stored state."""

from __future__ import annotations

from typing import Literal

import msgspec

from udfs.schema.anomaly_rules import Anomalies
from udfs.schema.decoder import decoder_of
from udfs.schema.event import Description, EventType, Format
from udfs.schema.feature import FeatureSet
from udfs.schema.join import Join
from udfs.schema.model import Model
from udfs.schema.switch import Switch


class Dedup(Description, frozen=True, kw_only=True):
    """Duplicates of (user, event id) within a window of event time.

    Attributes:
        window: microseconds of event time within which the same id counts as a duplicate; 0 turns it off.
        max_ids: ids remembered in all buckets together; beyond it the oldest are forgotten, and counted.
    """

    window: int = 86_400_000_000
    max_ids: int = 10_000_000


class TimeRules(Description, frozen=True, kw_only=True):
    """Event time per source partition.

    Attributes:
        lateness: microseconds an event may lie behind its own partition before it is ``too_late``; None: never.
        max_jump: microseconds that one event can advance its partition by.
        idle: microseconds of ingest time after which a partition that brings nothing holds time back no more; None:
            never.
    """

    lateness: int | None = None
    max_jump: int = 3_600_000_000
    idle: int | None = None


class Plan(Description, frozen=True, kw_only=True):
    """Everything that shapes what the stages do and keep.

    Attributes:
        source: what the input is read from.
        buckets: how many keys the users are spread over; fixed when a job is first started.
        epoch: the launcher's number of this start; no release of another start has it.
        bounded: whether the input ends.
        join: how feedback becomes labels; None where events carry their labels.
        switch: where an archive of files ends and the topics begin; None where one of them is all that is read.
        anomalies: rules about who sent an event.
    """

    source: Literal["files", "kafka"] = "files"
    format: Format = Format()
    events: tuple[EventType, ...]
    features: FeatureSet
    models: tuple[Model, ...]
    dedup: Dedup = Dedup()
    time: TimeRules = TimeRules()
    join: Join | None = None
    switch: Switch | None = None
    anomalies: Anomalies = Anomalies()
    buckets: int = 8
    epoch: int = 1
    bounded: bool = True

    def model(self, name: str) -> Model:
        """Return the model of this name."""
        return next(model for model in self.models if model.name == name)

    def to_json(self) -> bytes:
        """Return the plan as JSON, which ``from_json`` reads back, features in their order: it places columns."""
        # Converted once more, 1 is 1.0 where it is a float: equal plans have equal bytes.
        return msgspec.json.encode(msgspec.convert(msgspec.to_builtins(self), Plan))

    @classmethod
    def from_json(cls, data: bytes) -> Plan:
        """Read a plan that ``to_json`` wrote; every unknown key is an error."""
        plan: Plan = _DECODER.decode(data)
        return plan


_DECODER = decoder_of(Plan)
