from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from jobs.monitor import Progress
from jobs.report import build_report, write_report
from jobs.report.page import page
from tests.unit.jobs.monitor.sample_run import bucket_counts, counts, histories, learning
from udfs.releases import schemas

HOSTILE = "</title><script>alert(1)</script>\"'&<b>"


def report_of(documents: list[dict[str, Any]], **others: Any) -> dict[str, Any]:
    progress = Progress()
    progress.absorb(documents)
    return build_report(progress, histories(), 47.2134, **others)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return report_of([*counts(), *learning(), *learning("ratings", "regression")])


def elements(html: str) -> ElementTree.Element:
    """Parse a page, which is written as XML that HTML readers take."""
    return ElementTree.fromstring(html.removeprefix("<!DOCTYPE html>\n"))


def texts(root: ElementTree.Element, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(tag)]


def test_a_report_keeps_to_its_schema(report: dict[str, Any]) -> None:
    Draft202012Validator(schemas.load("report")).validate(report)
    json.dumps(report, allow_nan=False)


def test_a_report_adds_up(report: dict[str, Any]) -> None:
    events = report["events"]
    assert events["read"] == 28_400 == events["accepted"] + events["duplicates"] + sum(events["rejected"].values())
    assert report["wall_s"] == 47.213
    assert report["steady_events_per_s"] == pytest.approx(800.0, rel=1e-3)


def test_bots_that_were_found_are_in_the_sum_and_on_the_page() -> None:
    document = bucket_counts(0, 1, 1_000)
    document |= {"anomalous": {"clicker": 30}, "suspected": {"hasty": 5}, "accepted": document["accepted"] - 30}
    report = report_of([document])
    events = report["events"]
    gone = events["duplicates"] + sum(events["rejected"].values()) + sum(events["anomalous"].values())
    assert events["read"] == events["accepted"] + gone
    assert events["suspected"] == {"hasty": 5}
    Draft202012Validator(schemas.load("report")).validate(report)
    shown = page(report)
    assert "accepted + duplicates + rejected + anomalous" in shown
    assert "Bots: dropped by rule" in shown
    assert "Bots: accepted nevertheless, by rule" in shown


def test_rings_that_were_found_are_in_the_report_and_on_the_page() -> None:
    counts = {"anomalous": {"ring": 1_234}, "quarantined": {}, "suspected": {"hot": 9}}
    item = {"stage": "item", "model": "ctr", "key": 0, "now": 1, "examples": 30_000, "remembered": 70, **counts}
    report = report_of([*learning(), item])
    found = report["models"]["ctr"]["items"]
    assert found == {"examples": 30_000, "failed": 0, "remembered": 70, "forgotten": 0, **counts}
    Draft202012Validator(schemas.load("report")).validate(report)
    cells = texts(elements(page(report)), "td")
    assert cells[cells.index("ring") - 1 : cells.index("ring") + 2] == ["anomalous", "ring", "1,234"]
    assert "items" not in report_of(learning())["models"]["ctr"]


def test_a_model_has_its_figures_by_name_and_by_clock(report: dict[str, Any]) -> None:
    model = report["models"]["ctr"]
    assert model["examples"] == 24_000
    assert model["versions"] == ["1.1", "1.2", "1.3", "1.5"]
    assert (model["refused"], model["stable"]) == (["1.4"], "1.5")
    assert model["progressive"]["log_loss"] == model["progressive"]["fresh"]["log_loss"]
    assert model["progressive"]["as_served"]["log_loss"] < model["progressive"]["prior.log_loss"]
    assert report["models"]["ratings"]["progressive"]["mae"] < report["models"]["ratings"]["progressive"]["mean.mae"]
    assert report["models"]["ratings"]["stable"] is None


def test_a_ranking_is_judged_by_its_order_alone() -> None:
    report = report_of([*counts(), *learning("rank", "ranking")])
    Draft202012Validator(schemas.load("report")).validate(report)
    told = report["models"]["rank"]["progressive"]["fresh"]
    assert told["auc_unshown"] == 0.75
    assert told["popularity.auc_unshown"] == 0.5
    shown = "".join(elements(page(report)).itertext())
    assert "AUC unshown" in shown
    assert "popularity (trivial)" in shown
    for absent in ("log loss", "alibration", "MAE", "accuracy"):
        assert absent not in shown


