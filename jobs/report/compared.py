"""Models of one label side by side: the AUC of their fresh scores by windows, and where the world changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import dropwhile
from typing import Any

from udfs.schema import Model, Plan

_ERRORS = ("loss", "residual")


def labels_of(plan: Plan) -> dict[str, str]:
    """Return what each model predicts, by its name; models of one label and the same events have the same."""
    return {model.name: _label(model) for model in plan.models}


def _label(model: Model) -> str:
    label = model.label.joined or model.label.field
    values = f" is {' or '.join(model.label.positive)}" if model.label.positive else ""
    return label + values + (f" of {', '.join(model.events)}" if model.events else "")


def compared(
    models: Mapping[str, Mapping[str, Any]],
    labels: Mapping[str, str],
    known: Mapping[str, Sequence[Mapping[str, int]]] | None = None,
) -> dict[str, Any]:
    """Return by label what of a report's models can be compared: two or more of one label with windows.

    Places count the examples of the model that was judged longest. All end together, so the windows of one that began
    later stand at the end.

    Args:
        models: what ``report.json`` has of them, by name.
        labels: what each of them predicts.
        known: changes that the truth of a simulation knows, by model.
    """
    found = {}
    for label in dict.fromkeys(labels.values()):
        names = [name for name in models if labels.get(name) == label and _windows(models[name])]
        if len(names) > 1:
            found[label] = _of_label({name: models[name] for name in names}, known or {})
    return found


def _windows(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the windows from the first on in which not all scores were alike, as those of an empty model are."""
    known = [window for window in model["curve"].get("fresh", []) if window.get("auc") is not None]
    return list(dropwhile(lambda window: window["auc"] == 0.5, known))


def _of_label(
    models: Mapping[str, Mapping[str, Any]], known: Mapping[str, Sequence[Mapping[str, int]]]
) -> dict[str, Any]:
    judged = {name: int(model["progressive"]["fresh"].get("examples") or 0) for name, model in models.items()}
    later = {name: max(judged.values()) - n for name, n in judged.items()}
    best = [model["progressive"]["fresh"].get("best.auc") for model in models.values()]
    return {
        "examples": max(judged.values()),
        "models": {
            name: [[int(window["examples"]) + later[name], window["auc"]] for window in _windows(model)]
            for name, model in models.items()
        },
        "best_auc": next((auc for auc in best if auc is not None), None),
        "changes": _changes(models, later, next((known[name] for name in models if name in known), ())),
    }


def _changes(
    models: Mapping[str, Mapping[str, Any]], later: Mapping[str, int], known: Sequence[Mapping[str, int]]
) -> list[dict[str, Any]]:
    true = [{**change, "model": None, "what": "tastes were drawn anew"} for change in known]
    detected = [
        {
            "examples": change["examples"] + later[name],
            "event_time": change["event_time"],
            "model": name,
            "what": f"{stream} {'rose' if change['rose'] else 'fell'}",
        }
        for name, model in models.items()
        for stream, told in model.get("drift", {}).items()
        for change in told["log"]
        if stream in _ERRORS
    ]
    return sorted([*true, *detected], key=lambda change: (change["examples"], change["event_time"]))
