from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.clicks import Clicks
from simulator.dirt import KINDS
from simulator.truth import Truth
from udfs.errors import ConfigurationError

DIRTY = Clicks(events=60_000, seed=3, duplicate_rate=0.02, bad_rate=0.002, drift_at=0.5)


def lines(clicks: Clicks) -> tuple[list[bytes], Truth]:
    truth = clicks.truth()
    return [line for block in clicks.blocks(truth) for line in block], truth


def good(line: bytes) -> dict[str, Any] | None:
    """The event, if the line is one by the plainest of readers."""
    try:
        event = json.loads(line.decode())
    except ValueError:
        return None
    sound = len(line) < 65_536 and "user" in event and event["ts"] > 0
    return event if sound and isinstance(event["price"], float) and event["price"] < 1e9 else None


def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        Clicks(events=2_000, seed=seed, bad_rate=0.01).to_files(tmp_path / name)
    a, b, c = ((tmp_path / name / "part-00000.ndjson").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    assert (tmp_path / "a-truth.json").read_bytes() == (tmp_path / "b-truth.json").read_bytes()


def test_parts_hold_the_lines_in_order_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    clicks = Clicks(events=120_000, seed=2)
    clicks.to_files(tmp_path / "in", part_events=50_000)
    names = sorted(path.name for path in (tmp_path / "in").iterdir())
    assert names == [f"part-{i:05d}.ndjson" for i in range(3)]
    written = b"".join((tmp_path / "in" / name).read_bytes() for name in names)
    assert written == b"".join(line + b"\n" for line in lines(clicks)[0])
    with pytest.raises(ConfigurationError, match="holds parts already"):
        clicks.to_files(tmp_path / "in")


def test_the_truth_counts_what_a_reader_finds() -> None:
    sent, truth = lines(DIRTY)
    events = [event for event in map(good, sent) if event]
    ids = Counter(event["event_id"] for event in events)
    summary = truth.summary()
    assert summary["lines"] == len(sent)
    assert summary["events"] == len(ids) == DIRTY.events
    assert summary["duplicates"] == len(events) - len(ids)
    assert truth.bad.total() == len(sent) - len(events)
    assert all(truth.bad[kind] > 0 for kind in KINDS)
    assert max(ids.values()) == 2
    clicked = {event["event_id"]: event["click"] for event in events}
    assert summary["clicks"] == sum(clicked.values())


def test_rates_and_sizes_are_what_they_should_be() -> None:
    sent, truth = lines(DIRTY)
    assert truth.duplicates / DIRTY.events == pytest.approx(0.02, rel=0.15)
    assert truth.bad.total() / DIRTY.events == pytest.approx(0.002, rel=0.4)
    assert 150 < np.median([len(line) for line in sent]) < 220
    click_rate = truth.summary()["click_rate"]
    assert isinstance(click_rate, float)
    assert 0.04 < click_rate < 0.08


def test_the_auc_is_that_of_the_true_probabilities() -> None:
    _, truth = lines(Clicks(events=3_000, seed=5))
    p, y = np.concatenate(truth.probability), np.concatenate(truth.click)
    by_pairs = np.mean(p[y][:, None] > p[~y][None, :])
    assert truth.auc() == pytest.approx(by_pairs, abs=1e-12)
    whole = lines(DIRTY)[1].auc()
    assert whole is not None
    assert 0.70 < whole < 0.80


def test_a_drift_changes_tastes_and_nothing_before_it() -> None:
    n = 20_000
    steady, still = lines(Clicks(events=n, duplicate_rate=0, bad_rate=0))
    moved, truth = lines(Clicks(events=n, duplicate_rate=0, bad_rate=0, drift_at=0.5))
    assert truth.summary()["drift_event"] == n // 2
    assert still.summary()["drift_event"] is None
    early, late = truth.probability
    assert len(early) == len(late) == n // 2

    def rate_by_item(events: list[bytes], probability: Any) -> dict[str, float]:
        pairs = [(json.loads(line)["item"], p) for line, p in zip(events, probability, strict=True)]
        common = [item for item, _ in Counter(item for item, _ in pairs).most_common(50)]
        return {item: float(np.mean([p for other, p in pairs if other == item])) for item in common}

    before, after = rate_by_item(moved[: n // 2], early), rate_by_item(moved[n // 2 :], late)
    same = rate_by_item(steady[: n // 2], still.probability[0][: n // 2])
    both = [item for item in before if item in after and item in same]
    assert len(both) > 20
    assert np.corrcoef([before[i] for i in both], [same[i] for i in both])[0, 1] > 0.9
    assert np.corrcoef([before[i] for i in both], [after[i] for i in both])[0, 1] < 0.6


@pytest.mark.parametrize("wrong", [{"events": 0}, {"bad_rate": 1.5}, {"drift_at": -0.1}, {"per_second": 0.0}])
def test_impossible_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Clicks(**wrong)
