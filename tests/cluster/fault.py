"""Faults that a test plans; ``faults/sitecustomize.py`` carries them out in the workers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tests.cluster.job import ROOT

Stage = Literal["user", "item", "train", "release"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault in one stage: at the frame of a kind with a number, or wherever an event of a time comes."""

    name: str
    stage: Stage
    does: Literal["kill", "raise"]
    once: bool
    kind: str = ""
    at: int = 0
    time: int | None = None


class Faults:
    """What goes wrong in the workers of a run."""

    def __init__(self, folder: Path, *faults: Fault) -> None:
        self._folder = folder
        folder.mkdir()
        plan = [{key: value for key, value in asdict(fault).items() if value is not None} for fault in faults]
        (folder / "plan.json").write_text(json.dumps(plan))

    @property
    def env(self) -> dict[str, str]:
        return {
            "HEADRACE_TEST_FAULTS": str(self._folder),
            "PYTHONPATH": f"{Path(__file__).parent / 'faults'}:{ROOT}",
        }

    @property
    def struck(self) -> set[str]:
        """Return the names of the faults with ``once`` that have struck."""
        return {path.name.removeprefix("struck-") for path in self._folder.glob("struck-*")}
