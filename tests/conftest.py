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
    """Sends a file's tests to one process, and those of all files that start clusters or brokers to one.

    They would take the machine from each other, and have fixtures of the whole session.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "clusters" if file.startswith(("tests/cluster/", "tests/kafka/")) else file


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
