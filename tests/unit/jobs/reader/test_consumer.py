from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from jobs.reader.consumer import connected_consumer
from tests.cluster.job import free_port


@pytest.fixture
def quiet() -> Iterator[None]:
    """Let nothing be logged: records that are kept for a test's report keep what they speak of."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
def test_failing_to_connect_leaves_no_thread_and_no_socket() -> None:
    options = {"bootstrap_servers": [f"127.0.0.1:{free_port()}"], "bootstrap_timeout_ms": 200}
    with pytest.raises(KafkaError):
        connected_consumer(options)
    before = held()
    for _ in range(3):
        with pytest.raises(KafkaError):
            connected_consumer(options)
    assert held() <= before


def held() -> tuple[int, int]:
    """Return how many threads there are, and how many files and sockets are open once garbage is collected."""
    gc.collect()
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
