"""Which impressions are clicked, carted and bought, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.behaviour import Chances
from simulator.delays import Delays
from udfs.types import I64

NEVER = -1


@dataclass(frozen=True, kw_only=True)
class Answers:
    """True times (n,) of each impression's feedback, in milliseconds since the run's start; NEVER without one."""

    click: I64
    cart: I64
    purchase: I64


def answer(rng: np.random.Generator, shown: I64, chances: Chances, delays: Delays, click_seconds: float) -> Answers:
    """Draw the feedback to impressions that are shown at the times (n,).

    Quick clicks come after ``click_seconds`` in the median. What is bought was in the cart: one draw decides on both.
    """
    click, cart, purchase = (np.full(len(shown), NEVER) for _ in range(3))
    at = np.flatnonzero(rng.random(len(shown)) < chances.click)
    draw = rng.random(len(at))
    carted, bought = draw < chances.cart[at], draw < chances.purchase[at]
    clicked = shown[at] + delays.click(rng, len(at), click_seconds)
    later = clicked + delays.cart(rng, len(at))
    latest = later + delays.purchase(rng, len(at))
    click[at] = clicked
    cart[at[carted]] = later[carted]
    purchase[at[bought]] = latest[bought]
    return Answers(click=click, cart=cart, purchase=purchase)
