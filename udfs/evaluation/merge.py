"""The figures of several partitions of a model, as one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Figures: TypeAlias = dict[str, float | None]


def merged(parts: Sequence[Mapping[str, float | None]]) -> Figures:
    """Return the figures of all partitions together.

    ``examples`` add up. Means over examples (log loss, accuracy, MAE, and RMSE by its square) and the normalised
    entropy that follows from them are exact when every example weighs 1; figures that need more than their value
    (calibration, F1, precision, recall, R squared) are means weighed by examples. A partition counts where its figure
    is known. AUC is None where several are: of pairs from two partitions none of them knows anything.
    """
    if len(parts) == 1:
        return dict(parts[0])
    names = list(dict.fromkeys(name for part in parts for name in part if name != "window.index"))
    result = {name: _mean(name, parts) for name in names}
    result["examples"] = sum(part.get("examples") or 0 for part in parts)
    for name in names:
        head, dot, metric = name.rpartition(".")
        if metric == "normalised_entropy":
            window = "window." if head.startswith("window") else ""
            result[name] = _ratio(result.get(f"{head}{dot}log_loss"), result.get(f"{window}prior.log_loss"))
    return result


def _mean(name: str, parts: Sequence[Mapping[str, float | None]]) -> float | None:
    metric = name.rpartition(".")[2]
    squared = metric == "rmse"
    known = [(value, part.get("examples") or 0) for part in parts if (value := part.get(name)) is not None]
    total = sum(weight for _, weight in known)
    if not total or (metric == "auc" and len(known) > 1):
        return None
    mean = sum((value * value if squared else value) * weight for value, weight in known) / total
    return math.sqrt(mean) if squared else mean


def _ratio(numerator: float | None, denominator: float | None) -> float | None:
    return numerator / denominator if numerator is not None and denominator else None
