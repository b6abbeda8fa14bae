"""How good the best possible model of a simulated shop would be, as the truth beside its events tells."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from udfs.errors import ConfigurationError
from udfs.schema import JoinedLabel, Plan

Asked: TypeAlias = tuple[tuple[str, ...], tuple[str, ...] | None]
"""The feedback that makes a label positive, and that which makes its population."""

CLICKS: Final[Asked] = (("click",), None)
PURCHASES: Final[Asked] = (("purchase",), ("click",))


def best_auc(truth: Path, plan: Plan) -> dict[str, float]:
    """Return the best possible AUC of each model whose label the truth knows: a click, or a purchase given a click.

    Args:
        truth: the folder that ``headrace simulate shop`` wrote the truth to.
        plan: the models.

    Raises:
        ConfigurationError: there is no truth in the folder.
    """
    path = truth / "summary.json"
    try:
        people = msgspec.json.decode(path.read_bytes())["people"]
        known: dict[Asked, float | None] = {
            CLICKS: people["best_auc"],
            PURCHASES: people["best_purchase_auc"],
        }
    except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{path} is no truth of a simulated shop ({error!r})", "Give the folder that `headrace simulate shop` named"
        ) from None
    found = {name: known.get(asked) for name, asked in asked_by(plan).items()}
    return {name: auc for name, auc in found.items() if auc is not None}


def asked_by(plan: Plan) -> dict[str, Asked]:
    """Return what each model with a joined label asks."""
    labels = {label.name: label for label in plan.join.labels} if plan.join else {}
    return {model.name: _asked(labels[model.label.joined], labels) for model in plan.models if model.label.joined}


def _asked(label: JoinedLabel, labels: dict[str, JoinedLabel]) -> Asked:
    population = tuple(labels[label.population].feedback) if label.population else None
    return tuple(label.feedback), population
