"""``headrace submit``: the same job on a running cluster, with the code and the jars it needs."""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from jobs.config.configuration import Configuration
from jobs.recorded_plan import record
from jobs.savepoints import resume_path
from udfs.errors import ConfigurationError
from udfs.releases.epochs import next_epoch
from udfs.releases.registry import Registry

PACKAGES = ("jobs", "udfs")
ANSWER_SECONDS = 10


def submit(configuration: Configuration, target: str, out: Path | None, resume_from: Path | None) -> int:
    """Hand the job to a cluster and return once it was accepted; print its id.

    The packages ``jobs`` and ``udfs`` and the connector's jar travel with the job; docs/cluster.md says what the nodes
    must have.

    Args:
        configuration: the job, its directories placed below ``out`` where it left them open.
        target: the REST address of the cluster, ``host:port``.
        out: a directory that every node sees.
        resume_from: a savepoint or checkpoint to go on from.

    Raises:
        ConfigurationError: nothing answers at the target, or the state does not fit; nothing was submitted.
    """
    host, port = _reachable(target)
    recovery = resume_path(resume_from or False, "")
    plan = configuration.plan(next_epoch(Registry.open(str(configuration.sinks.registry))), bounded=False)
    record(plan, str(configuration.checkpointing.dir), resumes=recovery is not None)

    from jobs.environment import create
    from jobs.reader.make import make_source
    from jobs.topology import build, start

    source = make_source(configuration, None, bounded=False, anew=recovery is None)
    with tempfile.TemporaryDirectory(prefix="headrace-") as folder:
        extra = {"python.files": str(code(Path(folder)))}
        if recovery is not None:
            extra["execution.state-recovery.path"] = recovery
        environment = create(configuration, extra, cluster=(host, port))
        build(environment, configuration, plan, source)
        client = start(environment, configuration.name, plan.buckets)
    print(f"submitted {configuration.name} as job {client.get_job_id()} to {target}")
    return 0


def code(folder: Path) -> Path:
    """Copy the packages that workers import into a folder; numba caches nothing that it compiles inside a zip."""
    source = Path(__file__).resolve().parent.parent
    for package in PACKAGES:
        shutil.copytree(source / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _reachable(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigurationError(f"--target is {target}", "Give the cluster's REST address as host:port")
    try:
        with urllib.request.urlopen(f"http://{target}/v1/overview", timeout=ANSWER_SECONDS):
            return host, int(port)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise ConfigurationError(
            f"No Flink cluster answers at {target} ({error})", "Start it, or correct --target"
        ) from None
