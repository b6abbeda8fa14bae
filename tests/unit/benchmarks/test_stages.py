from __future__ import annotations

import json

import pytest

from benchmarks.stages.measure import measure
from benchmarks.stages.workload import WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
def test_events_reach_every_stage(name: str) -> None:
    cost = measure(WORKLOADS[name], lines=400, batches=1)
    assert min(cost.pack_us, cost.user_us, cost.train_us) > 0
    # An id, a time and six hashes are more than 48 bytes; duplicates, one line in a hundred, stay behind in [user].
    assert 48 < cost.event_bytes < 1000
    assert 48 < cost.example_bytes < 1000


def test_wide_events_carry_a_vector_and_a_list() -> None:
    workload = WORKLOADS["wide"]
    event = json.loads(workload.lines(5)[0])
    assert (len(event["embedding"]), len(event["tags"])) == (32, 5)
    assert {"embedding", "tags"} <= set(workload.plan().models[0].features)
