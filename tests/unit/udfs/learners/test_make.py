from __future__ import annotations

from typing import Any

import pytest

from udfs.errors import ConfigurationError
from udfs.features import Space
from udfs.learners import LEARNERS, Learner, make
from udfs.schema import Categorical, FeatureSet, Label, Model, Negatives

SPACE = Space.of(FeatureSet(seed=1, features={n: Categorical(field=n) for n in ("u", "i")}), ("u", "i"))


def made(learner: str, **options: Any) -> Learner:
    return make(Model(name="m", learner=learner, features=("u", "i"), label=Label(field="y"), options=options), SPACE)


def test_names_are_those_of_the_classes() -> None:
    assert {name: kind.name for name, kind in LEARNERS.items()} == {name: name for name in LEARNERS}


def test_options_are_typed() -> None:
    assert made("ftrl", alpha=1, bits=4).options.alpha == 1.0


@pytest.mark.parametrize(
    ("learner", "options", "words"),
    [
        ("magic", {}, ["models.m.learner", "'magic'", "ftrl"]),
        ("ftrl", {"gamma": 1}, ["options.gamma", "1", "alpha"]),
        ("ftrl", {"alpha": "x"}, ["options.alpha", "'x'", "float"]),
        ("ftrl", {"alpha": -1.0}, ["alpha", "-1.0", "1e-06 to 100"]),
        ("linear", {"optimiser": "adam"}, ["options.optimiser", "'adam'", "sgd", "adagrad"]),
        ("mf", {"minimum": 5.0, "maximum": 1.0}, ["minimum", "5.0", "maximum"]),
        ("ftrl", {"half_life": 10.0}, ["half_life", "10.0", "1000 to 1e+12"]),
        ("linear", {"half_life": 1e5, "optimiser": "sgd"}, ["half_life", "sgd", "none"]),
        ("mf", {"bits": 99}, ["bits", "99", "28"]),
    ],
)
def test_errors_name_key_value_and_what_is_allowed(learner: str, options: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        made(learner, **options)
    for word in words:
        assert word in str(caught.value)


def test_only_logistic_learners_have_log_odds_to_correct() -> None:
    described = Model(
        name="m",
        learner="linear",
        features=("u", "i"),
        label=Label(field="y"),
        negatives=Negatives(keep=0.5, correct="log_odds"),
    )
    with pytest.raises(ConfigurationError, match=r"models\.m\.negatives corrects log-odds, and linear has none"):
        make(described, SPACE)
