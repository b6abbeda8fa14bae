"""When all tastes of a simulated shop were drawn anew, as the truth beside its events tells."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np

from jobs.monitor.best import CLICKS, PURCHASES, asked_by
from udfs.errors import ConfigurationError
from udfs.schema import Plan

Redrawn: TypeAlias = dict[str, int]
"""One change: its ``event_time`` in microseconds since 1970, and how many of people's ``examples`` were before it."""


def redrawn(truth: Path, plan: Plan) -> dict[str, list[Redrawn]]:
    """Return the changes for each model whose label the truth knows, by its name, in order.

    Bots count nothing, so where they are learned from a model has seen a few more examples before a change.

    Args:
        truth: the folder that ``headrace simulate shop`` wrote the truth to.
        plan: the models.

    Raises:
        ConfigurationError: there is no truth in the folder.
    """
    try:
        times: list[int] = msgspec.json.decode((truth / "summary.json").read_bytes()).get("sudden", [])
        if not times:
            return {}
        shown, bot, click = (np.load(truth / f"{name}.npy") for name in ("time", "bot", "click_time"))
    except (OSError, ValueError, AttributeError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{truth} is no truth of a simulated shop ({error!r})",
            "Give the folder that `headrace simulate shop` named",
        ) from None
    populations = {CLICKS: bot == 0, PURCHASES: (bot == 0) & (click >= 0)}
    return {
        name: [
            {"examples": int(np.count_nonzero(populations[asked] & (shown < time))), "event_time": time * 1_000}
            for time in times
        ]
        for name, asked in asked_by(plan).items()
        if asked in populations
    }
