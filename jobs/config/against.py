"""What a changed configuration does to the state of a job that has run: allowed, cold start of what, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from udfs.features import Space
from udfs.schema import Model, Plan

Verdict: TypeAlias = Literal["allowed", "cold start", "refused"]
SHAPES_STATE = {"bits", "k", "user", "item", "sigma", "optimiser"}
"""Learner options that change what the arrays of a model are or mean; the others only steer how it goes on."""

GOES_ON = {"snapshot_examples", "snapshot_seconds", "max_values"}
_NOT_COMPARED = {"name", "features", "options"}
_METRICS = {"window", "threshold"}


class Change(NamedTuple):
    """One change.

    Attributes:
        key: what changed, dotted as in the configuration.
        verdict: ``allowed``, ``cold start`` or ``refused``.
        why: what starts anew, or why it is refused and what can be done.
    """

    key: str
    verdict: Verdict
    why: str


def compare(old: Plan, new: Plan) -> list[Change]:
    """Return every change between two plans; ``epoch`` and ``bounded`` differ at every start and are no change."""
    return [*_stream(old, new), *_events(old, new), *_models(old, new)]


def _stream(old: Plan, new: Plan) -> Iterator[Change]:
    if old.buckets != new.buckets:
        why = f"state is kept in {old.buckets} buckets: set it back, or start in a new directory without --resume"
        yield Change("runtime.buckets", "refused", why)
    yield from _each("source", old.format, new.format, "lines are read the new way from where the job stopped")
    yield from _each("dedup", old.dedup, new.dedup, "ids that are remembered are kept, and expire by the new rule")
    if old.bounded == new.bounded:
        yield from _each("time", old.time, new.time, "holds for events that come")


def _each(key: str, old: msgspec.Struct, new: msgspec.Struct, why: str) -> Iterator[Change]:
    for name in old.__struct_fields__:
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{key}.{name}", "allowed", why)


def _events(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = ({event.name: event for event in plan.events} for plan in (old, new))
    for name in {**before, **after}:
        if name not in before or name not in after:
            yield Change(f"events.{name}", "allowed", "new" if name in after else "its events become dead letters")
            continue
        one, other = before[name], after[name]
        for part in ("match", "timestamp", "fields"):
            if getattr(one, part) != getattr(other, part):
                yield Change(f"events.{name}.{part}", "allowed", "holds for events that come")
        for part in ("id", "user"):
            if getattr(one, part) != getattr(other, part):
                yield Change(f"events.{name}.{part}", "cold start", "dedup: ids seen before are not recognised")


def _models(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = ({model.name: model for model in plan.models} for plan in (old, new))
    for name in {**before, **after}:
        key = f"models.{name}"
        if name not in before:
            yield Change(key, "cold start", f"model {name} is new; others keep what they learned")
        elif name not in after:
            yield Change(key, "allowed", "its state is dropped; its releases stay in the registry")
        else:
            yield from _model(key, old, before[name], new, after[name])


def _model(key: str, old_plan: Plan, old: Model, new_plan: Plan, new: Model) -> Iterator[Change]:
    anew = f"model {old.name} starts anew"
    if _space(old_plan, old) != _space(new_plan, new):
        yield Change(f"{key}.features", "cold start", f"{anew}: its features or their seed changed")
    for name in sorted({*old.options, *new.options}):
        if old.options.get(name) != new.options.get(name):
            shapes = name in SHAPES_STATE
            why = f"{anew}: the option shapes its state" if shapes else "holds for examples that come"
            yield Change(f"{key}.options.{name}", "cold start" if shapes else "allowed", why)
    for name in old.__struct_fields__:
        if name in _NOT_COMPARED or getattr(old, name) == getattr(new, name):
            continue
        at = f"{key}.{name.replace('snapshot_', 'snapshot.')}"
        if name in GOES_ON:
            yield Change(at, "allowed", "holds from the next release on")
        elif name in _METRICS:
            yield Change(at, "cold start", f"metrics of model {old.name}; its weights are kept")
        else:
            yield Change(at, "cold start", f"{anew}: what it learned meant something else")


def _space(plan: Plan, model: Model) -> Any:
    space = Space.of(plan.features, model.features)
    return msgspec.to_builtins(space.features), space.names
