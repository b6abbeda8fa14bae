from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.monitor import Progress, Tail
from tests.unit.jobs.monitor.sample_run import SECOND, START, bucket_counts, counts, learning

RUN = [*counts(), *learning()]


def after(documents: list[dict[str, Any]]) -> Progress:
    progress = Progress()
    progress.absorb(documents)
    return progress


def facts(progress: Progress) -> tuple[Any, ...]:
    counted = (progress.read, progress.accepted, progress.duplicates, progress.rejected, progress.checksum)
    return (*counted, progress.offsets, progress.models, progress.throughput, progress.steady_events_per_s)


def test_counts_are_those_of_the_last_document_of_each_bucket() -> None:
    progress = after(RUN)
    assert progress.read == 28_400
    assert progress.read == progress.accepted + progress.duplicates + sum(progress.rejected.values())
    assert progress.rejected == {"not_json": 112, "out_of_range": 56}
    assert progress.offsets == {"clicks/0": 7_100 * 7, "clicks/1": 7_100 * 5 + 3}
    assert progress.models["ctr"].examples == 24_000


def test_checksums_of_buckets_add() -> None:
    split = [{**bucket_counts(bucket, START, 10), "checksum": "c000000000000001"} for bucket in (0, 1)]
    whole = [{**bucket_counts(0, START, 20), "checksum": "8000000000000002"}]
    assert after(split).checksum == after(whole).checksum == "8000000000000002"
    assert after([]).checksum == "0" * 16


@given(seed=st.integers(0, 1_000))
def test_the_order_and_repetition_of_documents_change_nothing(seed: int) -> None:
    draw = random.Random(seed)
    shuffled = RUN + draw.sample(RUN, 20)
    draw.shuffle(shuffled)
    assert facts(after(shuffled)) == facts(after(RUN))


def test_documents_of_another_kind_tell_nothing() -> None:
    failed = {"stage": "train", "model": "ctr", "failed": 1, "now": START}
    progress = after([failed, {"stage": "later", "key": 1}, {}])
    assert (progress.read, progress.models, progress.epoch) == (0, {}, -1)


def test_a_start_from_an_older_savepoint_takes_counts_back() -> None:
    first = [bucket_counts(bucket, START + SECOND, 1_000, epoch=1) for bucket in (0, 1)]
    second = [bucket_counts(0, START + 9 * SECOND, 400, epoch=2)]
    assert after(second + first).read == 1_400
    second += [bucket_counts(1, START + 9 * SECOND, 500, epoch=2), bucket_counts(0, START + 10 * SECOND, 600, epoch=2)]
    assert after(second + first).read == 1_100


def test_a_new_start_has_a_throughput_of_its_own() -> None:
    later = [{**document, "now": document["now"] + 900 * SECOND} for document in counts(rate=400.0, epoch=2)]
    progress = after(counts(rate=4_000.0, epoch=1) + later)
    assert progress.throughput[-1][0] < 60.0
    assert progress.steady_events_per_s == pytest.approx(400.0, rel=1e-3)


def test_a_reject_without_a_read_is_newer() -> None:
    before = bucket_counts(0, START, 1_000)
    more = {**before, "rejected": {**before["rejected"], "stage_error": 1}}
    assert after([more, before]).rejected["stage_error"] == 1


def test_partitions_of_a_model_are_merged() -> None:
    parts = [learning(examples=8_000, seed=1, key=0), learning(examples=4_000, seed=2, key=1)]
    model = after([*parts[0], *parts[1]]).models["ctr"]
    figures = [part[-1]["progressive"]["fresh"] for part in parts]
    fresh = model.progressive["fresh"]
    assert model.examples == fresh["examples"] == 12_000
    assert fresh["log_loss"] == pytest.approx((2 * figures[0]["log_loss"] + figures[1]["log_loss"]) / 3)
    prior = (2 * figures[0]["prior.log_loss"] + figures[1]["prior.log_loss"]) / 3
    assert fresh["normalised_entropy"] == pytest.approx(fresh["log_loss"] / prior)
    assert all(part["auc"] is not None for part in figures)
    assert fresh["auc"] is None
    curve = model.curve["fresh"]
    assert [window["examples"] for window in curve][-1] == 12_000
    assert [window["examples"] for window in curve] == sorted(window["examples"] or 0 for window in curve)


def test_merged_errors_are_those_of_all_examples_together() -> None:
    parts = [learning(task="regression", examples=n, key=key) for key, n in enumerate((3_000, 1_000))]
    rmse = [part[-1]["progressive"]["fresh"]["rmse"] for part in parts]
    merged = after([*parts[0], *parts[1]]).models["ctr"].progressive["fresh"]
    assert merged["rmse"] == pytest.approx(((3 * rmse[0] ** 2 + rmse[1] ** 2) / 4) ** 0.5)


