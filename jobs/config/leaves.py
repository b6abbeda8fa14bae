"""Every value of a plan by its dotted key in the configuration."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from udfs.learners import LEARNERS
from udfs.schema import Model, Plan


def leaves(plan: Plan) -> dict[str, Any]:
    """Return every value of a plan by its dotted key in the configuration."""
    found = {
        "--bounded": plan.bounded,
        **_below("source", plan.format),
        **_below("dedup", plan.dedup),
        **_below("time", plan.time),
        **(_below("join", plan.join, but={"items"}) | _below("join.items", plan.join.items) if plan.join else {}),
        **(_below("source.switch", plan.switch) if plan.switch else {}),
        **(_below("anomalies.users", plan.anomalies.users) if plan.anomalies.users else {}),
        "features.seed": plan.features.seed,
        **{f"features.{name}": msgspec.to_builtins(feature) for name, feature in plan.features.features.items()},
    }
    for event in plan.events:
        found |= _below(f"events.{event.name}", event, but={"name", "fields"})
        found |= {f"events.{event.name}.fields.{field.name}": msgspec.to_builtins(field) for field in event.fields}
    for model in plan.models:
        found |= _of_model(model)
    return found


def _of_model(model: Model) -> dict[str, Any]:
    key = f"models.{model.name}"
    found = _below(key, model, but={"name", "features", "options", "anomalies"})
    found |= _below(f"{key}.anomalies.items", model.anomalies.items) if model.anomalies.items else {}
    found |= {f"{key}.options.{name}": value for name, value in _options(model).items()}
    return {name.replace(".snapshot_", ".snapshot."): value for name, value in found.items()}


def _options(model: Model) -> dict[str, Any]:
    defaults = msgspec.to_builtins(LEARNERS[model.learner].options_type())
    return {**defaults, **model.options}


def _below(key: str, part: msgspec.Struct, but: Collection[str] = ()) -> dict[str, Any]:
    return {
        f"{key}.{name}": msgspec.to_builtins(getattr(part, name)) for name in part.__struct_fields__ if name not in but
    }
