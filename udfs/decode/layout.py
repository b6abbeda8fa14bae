"""The columns of event frames, derived from the plan: just what the stages behind need, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from udfs.schema import (
    Categorical,
    Count,
    EventType,
    History,
    Label,
    Model,
    Number,
    Plan,
    Rate,
    Since,
    Vector,
    item_features,
    item_keys,
)
from udfs.schema.feature import MULTIPLE, FeatureSet, names_of


@dataclass(frozen=True)
class Layout:
    """Which column holds what.

    Attributes:
        plan: the whole description.
        features: the features that any model uses, parts of crosses included.
        singles: categorical features, the columns of ``single`` (uint32 hashes) and the bits of ``present``.
        multiples: features of several hashes, a ragged column ``multiple.NAME`` each; that of a history holds in event
            frames what the event itself adds to it, one hash or none.
        vectors: vector features, a float32 column ``vector.NAME`` (n, length) each.
        numbers: number fields, the columns of ``number`` (float64, NaN is missing).
        behaviour: numeric features of users' behaviour, counts first, then rates, then the others; they are columns of
            ``number`` behind those fields once they are known.
        keys: fields that key a model, a ragged column ``key.FIELD`` of strings each.
        refs: fields that events are joined by, or that name the items of models with rules or features
            of them, the columns of ``ref`` (uint64
            hashes, 0 is missing).
        models: the models, the columns of ``label`` (float64, NaN: no example of that model) and ``weight``.
    """

    plan: Plan
    features: FeatureSet
    singles: tuple[str, ...]
    multiples: tuple[str, ...]
    vectors: tuple[str, ...]
    numbers: tuple[str, ...]
    behaviour: tuple[str, ...]
    keys: tuple[str, ...]
    refs: tuple[str, ...]
    models: tuple[Model, ...]

    @classmethod
    def of(cls, plan: Plan) -> Layout:
        """Derive the columns from a plan."""
        used = plan.features.subset(tuple(dict.fromkeys(name for model in plan.models for name in model.features)))
        kinds = used.features
        of_items = {name for model in plan.models for name in item_features(used, model)}
        return cls(
            plan,
            used,
            names_of(used, (Categorical,)),
            names_of(used, MULTIPLE),
            names_of(used, (Vector,)),
            tuple(dict.fromkeys(feature.field for feature in kinds.values() if isinstance(feature, Number))),
            tuple(name for kind in (Count, Rate, Since) for name in names_of(used, (kind,)) if name not in of_items),
            tuple(dict.fromkeys(model.keyed_by for model in plan.models if model.keyed_by)),
            tuple(dict.fromkeys((*(plan.join.refs if plan.join else ()), *_item_fields(plan, plan.models)))),
            plan.models,
        )

    @property
    def search(self) -> int | None:
        """The column of ``ref`` that names the search of an impression; None where searches are not joined."""
        join = self.plan.join
        return self.refs.index(join.search.by) if join and join.search else None

    @property
    def users(self) -> bool:
        """Whether event frames carry the hash of the user, the column ``user`` (uint64); that of the id for none."""
        return bool(self.refs) or self.plan.anomalies.users is not None

    @property
    def riding(self) -> dict[str, np.generic]:
        """The columns that impressions keep besides while they wait, and what stands for none.

        ``cap`` (float64) bounds the weight of what comes of them; ``user`` and ``item.FIELD`` (uint64) are hashes.
        """
        users = self.plan.anomalies.users
        columns: dict[str, np.generic] = {"cap": np.float64(np.nan)} if users is not None and users.caps else {}
        joined = [model for model in self.models if model.label.joined]
        items = _item_fields(self.plan, joined)
        if any(model.anomalies.items is not None for model in joined):
            columns["user"] = np.uint64(0)
        return columns | {f"item.{field}": np.uint64(0) for field in items}

    @property
    def histories(self) -> tuple[str, ...]:
        """The features that are histories, in order."""
        return names_of(self.features, (History,))

    @property
    def example_numbers(self) -> tuple[str, ...]:
        """What the columns of ``number`` are called in rows whose behaviour is known."""
        return self.numbers + self.behaviour

    @property
    def weighted(self) -> bool:
        """Whether any model weighs its examples."""
        return any(model.weight for model in self.models)

    def label_of(self, model: Model, event: EventType) -> Label | None:
        """Return the label that this event type carries for a model, or None when it is no example of it."""
        names = {field.name for field in event.fields}
        chosen = not model.events or event.name in model.events
        return model.label if chosen and model.label.field in names else None

    @property
    def vector_width(self) -> int:
        """The length of all vectors together."""
        return sum(f.length for f in self.features.features.values() if isinstance(f, Vector))

    def hash_room(self, n: int, size: int) -> int:
        """Return room for the hashes of ``n`` rows of ``size`` bytes: one a byte, or a default's, for each feature."""
        return self._room(
            len(self.multiples), {f.field for f in self.features.features.values() if isinstance(f, MULTIPLE)}, n, size
        )

    def text_room(self, n: int, size: int) -> int:
        """Return room for the key columns of ``n`` rows of ``size`` bytes: each cell, or its default."""
        return self._room(len(self.keys), set(self.keys), n, size)

    def _room(self, columns: int, names: set[str], n: int, size: int) -> int:
        fields = [f for event in self.plan.events for f in event.fields if f.name in names]
        return columns * (
            size + n * max((len(f.default.encode()) for f in fields if isinstance(f.default, str)), default=0)
        )

    def paths(self) -> list[tuple[str, ...]]:
        """Return every path that any event type reads, once, in order."""
        found: dict[tuple[str, ...], None] = {}
        for event in self.plan.events:
            for path in (event.match.path, event.timestamp.path, *(field.path for field in event.fields)):
                if path:
                    found[path] = None
        return list(found)


def _item_fields(plan: Plan, models: Iterable[Model]) -> tuple[str, ...]:
    """Return the fields that name the items of models with rules about them or features of them, each once."""
    keys = [item_keys(plan, model) for model in models]
    return tuple(dict.fromkeys(items.field for items in keys if items is not None))
