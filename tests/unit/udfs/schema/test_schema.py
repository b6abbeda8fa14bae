"""Descriptions have one canonical form, refuse what they do not know, and come back as they were."""

from __future__ import annotations

import msgspec
import pytest

from tests.laws.strategies_histories import PLAN
from udfs.hashing import hash32
from udfs.schema import Categorical, Cross, FeatureSet, Field, Number, Plan, canonical, digest
from udfs.schema.feature import names_of

FEATURES = FeatureSet(
    seed=1,
    features={
        "a": Categorical(field="a"),
        "n": Number(field="n"),
        "b": Categorical(field="b"),
        "x": Cross(of=("a", "b")),
    },
)


def test_a_plan_comes_back_as_it_was() -> None:
    assert Plan.from_json(PLAN.to_json()) == PLAN
    assert Plan.from_json(PLAN.to_json()).to_json() == PLAN.to_json()


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical({"b": 1, "a": [1, {"d": 2, "c": 3}]}) == canonical({"a": [1, {"c": 3, "d": 2}], "b": 1})
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1}) != digest({"a": 2, "b": 2})


def test_defaults_are_written_out() -> None:
    assert b'"nullable":true' in canonical(Field(name="a", type="number", path=("a",)))


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="surprise"):
        Plan.from_json(PLAN.to_json().replace(b'"buckets"', b'"surprise"', 1))


def test_every_change_of_a_feature_changes_the_digest() -> None:
    others = [
        FeatureSet(seed=2, features=FEATURES.features),
        FEATURES.subset(("a", "n")),
        FeatureSet(seed=1, features={**FEATURES.features, "n": Number(field="n", log=True)}),
    ]
    assert len({FEATURES.digest(), *(other.digest() for other in others)}) == 4


def test_features_never_share_a_hash_function() -> None:
    assert FEATURES.seed_of("a") == hash32("a", 1)
    assert len({FEATURES.seed_of(name) for name in FEATURES.features}) == 4


def test_a_subset_has_the_parts_of_its_crosses() -> None:
    assert tuple(FEATURES.subset(("x",)).features) == ("a", "b", "x")
    assert names_of(FEATURES, (Categorical,)) == ("a", "b")


def test_descriptions_are_immutable() -> None:
    with pytest.raises(AttributeError):
        PLAN.buckets = 9  # type: ignore[misc]
