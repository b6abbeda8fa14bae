"""How far the partitions of topics have come in event time, by what the job has reported."""

from __future__ import annotations

from typing import Final

import msgspec

from jobs.dead_letters.errors import ReplayError
from udfs.locations import opened
from udfs.releases import storage

_NEWEST_PARTS: Final = 50
"""Files read: each holds the reports of a checkpoint interval, and a week of them is too much to read."""


class _Report(msgspec.Struct):
    stage: str
    times: dict[str, int] = {}


def clocks_of(folder: str) -> dict[str, int]:
    """Return the event time that each partition has reached, from the newest reports of its lanes.

    Args:
        folder: the directory of reports, which need not exist.

    Raises:
        ReplayError: a line is no report.
    """
    filesystem, path = opened(folder)
    finished = [info for info in storage.files(filesystem, path) if not info.base_name.startswith((".", "_"))]
    newest: dict[str, int] = {}
    for info in sorted(finished, key=lambda info: info.mtime)[-_NEWEST_PARTS:]:
        for line in storage.read(filesystem, info.path).splitlines():
            for part, time in _times(line, info.path).items():
                newest[part] = max(time, newest.get(part, time))
    return newest


def _times(line: bytes, path: str) -> dict[str, int]:
    try:
        report = msgspec.json.decode(line, type=_Report)
    except msgspec.MsgspecError as error:
        raise ReplayError(f"{path} holds a line that is no report ({error})", "Something else wrote there") from None
    return report.times if report.stage == "read" else {}
