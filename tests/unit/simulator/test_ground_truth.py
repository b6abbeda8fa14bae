from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulator.faults import BITS
from simulator.ground_truth import COLUMNS, GroundTruth
from simulator.reference import FAULTS
from simulator.span import DAY_MS
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


def test_the_summary_counts_what_a_reader_finds(written: Written) -> None:
    summary = json.loads((written.folder / "truth/summary.json").read_text())
    assert summary == json.loads(json.dumps(written.summary))
    by_type: dict[str, int] = {}
    for event in written.by_id().values():
        by_type[event["type"]] = by_type.get(event["type"], 0) + 1
    assert summary["events"] == by_type
    assert summary["lines"] == len(list(written.lines()))
    assert summary["configuration"]["seed"] == SHOP.seed
    marks = written.truth["impression_faults"]
    for span in summary["spans"]:
        if span["name"].startswith("faults.nulls"):
            assert span["events"] == np.count_nonzero(marks & BITS["null"])


def test_people_are_summed_up_by_day(written: Written) -> None:
    truth, summary = written.truth, written.summary
    person = truth["bot"] == 0
    day = np.minimum((truth["time"] - SHOP.start_ms) // DAY_MS, 1)
    for number_, found in enumerate(summary["days"]):
        held = person & (day == number_)
        assert found["impressions"] == held.sum()
        assert found["clicks"] == (truth["click_time"][held] >= 0).sum()
        assert found["purchases"] == (truth["purchase_time"][held] >= 0).sum()
    assert summary["people"]["clicks"] == sum(found["clicks"] for found in summary["days"])
    assert summary["people"]["click_rate"] == pytest.approx((truth["click_time"][person] >= 0).mean())


def test_an_error_leaves_no_truth(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="broken"), GroundTruth(SHOP, tmp_path):
        raise RuntimeError("broken")
    assert list(tmp_path.iterdir()) == []
