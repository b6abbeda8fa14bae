"""What features of items say about the labels of the models that see them: they are made of those models' examples."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.behaviour import Count, Rate, Since
from jobs.config.configuration import Configuration
from jobs.config.join import Join
from jobs.config.join import Label as JoinedLabel
from jobs.config.models import Model
from jobs.config.problems import Problem, unknown


def problems_of_item_features(configuration: Configuration) -> Iterator[Problem]:
    """Yield every problem of features of items, and of the models that see them."""
    join, features = configuration.join, configuration.features.by_name
    if join is None:
        return
    anywhere = False
    for name, model in configuration.models.items():
        label = join.labels.get(model.label.joined or "")
        seen = {
            feature: kind
            for feature in model.features or features
            if isinstance(kind := features.get(feature), Count | Rate | Since) and kind.of == "item"
        }
        if label is None or not seen:
            continue
        anywhere = True
        for feature, kind in seen.items():
            yield from _feature(f"models.{name}.features", model, feature, kind, join, label)
        yield from _rules(f"models.{name}.anomalies.items", model, join)
    if anywhere:
        yield from _field(configuration, join)


def _feature(
    key: str, model: Model, name: str, kind: Count | Rate | Since, join: Join, label: JoinedLabel
) -> Iterator[Problem]:
    positive, population = set(label.feedback), join.labels.get(label.population or "")
    shown = {join.impression} if population is None else set(population.feedback)
    known = f"the examples of {model.label.joined} are {_listed(shown)}, the positive ones {_listed(positive)}"
    if isinstance(kind, Rate):
        if set(kind.events) != positive or set(kind.per) != shown:
            what = f"a rate of {_listed(kind.events)} per {_listed(kind.per)}"
            yield Problem(
                key,
                f"has {name}, {what}, but {known}; give it those, or name the other features",
            )
    elif set(kind.events) not in (positive, shown):
        yield Problem(
            key, f"has {name}, of {_listed(kind.events)}, but {known}; give it one of them, or name the other features"
        )


def _listed(events: set[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(events))


def _rules(key: str, model: Model, join: Join) -> Iterator[Problem]:
    rules, kept = model.anomalies.items, join.items
    for name in ("field", "partitions") if rules is not None else ():
        mine, other = getattr(rules, name), getattr(kept, name)
        if mine != other:
            yield Problem(
                f"{key}.{name}",
                f"is {mine!r}, join.items.{name} {other!r}; features and rules share the keys of [item]: give one",
            )


def _field(configuration: Configuration, join: Join) -> Iterator[Problem]:
    impression = configuration.events.get(join.impression)
    if impression is None:
        return
    known = [name for name, field in impression.fields.items() if field.type == "categorical"]
    if join.items.field not in known:
        what = f"categorical field of {join.impression}, and features of items need one"
        yield unknown("join.items.field", join.items.field, what, known)
