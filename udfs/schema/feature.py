"""Features: declared once, hashed everywhere alike; their canonical form belongs to every release."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from udfs.hashing import hash32
from udfs.schema.behaviour import BEHAVIOUR, Count, History, Rate, Since
from udfs.schema.canonical import digest
from udfs.schema.event import Description


class Categorical(Description, frozen=True, kw_only=True, tag="categorical"):
    """A categorical field as one slot."""

    field: str


class Number(Description, frozen=True, kw_only=True, tag="number"):
    """A number as one dense coordinate.

    Attributes:
        field: the field.
        log: take ``sign(x) * log(1 + |x|)`` first.
        standardise: subtract the running mean and divide by the running standard deviation, both kept by the learner.
    """

    field: str
    log: bool = False
    standardise: bool = True


class Tokens(Description, frozen=True, kw_only=True, tag="tokens"):
    """The tokens of a text field (split on U+0020), a slot each; repeated tokens count as often as they stand there."""

    field: str


class CharNGrams(Description, frozen=True, kw_only=True, tag="char_ngrams"):
    """The character n-grams of a text field, a slot each: every run of ``n`` code points, spaces included."""

    field: str
    n: int = 3


class ListOf(Description, frozen=True, kw_only=True, tag="list"):
    """The elements of a list field, a slot each."""

    field: str


class TimePart(Description, frozen=True, kw_only=True, tag="time"):
    """The hour (0-23) or weekday (0 is Monday) of the event's time, a slot; ``offset_minutes`` east of UTC."""

    part: Literal["hour", "weekday"]
    offset_minutes: int = 0


class Vector(Description, frozen=True, kw_only=True, tag="vector"):
    """A dense vector (an embedding) as ``length`` dense coordinates, taken as they are."""

    field: str
    length: int


class Cross(Description, frozen=True, kw_only=True, tag="cross"):
    """The conjunction of two or more one-slot features; missing when any of them is."""

    of: tuple[str, ...]


Feature: TypeAlias = (
    Categorical | Number | Tokens | CharNGrams | ListOf | TimePart | Vector | Cross | History | Count | Rate | Since
)

SINGLE = (Categorical, TimePart)
MULTIPLE = (Tokens, CharNGrams, ListOf, History)
NUMERIC = (Number, Count, Rate, Since)
DENSE = (*NUMERIC, Vector)


def input_of(name: str, feature: Feature) -> str | None:
    """Return what a feature's value is called in rows of cleaned fields: its field, or for behaviour its own name.

    None for what is made of the time or of other features.
    """
    if isinstance(feature, BEHAVIOUR):
        return name
    return None if isinstance(feature, TimePart | Cross) else feature.field


class FeatureSet(Description, frozen=True, kw_only=True):
    """Features by name, in order, with the seed of all their hashes.

    >>> FeatureSet(seed=1, features={"item": Categorical(field="item")}).seed_of("item") == hash32("item", 1)
    True
    """

    seed: int
    features: dict[str, Feature]

    def seed_of(self, name: str) -> int:
        """Return the 32-bit seed that a feature's values are hashed with: features never share a hash function."""
        return hash32(name, self.seed)

    def subset(self, names: tuple[str, ...]) -> FeatureSet:
        """Return these features and those that their crosses are made of, crosses' parts first, in declared order."""
        wanted = set(names)
        for name in names:
            feature = self.features[name]
            if isinstance(feature, Cross):
                wanted.update(feature.of)
        return FeatureSet(seed=self.seed, features={k: v for k, v in self.features.items() if k in wanted})

    def digest(self) -> str:
        """Return the hash that every release carries."""
        return digest(self)


def names_of(features: FeatureSet, kinds: tuple[type[msgspec.Struct], ...]) -> tuple[str, ...]:
    """Return the names of the features of these kinds, in order."""
    return tuple(name for name, feature in features.features.items() if isinstance(feature, kinds))
