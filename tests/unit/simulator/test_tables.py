from __future__ import annotations

import numpy as np

from simulator.answers import Answers
from simulator.tables import joined


def test_rows_follow_each_other_column_by_column() -> None:
    parts = [Answers(click=np.arange(n), cart=np.full(n, 7), purchase=-np.arange(n)) for n in (2, 0, 3)]
    whole = joined(parts)
    assert whole.click.tolist() == [0, 1, 0, 1, 2]
    assert whole.cart.tolist() == [7] * 5
    assert whole.purchase.tolist() == [0, -1, 0, -1, -2]
