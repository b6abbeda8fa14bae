from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("headrace", deadline=None)
settings.load_profile("headrace")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real click logs, which are not part of the repository."""
    folder = os.environ.get("HEADRACE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HEADRACE_DATA names no folder of real click logs")
    return Path(folder)
