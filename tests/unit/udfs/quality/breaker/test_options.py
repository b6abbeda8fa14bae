from __future__ import annotations

from typing import Any

import pytest

from udfs.errors import ConfigurationError
from udfs.quality.breaker import BreakerOptions


@pytest.mark.parametrize("wrong", [{"hold_back": -1}, {"apart": 10.0}, {"silence": 2_000}, {"max_parts": 0}])
def test_what_is_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(wrong))}.*Give one from"):
        BreakerOptions(**wrong)
