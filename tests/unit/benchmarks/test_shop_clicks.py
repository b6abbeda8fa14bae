from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.quality.shop_clicks import SPACE, clicks, slot_of
from simulator.reference import PRESETS


def test_examples_are_what_people_saw_and_clicked_in_order_of_time() -> None:
    run = replace(PRESETS["small"], impressions=20_000, slice_impressions=10_000)
    parts = list(clicks(run))
    assert len(parts) == 2
    batch, probability, shown = parts[0]
    assert len(batch) == len(probability) == len(shown)
    assert (np.diff(batch.time) >= 0).all()
    words = (shown.words >= 0).sum(axis=1)
    assert np.diff(batch.indptr).tolist() == (6 + words).tolist()
    assert batch.field.max() == len(SPACE.hashed) - 1
    users = batch.slot[batch.indptr[:-1]]
    assert users.tolist() == slot_of(shown.user, 0).tolist()
    assert len(np.unique(users)) == len(np.unique(shown.user))
    label = np.concatenate([part.batch.label for part in parts])
    assert label.mean() == pytest.approx(np.concatenate([part.probability for part in parts]).mean(), rel=0.15)
