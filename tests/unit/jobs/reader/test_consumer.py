from __future__ import annotations

import threading
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from jobs.reader.consumer import connected_consumer
from tests.cluster.job import free_port


def test_failing_to_connect_leaves_no_thread_and_no_socket() -> None:
    options = {"bootstrap_servers": [f"127.0.0.1:{free_port()}"], "bootstrap_timeout_ms": 200}
    with pytest.raises(KafkaError):
        connected_consumer(options)
    before = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(KafkaError):
            connected_consumer(options)
    after = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    assert after[0] <= before[0]
    assert after[1] <= before[1] + 2
