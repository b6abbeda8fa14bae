from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.faults import BITS
from simulator.ground_truth import COLUMNS, GroundTruth
from simulator.reference import FAULTS
from tests.unit.simulator.runs import SHOP, Written, number, write


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(tmp_path_factory.mktemp("all"), FAULTS["all"](SHOP))


def test_columns_have_a_value_for_every_impression(written: Written) -> None:
    shown = {event["event_id"] for event in written.events("impression")}
    assert {len(column) for column in written.truth.values()} == {len(shown)}
    assert np.array_equal(written.truth["impression"], np.arange(len(shown)))
    assert {name: column.dtype.str.replace("|", "<") for name, column in written.truth.items()} == COLUMNS


def test_columns_agree_with_the_lines(written: Written) -> None:
    truth = written.truth
    clocks = BITS["far_clock"] | BITS["user_clock"] | BITS["partition_clock"]
    for event in written.events("impression"):
        at = number(event["impression_id"])
        assert int(event["user"][1:]) == truth["user"][at]
        assert (event["ts"] == truth["time"][at]) == (not truth["impression_faults"][at] & clocks)


def test_an_error_leaves_no_truth(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="broken"), GroundTruth(SHOP, tmp_path):
        raise RuntimeError("broken")
    assert list(tmp_path.iterdir()) == []
