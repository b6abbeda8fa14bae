from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.jobs.dead_letters.sample import FileJob


@pytest.fixture
def job(tmp_path: Path) -> FileJob:
    return FileJob(tmp_path)
