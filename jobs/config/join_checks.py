"""What the section ``join`` says about events and models: names exist, windows follow each other."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.configuration import Configuration
from jobs.config.join import Join
from jobs.config.problems import Problem, unknown
from jobs.config.units import write_duration


def problems_of_join(configuration: Configuration) -> Iterator[Problem]:
    """Yield every problem of the section, and of the labels of models that it makes."""
    join = configuration.join
    labels = list(join.labels) if join else []
    for name, model in configuration.models.items():
        if model.label.joined is None:
            continue
        if model.label.joined not in labels:
            yield unknown(f"models.{name}.label.joined", model.label.joined, "label of join", labels)
        if model.events:
            yield Problem(f"models.{name}.events", "is for labels in events; a joined label has the impressions")
    if join is not None:
        yield from _events(configuration, join)
        yield from _labels(join)


def _events(configuration: Configuration, join: Join) -> Iterator[Problem]:
    known = list(configuration.events)
    if join.impression not in known:
        yield unknown("join.impression", join.impression, "event type", known)
        return
    shown = configuration.events[join.impression]
    for name, feedback in join.feedback.items():
        key = f"join.feedback.{name}"
        if name not in known or name == join.impression:
            yield unknown(key, name, "event type that answers", [one for one in known if one != join.impression])
            continue
        event = configuration.events[name]
        for title, fields in ((join.impression, shown.fields), (name, event.fields)):
            kind = fields[feedback.by].type if feedback.by in fields else None
            if kind not in ("categorical", "text"):
                named = [field for field, one in fields.items() if one.type in ("categorical", "text")]
                yield unknown(f"{key}.by", feedback.by, f"categorical field of events.{title}", named)
        if event.user is None or shown.user is None:
            missing = name if event.user is None else join.impression
            yield Problem(f"events.{missing}.user", "is missing; it brings feedback to where its impression waits")


def _labels(join: Join) -> Iterator[Problem]:
    before: list[str] = []
    for name, label in join.labels.items():
        key = f"join.labels.{name}"
        for kind in label.feedback:
            if kind not in join.feedback:
                yield unknown(f"{key}.feedback", kind, "type of join.feedback", list(join.feedback))
        if label.population is not None and label.population not in before:
            yield unknown(f"{key}.population", label.population, "label before it", before)
        elif label.population is not None and label.start == "impression":
            window = join.labels[label.population].window
            if label.window < window:
                yield Problem(
                    f"{key}.window",
                    f"is {write_duration(label.window)}, which ends before that of {label.population} "
                    f"({write_duration(window)}), its population",
                )
        before.append(name)
    if next(iter(join.labels.values())).population is not None:
        yield Problem(f"join.labels.{before[0]}.population", "stands first, so that there is none before it")
