"""What a simulated shop really did, and what became of its events: known only to the simulator."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from simulator.answers import NEVER
from simulator.column_file import ColumnFile
from simulator.counts import Counts
from simulator.crowds import Acts
from simulator.delivery import Delivered
from simulator.events import IMPRESSION, SEARCH, Events
from simulator.folder import make_folder
from simulator.simulation import Simulation
from udfs.errors import ConfigurationError
from udfs.types import I64, U16

COLUMNS: Final[dict[str, str]] = {
    "impression": "<i8",
    "user": "<i4",
    "time": "<i8",
    "click_probability": "<f8",
    "purchase_probability": "<f8",
    "click_time": "<i8",
    "cart_time": "<i8",
    "purchase_time": "<i8",
    "bot": "<u1",
    "impression_faults": "<u2",
    "feedback_faults": "<u2",
}
"""The columns of the truth and their types, one value for each impression, in the order of their numbers."""


class GroundTruth:
    """Writes a folder with a ``.npy`` file for each column, and ``summary.json`` at the end.

    Use it as a context: an error in it leaves no truth behind.

    Attributes:
        counts: of the run, from which the summary is made.
    """

    def __init__(self, run: Simulation, folder: Path) -> None:
        self._start_ms, self._folder = run.start_ms, folder
        self.counts = Counts(run)
        self._columns: dict[str, ColumnFile] = {}

    def __enter__(self) -> GroundTruth:
        if self._folder.is_dir() and any(self._folder.iterdir()):
            raise ConfigurationError(f"{self._folder} is not empty", "Name an empty folder for the truth")
        make_folder(self._folder)
        self._columns = {name: ColumnFile(self._folder, name, dtype) for name, dtype in COLUMNS.items()}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for column in self._columns.values():
            if kind is None:
                column.close()
            else:
                column.abandon()
        if kind is None:
            (self._folder / "summary.json").write_text(json.dumps(self.summary(), indent=2) + "\n")

    def learn(self, first: int, acts: Acts, account: I64) -> None:
        """Take note of what was seen and done by the accounts (n,); impressions are numbered from ``first`` on."""
        shown, chances, answers = acts.shown, acts.chances, acts.answers
        self._write("impression", np.arange(first, first + len(shown)))
        self._write("user", account)
        self._write("time", shown.time + self._start_ms)
        self._write("click_probability", chances.click)
        self._write("purchase_probability", chances.purchase)
        for name in ("click", "cart", "purchase"):
            time = getattr(answers, name)
            self._write(f"{name}_time", np.where(time == NEVER, NEVER, time + self._start_ms))
        self._write("bot", acts.bot)
        self.counts.learn(acts)

    def deliver(self, first: int, impressions: int, delivered: Delivered) -> None:
        """Take note of what became of the events of the impressions, numbered from ``first`` on."""
        every = np.concatenate((delivered.events[: delivered.whole], delivered.lost))
        shown, asked = every["type"] == IMPRESSION, every["type"] == SEARCH
        self._write("impression_faults", _bits(every[shown], first, impressions))
        self._write("feedback_faults", _bits(every[~shown & ~asked], first, impressions))
        self.counts.deliver(delivered)

    def summary(self) -> dict[str, Any]:
        """Return what is written as ``summary.json``; docs/simulator.md says what is in it."""
        return self.counts.summary()

    def _write(self, name: str, values: Any) -> None:
        self._columns[name].append(values)


def _bits(events: Events, first: int, n: int) -> U16:
    """Return the bits (n,) of all faults of the events of each impression."""
    bits = np.zeros(n, np.uint16)
    np.bitwise_or.at(bits, events["impression"] - first, events["faults"])
    return bits
