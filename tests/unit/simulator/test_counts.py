from __future__ import annotations

import json

import numpy as np
import pytest

from simulator.faults import BITS
from simulator.reference import FAULTS
from simulator.span import DAY_MS
from tests.unit.simulator.runs import SHOP, Written, write


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(tmp_path_factory.mktemp("all"), FAULTS["all"](SHOP))


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


def test_spans_have_their_times_and_moments_theirs(written: Written) -> None:
    run, start = FAULTS["all"](SHOP), SHOP.start_ms
    spans = {span["name"]: span for span in written.summary["spans"]}
    assert {name: (span["start"] - start, span["stop"] - start) for name, span in spans.items()} == {
        name: (span.start_ms, span.stop_ms) for name, span in run.spans()
    }
    assert all(span["events"] > 0 for name, span in spans.items() if not name.startswith("faults.outages"))
    assert written.summary["sudden"] == [start + round(run.drift.sudden[0] * DAY_MS)]
