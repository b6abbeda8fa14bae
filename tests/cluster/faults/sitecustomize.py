"""Faults inside the Python workers of a run, for tests: on their PYTHONPATH, and planned by a folder.

``plan.json`` in the folder that HEADRACE_TEST_FAULTS names is a list of faults. A fault strikes in one stage (``user``,
``item``, ``train`` or ``release``), either at the frame of a kind with a number of its own in that worker (``at``), or
wherever an event of a time comes (``time``). It kills the worker (``kill``) or raises (``raise``), after the stage was
half changed. With ``once`` it strikes no more after the first time.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = os.environ.get("HEADRACE_TEST_FAULTS")


def first_time(name: str) -> bool:
    """Return whether no process has asked this before."""
    try:
        (Path(FOLDER or "") / f"struck-{name}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def install(faults: list[dict[str, Any]]) -> None:
    from udfs.frames import Frame, Kind
    from udfs.stages.item import ItemStage
    from udfs.stages.release import ReleaseStage
    from udfs.stages.train import TrainStage
    from udfs.stages.user import UserStage

    seen: Counter[tuple[str, str]] = Counter()

    def is_due(fault: dict[str, Any], stage: str, frame: Frame) -> bool:
        if fault["stage"] != stage:
            return False
        if "time" in fault:
            due = frame.kind in (Kind.EVENTS, Kind.EXAMPLES) and fault["time"] in frame.columns["time"].tolist()
        else:
            due = frame.kind.name == fault["kind"] and seen[stage, frame.kind.name] >= fault["at"]
        return due and (not fault["once"] or first_time(fault["name"]))

    def wrap(stage: type[Any]) -> None:
        original = stage.process

        def process(self: Any, frame: Frame) -> Iterator[Any]:
            seen[self.name, frame.kind.name] += 1
            due = [fault for fault in faults if is_due(fault, self.name, frame)]
            if not due:
                yield from original(self, frame)
                return
            for output in original(self, frame):
                yield output
                break
            if any(fault["does"] == "kill" for fault in due):
                os.kill(os.getpid(), signal.SIGKILL)
            raise ArithmeticError(f"planned: {due[0]['name']}")

        stage.process = process

    for one in (UserStage, ItemStage, TrainStage, ReleaseStage):
        wrap(one)


if FOLDER and any("beam_boot" in argument for argument in sys.orig_argv):
    install(json.loads((Path(FOLDER) / "plan.json").read_text()))
