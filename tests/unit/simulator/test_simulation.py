from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simulator.drift import Drift
from simulator.faults import Faults, Outage
from simulator.simulation import Simulation
from simulator.span import DAY_MS
from tests.unit.simulator.runs import SHOP
from udfs.errors import ConfigurationError


def test_slices_cover_the_run() -> None:
    run = Simulation(impressions=7, slice_impressions=2, days=1.0)
    assert len(run.slices) == 4
    assert run.slices[0][0] == 0
    assert run.slices[-1][1] == DAY_MS
    assert all(a[1] == b[0] for a, b in zip(run.slices[:-1], run.slices[1:], strict=True))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"impressions": 0}, "Simulation.impressions is 0. Allowed is 1 to"),
        ({"seed": -1}, "Simulation.seed is -1"),
        ({"days": 0.0}, "Simulation.days is 0.0"),
        ({"start_ms": 0}, "Simulation.start_ms is 0"),
        ({"partitions": 0}, "Simulation.partitions is 0"),
        (
            {"faults": Faults(outages=(Outage(start=0, stop=1, partition=3),))},
            "Outage.partition is 3. Allowed is 0 to 2",
        ),
        ({"faults": Faults(outages=(Outage(start=2, stop=3),))}, "Outage.start is 2"),
        ({"drift": Drift(sudden=(2.0,))}, "Drift.sudden is"),
    ],
)
def test_impossible_values_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        replace(SHOP, **wrong)
