from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# How long an example takes says how busy the machine is.
settings.register_profile("headrace", deadline=None)
settings.load_profile("headrace")


class _Files(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Sends a file's tests to one process, those of all files in ``cluster`` to one, and those in ``kafka`` to another.

    They have fixtures of the whole session. Two runs of a job beside each other fill the cores that each leaves idle
    while it starts and stops; more would take the machine from each other.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((group for group in ("tests/cluster/", "tests/kafka/") if file.startswith(group)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Files:
    """Return what shares the tests among processes, where there are several."""
    return _Files(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real click logs, which are not part of the repository."""
    folder = os.environ.get("HEADRACE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HEADRACE_DATA names no folder of real click logs")
    return Path(folder)
