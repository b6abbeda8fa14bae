"""Where the features of behaviour stand in a record, and which events change them: tables for kernels.

A record is a row of 64-bit words: whose it is (a user, an item), the time of its newest event, then for each feature

* ``since``: the time of the newest event plus one, 0 before the first;
* ``rate``: the two decayed counts (float64), and the time that they are of;
* ``count``: the number of the newest step, then sixteen counters of 16 bits, step ``s`` in the one at ``s % 16``;
* ``history``: in 32-bit halves how many values there are, then those, the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from udfs.decode.layout import Layout
from udfs.schema import Count, History, Rate, Since
from udfs.schema.behaviour import BEHAVIOUR
from udfs.types import F64, I64, Bool

KEY: Final = 0
SEEN: Final = 1
STEPS: Final = 16
_HEAD: Final = 2


class Rules(NamedTuple):
    """The tables; places are words of a record.

    Attributes:
        changes: bool (types,): whether an event of a type changes anything but histories.
        histories: int64 (histories,): places.
        last: int64 (histories,): how many values each holds.
        counts: int64 (counts,): places.
        step: int64 (counts,): microseconds.
        counted: bool (types, counts).
        rates: int64 (rates,): places.
        half_life: float64 (rates,): microseconds.
        prior: float64 (rates,).
        strength: float64 (rates,).
        above: bool (types, rates): what a rate counts.
        below: bool (types, rates): what it is a rate of.
        sinces: int64 (sinces,): places.
        dated: bool (types, sinces).
    """

    changes: Bool
    histories: I64
    last: I64
    counts: I64
    step: I64
    counted: Bool
    rates: I64
    half_life: F64
    prior: F64
    strength: F64
    above: Bool
    below: Bool
    sinces: I64
    dated: Bool


def features_of(layout: Layout) -> dict[str, History | Count | Rate | Since]:
    """Return the features of behaviour of a layout by name: numbers in the order of their columns, then histories."""
    kinds = layout.features.features
    names = (*layout.behaviour, *layout.histories)
    return {name: kind for name in names if isinstance(kind := kinds[name], BEHAVIOUR)}


def rules_of(layout: Layout) -> tuple[Rules, int]:
    """Return the tables of users' records, and how many words one has."""
    return tables_of(tuple(features_of(layout).values()), [event.name for event in layout.plan.events])


def tables_of(kinds: Sequence[History | Count | Rate | Since], types: Sequence[str]) -> tuple[Rules, int]:
    """Return the tables for features of events of these types, and how many words a record has."""
    histories = [kind for kind in kinds if isinstance(kind, History)]
    counts = [kind for kind in kinds if isinstance(kind, Count)]
    rates = [kind for kind in kinds if isinstance(kind, Rate)]
    sinces = [kind for kind in kinds if isinstance(kind, Since)]
    sizes = [1] * len(sinces) + [3] * len(rates) + [1 + STEPS // 4] * len(counts)
    sizes += [(kind.last + 2) // 2 for kind in histories]
    ends = _HEAD + np.cumsum([0, *sizes], dtype=np.int64)
    since_at, rate_at, count_at, history_at = np.split(ends[:-1], np.cumsum([len(sinces), len(rates), len(counts)]))
    counted, above = _table(types, [kind.events for kind in counts]), _table(types, [kind.events for kind in rates])
    below, dated = _table(types, [kind.per for kind in rates]), _table(types, [kind.events for kind in sinces])
    rules = Rules(
        changes=np.concatenate((counted, above, below, dated), axis=1).any(axis=1),
        histories=history_at,
        last=np.array([kind.last for kind in histories], np.int64),
        counts=count_at,
        step=np.array([kind.within // STEPS for kind in counts], np.int64),
        counted=counted,
        rates=rate_at,
        half_life=np.array([kind.half_life for kind in rates], np.float64),
        prior=np.array([kind.prior for kind in rates], np.float64),
        strength=np.array([kind.strength for kind in rates], np.float64),
        above=above,
        below=below,
        sinces=since_at,
        dated=dated,
    )
    return rules, int(ends[-1])


def _table(types: Sequence[str], events: list[tuple[str, ...]]) -> Bool:
    """Return bool (types, features): which types are among the events of which feature."""
    return np.array([[name in one for one in events] for name in types], np.bool_).reshape(len(types), len(events))
