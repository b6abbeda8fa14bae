"""What a changed configuration does to the state of a job that has run: allowed, cold start of what, or refused.

Every verdict but ``allowed`` is a difference between the facts that the stored states' fingerprints are made of
(``udfs/stages/shape.py``); what differs in no such fact is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from jobs.config.leaves import leaves
from udfs.schema import Plan, item_keys
from udfs.stages.shape import (
    Shape,
    besides_shape,
    guards_shape,
    identity_shape,
    item_shape,
    metrics_shape,
    train_shape,
    user_shape,
)

Verdict: TypeAlias = Literal["allowed", "cold start", "refused"]
_LONGEST = 60
_REMEDY = {
    "runtime.buckets": "state is kept in buckets: set it back, or start in a new directory without --resume",
    "join": "impressions that wait were to be labelled otherwise: set it back, or start anew without --resume",
    "join.columns": "impressions that wait have the columns of other features: set them back, or start anew "
    "without --resume",
    "features.behaviour": "what is remembered of users is for other features: set them back, or start anew without "
    "--resume",
    "source": "positions in files mean nothing in topics: set it back, or start in a new directory without --resume",
}
_GOES_ON = {
    "--bounded": "the source is read on from where the job stopped",
    "source": "lines are read the new way from where the job stopped",
    "dedup": "ids that are remembered are kept, and expire by the new rule",
    "time": "holds for events that come",
    "join": "holds for events that come",
    "anomalies": "holds for events that come; users keep their evidence while the rules are on",
    "events": "holds for events that come",
    "features": "no model that goes on sees it",
    "models": "holds for examples that come",
}
_SWITCHED = "what lies between would be read twice or never: set it back, or start in a new directory without --resume"
_ARCHIVE_LEFT = "topics go on; of the archive nothing more is read, so let it be read to its end before"
_CONSEQUENCES = {"columns", "arrays"}
"""Facts that are told only where nothing else of the model explains them."""

_BESIDES = {"drift": "detectors", "augment": "remembered items or stored positives"}
_UNCLAIMED = "flink: {execution.state-recovery.ignore-unclaimed-state: true}, for there is no [item] any more"

_WHY = {
    "place": "the place of a model's partitions is the key of its state; put new models last",
    "columns": "its features moved in the frames; write new features last",
    "arrays": "its learner stores other arrays",
    "features": "its features or their seed changed",
}


class Change(NamedTuple):
    """One change.

    Attributes:
        key: what changed, dotted as in the configuration.
        verdict: ``allowed``, ``cold start`` or ``refused``.
        why: what starts anew, or why it is refused and what can be done.
        before: the value that the state was made with; None where there was none.
        after: the value now; None where there is none.
    """

    key: str
    verdict: Verdict
    why: str
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        """Return one line for people, long values cut."""
        return f"{self.key}: {self.verdict} ({_short(self.before)} -> {_short(self.after)}): {self.why}"


def compare(old: Plan, new: Plan) -> list[Change]:
    """Return every change between two plans; ``epoch`` differs at every start and is no change."""
    decided = [*_refused(old, new), *_switch(old, new), *_events(old, new), *_models(old, new)]
    known = {change.key for change in decided}
    known |= {key.replace(".learner", ".options") for key in known if key.endswith(".learner")}
    before, after = leaves(old), leaves(new)
    allowed = [
        Change(key, "allowed", _GOES_ON[key.partition(".")[0]], one, other)
        for key, (one, other) in _differences(before, after)
        if key not in known and not any(key.startswith(f"{name}.") for name in known)
    ]
    seen = _seen(old, new)
    return decided + [change for change in allowed if change.key not in seen]


def _refused(old: Plan, new: Plan) -> Iterator[Change]:
    for key, (one, other) in _differences(user_shape(old), user_shape(new)):
        yield Change(key, "refused", _REMEDY[key], one, other)


def _switch(old: Plan, new: Plan) -> Iterator[Change]:
    if old.switch == new.switch or old.source != new.source:
        return
    before, after = (plan.switch and msgspec.to_builtins(plan.switch) for plan in (old, new))
    if new.switch is None:
        yield Change("source.switch", "allowed", _ARCHIVE_LEFT, before, after)
    else:
        yield Change("source.switch", "refused", _SWITCHED, before, after)


def _events(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = ({event.name: event for event in plan.events} for plan in (old, new))
    for name in {**before, **after}:
        key = f"events.{name}"
        if name not in before:
            yield Change(key, "allowed", "new", None, "given")
        elif name not in after:
            yield Change(key, "allowed", "its events become dead letters", "given", None)
        else:
            why = "dedup of its events: ids seen before are not recognised"
            for part, (one, other) in _differences(identity_shape(before[name]), identity_shape(after[name])):
                yield Change(f"{key}.{part}", "cold start", why, one, other)


def _models(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = ({model.name: i for i, model in enumerate(plan.models)} for plan in (old, new))
    for name in {**before, **after}:
        key = f"models.{name}"
        if name not in before:
            yield Change(key, "cold start", f"model {name} is new; others keep what they learned", None, "given")
        elif name not in after:
            yield Change(key, "allowed", "its state is dropped; its releases stay in the registry", "given", None)
        else:
            cold = dict(_differences(train_shape(old, before[name]), train_shape(new, after[name])))
            yield from _model(key, name, cold)
            yield from _items(key, name, item_shape(old, before[name]), item_shape(new, after[name]), new)
            if cold:
                continue
            besides = (besides_shape(plan, at[name]) for plan, at in ((old, before), (new, after)))
            for part, (was, now) in _differences(*besides):
                why = f"{_BESIDES[part]} of model {name}; all else is kept"
                yield Change(f"{key}.{part}", "cold start", why, was, now)
            for what, shape in (("metrics", metrics_shape), ("guards", guards_shape)):
                for part, (was, now) in _differences(shape(old, before[name]), shape(new, after[name])):
                    why = f"{what} of model {name}; its weights are kept"
                    yield Change(f"{key}.{part}", "cold start", why, was, now)


def _model(key: str, name: str, differing: dict[str, tuple[Any, Any]]) -> Iterator[Change]:
    causes = [part for part in differing if part not in _CONSEQUENCES]
    if "learner" in causes:
        causes = [part for part in causes if not part.startswith("options.")]
    for part in causes or differing:
        why = f"model {name} starts anew: {_WHY.get(part, 'what it learned meant something else')}"
        yield Change(f"{key}.{part}", "cold start", why, *differing[part])


def _items(key: str, name: str, before: Shape, after: Shape, new: Plan) -> Iterator[Change]:
    if before and not after:
        why = "what is known of its items is dropped"
        if not any(item_keys(new, model) for model in new.models):
            why += f"; Flink must be told once: {_UNCLAIMED}"
        rules = any(part.startswith("anomalies.") for part in before)
        yield Change(f"{key}.{'anomalies.items' if rules else 'items'}", "allowed", why, "given", None)
    for part, (was, now) in _differences(before, after) if before and after else ():
        place = f"join.{part}" if part in ("items.field", "items.partitions") else f"{key}.{part}"
        yield Change(place, "cold start", f"what is known of the items of model {name}", was, now)


def _seen(old: Plan, new: Plan) -> set[str]:
    """Return the keys of features that a model in both plans sees: the model says what becomes of them."""
    both = {model.name for model in old.models} & {model.name for model in new.models}
    models = [(plan, model) for plan in (old, new) for model in plan.models if model.name in both]
    used = {name for plan, model in models for name in plan.features.subset(model.features).features}
    return {"features.seed", *(f"features.{name}" for name in used)}


def _differences(before: Shape, after: Shape) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield key, (before.get(key), after.get(key))


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
