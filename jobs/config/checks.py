"""What one section says about another: every name that is used exists and has the right type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jobs.config import features as section
from jobs.config.anomaly_rules_checks import problems_of_anomalies
from jobs.config.behaviour import BEHAVIOUR
from jobs.config.behaviour_checks import problems_of_behaviour
from jobs.config.configuration import Configuration
from jobs.config.events import Event
from jobs.config.features import FIELD_TYPE, Cross, TimePart
from jobs.config.guard_checks import problems_of_guards
from jobs.config.item_checks import problems_of_item_features
from jobs.config.join_checks import problems_of_join
from jobs.config.models import Label
from jobs.config.problems import Problem, unknown
from jobs.config.switch_checks import problems_of_switch
from jobs.config.training_checks import problems_of_training
from jobs.config.units import write_duration
from udfs.errors import ConfigurationError
from udfs.releases.manifest import MODEL_PATTERN


def problems_of(configuration: Configuration) -> list[Problem]:
    """Return every problem between sections; learner options are tried only when all else is right."""
    parts = (
        *(_events, _features, _models, problems_of_join, problems_of_behaviour, problems_of_switch),
        problems_of_item_features,
        *(problems_of_anomalies, problems_of_guards, problems_of_training, _kafka),
    )
    found = [problem for part in parts for problem in part(configuration)]
    return found or list(_learners(configuration))


def field_types(configuration: Configuration) -> dict[str, str]:
    """Return the type of every field of every event type."""
    return {name: field.type for event in configuration.events.values() for name, field in event.fields.items()}


def _events(configuration: Configuration) -> Iterator[Problem]:
    seen: dict[str, tuple[str, str]] = {}
    all_matched_by = None
    for name, event in configuration.events.items():
        key = f"events.{name}"
        if all_matched_by:
            yield Problem(f"{key}.match", f"is never reached: {all_matched_by} takes every event; give it a match")
        if not event.match.topic and not event.match.path:
            all_matched_by = name
        yield from _event(configuration, key, event)
        for field_name, field in event.fields.items():
            shape = f"{field.type} {field.clean!r} {field.length}"
            other, before = seen.setdefault(field_name, (name, shape))
            if before != shape:
                yield Problem(
                    f"{key}.fields.{field_name}", f"has another type, length or cleaning than in events.{other}"
                )


def _event(configuration: Configuration, key: str, event: Event) -> Iterator[Problem]:
    known = list(event.fields)
    if not event.by_position:
        yield from (unknown(f"{key}.id", name, "field", [*known, "position"]) for name in event.id if name not in known)
    if event.user is not None and event.user not in known:
        yield unknown(f"{key}.user", event.user, "field", known)
    if (event.match.path is None) != (not event.match.values):
        yield Problem(f"{key}.match", "path and values belong together")
    kafka = configuration.source.kafka
    if event.match.topic and kafka is None:
        yield Problem(
            f"{key}.match.topic", f"is {event.match.topic!r}, but files have no topics; match by path and values"
        )
    if event.match.topic and kafka and event.match.topic not in kafka.topics:
        yield unknown(f"{key}.match.topic", event.match.topic, "topic of the source", list(kafka.topics))
    if event.timestamp.earliest > event.timestamp.latest:
        yield Problem(f"{key}.timestamp", "earliest is later than latest")
    for name, field in event.fields.items():
        at = f"{key}.fields.{name}"
        if (field.type == "vector") != (field.length is not None):
            yield Problem(f"{at}.length", "is for vectors, and every vector needs one")
        if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
            yield Problem(f"{at}.minimum", f"is {field.minimum:g}, above maximum {field.maximum:g}")
        if field.default is not None and isinstance(field.default, str) != (field.type in ("categorical", "text")):
            yield Problem(f"{at}.default", f"is {field.default!r}; allowed is a value of type {field.type}")
        if field.default is not None and field.type in ("list", "vector"):
            yield Problem(f"{at}.default", f"a {field.type} takes no default")
    columns = configuration.source.lines.columns
    if columns:
        paths = {".".join(field.path or (name,)): f"{key}.fields.{name}" for name, field in event.fields.items()}
        if event.timestamp.path is not None:
            paths[".".join(event.timestamp.path)] = f"{key}.timestamp.path"
        yield from (unknown(at, path, "column", list(columns)) for path, at in paths.items() if path not in columns)


def _features(configuration: Configuration) -> Iterator[Problem]:
    types, features = field_types(configuration), configuration.features.by_name
    single = [name for name, feature in features.items() if isinstance(feature, section.Categorical | TimePart)]
    for name, feature in features.items():
        key = f"features.{name}"
        if isinstance(feature, Cross):
            yield from (
                unknown(f"{key}.of", part, "one-slot feature", single) for part in feature.of if part not in single
            )
            if len(set(feature.of)) < len(feature.of):
                yield Problem(f"{key}.of", "names a feature twice")
        elif not isinstance(feature, (TimePart, *BEHAVIOUR)):
            wanted = FIELD_TYPE[feature.kind]
            if types.get(feature.field) != wanted:
                known = [field for field, kind in types.items() if kind == wanted]
                yield unknown(f"{key}.field", feature.field, f"field of type {wanted}", known)


def _models(configuration: Configuration) -> Iterator[Problem]:
    types, features = field_types(configuration), list(configuration.features.by_name)
    by_type = {kind: [name for name, of in types.items() if of == kind] for kind in ("number", "categorical")}
    for name, model in configuration.models.items():
        key = f"models.{name}"
        if not re.fullmatch(MODEL_PATTERN, name):
            yield Problem(key, "is no name for files; allowed are letters, digits, _ and -, the first no sign")
        yield from (
            unknown(f"{key}.features", part, "feature", features)
            for part in model.features or ()
            if part not in features
        )
        if model.features is not None and (not model.features or len(set(model.features)) < len(model.features)):
            yield Problem(f"{key}.features", "is empty or names a feature twice")
        yield from _label(key, model.label, types, by_type["number"] + by_type["categorical"])
        if model.weight is not None and model.weight not in by_type["number"]:
            yield unknown(f"{key}.weight", model.weight, "number field", by_type["number"])
        if model.keyed_by is not None and model.keyed_by not in by_type["categorical"]:
            yield unknown(f"{key}.keyed_by", model.keyed_by, "categorical field", by_type["categorical"])
        if model.keyed_by is None and model.partitions > 1:
            yield Problem(f"{key}.partitions", f"is {model.partitions}; allowed without keyed_by is 1")
        for event in model.events:
            if event not in configuration.events:
                yield unknown(f"{key}.events", event, "event type", list(configuration.events))
            elif model.label.field and model.label.field not in configuration.events[event].fields:
                yield Problem(f"{key}.events", f"events.{event} has no field {model.label.field!r}, the label")


def _label(key: str, label: Label, types: dict[str, str], known: list[str]) -> Iterator[Problem]:
    if label.field is None:
        return
    kind = types.get(label.field)
    if kind not in ("number", "categorical"):
        yield unknown(f"{key}.label.field", label.field, "number or categorical field", known)
    elif (kind == "categorical") != bool(label.positive):
        yield Problem(f"{key}.label.positive", "belongs to a categorical label, and every one needs it")


def _kafka(configuration: Configuration) -> Iterator[Problem]:
    sinks, checkpointing = configuration.sinks.kafka, configuration.checkpointing
    if sinks is None:
        return
    needed = checkpointing.interval + checkpointing.timeout + sinks.outage
    if sinks.transaction_timeout < needed:
        yield Problem(
            "sinks.kafka.transaction_timeout",
            f"is {write_duration(sinks.transaction_timeout)}; allowed is checkpointing.interval + timeout + "
            f"sinks.kafka.outage = {write_duration(needed)} or more, or an outage loses data",
        )
    source = configuration.source.kafka
    mine = {sinks.releases, sinks.dead_letters, sinks.reports}
    if source and mine & set(source.topics):
        yield Problem("sinks.kafka", f"writes to topics of the source: {', '.join(sorted(mine & set(source.topics)))}")


def _learners(configuration: Configuration) -> Iterator[Problem]:
    from jobs.config.plan import features_of, model_of
    from udfs.features import Space
    from udfs.learners import make

    features = features_of(configuration)
    for name in configuration.models:
        model = model_of(configuration, name)
        try:
            learner = make(model, Space.of(features, model.features))
            if model.breaker is not None and learner.task == "regression":
                yield Problem(
                    f"models.{name}.breaker", f"watches positives, and {model.learner} has none; allowed is off"
                )
        except ConfigurationError as error:
            yield _under(f"models.{name}", error)
        except ValueError as error:
            yield Problem(f"models.{name}.options", str(error))


def _under(key: str, error: ConfigurationError) -> Problem:
    """Return an error as the problem of a key, or of the one below it which the error begins with."""
    first, _, rest = error.what.partition(" ")
    if first.startswith(f"{key}."):
        key, what = first.removesuffix(":"), rest
    else:
        what = error.what
    return Problem(key, f"{what}; {error.remedy}")
