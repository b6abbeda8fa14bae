from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from benchmarks.artefacts import ArtefactsMissing
from benchmarks.broker import Broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker; a test that stops it starts it again."""
    one = Broker(tmp_path_factory.mktemp("kafka"))
    try:
        one.start()
    except ArtefactsMissing as missing:
        if os.environ.get("HEADRACE_REQUIRE_KAFKA"):
            raise
        pytest.skip(f"no Kafka broker: {missing}")
    try:
        yield one
    finally:
        one.stop()
