from __future__ import annotations

import numpy as np
import pytest

from simulator.events import EVENT, TYPES
from simulator.series import MIXED, SEPARATE, Division


@pytest.mark.parametrize("mixed", [True, False])
def test_every_event_is_in_one_run_in_the_order_that_it_had(mixed: bool) -> None:
    rng = np.random.default_rng(1)
    events = np.zeros(1_000, EVENT)
    events["type"], events["partition"] = rng.integers(0, len(TYPES), 1_000), rng.integers(0, 7, 1_000)
    events["number"] = np.arange(1_000)
    division = Division(8, mixed)
    found, runs = division.sort(events)
    assert [(run.series, run.partition) for run in runs] == [
        (series, partition) for series in (MIXED if mixed else SEPARATE) for partition in range(8)
    ]
    assert sorted(found["number"].tolist()) == list(range(1_000))
    allowed = {"searches": {0}, "impressions": {1}, "clicks": {2}, "orders": {3, 4}, "events": {0, 1, 2, 3, 4}}
    for run in runs:
        part = found[run.first : run.last]
        assert (np.diff(part["number"]) > 0).all()
        assert set(part["partition"].tolist()) <= {run.partition}
        assert set(part["type"].tolist()) <= allowed[run.series]
    assert [run.first for run in runs] == [0, *(run.last for run in runs[:-1])]
    assert runs[-1].last == 1_000
