"""What the sections ``anomalies`` say about events: types and fields exist, have a user, and are one thing only."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.anomaly_rules import COUNTED, Items, Users
from jobs.config.configuration import Configuration
from jobs.config.events import Event
from jobs.config.models import Model
from jobs.config.problems import Problem, unknown


def problems_of_anomalies(configuration: Configuration) -> Iterator[Problem]:
    """Yield every problem of the section, and of those of models."""
    for name, model in configuration.models.items():
        if model.anomalies.items is not None:
            yield from _items(configuration, f"models.{name}", model, model.anomalies.items)
    users = configuration.anomalies.users
    if users is not None:
        yield from _types(configuration, users)
        action = users.actions.get(COUNTED)
        if action is not None and action.do in ("drop", "quarantine"):
            yield Problem(
                f"anomalies.users.actions.{COUNTED}",
                f"is {action.do!r}; while clicks are missing everybody looks so: allowed is count or {{cap: W}}",
            )


def _items(configuration: Configuration, key: str, model: Model, items: Items) -> Iterator[Problem]:
    examples = _examples(configuration, model)
    known = sorted(
        {name for event in examples.values() for name, field in event.fields.items() if field.type == "categorical"}
    )
    if items.field not in known:
        what = f"categorical field of {', '.join(examples) or 'its examples'}"
        yield unknown(f"{key}.anomalies.items.field", items.field, what, known)
    for name, event in examples.items():
        if event.user is None:
            yield Problem(f"events.{name}.user", f"is missing; {key}.anomalies.items needs it")


def _examples(configuration: Configuration, model: Model) -> dict[str, Event]:
    """Return the event types that the examples of a model are made of."""
    events, join = configuration.events, configuration.join
    if model.label.field is None:
        return {join.impression: events[join.impression]} if join and join.impression in events else {}
    chosen = [name for name in model.events or events if name in events]
    return {name: events[name] for name in chosen if model.label.field in events[name].fields}


def _types(configuration: Configuration, users: Users) -> Iterator[Problem]:
    known, seen = list(configuration.events), dict[str, str]()
    for role in ("impression", "click", "ignore"):
        key = f"anomalies.users.{role}"
        for name in getattr(users, role):
            if name not in known:
                yield unknown(key, name, "event type", known)
                continue
            if name in seen:
                yield Problem(key, f"has {name!r}, which is in anomalies.users.{seen[name]} too; it is one of them")
            seen[name] = role
            if role != "ignore" and configuration.events[name].user is None:
                yield Problem(f"events.{name}.user", "is missing; rules about users need it")
