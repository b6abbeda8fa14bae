"""What models say about their training: spans are spans, features exist, learners can do it."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config import features as section
from jobs.config.behaviour import Count, Rate, Since
from jobs.config.configuration import Configuration
from jobs.config.models import Model
from jobs.config.problems import Problem, unknown
from jobs.config.training import Learns
from jobs.config.units import write_moment

_DENSE = section.Number | section.Vector | Count | Rate | Since


def problems_of_training(configuration: Configuration) -> Iterator[Problem]:
    """Yield every problem of what surrounds the models' learners."""
    features = configuration.features.by_name
    for name, model in configuration.models.items():
        key = f"models.{name}"
        seen = [one for one in (features if model.features is None else model.features) if one in features]
        numbers = [one for one in seen if isinstance(features[one], section.Number)]
        single = [one for one in seen if isinstance(features[one], section.Categorical | section.TimePart)]
        if model.learns is not None:
            yield from _learns(f"{key}.learns", model.learns)
        dense = [one for one in seen if isinstance(features[one], _DENSE)]
        yield from _learner(key, model)
        yield from _ranking(key, model, dense)
        label = configuration.join.labels.get(str(model.label.joined)) if configuration.join else None
        shifted = model.negatives is not None and model.negatives.correct == "log_odds"
        if shifted and label is not None and label.late == "fake_negative_weighted":
            yield Problem(f"{key}.negatives.correct", "is log_odds, but fake_negative_weighted weighs by true odds")
        if model.drift is not None:
            yield from _named(f"{key}.drift.features", model.drift.features, "number feature of the model", numbers)
        if model.augment.dropout is not None:
            named = model.augment.dropout.features
            yield from _named(f"{key}.augment.dropout.features", named, "feature of the model", seen)
        if model.augment.cold is not None:
            named = model.augment.cold.features
            yield from _named(f"{key}.augment.cold.features", named, "one-slot feature of the model", single)


def _learns(key: str, learns: Learns) -> Iterator[Problem]:
    if learns.since is None and learns.until is None:
        yield Problem(key, "has neither from nor until; give one or both, or leave it out")
    elif learns.since is not None and learns.until is not None and learns.since >= learns.until:
        since, until = write_moment(learns.since), write_moment(learns.until)
        yield Problem(f"{key}.from", f"is {since}, not before until, {until}: the model would learn nothing")


def _named(key: str, names: tuple[str, ...], what: str, known: list[str]) -> Iterator[Problem]:
    yield from (unknown(key, name, what, known) for name in names if name not in known)
    if len(set(names)) < len(names):
        yield Problem(key, "names a feature twice")


def _learner(key: str, model: Model) -> Iterator[Problem]:
    """Yield what the model's learner cannot do; a learner that there is not is told elsewhere."""
    from udfs.learners import LEARNERS

    kind = LEARNERS.get(model.learner)
    if kind is None:
        return
    logistic = ", ".join(sorted(name for name, other in LEARNERS.items() if other.logistic))
    decays = ", ".join(sorted(name for name, other in LEARNERS.items() if other.decays))
    if model.drift is not None and model.drift.decay is not None and not kind.decays:
        yield Problem(f"{key}.drift.decay", f"has no squared gradients in {model.learner}, but in {decays}")
    if model.negatives is not None and not kind.logistic:
        yield Problem(f"{key}.negatives", f"is for logistic learners ({logistic}), not for {model.learner}")
    if model.augment.replay is not None and kind.task == "regression":
        yield Problem(f"{key}.augment.replay", f"is for labels that are positive or not, which {model.learner} has not")
    if model.augment.replay is not None and model.keyed_by is not None:
        yield Problem(f"{key}.augment.replay", "would replay positives of one key value to another; leave keyed_by out")


def _ranking(key: str, model: Model, dense: list[str]) -> Iterator[Problem]:
    """Yield what makes no sense for a model that ranks, and what only such a model can do."""
    from udfs.learners import LEARNERS

    kind, unshown = LEARNERS.get(model.learner), model.augment.unshown
    if kind is None:
        return
    if kind.task != "ranking":
        if unshown is not None:
            ranking = ", ".join(sorted(name for name, other in LEARNERS.items() if other.task == "ranking"))
            yield Problem(f"{key}.augment.unshown", f"is for learners that rank ({ranking}), not for {model.learner}")
        return
    if dense:
        named = ", ".join(dense)
        yield Problem(f"{key}.features", f"has numbers or vectors, which {model.learner} cannot learn: {named}")
    if model.drift is not None:
        yield Problem(f"{key}.drift", f"watches errors of scores; those of {model.learner} are good for order alone")
    if unshown is None and model.options.get("shown") == 0:
        yield Problem(f"{key}.options.shown", "is 0, so without augment.unshown nothing would be learned")
    if unshown is not None and model.keyed_by is not None:
        yield Problem(f"{key}.augment.unshown", "would draw items of one key value for another; leave keyed_by out")
    others = [name for name in ("replay", "cold", "dropout") if getattr(model.augment, name) is not None]
    if unshown is not None and others:
        yield Problem(f"{key}.augment.unshown", f"sets items as they are against positives as they are; no {others[0]}")
