"""The sections ``checkpointing``, ``retention``, ``runtime`` and ``metrics``: how the job runs."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from jobs.config.section import Section
from jobs.config.units import Duration, Size, duration, size


class Checkpointing(Section):
    """Checkpoints; ``dir`` is by default ``checkpoints`` below the run's ``--out``."""

    interval: Duration = Field(default=duration("10s"), ge=100_000, le=duration("1d"))
    timeout: Duration = Field(default=duration("2m"), ge=1_000_000)
    min_pause: Duration = duration("0s")
    dir: str | None = Field(default=None, min_length=1)
    retained: int = Field(default=2, ge=1, le=1_000)


class Retention(Section):
    """What is kept.

    ``versions`` of each model besides the stable one; files that no kept version names, and what the log says of them,
    for ``grace``; dead letters for ``dead_letters``; reports for ``reports``, and the newest of each key for ever.
    Topics have a retention of their own.
    """

    versions: int = Field(default=20, ge=1)
    grace: Duration = duration("1d")
    dead_letters: Duration = duration("7d")
    reports: Duration = duration("7d")


class Runtime(Section):
    """How the work is spread. ``buckets`` is fixed when the job is first started.

    A JVM lets its buffers have as much as its ``heap``: less than the least is too little for those of the network.
    """

    parallelism: int = Field(default=2, ge=1, le=4_096)
    buckets: int = Field(default=8, ge=1, le=4_096)
    max_parallelism: Literal[120, 240, 360, 720] = 360
    read_size: Size = Field(default=size("8MiB"), ge=size("4KiB"), le=size("256MiB"))
    bundle_size: int = Field(default=20_000, ge=1, le=1_000_000)
    bundle_time: Duration = Field(default=duration("200ms"), ge=1_000, le=60_000_000)
    tick: Duration = Field(default=duration("1s"), ge=10_000)
    backend: Literal["hashmap", "rocksdb"] = "hashmap"
    heap: Size | None = Field(default=None, ge=size("512MiB"), le=size("4TiB"))
    journal: Size = Field(default=size("1MiB"), ge=size("64KiB"), le=size("1GiB"))
    restarts: int = Field(default=10, ge=0)
    restart_delay: Duration = duration("1s")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.buckets < self.parallelism:
            raise ValueError(f"buckets ({self.buckets}) must be at least parallelism ({self.parallelism})")
        if self.parallelism > self.max_parallelism:
            raise ValueError(f"parallelism ({self.parallelism}) exceeds max_parallelism ({self.max_parallelism})")
        return self


class Metrics(Section):
    """Flink's Prometheus reporter, on when it has a port; local task managers share the port's range upwards."""

    prometheus_port: int | None = Field(default=None, ge=1_024, le=65_535)