def test_an_unknown_figure_of_one_partition_leaves_that_of_the_other() -> None:
    empty = learning(key=1, examples=1, seconds=1)
    full = learning(key=0)
    merged = after([*full, *empty]).models["ctr"].progressive["fresh"]
    assert empty[-1]["progressive"]["fresh"]["auc"] is None
    assert merged["auc"] == pytest.approx(full[-1]["progressive"]["fresh"]["auc"])


def test_a_stopped_run_has_the_curve_that_its_documents_told() -> None:
    documents = learning(seconds=60)[:-1]
    last = learning(seconds=60)[-1]
    told = after(documents).models["ctr"].curve["fresh"]
    kept = {window["examples"]: window for window in last["curve"]["fresh"]}
    assert len(told) >= 40
    losses = [window["log_loss"] for window in kept.values()]
    assert all(window["log_loss"] in losses for window in told)
    assert after([*documents, last]).models["ctr"].curve["fresh"] == last["curve"]["fresh"]


def test_a_document_that_follows_the_last_one_leaves_its_curve() -> None:
    documents = learning()
    tick = {name: value for name, value in documents[-1].items() if name != "curve"} | {"now": START + 99 * SECOND}
    assert after([*documents, tick]).models["ctr"].curve["fresh"] == documents[-1]["curve"]["fresh"]


def test_what_is_not_learned_is_summed_over_partitions_and_none_without_a_window() -> None:
    parts = [{**learning(key=key)[-1], "not_learned": 5 + key} for key in (0, 1)]
    assert after(parts).models["ctr"].not_learned == 11
    assert after(learning()).models["ctr"].not_learned is None


def test_it_follows_a_folder(tmp_path: Path) -> None:
    progress, tail = Progress(), Tail(tmp_path)
    assert not progress.follow(tail)
    for i, document in enumerate(RUN):
        (tmp_path / f"part-{i}").write_bytes(msgspec.json.encode(document))
    assert progress.follow(tail)
    assert not progress.follow(tail)
    assert facts(progress) == facts(after(RUN))
    assert progress.committed_at is not None


def test_what_was_skipped_is_told_by_reason_where_there_is_any() -> None:
    progress = Progress()
    progress.absorb([bucket_counts(0, START, 100), bucket_counts(1, START, 100) | {"before_switch": 3}])
    progress.absorb([bucket_counts(0, START + 1, 100) | {"before_switch": 4}])
    assert progress.skipped == {"before_switch": 7}
    assert progress.read == 200


def test_what_rules_found_is_shown_where_they_found_any() -> None:
    plain = after([bucket_counts(0, START, 1_000)])
    assert set(plain.events) == {"read", "accepted", "duplicates", "rejected"}
    bots = {"anomalous": {"hasty": 1, "clicker": 3}, "suspected": {"clickless": 2}}
    progress = after([{**bucket_counts(bucket, START, 1_000), **bots} for bucket in (0, 1)])
    assert list(progress.anomalous.items()) == [("clicker", 6), ("hasty", 2)]
    assert progress.events["anomalous"] == progress.anomalous
    assert progress.events["suspected"] == progress.suspected == {"clickless": 4}


def test_what_rules_about_items_found_is_summed_over_the_buckets_of_a_model() -> None:
    def told(key: int, examples: int, ring: int) -> dict[str, Any]:
        counts = {"examples": examples, "anomalous": {"ring": ring}, "suspected": {"hot": 1}, "remembered": 2}
        return {"stage": "item", "epoch": 1, "model": "ctr", "key": key, "now": START, **counts}

    progress = after([*learning(), told(0, 500, 5), told(1, 300, 7), told(0, 400, 4)])
    assert progress.models["ctr"].items == {
        "examples": 800,
        "failed": 0,
        "remembered": 4,
        "forgotten": 0,
        "anomalous": {"ring": 12},
        "quarantined": {},
        "suspected": {"hot": 2},
    }
    assert after(learning()).models["ctr"].items == {}


def test_what_features_of_items_counted_is_summed_over_the_buckets_of_a_model() -> None:
    def told(key: int, items: int) -> dict[str, Any]:
        counts = {"items": items, "items_forgotten": key, "examples_given_up": 2}
        found = {"examples": 5, "behaviour": counts}
        return {"stage": "item", "epoch": 1, "model": "ctr", "key": key, "now": START, **found}

    progress = after([*learning(), told(0, 500), told(1, 300)])
    wanted = {"items": 800, "items_forgotten": 1, "examples_given_up": 4}
    assert progress.models["ctr"].items["behaviour"] == wanted
