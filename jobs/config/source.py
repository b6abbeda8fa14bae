"""The section ``source``: where events come from."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from jobs.config.kafka import Connection
from jobs.config.patterns import to_regex
from jobs.config.section import Names, Section
from jobs.config.switch import Switch
from jobs.config.units import Duration, Moment, Size, duration, size


class Files(Section):
    """A directory of files, or one file; ``--input`` replaces ``path``.

    Each file is one partition. Files may end in ``.gz``. Without ``columns`` every CSV file begins with a header.
    """

    path: str | None = None
    pattern: str = "**/*"
    format: Literal["json", "csv"] = "json"
    columns: Names = ()
    separator: str = Field(default=",", min_length=1, max_length=1)
    max_line: Size = Field(default=size("64KiB"), ge=64, le=16 << 20)
    poll: Duration = Field(default=duration("1s"), ge=10_000)

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        to_regex(pattern)
        return pattern

    @field_validator("separator")
    @classmethod
    def _is_a_separator(cls, separator: str) -> str:
        if not separator.isascii() or separator in '"\r\n':
            raise ValueError("one ASCII character other than a quote or a line break")
        return separator

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.format == "json" and self.columns:
            raise ValueError("columns belong to format: csv")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("a column stands twice in columns")
        return self


class KafkaSource(Connection):
    """Kafka topics, read from ``start``; a resumed job goes on where it stopped, whatever ``start`` says."""

    topics: Names = Field(min_length=1)
    group: str = Field(min_length=1)
    start: Literal["earliest", "latest", "committed", "timestamp"] = "earliest"
    start_timestamp: Moment | None = None
    format: Literal["json", "csv"] = "json"
    columns: Names = ()
    separator: str = Field(default=",", min_length=1, max_length=1)
    max_line: Size = Field(default=size("64KiB"), ge=64, le=16 << 20)

    @model_validator(mode="after")
    def _starts_somewhere(self) -> Self:
        if (self.start == "timestamp") != (self.start_timestamp is not None):
            raise ValueError("start: timestamp and start_timestamp belong together")
        if len(set(self.topics)) < len(self.topics):
            raise ValueError("a topic stands twice in topics")
        if self.format == "json" and self.columns:
            raise ValueError("columns belong to format: csv")
        if self.format == "csv" and not self.columns:
            raise ValueError("format: csv needs columns: records have no header")
        return self


class Source(Section):
    """One of ``files`` and ``kafka``; or both, the files an archive that is read first, up to the ``switch``."""

    files: Files | None = None
    kafka: KafkaSource | None = None
    switch: Switch | None = None

    @model_validator(mode="after")
    def _is_one_or_a_switch(self) -> Self:
        both = self.files is not None and self.kafka is not None
        if self.files is None and self.kafka is None:
            raise ValueError("give one of files and kafka, or both and a switch")
        if both and self.switch is None:
            raise ValueError("files and kafka are both given: switch is missing, which says where files end")
        if not both and self.switch is not None:
            raise ValueError("switch is between files and kafka: give both")
        return self

    @property
    def lines(self) -> Files | KafkaSource:
        """The one that is given: both say how a line is written, and the same where both are."""
        source = self.files or self.kafka
        assert source is not None
        return source
