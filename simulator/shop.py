"""The shop behind the click stream: its users, items and words, and the logistic truth that decides on clicks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

CATEGORIES = (
    "books",
    "games",
    "garden",
    "kitchen",
    "lamps",
    "music",
    "outdoor",
    "paper",
    "pets",
    "phones",
    "shoes",
    "sofas",
    "sport",
    "tea",
    "tools",
    "toys",
)
DEVICES = ("mobile", "desktop", "tablet", "tv")
_DEVICE_SHARES = (0.55, 0.3, 0.12, 0.03)
_SYLLABLES = ("ba", "do", "ke", "li", "mu", "na", "po", "ra", "se", "ti", "vo", "zu")
_WORDS_PER_CATEGORY = 24
_SEGMENTS = 8
_POSITIONS = 10
_INTERCEPT = -2.6


@dataclass(frozen=True, kw_only=True)
class Impressions:
    """Columns (n,) of what was shown, and the true probability that each was clicked."""

    user: I64
    item: I64
    category: I64
    device: I64
    words: I64
    price: F64
    position: I64
    probability: F64


class Shop:
    """Effects drawn once from a seed; ``drifted`` is the same shop after tastes have changed at once.

    The logit of a click is the sum of effects of user, item, category, device, position, log price, and of the
    user's hidden segment crossed with the category. Their standard deviations add up to about one, so that the true
    probabilities themselves reach an AUC of about 0.75.
    """

    def __init__(self, seed: int, users: int, items: int, drifted: bool = False) -> None:
        rng = np.random.default_rng([seed, 0])
        self.user = rng.normal(0, 0.3, users)
        self.segment = rng.integers(0, _SEGMENTS, users)
        self.category_of = rng.integers(0, len(CATEGORIES), items)
        self.price_of = np.exp(rng.normal(3.0, 0.8, items))
        self._user_share = _popularity(rng.permutation(users), 0.6)
        self._item_share = _popularity(rng.permutation(items), 0.9)
        tastes = np.random.default_rng([seed, 1 + drifted])
        self.item = tastes.normal(0, 0.55, items)
        self.category = tastes.normal(0, 0.4, len(CATEGORIES))
        self.cross = tastes.normal(0, 0.45, (_SEGMENTS, len(CATEGORIES)))
        self.device = np.array([0.1, -0.1, 0.25, -0.6])
        self.position = -0.1 * np.arange(_POSITIONS)

    def impressions(self, rng: np.random.Generator, n: int) -> Impressions:
        """Draw n impressions."""
        user = np.searchsorted(self._user_share, rng.random(n))
        item = np.searchsorted(self._item_share, rng.random(n))
        category = self.category_of[item]
        device = np.searchsorted(np.cumsum(_DEVICE_SHARES)[:-1], rng.random(n), side="right")
        position = rng.integers(0, _POSITIONS, n)
        price = np.round(self.price_of[item] * np.exp(rng.normal(0, 0.1, n)), 2)
        words = category[:, None] * _WORDS_PER_CATEGORY + rng.integers(0, _WORDS_PER_CATEGORY, (n, 3))
        words[np.arange(3) > rng.integers(0, 3, n)[:, None]] = -1
        logit = _INTERCEPT + self.user[user] + self.item[item] + self.category[category] + self.device[device]
        logit += self.position[position] + self.cross[self.segment[user], category] - 0.25 * (np.log(price) - 3.0)
        return Impressions(
            user=user,
            item=item,
            category=category,
            device=device,
            words=words,
            price=price,
            position=position + 1,
            probability=1 / (1 + np.exp(-logit)),
        )


def vocabulary() -> list[str]:
    """Return the words of all categories, word 0 of category 0 first."""
    count = len(CATEGORIES) * _WORDS_PER_CATEGORY
    base = len(_SYLLABLES)
    return [_SYLLABLES[i % base] + _SYLLABLES[i // base % base] + _SYLLABLES[i // base**2] for i in range(count)]


def _popularity(rank: I64, exponent: float) -> F64:
    weight = 1.0 / (1.0 + rank) ** exponent
    share: F64 = np.cumsum(weight / weight.sum())[:-1]
    return share
