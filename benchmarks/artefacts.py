"""Java archives by Maven coordinates: copied once into the user's cache, with everything they depend on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>headrace</groupId>
  <artifactId>{name}</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>{dependencies}</dependencies>
</project>
"""
_DEPENDENCY = (
    "<dependency><groupId>{0}</groupId><artifactId>{1}</artifactId><version>{2}</version><type>jar</type></dependency>"
)


class ArtefactsMissing(Exception):
    """The archives are not in the cache and cannot be fetched; the message says why."""


def cache_folder() -> Path:
    """Return the user's own folder for fetched archives (``$XDG_CACHE_HOME/headrace``)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~").expanduser() / ".cache")
    return Path(base) / "headrace"


def fetch(name: str, coordinates: tuple[str, ...]) -> Path:
    """Return a folder that holds the archives and all they need, fetching them with ``mvn`` the first time.

    Args:
        name: the folder's name in the cache; it has to change with the coordinates.
        coordinates: ``group:artifact:version`` each.

    Raises:
        ArtefactsMissing: they are not cached, and ``mvn`` is missing or failed.
    """
    folder = cache_folder() / name
    jars = folder / "jars"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise ArtefactsMissing("Maven (mvn) is not on PATH")
    folder.mkdir(parents=True, exist_ok=True)
    dependencies = "".join(_DEPENDENCY.format(*coordinate.split(":")) for coordinate in coordinates)
    pom = folder / "pom.xml"
    pom.write_text(_POM.format(name=name, dependencies=dependencies))
    partial = folder / f"jars.{os.getpid()}"
    command = [maven, "--batch-mode", "--quiet", "--file", str(pom), "dependency:copy-dependencies"]
    done = subprocess.run([*command, f"-DoutputDirectory={partial}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise ArtefactsMissing(f"mvn could not fetch {name}: {(done.stdout + done.stderr)[-500:]}")
    try:
        partial.rename(jars)
    except OSError:
        shutil.rmtree(partial)  # another process was first
    return jars
