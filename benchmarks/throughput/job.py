"""The job itself, as a user runs it: ``headrace run`` on a Kafka configuration."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from benchmarks.throughput.setting import Setting, compete
from jobs.monitor import Tail

_CONFIGURATION = """name: throughput
source:
  kafka: {{bootstrap: "{bootstrap}", topics: [{topic}], group: bench, start: earliest}}
events:
  impression:
    id: event_id
    user: user
    timestamp: {{path: ts, unit: ms}}
    fields:
      event_id: {{type: categorical, required: true}}
      user: {{type: categorical, required: true}}
      item: categorical
      category: categorical
      device: categorical
      position: categorical
      query: text
      price: {{type: number, minimum: 0}}
      click: {{type: number, required: true, minimum: 0, maximum: 1}}
dedup: {{window: 30d, max_ids: 20000000}}
features:
  user: categorical
  item: categorical
  category: categorical
  device: categorical
  position: categorical
  query: tokens
  price: {{kind: number, log: true}}
  hour: time
  user_category: {{kind: cross, of: [user, category]}}
  device_category: {{kind: cross, of: [device, category]}}
models:
  ctr:
    learner: ftrl
    label: click
    snapshot: {{examples: {snapshot}}}
checkpointing: {{interval: {checkpoint_s}s}}
runtime: {{parallelism: 2, buckets: 8, heap: 832MiB, bundle_time: 1s}}
"""
_SNAPSHOT_EXAMPLES = 1_500_000


def described(bootstrap: str, topic: str, checkpoint_s: int = 10, snapshot: int = _SNAPSHOT_EXAMPLES) -> dict[str, Any]:
    """Return the configuration: a checkpoint every so many seconds, a release every ``snapshot`` examples."""
    text = _CONFIGURATION.format(bootstrap=bootstrap, topic=topic, checkpoint_s=checkpoint_s, snapshot=snapshot)
    told: dict[str, Any] = yaml.safe_load(text)
    return told


HEADRACE = (str(Path(sys.executable).with_name("headrace")),)


def job(setting: Setting, command: tuple[str, ...] = HEADRACE) -> Path:
    """Run the job on the whole topic and return the folder that holds its ``report.json``.

    Raises:
        subprocess.CalledProcessError: it ended with another code than 0.
    """
    folder = Path(setting.folder)
    told = described(setting.bootstrap, setting.topic, setting.checkpoint_s)
    (folder / "throughput.yaml").write_text(yaml.safe_dump(told, sort_keys=False))
    return go_on(folder, *command)


def go_on(folder: Path, *command: str, resume: bool = False) -> Path:
    """Run the configuration that lies in a folder; return where its report is."""
    out = folder / "out"
    arguments = ["run", "--config", str(folder / "throughput.yaml"), "--bounded", "--out", str(out), "--json"]
    with (folder / "progress.ndjson").open("ab") as progress:
        subprocess.run([*command, *arguments, *(["--resume"] if resume else [])], check=True, stdout=progress)
    return out


def measure(setting: Setting, run: Callable[[Setting], Path] = job) -> dict[str, object]:
    """Return the seconds of the whole run, and what its report says; ``run`` returns where that is."""
    if not setting.whole:
        raise ValueError("the job reads whole topics")
    started = time.time()
    out = run(setting)
    report = json.loads((out / "report.json").read_text())
    counts = report["events"]
    left_out = sum(sum(counts.get(name, {}).values()) for name in ("rejected", "anomalous"))
    if counts["read"] != setting.lines or counts["read"] != counts["accepted"] + counts["duplicates"] + left_out:
        raise ValueError(f"{setting.lines} lines were sent, the report says {counts}")
    return {
        "wall_s": _read_at(out) - started,
        "whole_run_s": report["wall_s"],
        "own_steady_events_per_s": report["steady_events_per_s"],
        "events": counts,
        "checkpoint_bytes": _newest_state(out),
    }


def _newest_state(out: Path) -> int:
    """Return the bytes of the newest checkpoint, or of the savepoint that the run ended with: the whole state."""
    folders = sorted(out.glob("**/_metadata"), key=lambda path: path.stat().st_mtime_ns)
    return sum(path.stat().st_size for path in folders[-1].parent.iterdir()) if folders else 0


def _read_at(out: Path) -> float:
    """Return when the last lane reached its end: a run ends up to a checkpoint later, however many events there are."""
    lanes = [document for document in Tail(out / "reports").read() if document.get("stage") == "read"]
    return max(float(lane["now"]) for lane in lanes if lane["ended"]) / 1e6


if __name__ == "__main__":
    compete(measure)