def test_a_run_that_read_nothing_has_a_report(tmp_path: Path) -> None:
    report = report_of([], models=["ctr", "idle"])
    assert report["events"] == {"read": 0, "accepted": 0, "duplicates": 0, "rejected": {}}
    assert report["models"]["idle"] == report_of([], models=["idle"])["models"]["idle"]
    assert report["models"]["ctr"]["stable"] == "1.5"
    assert report["steady_events_per_s"] is None
    Draft202012Validator(schemas.load("report")).validate(report)
    write_report(tmp_path, report)
    assert "No window of examples is complete yet" in (tmp_path / "report.html").read_text()


def test_both_files_are_written_whole_and_over_older_ones(tmp_path: Path, report: dict[str, Any]) -> None:
    (tmp_path / "report.json").write_text("old")
    write_report(tmp_path / "new", report)
    write_report(tmp_path, report)
    assert json.loads((tmp_path / "report.json").read_bytes()) == report
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["report.html", "report.json"]


def test_the_page_is_well_formed_and_shows_every_part(report: dict[str, Any]) -> None:
    root = elements(page(report))
    captions = texts(root, "figcaption")
    for begins in ("Events per second", "Rejected by reason", "Log loss", "Normalised entropy", "AUC", "Calibration"):
        assert any(caption.startswith(begins) for caption in captions), begins
    assert any(caption.startswith("MAE") for caption in captions)
    cells = texts(root, "td")
    assert {"1.1", "1.5", "stable", "05c0ffee05c0"} <= set(cells)
    assert "refusedgolden <b>scores</b> differ" in cells
    assert len(list(root.iter("svg"))) == 7
    assert {"28,400", "800", "47.2 s"} <= set(texts(root, "strong"))


def test_every_line_of_a_chart_stays_inside_it(report: dict[str, Any]) -> None:
    for svg in elements(page(report)).iter("svg"):
        _, _, width, height = map(float, svg.attrib["viewBox"].split())
        paths = [path.attrib["d"] for path in svg.iter("path") if "line" in path.attrib["class"]]
        assert paths
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", "".join(paths)):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


def test_the_page_needs_nothing_from_elsewhere(report: dict[str, Any]) -> None:
    html = page(report)
    assert not re.search(r"<(script|link|img|iframe|object)\b|\b(src|href)=|url\(|@import|https?:", html)
    assert "prefers-color-scheme: dark" in html


def test_hostile_names_are_text(report: dict[str, Any]) -> None:
    rejected = {**bucket_counts(0, 1, 100), "rejected": {HOSTILE: 3}}
    root = elements(page(report_of([rejected, *learning(HOSTILE)])))
    assert not list(root.iter("script"))
    assert HOSTILE in texts(root, "em")
    assert HOSTILE in texts(root, "title")[0]
    assert HOSTILE in texts(root, "span")


def test_a_baseline_that_would_flatten_the_rest_is_named_but_not_drawn(report: dict[str, Any]) -> None:
    root = elements(page(report))
    figures = {"".join(figure.itertext()).split(" ")[0]: figure for figure in root.iter("figure")}
    log_loss = figures["Log"]
    assert "(off the scale)" in "".join(log_loss.itertext())
    drawn = [path.attrib["class"] for path in log_loss.iter("path")]
    assert "line prior" in drawn
    assert "line last_label" not in drawn


def test_lost_examples_and_forgotten_ids_are_said() -> None:
    lossy = [{**document, "failed": 7, "refused_keys": 5} for document in learning(seconds=3)]
    html = page(report_of([{**bucket_counts(0, 1, 100), "forgotten": 12}, *lossy]))
    assert "7 examples raised" in html
    assert "5 examples had a key value" in html
    assert "12 ids left the dedup window early" in html


def test_many_releases_fold() -> None:
    report = report_of(learning())
    releases = report["models"]["ctr"]["releases"]
    report["models"]["ctr"]["releases"] = [{**releases[0], "version": f"1.{n}"} for n in range(1, 31)]
    assert "<summary>18 older</summary>" in page(report)


def test_what_was_skipped_stands_beside_what_was_read() -> None:
    found = report_of([*counts(), bucket_counts(0, 1 << 60, 10_000) | {"after_switch": 5, "before_switch": 2}])
    Draft202012Validator(schemas.load("report")).validate(found)
    assert found["events"]["skipped"] == {"after_switch": 5, "before_switch": 2}
    assert "on the other side of the switch; not read" in page(found)
