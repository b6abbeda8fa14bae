"""Where the features of a model's items stand in their records, and how long an example waits until it counts.

A record is that of ``record.py``, of what counts for everybody; then the number of the newest step that is in it; then
of each of the ``STEPS`` steps after that how many examples there were and how many were positive, in 16 bits each, step
``s`` at ``s % STEPS``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
import numpy as np

from udfs.behaviour.record import STEPS, Rules, tables_of
from udfs.schema import Count, Join, Model, Plan, Rate, Since, item_features
from udfs.types import F64

SHOWN: Final = 0
POSITIVE: Final = 1
_TYPES: Final = ("shown", "positive")
YOUNG: Final = 1 + STEPS // 2
"""Words of a record for examples that are not in what counts for everybody: a number, and the steps."""


class Delay(NamedTuple):
    """When an example counts: an impression shown at ``t`` knows those of steps before ``(t - decided) // step``.

    Attributes:
        decided: microseconds from an impression until its label is decided.
        step: microseconds of impressions that begin to count together.
    """

    decided: int
    step: int


class ItemRules(NamedTuple):
    """The features of a model's items.

    Attributes:
        kinds: by name, in the order of their columns.
        tables: for events that are ``SHOWN`` or ``POSITIVE``.
        width: words of a record without the ``YOUNG``.
        delay: when an example counts.
        never: float64 (features,): the numbers of an item of which nothing is known.
    """

    kinds: dict[str, Count | Rate | Since]
    tables: Rules
    width: int
    delay: Delay
    never: F64


def rules_of(plan: Plan, model: Model) -> ItemRules | None:
    """Return the features of a model's items; None where it sees none."""
    kinds = item_features(plan.features, model)
    if plan.join is None or not kinds:
        return None
    positive = _positive(plan.join, model)
    tables, width = tables_of([_translated(kind, positive) for kind in kinds.values()], _TYPES)
    never = [
        kind.prior if isinstance(kind, Rate) else np.nan if isinstance(kind, Since) else 0.0 for kind in kinds.values()
    ]
    return ItemRules(kinds, tables, width, delay_of(plan.join, model), np.array(never, np.float64))


def delay_of(join: Join, model: Model) -> Delay:
    """Return when the examples of a model count.

    Examples reach an item in the order of their impressions but for what leaves out of turn, and for how far buckets of
    users are behind each other. A record tells steps apart for as long as the oldest of those may take: twice the time
    to a decision, more where positives leave early or come again.
    """
    label = next(label for label in join.labels if label.name == model.label.joined)
    decided = join.ends[label.name]
    late = (feedback.within for feedback in join.feedback if feedback.event in label.feedback)
    behind = max(decided, *late) if label.late != "ignore" else decided
    reach = decided + behind + (decided if label.early_positives else 0)
    return Delay(decided, -(-reach // STEPS))


def _positive(join: Join, model: Model) -> frozenset[str]:
    return frozenset(next(label.feedback for label in join.labels if label.name == model.label.joined))


def _translated(kind: Count | Rate | Since, positive: frozenset[str]) -> Count | Rate | Since:
    """Return a feature of types of examples in place of types of events."""
    if isinstance(kind, Rate):
        return msgspec.structs.replace(kind, events=(_TYPES[POSITIVE],), per=(_TYPES[SHOWN],))
    return msgspec.structs.replace(kind, events=(_TYPES[POSITIVE if positive == set(kind.events) else SHOWN],))
