"""Learners: a file for each, a line for each in the registry below."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import msgspec

from udfs.errors import ConfigurationError
from udfs.features import Space
from udfs.learners.ftrl import FTRL
from udfs.learners.learner import Learner, Options
from udfs.learners.linear import LinearRegression
from udfs.learners.mf import BiasedMF
from udfs.learners.ranker import Ranker
from udfs.schema import Model
from udfs.schema.decoder import decoder_of
from udfs.training.negatives import log_odds

LEARNERS: dict[str, type[Learner]] = {
    "ftrl": FTRL,
    "linear": LinearRegression,
    "mf": BiasedMF,
    "ranker": Ranker,
}
"""Every learner by the name that configurations use."""

_OPTIONS = {kind: decoder_of(kind.options_type) for kind in LEARNERS.values()}


def make(model: Model, space: Space) -> Learner:
    """Return the learner that a model's description names.

    Raises:
        ConfigurationError: the learner or an option is unknown, or an option's value is not allowed.
    """
    if model.learner not in LEARNERS:
        raise ConfigurationError(
            f"models.{model.name}.learner is {model.learner!r}", f"Allowed are: {', '.join(sorted(LEARNERS))}"
        )
    kind = LEARNERS[model.learner]
    correction = log_odds(model.negatives)
    if correction and not kind.logistic:
        raise ConfigurationError(
            f"models.{model.name}.negatives corrects log-odds, and {model.learner} has none", "Take a logistic learner"
        )
    return kind(_options(model, kind.options_type), space, model.seed, correction)


def _options(model: Model, kind: type[Options]) -> Options:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key, value in model.options.items():
        where = f"models.{model.name}.options.{key} is {value!r}"
        if key not in fields:
            raise ConfigurationError(where, f"{model.learner} knows no such option; allowed are: {', '.join(fields)}")
        try:
            msgspec.convert(value, fields[key].type)
        except msgspec.ValidationError as error:
            raise ConfigurationError(where, f"Allowed is {_type(fields[key].type)}; {error}") from error
    try:
        return msgspec.convert(model.options, kind)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"models.{model.name}.options: {error}", _allowed(fields)) from error


def _type(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _allowed(fields: dict[str, Any]) -> str:
    defaults = ", ".join(f"{name} ({field.default!r})" for name, field in fields.items())
    return f"The options and their defaults are: {defaults}"


__all__ = ["LEARNERS", "Learner", "Options", "make"]
