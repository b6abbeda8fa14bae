"""Models of one label in one chart, also for who sees no colours or no drawing."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from jobs.monitor import Progress
from jobs.report import build_report
from jobs.report.page import page
from jobs.report.side_by_side import STYLES, side_by_side
from tests.unit.jobs.monitor.sample_run import START, learning

HOSTILE = "a<b>\"'&"
CHANGES = [
    {"examples": 150, "event_time": START, "model": None, "what": "tastes were drawn anew"},
    {"examples": 250, "event_time": START, "model": HOSTILE, "what": "loss rose"},
    {"examples": 999, "event_time": START, "model": "frozen", "what": "loss rose"},
]
TOLD: dict[str, Any] = {
    "examples": 300,
    "models": {HOSTILE: [[100, 0.7], [200, 0.6], [300, 0.65]], "frozen": [[100, 0.7], [200, 0.55], [300, 0.5]]},
    "best_auc": 0.75,
    "changes": CHANGES,
}


@pytest.fixture(scope="module")
def section() -> ElementTree.Element:
    return ElementTree.fromstring(side_by_side({"clicked": TOLD}))


def test_every_model_is_a_line_of_its_own_and_the_best_is_a_level(section: ElementTree.Element) -> None:
    drawn = [path.attrib["class"] for path in section.iter("path") if path.attrib["class"].startswith("line")]
    assert sorted(drawn) == ["line level", "line series1", "line series2"]
    legend = next(part for part in section.iter("div") if part.get("class") == "legend")
    assert ["".join(span.itertext()) for span in legend] == [
        f"{HOSTILE} 0.6500",
        "frozen 0.5000",
        "best possible 0.7500",
    ]


def test_what_is_known_and_what_was_detected_are_marked_where_they_happened(section: ElementTree.Element) -> None:
    marks = [path for path in section.iter("path") if "mark" in path.attrib["class"]]
    assert [path.attrib["class"] for path in marks] == ["mark known", "mark"]
    at = [float(re.findall(r"M([\d.]+)", path.attrib["d"])[0]) for path in marks]
    assert at[0] < at[1]
    assert ["".join(path.itertext()) for path in marks] == [
        "tastes were drawn anew, 2023-11-14 22:13:20",
        f"loss rose of {HOSTILE}, 2023-11-14 22:13:20",
    ]


def test_the_drawing_is_told_in_words(section: ElementTree.Element) -> None:
    (svg,) = section.iter("svg")
    title, description = svg[0], svg[1]
    assert (title.tag, title.text, description.tag) == ("title", "AUC of clicked", "desc")
    assert description.text == (
        f"In the last window: {HOSTILE} 0.6500, frozen 0.5000. The best possible is 0.7500."
        " After 150 examples: tastes were drawn anew, 2023-11-14 22:13:20."
        f" After 250 examples: loss rose of {HOSTILE}, 2023-11-14 22:13:20."
        " After 999 examples: loss rose of frozen, 2023-11-14 22:13:20."
    )


def test_no_two_lines_look_alike_without_colour() -> None:
    progress = Progress()
    names = [f"m{n}" for n in range(len(STYLES) + 1)]
    progress.absorb([document for seed, name in enumerate(names) for document in learning(name, seed=seed)])
    html = page(build_report(progress, {}, 1.0, None, dict.fromkeys(names, "clicked")))
    rules = {style: re.search(rf"\.key\.{style} {{(.*?)}}", html) for style in STYLES}
    looks = {style: rule[1] for style, rule in rules.items() if rule}
    dashes = [re.findall(r"stroke-dasharray: ([^;]+);", look) for look in looks.values()]
    borders = [re.findall(r"border-top-style: ([^;]+);", look) for look in looks.values()]
    assert len({str(dash) for dash in dashes}) == len({str(border) for border in borders}) == len(STYLES)
    drawn = re.findall(r'class="line (series\d)"', html)
    assert sorted(drawn) == sorted([*STYLES, STYLES[0]])


def test_without_anything_to_compare_there_is_nothing() -> None:
    assert side_by_side({}) == ""
    progress = Progress()
    progress.absorb(learning())
    assert "side by side" not in page(build_report(progress, {}, 1.0, None, {"ctr": "clicked"}))


def test_what_a_model_did_not_learn_is_a_figure_of_its_own() -> None:
    progress = Progress()
    progress.absorb([{**document, "not_learned": 1_234} for document in learning()])
    html = page(build_report(progress, {}, 1.0))
    assert "1,234</strong><small>outside of the window in which it learns" in html
