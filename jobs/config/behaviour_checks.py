"""What features of behaviour say about events and models, and that there is a join to order events by time."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.behaviour import BEHAVIOUR, History, Rate
from jobs.config.configuration import Configuration
from jobs.config.problems import Problem, unknown


def problems_of_behaviour(configuration: Configuration) -> Iterator[Problem]:
    """Yield every problem of features of behaviour, and of the models that see them."""
    features = configuration.features.by_name
    behaviour = {name: feature for name, feature in features.items() if isinstance(feature, BEHAVIOUR)}
    fields = {field for event in configuration.events.values() for field in event.fields}
    for name, feature in behaviour.items():
        key = f"features.{name}"
        if feature.of == "item" and isinstance(feature, History):
            yield Problem(f"{key}.of", "is 'item', but a history is of a user's events; allowed is user")
        if configuration.join is None:
            yield Problem(
                key,
                "is behaviour as of an impression, and needs the section join, which puts events in order",
            )
        if name in fields:
            yield Problem(key, "is also the name of a field; releases have one input of a name, so choose another")
        yield from _events(configuration, f"{key}.events", feature.events)
        if isinstance(feature, Rate):
            yield from _events(configuration, f"{key}.per", feature.per)
        if isinstance(feature, History):
            yield from _field(configuration, key, feature)
    for name, model in configuration.models.items():
        seen = [feature for feature in model.features or features if feature in behaviour]
        if seen and model.label.joined is None:
            yield Problem(
                f"models.{name}.features",
                f"has {', '.join(seen)}: behaviour is for models whose label is joined; name the others",
            )


def _events(configuration: Configuration, key: str, names: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        if name not in configuration.events:
            yield unknown(key, name, "event type", list(configuration.events))
        elif configuration.events[name].user is None:
            yield Problem(f"events.{name}.user", f"is missing; {key} needs it")


def _field(configuration: Configuration, key: str, feature: History) -> Iterator[Problem]:
    for name in feature.events:
        fields = configuration.events[name].fields if name in configuration.events else {}
        kind = fields[feature.field].type if feature.field in fields else None
        if fields and kind not in ("categorical", "text"):
            known = [field for field, one in fields.items() if one.type in ("categorical", "text")]
            yield unknown(f"{key}.field", feature.field, f"categorical or text field of events.{name}", known)
