"""What the section ``join`` says about events and models: names exist, windows follow each other."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.config.configuration import Configuration
from jobs.config.join import Join, Label, Search
from jobs.config.models import Model
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
        else:
            yield from _late(f"models.{name}", model, join.labels if join else {})
        if model.events:
            yield Problem(f"models.{name}.events", "is for labels in events; a joined label has the impressions")
        if model.weight is not None:
            yield Problem(f"models.{name}.weight", "is for labels in events; join.labels has weights for joined ones")
    if join is not None:
        yield from _events(configuration, join)
        yield from _labels(join)
        if join.search is not None and join.impression in configuration.events:
            yield from _search(configuration, join, join.search)


def _late(key: str, model: Model, labels: dict[str, Label]) -> Iterator[Problem]:
    from udfs.learners import LEARNERS

    late = labels[str(model.label.joined)].late
    able = [name for name, learner in LEARNERS.items() if late in learner.late]
    if late != "ignore" and model.learner in LEARNERS and model.learner not in able:
        yield Problem(
            f"{key}.learner",
            f"is {model.learner}, which cannot learn from join.labels.{model.label.joined}.late: {late}; "
            f"allowed are: {', '.join(able)}",
        )


def _search(configuration: Configuration, join: Join, search: Search) -> Iterator[Problem]:
    key, shown = "join.search", configuration.events[join.impression]
    others = [name for name in configuration.events if name != join.impression and name not in join.feedback]
    if search.event not in others:
        yield unknown(f"{key}.event", search.event, "event type besides impressions and feedback", others)
        return
    event = configuration.events[search.event]
    for title, fields in ((join.impression, shown.fields), (search.event, event.fields)):
        named = [field for field, one in fields.items() if one.type in ("categorical", "text")]
        if search.by not in named:
            yield unknown(f"{key}.by", search.by, f"categorical field of events.{title}", named)
    for field in search.fields:
        if field not in event.fields:
            yield unknown(f"{key}.fields", field, f"field of events.{search.event}", list(event.fields))
        elif field in shown.fields:
            yield Problem(
                f"{key}.fields", f"{field} is a field of events.{join.impression} itself; take it out of one of the two"
            )
    for name in (search.event, join.impression):
        if configuration.events[name].user is None:
            yield Problem(f"events.{name}.user", "is missing; it brings a search to where its impressions come")


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
