from __future__ import annotations

import numpy as np
import pytest

from simulator.span import DAY_MS, Span
from udfs.errors import ConfigurationError


def test_a_span_holds_its_start_and_not_its_stop() -> None:
    span = Span(start=1, stop=1.5)
    times = np.array([DAY_MS - 1, DAY_MS, DAY_MS * 3 // 2 - 1, DAY_MS * 3 // 2])
    assert span.holds(times).tolist() == [False, True, True, False]


@pytest.mark.parametrize(("start", "stop"), [(1.0, 1.0), (2.0, 1.0)])
def test_a_span_must_not_be_empty(start: float, stop: float) -> None:
    with pytest.raises(ConfigurationError, match=r"Span.stop is .* Allowed is more than start"):
        Span(start=start, stop=stop)
