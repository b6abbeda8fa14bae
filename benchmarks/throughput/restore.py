"""What a finished job kept, proved: it goes on from its newest state, reads nothing and says the same."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.throughput.job import HEADRACE, go_on
from benchmarks.throughput.setting import Setting, compete

KEPT = ("events", "checksum", "dedup")


def measure(setting: Setting) -> dict[str, object]:
    """Return the seconds of the run and what it kept.

    Raises:
        ValueError: a count, the checksum over ids, or the number of examples is another than before.
    """
    report = Path(setting.folder) / "out" / "report.json"
    before = json.loads(report.read_text())
    go_on(Path(setting.folder), *HEADRACE, resume=True)
    after = json.loads(report.read_text())
    kept = [{key: one[key] for key in KEPT} | {"examples": one["models"]["ctr"]["examples"]} for one in (before, after)]
    if kept[0] != kept[1]:
        raise ValueError(f"before {kept[0]}, after {kept[1]}")
    return {"wall_s": after["wall_s"], **kept[1]}


if __name__ == "__main__":
    compete(measure)
