"""A run that goes on until it is stopped: what Prometheus sees of it, and that killed workers cost it nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import urllib.request
from dataclasses import dataclass, replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cluster.by_parts import caught_up
from tests.cluster.conftest import Stream
from tests.cluster.job import Job, configuration, free_port, until
from tests.cluster.verdict import Verdict, verdict

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(420)]
OPERATOR = "flink_taskmanager_job_task_operator_headrace_"
CHECKPOINT = "flink_jobmanager_job_lastCheckpoint"
Samples = dict[str, list[tuple[dict[str, str], float]]]


def scrape(port: int) -> Samples:
    """Return all samples by name; none while nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def total(samples: Samples, name: str, **labels: str) -> float:
    """Return the sum over subtasks."""
    return sum(value for found, value in samples.get(OPERATOR + name, []) if labels.items() <= found.items())


def highest(samples: Samples, name: str) -> float:
    """Return the value of the subtask that has the key; the others show -1."""
    return max((value for _, value in samples.get(OPERATOR + name, [])), default=-1)


def checkpointed(samples: Samples, name: str) -> float:
    """Return what is shown of the last checkpoint; -1 while none is complete, as Flink has it."""
    return samples.get(CHECKPOINT + name, [({}, -1.0)])[0][1]


@dataclass(frozen=True)
class Live:
    """What one run showed when it had read everything, and what it left behind."""

    samples: Samples
    verdict: Verdict


@pytest.fixture(scope="module")
def live(stream: Stream, faultless: Verdict, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A run that is scraped, and whose workers are killed while it stops."""
    folder, port = tmp_path_factory.mktemp("live"), free_port()
    out = folder / "out"
    config = configuration(folder, metrics={"prometheus_port": port})
    with Job(config, out, stream.folder, env={"FLINK_LOG_DIR": str(folder)}) as job:
        until(lambda: total(scrape(port), "events_read") == stream.total or job.ended, 240, "all events are shown")
        examples = faultless.examples
        until(lambda: total(scrape(port), "model_examples", model="ctr") == examples, 60, "all examples are shown")
        # A fast run has read everything before its first checkpoint is complete.
        until(lambda: checkpointed(scrape(port), "FullSize") > 0, 60, "a checkpoint is shown")
        samples = scrape(port)
        caught_up(job, stream.total)
        workers = job.workers()
        job.terminate()
        until(lambda: (out / "savepoints").exists(), 60, "the savepoint has begun")
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        job.succeed()
    return Live(samples, verdict(out))


def test_a_running_job_is_scraped(live: Live, faultless: Verdict) -> None:
    samples = live.samples
    for name in ("accepted", "duplicates"):
        assert total(samples, f"events_{name}") == faultless.counts[name]
    for name, count in faultless.counts.items():
        if name.startswith("rejected."):
            assert total(samples, name.replace(".", "_")) == count
    assert 0 < highest(samples, "model_fresh_log_loss_ppm") < 1_000_000
    assert 500_000 < highest(samples, "model_fresh_auc_ppm") < 1_000_000
    assert highest(samples, "model_as_served_auc_ppm") > 0
    assert 0 <= highest(samples, "model_release_age_seconds") < 300
    for name in ("stage_microseconds", "journal_bytes"):
        for stage in ("user", "train", "release"):
            assert total(samples, name, operator_name=stage) > 0, (name, stage)
    assert total(samples, "failures") == 0
    assert checkpointed(samples, "FullSize") > 0
    assert checkpointed(samples, "CompletedTimestamp") > 0


def test_workers_are_killed_while_it_stops(live: Live, faultless: Verdict) -> None:
    assert live.verdict == replace(faultless, released=faultless.released[:-1])
