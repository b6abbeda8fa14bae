"""What surrounds a model's learning: when it learns, detectors of drift, which negatives, and what besides."""

from __future__ import annotations

from typing import Literal

from udfs.schema.event import Description


class Learns(Description, frozen=True, kw_only=True, rename={"since": "from"}):
    """The span of event time whose examples a model learns; all others it only predicts, and is judged by.

    Attributes:
        since: microseconds since 1970 from which it learns; None for from the beginning.
        until: microseconds since 1970 before which it learns; None for without an end.
    """

    since: int | None = None
    until: int | None = None


class Drift(Description, frozen=True, kw_only=True):
    """Change detectors of a model's error and of numbers that it sees (``udfs/drift/``).

    Every stream of numbers is measured by its first ``warmup`` values: less their mean, over their standard deviation.

    Attributes:
        of: the error that is watched: the ``loss`` of fresh scores (log loss, or of a regression the absolute error),
            or their ``residual``, label less score, whose mean leaves 0 with calibration.
        features: number features that are watched too.
        detector: ``adwin`` or ``page_hinkley``.
        warmup: values that measure a stream and are not tested.
        delta: of ADWIN: bounds the probability of a false alarm at a check.
        tolerance: of Page-Hinkley: how far a mean may move unnoticed, in standard deviations.
        threshold: of Page-Hinkley: the sum from which a change is reported, in standard deviations.
        decay: what is left of the learner's squared gradients when the error changed for the worse; None lets them be.
        every: examples between two decisions on that.
        rest: examples after a decay without another one: a change is often detected several times.
    """

    of: Literal["loss", "residual"] = "loss"
    features: tuple[str, ...] = ()
    detector: Literal["adwin", "page_hinkley"] = "adwin"
    warmup: int = 10_000
    delta: float = 0.002
    tolerance: float = 0.005
    threshold: float = 1_000.0
    decay: float | None = None
    every: int = 1_000
    rest: int = 50_000


class Negatives(Description, frozen=True, kw_only=True):
    """Which negatives a logistic model learns from; all are scored, and count in the metrics.

    Attributes:
        keep: the share of negatives that is learned, chosen by a hash of the event's id.
        correct: ``weight``: those that are learned weigh 1 / keep. ``log_odds``: they weigh what they weighed, and the
            log-odds of every score, the released model's too, are corrected by log(keep).
    """

    keep: float
    correct: Literal["weight", "log_odds"]


class Dropout(Description, frozen=True, kw_only=True):
    """Features that are dropped from what is learned, not from what is scored.

    Attributes:
        rate: the probability of each feature, in each example.
        features: which may be dropped; empty for all of the model.
    """

    rate: float
    features: tuple[str, ...] = ()


class Cold(Description, frozen=True, kw_only=True):
    """Copies of examples without what names their item.

    Attributes:
        features: the features that name it; crosses of them go with them.
        rate: the probability that an example is copied.
        weight: what a copy weighs, in weights of its example.
    """

    features: tuple[str, ...]
    rate: float
    weight: float = 1.0


class Replay(Description, frozen=True, kw_only=True):
    """Positives that are learned again.

    Attributes:
        size: the most that are stored.
        share: what is left of a positive's weight for being learned later.
        times: how many stored ones are learned when one comes.
    """

    size: int = 1_000
    share: float = 0.5
    times: int = 1


class Unshown(Description, frozen=True, kw_only=True):
    """Items that were not shown, as negatives of each positive of a learner that ranks.

    Attributes:
        by: ``uniform`` draws among different items, ``popularity`` as often as they are shown.
        count: how many are drawn for a positive.
        size: the most items that are remembered, and the showings among which popularity draws.
    """

    by: Literal["uniform", "popularity"] = "uniform"
    count: int = 4
    size: int = 65_536


class Augment(Description, frozen=True, kw_only=True):
    """What a model learns beside, or in place of, what happened (``udfs/augment/``); each is off where it is None."""

    replay: Replay | None = None
    cold: Cold | None = None
    dropout: Dropout | None = None
    unshown: Unshown | None = None
