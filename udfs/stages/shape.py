"""What of a plan shapes the state of each stage, by configuration key: its digest is stored with every state.

A change of anything else is allowed while state lives; ``jobs/config/against.py`` tells so from these same facts.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from udfs.behaviour.item_record import rules_of as item_rules_of
from udfs.behaviour.record import features_of
from udfs.decode.layout import Layout
from udfs.evaluation.progressive import rules
from udfs.features import Space
from udfs.learners import make
from udfs.schema import EventType, Model, Plan, digest, item_keys
from udfs.stages.destinations import first_item_key, first_train_key, item_partitions
from udfs.stages.fingerprint import Fingerprint
from udfs.stages.item import ItemStage
from udfs.stages.read import ReadStage
from udfs.stages.release import ReleaseStage
from udfs.stages.selector import number_names
from udfs.stages.train import TrainStage
from udfs.stages.user import UserStage
from udfs.training.negatives import log_odds
from udfs.training.trainer import kept_by

Shape: TypeAlias = dict[str, Any]


def user_shape(plan: Plan) -> Shape:
    """Return what the state of every bucket, and of every lane, depends on; a state of another shape is refused."""
    shape: Shape = {"runtime.buckets": plan.buckets, "source": plan.source}
    return shape | (_waiting_shape(plan) if plan.join else {})


def _waiting_shape(plan: Plan) -> Shape:
    """Return what impressions that wait for feedback depend on: how they are labelled, and their columns."""
    layout = Layout.of(plan)
    columns = (layout.singles, layout.multiples, layout.vectors, layout.numbers, layout.keys, layout.weighted)
    beside = ("max_users", "items")
    join = {name: value for name, value in msgspec.to_builtins(plan.join).items() if name not in beside}
    behaviour = {name: msgspec.to_builtins(feature) for name, feature in features_of(layout).items()}
    shape: Shape = {"join": join, "join.columns": columns}
    return shape | ({"features.behaviour": behaviour} if behaviour else {})


def identity_shape(event: EventType) -> Shape:
    """Return what an event's id depends on: ids that are remembered mean nothing to events identified another way."""
    fields = {field.name: msgspec.to_builtins(field) for field in event.fields}
    shape: Shape = {"id": event.id, "user": event.user}
    return shape | {f"fields.{name}": fields.get(name) for name in (*event.id, event.user or "") if name}


def train_shape(plan: Plan, index: int) -> Shape:
    """Return what the state of one model depends on; a state of another shape is dropped.

    ``place`` is its first key in [train]; ``columns`` are the places of its features in the frames, which are stored as
    samples and while they wait; ``arrays`` are what its learner stores.
    """
    model, layout = plan.models[index], Layout.of(plan)
    space = Space.of(layout.features, model.features)
    learner = make(model, space)
    options = msgspec.to_builtins(learner.options)
    return {
        "name": model.name,
        "place": first_train_key(plan, index),
        "learner": model.learner,
        **{f"options.{name}": value for name, value in options.items() if name not in learner.in_place},
        "features": {"names": model.features, **msgspec.to_builtins(space.features)},
        "label": msgspec.to_builtins(model.label),
        "weight": model.weight,
        "events": model.events,
        "keyed_by": model.keyed_by,
        "partitions": model.partitions,
        "seed": model.seed,
        "negatives": log_odds(model.negatives),
        "columns": [place for place, name in enumerate(layout.singles) if name in space.features.features]
        + list(number_names(layout, model)),
        "arrays": [(name, array.dtype.str, array.shape) for name, array in learner.init().items()],
    }


def item_shape(plan: Plan, index: int) -> Shape:
    """Return what is known of the items of one model depends on; of another shape it is dropped, and the model goes on.

    ``place`` is its first key in [item].
    """
    model = plan.models[index]
    items = item_keys(plan, model)
    if items is None:
        return {}
    cleaning = [field.clean for event in plan.events for field in event.fields if field.name == items.field]
    key = "anomalies.items" if model.anomalies.items is not None else "items"
    return {
        "name": model.name,
        f"{key}.place": first_item_key(plan, index),
        f"{key}.partitions": items.partitions,
        f"{key}.field": [items.field, *map(msgspec.to_builtins, cleaning[:1])],
        **_followed(plan, model),
    }


def _followed(plan: Plan, model: Model) -> Shape:
    """Return what the records of a model's items depend on, where it sees features of them."""
    rules = item_rules_of(plan, model)
    if rules is None:
        return {}
    features = {name: msgspec.to_builtins(kind) for name, kind in rules.kinds.items()}
    return {"items.features": features, "items.delay": list(rules.delay), "items.label": model.label.joined}


def metrics_shape(plan: Plan, index: int) -> Shape:
    """Return what the metrics of one model depend on; with others they start anew, and the model goes on."""
    model = plan.models[index]
    task = make(model, Space.of(plan.features, model.features)).task
    return dict(rules(task, model.window, model.threshold))


def besides_shape(plan: Plan, index: int) -> Shape:
    """Return what is kept beside one model depends on; where that differs it begins anew, and the model goes on."""
    kept = kept_by(plan.models[index])
    size = kept.pop("augment.unshown")
    if size is not None:
        kept["augment"] = {"unshown": size}
    return {name: msgspec.to_builtins(rules) for name, rules in kept.items()}


def guards_shape(plan: Plan, index: int) -> Shape:
    """Return what the guards of one model depend on: with others they start anew, and the model goes on."""
    breaker, anomalies = plan.models[index].breaker, plan.models[index].anomalies
    numbers = [(rules.field, rules.by, rules.ratios, rules.max_categories) for rules in anomalies.numbers]
    return {
        "breaker": breaker.max_parts if breaker else None,
        "anomalies": [numbers, anomalies.strange is not None],
    }


def _fingerprint(plan: Plan, stage: str, version: int, key: int, shape: Shape) -> Fingerprint:
    written = msgspec.structs.replace(plan, epoch=0).to_json().decode()
    return Fingerprint(stage, version, digest(shape), plan.buckets, key, written)


def read_fingerprint(plan: Plan, key: int) -> Fingerprint:
    """Return the fingerprint of a lane: there are as many as buckets."""
    return _fingerprint(plan, ReadStage.name, ReadStage.version, key, user_shape(plan))


def user_fingerprint(plan: Plan, key: int) -> Fingerprint:
    """Return the fingerprint of a bucket."""
    return _fingerprint(plan, UserStage.name, UserStage.version, key, user_shape(plan))


def train_fingerprint(plan: Plan, key: int) -> Fingerprint:
    """Return the fingerprint of a (model, partition), numbered in the order of the models."""
    return _fingerprint(plan, TrainStage.name, TrainStage.version, key, train_shape(plan, model_of(plan, key)))


def item_fingerprint(plan: Plan, key: int) -> Fingerprint:
    """Return the fingerprint of a (model, bucket of its items), numbered in the order of the models."""
    index = [i for i, model in enumerate(plan.models) for _ in range(item_partitions(plan, model))][key]
    return _fingerprint(plan, ItemStage.name, ItemStage.version, key, item_shape(plan, index))


def release_fingerprint(plan: Plan, key: int) -> Fingerprint:
    """Return the fingerprint of a model's releases: the weights that it holds are of the model as it is trained."""
    return _fingerprint(plan, ReleaseStage.name, ReleaseStage.version, key, train_shape(plan, key))


def model_of(plan: Plan, key: int) -> int:
    """Return which model a logical key of [train] belongs to."""
    return [i for i, model in enumerate(plan.models) for _ in range(model.partitions)][key]
