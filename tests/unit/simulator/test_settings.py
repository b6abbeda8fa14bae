from __future__ import annotations

import pytest

from simulator.drift import Sale
from simulator.faults import Outage
from simulator.reference import FAULTS
from simulator.settings import with_settings
from tests.unit.simulator.runs import SHOP
from udfs.errors import ConfigurationError

RUN = FAULTS["all"](SHOP)


def test_values_are_replaced_where_their_path_leads() -> None:
    settings = [
        "faults.duplicates=0.5",
        "faults.late_hours=[1, 2]",
        "faults.outages.1.stop=1.5",
        "faults.outages.0.partition=null",
        "faults.nulls.0.field=price",
        "bots.ring.accounts=7",
        'drift.sales=[{"start": 1, "stop": 1.5, "clicks": 2}]',
    ]
    run = with_settings(RUN, settings)
    assert run.faults.duplicates == 0.5
    assert run.faults.late_hours == (1.0, 2.0)
    assert run.faults.outages[1].stop == 1.5
    assert run.faults.outages[0] == Outage(start=RUN.faults.outages[0].start, stop=RUN.faults.outages[0].stop)
    assert run.faults.nulls[0].field == "price"
    assert run.bots.ring.accounts == 7
    assert run.drift.sales == (Sale(start=1, stop=1.5, clicks=2),)
    assert with_settings(RUN, []) == RUN


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("faults.dup=0.5", "there is no 'dup'"),
        ("faults=1", "no single value"),
        ("days", "no value"),
        ("days=x", "days is 'x'"),
        ("days=true", "days is True"),
        ("faults.duplicates=2", r"Faults.duplicates is 2.0. Allowed is 0 to 1"),
        ("faults.duplicates=NaN", "Faults.duplicates is nan"),
        ("faults.outages.9.stop=3", "There is: 0, 1"),
        ('drift.sales=[{"start":1,"stp":2}]', "there is no 'stp'"),
        ('drift.sales=[{"start":1}]', "missing required field `stop`"),
        ("seed.x=1", "there is no 'x'"),
        ("bots.ring.accounts=1.5", "accounts is 1.5"),
        ("days=1", "start is .*less than days"),
    ],
)
def test_what_cannot_be_set_is_refused(setting: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        with_settings(RUN, [setting])
