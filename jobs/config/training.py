"""What a model's section says about its training: when it learns, detectors of drift, which negatives, what besides."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from jobs.config.section import Names, Section
from jobs.config.units import Moment


class Learns(Section):
    """The span of event time whose examples a model learns, ``from`` included, ``until`` not; the others it judges."""

    model_config = ConfigDict(serialize_by_alias=True)

    since: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None


class Drift(Section):
    """Change detectors of a model's error, and of number features."""

    of: Literal["loss", "residual"] = "loss"
    features: Names = ()
    detector: Literal["adwin", "page_hinkley"] = "adwin"
    warmup: int = Field(default=10_000, ge=100, le=1_000_000_000)
    delta: float = Field(default=0.002, gt=0, lt=1)
    tolerance: float = Field(default=0.005, ge=0, le=8)
    threshold: float = Field(default=1_000.0, gt=0, allow_inf_nan=False)
    decay: float | None = Field(default=None, gt=0, lt=1)
    every: int = Field(default=1_000, ge=1, le=1_000_000_000)
    rest: int = Field(default=50_000, ge=0, le=1_000_000_000)


class Negatives(Section):
    """Which negatives a logistic model learns from, and what makes up for the others."""

    keep: float = Field(gt=0, lt=1)
    correct: Literal["weight", "log_odds"]


class Dropout(Section):
    """Features that are dropped from what is learned; without ``features`` all of the model may be."""

    rate: float = Field(gt=0, lt=1)
    features: Names = ()


class Cold(Section):
    """Copies of examples without the features that name their item."""

    features: Names = Field(min_length=1)
    rate: float = Field(gt=0, le=1)
    weight: float = Field(default=1.0, gt=0, le=1_000)


class Replay(Section):
    """Positives that are learned again later."""

    size: int = Field(default=1_000, ge=1, le=1_000_000)
    share: float = Field(default=0.5, gt=0, lt=1)
    times: int = Field(default=1, ge=1, le=100)


class Unshown(Section):
    """Items that were not shown, as negatives of each positive of a learner that ranks."""

    by: Literal["uniform", "popularity"] = "uniform"
    count: int = Field(default=4, ge=1, le=256)
    size: int = Field(default=65_536, ge=16, le=1_048_576)


class Augment(Section):
    """What a model learns beside what happened."""

    dropout: Dropout | None = None
    cold: Cold | None = None
    replay: Replay | None = None
    unshown: Unshown | None = None
