from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import pytest

from simulator.checks import positive, within
from udfs.errors import ConfigurationError


@dataclass
class Thing:
    size: float


@pytest.mark.parametrize("size", [0.9, 2.1, nan, inf])
def test_what_is_out_of_range_is_refused_by_name_value_and_what_is_allowed(size: float) -> None:
    with pytest.raises(ConfigurationError, match=rf"Thing.size is {size}. Allowed is 1 to 2"):
        within(Thing(size), 1, 2, "size")


@pytest.mark.parametrize("size", [0.0, -1.0, nan, inf])
def test_what_is_not_positive_is_refused(size: float) -> None:
    with pytest.raises(ConfigurationError, match=r"Allowed is more than 0"):
        positive(Thing(size), "size")


def test_what_is_allowed_passes() -> None:
    within(Thing(1), 1, inf, "size")
    positive(Thing(0.1), "size")
    with pytest.raises(ConfigurationError, match=r"Allowed is 2 or more"):
        within(Thing(1), 2, inf, "size")
