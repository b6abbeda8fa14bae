"""The section ``features``: what models see of an event."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from jobs.config.behaviour import Count, History, Rate, Since
from jobs.config.section import Names, Section


class Categorical(Section):
    """A categorical field as one slot."""

    kind: Literal["categorical"]
    field: str


class Number(Section):
    """A number as one dense coordinate."""

    kind: Literal["number"]
    field: str
    log: bool = False
    standardise: bool = True


class Tokens(Section):
    """The tokens of a text field, a slot each."""

    kind: Literal["tokens"]
    field: str


class CharNGrams(Section):
    """The character n-grams of a text field, a slot each."""

    kind: Literal["char_ngrams"]
    field: str
    n: int = Field(default=3, ge=1, le=8)


class ListOf(Section):
    """The elements of a list field, a slot each."""

    kind: Literal["list"]
    field: str


class Vector(Section):
    """A dense vector; its length is the field's."""

    kind: Literal["vector"]
    field: str


class TimePart(Section):
    """The hour or the weekday of the event's time, a slot."""

    kind: Literal["time"]
    part: Literal["hour", "weekday"]
    offset_minutes: int = Field(default=0, ge=-1_080, le=1_080)


class Cross(Section):
    """The conjunction of two or more one-slot features."""

    kind: Literal["cross"]
    of: Names = Field(min_length=2, max_length=8)


Feature: TypeAlias = Annotated[
    Categorical | Number | Tokens | CharNGrams | ListOf | Vector | TimePart | Cross | History | Count | Rate | Since,
    Field(discriminator="kind"),
]
FIELD_TYPE: dict[str, str] = {
    "categorical": "categorical",
    "number": "number",
    "tokens": "text",
    "char_ngrams": "text",
    "list": "list",
    "vector": "vector",
}
"""The type of field that each kind of feature is made of."""


def _shorthand(features: Any) -> Any:
    """Write out ``item: categorical``: the field, or the part of the time, that is named like the feature."""
    if not isinstance(features, dict):
        return features
    written: dict[str, Any] = {}
    for name, feature in features.items():
        full = {"kind": feature} if isinstance(feature, str) else feature
        if isinstance(full, dict) and full.get("kind") == "time":
            full = {"part": name, **full}
        elif isinstance(full, dict) and full.get("kind") in FIELD_TYPE:
            full = {"field": name, **full}
        written[name] = full
    return written


class Features(Section):
    """Features by name and the seed of all their hashes."""

    seed: int = Field(default=1, ge=0, le=0xFFFFFFFF)
    by_name: Annotated[dict[str, Feature], BeforeValidator(_shorthand)] = Field(min_length=1)


def split_seed(value: Any) -> Any:
    """Take ``seed`` out of the mapping of features, where the YAML file has it."""
    if not isinstance(value, dict) or "by_name" in value:
        return value
    features = {name: feature for name, feature in value.items() if name != "seed"}
    seed = {"seed": value["seed"]} if "seed" in value else {}
    return {**seed, "by_name": features}
