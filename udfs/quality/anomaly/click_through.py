"""Click-through that no person has, and none at all where a person would have clicked.

People's click rates are Beta-distributed, so that clicks among impressions are Beta-binomial. Each rule is the ratio of
two Beta-binomial likelihoods: of somebody whose rate may be anything (uniform), or nearly nothing, against that of
people. It is taken impression by impression: one counts as not clicked until its click comes.

The distribution for people is estimated by moments from the clicks of those not flagged when they have seen forty
impressions (Kleinman 1973, "Proportions with extraneous variance"), beginning with a wide one: few see so many more
that a hundred would be a sample of bots. Within an hour clicks are more alike than over days, for a person wants
something, or there is a sale; forty are of an hour or two, so who clicks much is held against a distribution not much
wider.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from udfs.jit import inlined, loop
from udfs.quality.anomaly.evidence import add
from udfs.quality.anomaly.keyed_table import Record
from udfs.types import F64

SAMPLE: Final = 40
"""Impressions after which a user's clicks enter the estimate."""

KEPT: Final = 4096
"""Impressions after which the older ones count half."""

_FIRST_SIZE: Final = 25.0
_SMALLEST: Final = 4.0
_LARGEST: Final = 200.0
"""Bounds of the sum of the Beta's parameters: wider or narrower than these no shop's people are taken to be."""

CEILING: Final = 6.0
"""Limits that the evidence of clicking reaches: three pages whose clicks are still to come do not acquit."""

_LOWEST: Final = 1e-5
"""The least click rate that people are taken to have: a feed without clicks teaches nothing."""

_WIDEST: Final = 25.0
"""The most that the sum is taken to be where somebody clicks much."""

_FIRST_USERS: Final = 50.0
"""Users that the first distribution counts for."""

_OUTLYING: Final = 3.5

_FORGET: Final = 10_000.0
"""Users after whom the older ones count half."""

_FEW: Final = 0.1
"""Alpha of who clicks a fortieth as often as people do on average, and mostly never."""

USERS, CLICKS, SQUARES, ALPHA, BETA, RARE, WIDE_ALPHA, WIDE_BETA = range(8)


def assumed(rate: float) -> F64:
    """Return the estimate (8,) before anything was seen, for a mean click rate.

    It holds the moments of clicks, the parameters of people's Beta distribution, beta of who hardly clicks, and the
    parameters of the wider distribution.
    """
    spread = SAMPLE * rate * (1.0 - rate) * (SAMPLE + _FIRST_SIZE) / (1.0 + _FIRST_SIZE)
    moments = [1.0, SAMPLE * rate, spread + (SAMPLE * rate) ** 2]
    people = np.array([_FIRST_USERS * moment for moment in moments] + [0.0] * 5)
    _shape(people, rate, _FIRST_SIZE)
    return people


@inlined
def shown(record: Record, people: F64, limit: float) -> None:
    """Take in an impression."""
    n, k = float(record.shown), float(record.clicked)
    record.clicker = add(record.clicker, gain_of_none(n, k, people), limit, CEILING)
    rare = people[RARE]
    odds = (people[ALPHA] + people[BETA] + n) / (people[BETA] + n - k)
    record.clickless = add(record.clickless, math.log(odds * (rare + n - k) / (_FEW + rare + n)), limit)
    record.shown += 1
    if record.shown == SAMPLE and record.flags == 0:
        learn(people, k)
    if record.shown >= KEPT:
        record.shown >>= 1
        record.clicked >>= 1


@inlined
def clicked(record: Record, people: F64, limit: float) -> None:
    """Take in a click while some impression is open: it counted as not clicked, and was."""
    n, k = float(record.shown), float(record.clicked)
    record.clicker = add(record.clicker, gain_of_click(n, k, people), limit, CEILING)
    odds = (people[BETA] + n - k - 1.0) / (people[ALPHA] + k)
    record.clickless = add(record.clickless, math.log(odds * (_FEW + k) / (people[RARE] + n - k - 1.0)), limit)
    record.clicked += 1


@inlined
def gain_of_none(n: float, k: float, people: F64) -> float:
    """Return what passing over an impression gains after ``k`` clicks of ``n``, any click rate against people's."""
    alpha, beta = people[WIDE_ALPHA], people[WIDE_BETA]
    return math.log((alpha + beta + n) * (1.0 + n - k) / ((beta + n - k) * (2.0 + n)))


@inlined
def gain_of_click(n: float, k: float, people: F64) -> float:
    """Return what it gains that one of ``n`` impressions was clicked after all, besides ``k`` others."""
    alpha, beta = people[WIDE_ALPHA], people[WIDE_BETA]
    return math.log((beta + n - k - 1.0) * (1.0 + k) / ((alpha + k) * (n - k)))


@loop
def _shape(people: F64, rate: float, size: float) -> None:
    people[ALPHA], people[BETA], people[RARE] = size * rate, size * (1.0 - rate), _FEW * 40.0 / rate
    # What lies far above the mean is cut off, so that a sum of 10 is taken for 13, one of 30 for 33.
    wide = min(0.8 * size, _WIDEST)
    people[WIDE_ALPHA], people[WIDE_BETA] = wide * rate, wide * (1.0 - rate)


@loop
def learn(people: F64, k: float) -> None:
    """Let the clicks of one more sample enter the estimate, at most 3.5 standard deviations above the mean.

    So some per cent of bots that nobody has found yet do not pass for the spread of people.
    """
    mean = people[CLICKS] / people[USERS]
    k = min(k, mean + _OUTLYING * math.sqrt(max(people[SQUARES] / people[USERS] - mean * mean, 0.0)))
    if people[USERS] >= _FORGET:
        for i in range(ALPHA):
            people[i] *= 0.5
    people[USERS] += 1.0
    people[CLICKS] += k
    people[SQUARES] += k * k
    mean = people[CLICKS] / people[USERS]
    rate = min(max(mean / SAMPLE, _LOWEST), 0.9)
    excess = (people[SQUARES] / people[USERS] - mean * mean) / (SAMPLE * rate * (1.0 - rate)) - 1.0
    size = (SAMPLE - 1.0) / excess - 1.0 if excess > 0.0 else _LARGEST
    _shape(people, rate, min(max(size, _SMALLEST), _LARGEST))
