"""What a simulated stream holds, known only to the simulator."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.dirt import KINDS


@dataclass
class Truth:
    """Counts, and the true probabilities.

    Attributes:
        seed: of the stream.
        drift_event: number of the first event after the drift.
        duplicates: lines that repeat an event.
        bad: bad lines by kind.
        probability: the true click probability of every event, block by block.
        click: whether it was clicked, likewise.
    """

    seed: int
    drift_event: int | None
    duplicates: int = 0
    bad: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    probability: list[npt.NDArray[np.float64]] = field(default_factory=list, repr=False)
    click: list[npt.NDArray[np.bool_]] = field(default_factory=list, repr=False)

    def learn(self, probability: npt.NDArray[np.float64], click: npt.NDArray[np.bool_]) -> None:
        """Take note of events."""
        self.probability.append(probability)
        self.click.append(click)

    def auc(self) -> float | None:
        """Return the AUC of the true probabilities, the best any model can hope for; None without both classes."""
        if not self.click:
            return None
        click = np.concatenate(self.click)[np.argsort(np.concatenate(self.probability), kind="stable")]
        positives = int(click.sum())
        negatives = len(click) - positives
        if not positives or not negatives:
            return None
        ranks = float((np.flatnonzero(click) + 1).sum())
        return (ranks - positives * (positives + 1) / 2) / (positives * negatives)

    def summary(self) -> dict[str, object]:
        """Return the counts, the click rate, the best AUC and the number of the first event after the drift."""
        events = sum(map(len, self.click))
        positives = sum(int(part.sum()) for part in self.click)
        return {
            "lines": events + self.duplicates + self.bad.total(),
            "events": events,
            "duplicates": self.duplicates,
            "bad": dict(self.bad),
            "clicks": positives,
            "click_rate": positives / max(events, 1),
            "auc": self.auc(),
            "drift_event": self.drift_event,
            "seed": self.seed,
        }

    def write(self, path: Path) -> None:
        """Write the summary as JSON."""
        path.write_text(json.dumps(self.summary(), indent=2) + "\n")
