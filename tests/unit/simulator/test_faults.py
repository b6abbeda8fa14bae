from __future__ import annotations

from typing import Any

import pytest

from simulator.faults import BITS, Faults, NullField, UserClock
from udfs.errors import ConfigurationError


def test_bits_fit_the_columns_of_the_truth() -> None:
    assert sorted(BITS.values()) == [1 << place for place in range(len(BITS))]
    assert max(BITS.values()) < 2**16


@pytest.mark.parametrize(
    "wrong",
    [{"late": 1.5}, {"duplicates": -0.1}, {"far_days": 99_999.0}, {"late_hours": (3.0, 2.0)}, {"duplicate_hours": 0.0}],
)
def test_impossible_rates_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"Faults.{next(iter(wrong))} is"):
        Faults(**wrong)


def test_impossible_spans_of_faults_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"NullField.field is size. Allowed is category, device"):
        NullField(start=0, stop=1, field="size")
    with pytest.raises(ConfigurationError, match=r"UserClock.hours is 20000"):
        UserClock(start=0, stop=1, share=0.5, hours=20_000)
    with pytest.raises(ConfigurationError, match=r"UserClock.share is 2"):
        UserClock(start=0, stop=1, share=2, hours=1)
