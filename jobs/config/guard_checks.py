"""What the guards of a model ask of the rest of the configuration."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.configuration import Configuration
from jobs.config.features import Categorical, Cross, Number
from jobs.config.models import Model
from jobs.config.problems import Problem, unknown


def problems_of_guards(configuration: Configuration) -> Iterator[Problem]:
    """Yield what is wrong with the keys ``breaker`` and ``anomalies``."""
    for name, model in configuration.models.items():
        if model.keyed_by is not None and model.has_breaker:
            yield Problem(f"models.{name}.breaker", "watches models without keyed_by; allowed here is off")
        yield from _anomalies(configuration, f"models.{name}.anomalies", model)


def _anomalies(configuration: Configuration, key: str, model: Model) -> Iterator[Problem]:
    seen = [configuration.features.by_name.get(name) for name in _seen(configuration, model)]
    numbers = [feature.field for feature in seen if isinstance(feature, Number)]
    categories = [feature.field for feature in seen if isinstance(feature, Categorical)]
    numbers, categories = (list(dict.fromkeys(names)) for names in (numbers, categories))
    for field, rules in model.anomalies.numbers.items():
        if field not in numbers:
            yield unknown(f"{key}.numbers.{field}", field, "number that a feature of the model has", numbers)
        if rules.by is not None and rules.by not in categories:
            yield unknown(f"{key}.numbers.{field}.by", rules.by, "category that a feature of the model has", categories)
    if model.anomalies.strange is not None and not numbers and not categories:
        yield Problem(f"{key}.strange", "needs a number or a category among the features of the model")


def _seen(configuration: Configuration, model: Model) -> Iterator[str]:
    """Yield the names of the features that a model sees, parts of crosses included."""
    for name in configuration.features.by_name if model.features is None else model.features:
        yield name
        feature = configuration.features.by_name.get(name)
        if isinstance(feature, Cross):
            yield from feature.of
