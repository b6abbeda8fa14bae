"""What stands between examples and a model: the circuit breaker, and the filters of anomalies."""

from __future__ import annotations

from typing import Literal, TypeAlias

from udfs.schema.event import Description

Action: TypeAlias = Literal["drop", "quarantine", "cap"]


class BreakerRules(Description, frozen=True, kw_only=True):
    """The circuit breaker of one model; ``udfs/quality/breaker/options.py`` says more of the first four.

    Attributes:
        hold_back: examples that wait for their verdict until so many more have come.
        apart: examples between two false alarms of one test.
        silence: minutes that a partition of a topic is silent at least before that counts as a break; 0 for never. It
            is not watched in bounded runs, whose partitions end.
        max_parts: partitions that are followed.
        policy: what becomes of examples that are not learned: ``discard`` drops them, counted; ``hold`` keeps them
            until the breaker closes, and learns them if an operator accepts them.
        max_held: examples that ``hold`` keeps; beyond it the oldest are discarded.
    """

    hold_back: int = 2_000
    apart: float = 1e9
    silence: int = 30
    max_parts: int = 256
    policy: Literal["discard", "hold"] = "discard"
    max_held: int = 100_000


class NumberRules(Description, frozen=True, kw_only=True):
    """Outliers of one number; ``udfs/quality/anomaly/outlier_options.py`` says more of ``ratios`` to ``error``.

    Attributes:
        field: the number field, of a feature of the model.
        by: the categorical field, of a feature of the model, whose values have a median of their own; None for one
            median of all.
        ratios: whether half and double are equally far from a number.
        max_categories: values of ``by`` with a median of their own.
        learn: numbers of a category before the first verdict.
        error: share of good numbers that are taken for outliers.
        action: ``drop`` and ``quarantine`` learn no outlier, and the second makes a dead letter of each; ``cap`` learns
            it with less weight.
        cap: what ``cap`` multiplies the weight by.
    """

    field: str
    by: str | None = None
    ratios: bool = True
    max_categories: int = 1_024
    learn: int = 100
    error: float = 1e-6
    action: Action = "quarantine"
    cap: float = 0.1


class StrangeRules(Description, frozen=True, kw_only=True):
    """Examples that are unlike those before them; ``udfs/quality/anomaly/strange_examples.py`` says more.

    Attributes:
        rate: share of the examples that are called strange.
        learn: examples before the first verdict.
        action: as of ``NumberRules``.
        cap: what ``cap`` multiplies the weight by.
    """

    rate: float = 1e-3
    learn: int = 5_000
    action: Action = "quarantine"
    cap: float = 0.1
