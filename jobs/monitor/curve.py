"""Learning curves: of one partition from the documents seen, and of several partitions together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobs.monitor.documents import Learning
from udfs.evaluation.merge import Figures, merged

POINTS: Final = 200
_KEPT: Final = 1_024
_WINDOW: Final = "window."


class Windows:
    """The windows that one partition's documents told of: a run that was stopped leaves no other curve."""

    def __init__(self) -> None:
        self._windows: dict[str, dict[tuple[int, int], Figures]] = {}

    def add(self, document: Learning) -> None:
        """Take the last complete window of a document."""
        for clock, figures in document.progressive.items():
            index = figures.get("window.index")
            if index is None:
                continue
            kept = self._windows.setdefault(clock, {})
            window = {name.removeprefix(_WINDOW): v for name, v in figures.items() if name.startswith(_WINDOW)}
            window["examples"] = figures.get("examples")
            name = (document.epoch, int(index))
            if name not in kept or (kept[name]["examples"] or 0) > (window["examples"] or 0):
                kept[name] = window
            if len(kept) > _KEPT:
                for other in sorted(kept)[1:-1:2]:
                    del kept[other]

    def curve(self, clock: str) -> list[Figures]:
        """Return the windows in order; where a start went back, those of the newer start."""
        windows = self._windows.get(clock, {})
        curve: list[Figures] = []
        first: int | None = None
        for (_, index), window in sorted(windows.items(), reverse=True):
            if first is None or index < first:
                first = index
                curve.append(window)
        return curve[::-1]


def together(curves: Sequence[list[Figures]]) -> list[Figures]:
    """Return the curve of several partitions: what each showed after the same share of its own examples."""
    told = [curve for curve in curves if curve]
    if len(told) <= 1:
        return told[0] if told else []
    points = min(POINTS, max(map(len, told)))
    result: list[Figures] = []
    for i in range(1, points + 1):
        windows = [curve[-(-i * len(curve) // points) - 1] for curve in told]
        result.append(merged(windows))
    return result
