"""Options out of range are refused with their name, their value and what is allowed; the ends are allowed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from udfs.errors import ConfigurationError
from udfs.quality.anomaly.checks import within


def test_ends_are_allowed() -> None:
    within(SimpleNamespace(a=1, b=0.5), a=(1, 3), b=(0.1, 0.5))


@pytest.mark.parametrize("value", [0, 4, float("nan")])
def test_what_is_beyond_them_is_refused(value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"a is {value}. Choose 1 to 3"):
        within(SimpleNamespace(a=value), a=(1, 3))
