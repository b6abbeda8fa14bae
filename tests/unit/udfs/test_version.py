"""The version stands in one place; what is built and what releases name have it from there."""

from __future__ import annotations

from pathlib import Path

from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from udfs import __version__
from udfs.stages.release import CODE_VERSION

ROOT = Path(__file__).resolve().parents[3]


def test_all_have_the_same_version() -> None:
    assert ProjectMetadata(str(ROOT), PluginManager()).version == __version__
    assert f"headrace {__version__}" == CODE_VERSION
    newest = next(line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    assert newest.split()[1] == __version__
