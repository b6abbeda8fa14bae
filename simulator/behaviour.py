"""The logistic truth that decides on clicks, carts and purchases."""

from __future__ import annotations

from dataclasses import dataclass
from math import tau

import numpy as np

from simulator.chance import chance
from simulator.checks import within
from simulator.drift import Drift, Moments, Taste
from simulator.impressions import WORDS_PER_CATEGORY, Impressions
from simulator.population import People, Population
from simulator.shop import CATEGORIES, DEVICES
from udfs.types import F64

_DEVICE = (0.1, -0.1, 0.25, -0.6)
_LARGEST = 0.95


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """Rates, and the standard deviations, in logits, of the effects that make a click, a cart or a purchase likely.

    Attributes:
        click_rate: clicks of people per impression, in the long mean before any drift.
        cart_rate: carts per click, likewise.
        purchase_rate: purchases per click, likewise; what is bought was in the cart.
        user: effect of the person on clicks.
        item: effect of the item on clicks.
        category: effect of the category on clicks.
        segment: effect of the person's segment crossed with the category on clicks.
        word: effect of each word of the query on clicks.
        position: effect of each position below the first on clicks.
        price: effect on clicks of a price e times as high.
        conversion: each of the effects of user, item and category on carts and purchases.
        conversion_price: effect on carts and purchases of a price e times as high.
    """

    click_rate: float = 0.04
    cart_rate: float = 0.2
    purchase_rate: float = 0.08
    user: float = 0.35
    item: float = 0.5
    category: float = 0.25
    segment: float = 0.5
    word: float = 0.2
    position: float = -0.1
    price: float = -0.25
    conversion: float = 0.5
    conversion_price: float = -0.3

    def __post_init__(self) -> None:
        within(self, 0.0001, 0.9, "click_rate", "cart_rate", "purchase_rate")
        within(self, 0, 5, "user", "item", "category", "segment", "word", "conversion")
        within(self, -5, 5, "position", "price", "conversion_price")
        within(self, self.purchase_rate, 0.9, "cart_rate")


@dataclass(frozen=True, kw_only=True)
class Chances:
    """Probabilities (n,): of a click, of a cart given a click, of a purchase given a click."""

    click: F64
    cart: F64
    purchase: F64


class ChoiceModel:
    """The probabilities, once the intercepts are set so that a sample of impressions has the wanted rates."""

    def __init__(self, seed: int, behaviour: Behaviour, drift: Drift, population: Population, people: People) -> None:
        self._behaviour, self._drift, self._segment = behaviour, drift, people.segment
        categories, size, rng = len(CATEGORIES), population, chance(seed, "behaviour")
        self._phase = rng.random(categories) * tau
        self._log_median = np.log(size.price_median)
        self._user = rng.normal(0, behaviour.user, size.users)
        self._buyer = rng.normal(0, behaviour.conversion, size.users)

        def taste(of: str, spread: float, entries: int) -> Taste:
            return Taste(chance(seed, f"taste of {of}"), drift, spread, entries)

        self._item = taste("item", behaviour.item, size.items)
        self._category = taste("category", behaviour.category, categories)
        self._cross = taste("segment", behaviour.segment, size.segments * categories)
        self._word = taste("word", behaviour.word, categories * WORDS_PER_CATEGORY)
        self._bought_item = taste("bought item", behaviour.conversion, size.items)
        self._bought_category = taste("bought category", behaviour.conversion, categories)
        self._click = self._cart = self._purchase = 0.0

    def calibrate(self, sample: Impressions) -> None:
        """Set the intercepts by a sample of people's impressions."""
        moments = Moments(self._drift, sample.time)
        attraction, desire = self._attraction(sample, moments), self._desire(sample, moments)
        self._click = _intercept(attraction, self._behaviour.click_rate)
        clicked = sigmoid(self._click + attraction)
        self._cart = _intercept(desire, self._behaviour.cart_rate, clicked)
        self._purchase = _intercept(desire, self._behaviour.purchase_rate, clicked)

    def chances(self, shown: Impressions) -> Chances:
        """Return the probabilities of people's feedback."""
        moments = Moments(self._drift, shown.time)
        click = sigmoid(self._click + self._attraction(shown, moments))
        if self._drift.sales:
            click = np.minimum(click * self._drift.clicks(shown.time), np.maximum(click, _LARGEST))
        desire = self._desire(shown, moments)
        return Chances(click=click, cart=sigmoid(self._cart + desire), purchase=sigmoid(self._purchase + desire))

    def _attraction(self, shown: Impressions, moments: Moments) -> F64:
        logit: F64 = self._user[shown.user] + np.array(_DEVICE)[: len(DEVICES)][shown.device]
        logit += self._behaviour.position * (shown.position - 1)
        logit += self._behaviour.price * (_log_price(shown) - self._log_median)
        logit += self._item.at(shown.item, moments) + self._category.at(shown.category, moments)
        logit += self._cross.at(self._segment[shown.user] * len(CATEGORIES) + shown.category, moments)
        logit += self._drift.season * np.sin(moments.year + self._phase[shown.category])
        for column in range(shown.words.shape[1]):
            word = shown.words[:, column]
            logit += np.where(word >= 0, self._word.at(word, moments), 0.0)
        return logit

    def _desire(self, shown: Impressions, moments: Moments) -> F64:
        logit: F64 = self._behaviour.conversion_price * (_log_price(shown) - self._log_median)
        logit += self._buyer[shown.user] + self._bought_item.at(shown.item, moments)
        logit += self._bought_category.at(shown.category, moments)
        return logit


def _log_price(shown: Impressions) -> F64:
    logarithm: F64 = np.log(shown.price / 100)
    return logarithm


def sigmoid(logit: F64) -> F64:
    """Return 1 / (1 + e^-logit)."""
    odds: F64 = np.exp(-logit)
    odds += 1
    return np.reciprocal(odds, out=odds)


def _intercept(logit: F64, rate: float, weight: F64 | None = None) -> float:
    """Return what must be added to the logits for their probabilities to have the weighted mean ``rate``."""
    low, high = -30.0, 30.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if np.average(sigmoid(middle + logit), weights=weight) > rate else (middle, high)
    return low
