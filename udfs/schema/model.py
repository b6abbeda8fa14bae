"""A model: what it predicts, from which features, with which learner, and when it is released."""

from __future__ import annotations

from typing import Any

import msgspec

from udfs.schema.anomaly_rules import ModelAnomalies
from udfs.schema.event import Description
from udfs.schema.guards import BreakerRules
from udfs.schema.training import Augment, Drift, Learns, Negatives


class Label(Description, frozen=True, kw_only=True):
    """Where the label comes from: a field of the event itself, or feedback.

    Attributes:
        field: a number field (its value is the label) or a categorical one.
        positive: the categorical values that make the label 1; every other present value makes it 0.
        joined: in place of a field, the label of the plan's ``Join``.
    """

    field: str = ""
    positive: tuple[str, ...] = ()
    joined: str = ""


class Model(Description, frozen=True, kw_only=True):
    """One model.

    Attributes:
        name: its name in releases and reports.
        learner: the learner's name, as the listing of ``udfs/learners`` gives it.
        options: the learner's own options.
        features: the features it sees, in order.
        label: where its label stands.
        weight: a number field that weighs examples, or None for 1.
        events: the event types that are its examples; empty means all that have the label's field.
        keyed_by: a categorical field; each of its values has parameters of its own.
        partitions: how many state keys a keyed model is spread over.
        max_values: how many values of ``keyed_by`` may have parameters; later ones are counted and not learned.
        snapshot_examples: examples between two releases (bounded runs, and unbounded ones that ask for it).
        snapshot_seconds: seconds of ingest time between two releases in unbounded runs; None goes by examples.
        window: examples in a metric window.
        threshold: score from which an example counts as predicted positive.
        seed: the seed of everything that the learner draws.
        learns: when it learns; None for always.
        drift: the detectors of what changes; None for none.
        negatives: which negatives are learned; None for all.
        augment: what is learned besides.
        breaker: the circuit breaker before it; None for none.
        anomalies: rules about its examples.
    """

    name: str
    learner: str
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    features: tuple[str, ...]
    label: Label
    weight: str | None = None
    events: tuple[str, ...] = ()
    keyed_by: str | None = None
    partitions: int = 1
    max_values: int = 64
    snapshot_examples: int = 100_000
    snapshot_seconds: float | None = None
    window: int = 10_000
    threshold: float = 0.5
    seed: int = 1
    learns: Learns | None = None
    drift: Drift | None = None
    negatives: Negatives | None = None
    augment: Augment = Augment()
    breaker: BreakerRules | None = None
    anomalies: ModelAnomalies = ModelAnomalies()
