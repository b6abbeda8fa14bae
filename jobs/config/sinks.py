"""The section ``sinks``: where releases, dead letters and reports go."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from jobs.config.kafka import Connection
from jobs.config.section import Section
from jobs.config.units import Duration, duration


class KafkaSinks(Connection):
    """Kafka topics, written exactly once.

    ``transaction_timeout`` must outlast a checkpoint and the longest ``outage`` to survive, and must not exceed the
    brokers' ``transaction.max.timeout.ms`` (15 minutes unless they say otherwise).
    """

    releases: str
    dead_letters: str
    reports: str
    transaction_timeout: Duration = Field(default=duration("15m"), ge=1_000_000)
    outage: Duration = duration("10m")

    @model_validator(mode="after")
    def _are_three_topics(self) -> Self:
        if len({self.releases, self.dead_letters, self.reports}) < 3:
            raise ValueError("releases, dead_letters and reports need a topic each")
        return self


class Sinks(Section):
    """A directory (``dir``, by default the run's ``--out``) or ``kafka``; ``registry`` is where model files go."""

    dir: str | None = Field(default=None, min_length=1)
    kafka: KafkaSinks | None = None
    registry: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.dir is not None and self.kafka is not None:
            raise ValueError("give one of dir and kafka")
        return self
