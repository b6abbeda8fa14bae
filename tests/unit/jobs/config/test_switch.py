"""An archive and topics in one configuration."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from jobs.config import load, parse
from jobs.config.against import compare
from jobs.config.configuration import Configuration
from jobs.config.units import duration, moment
from udfs.errors import ConfigurationError
from udfs.schema import Plan, Switch

from .test_load import EXAMPLES

HISTORY = next(path for path in EXAMPLES if path.name == "history.yaml")


def configuration(**source: Any) -> Configuration:
    """Return the example with these parts of its source in place of its own; None takes one away."""
    tree = yaml.safe_load(HISTORY.read_text())
    tree["source"]["switch"] = {"time": "2026-10-31T00:00:00Z"}
    for name, given in source.items():
        if given is None:
            del tree["source"][name]
        else:
            tree["source"][name] = tree["source"].get(name, {}) | given if name != "switch" else given
    return parse(yaml.safe_dump(tree), {})


def plan(**source: Any) -> Plan:
    return configuration(**source).plan(1, False)


def test_the_example_reads_both() -> None:
    found = load(HISTORY, {})
    assert found.source.switch is not None
    assert (found.source.switch.margin, found.source.switch.gap) == (duration("1h"), "refuse")
    described = found.plan(1, False)
    assert described.source == "kafka"
    assert described.switch == Switch(time=moment("2026-10-31"))


def test_an_archive_that_knows_its_offsets_has_no_time() -> None:
    assert plan(switch={"offsets": {"clicks/0": 7, "clicks/1": 0}}).switch == Switch()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"switch": None}, "source: files and kafka are both given: switch is missing"),
        ({"kafka": None}, "source: switch is between files and kafka: give both"),
        ({"files": None, "kafka": None, "switch": None}, "source: give one of files and kafka, or both and a switch"),
        ({"switch": {}}, "source.switch: give one of time and offsets"),
        ({"switch": {"time": "2026-10-31", "offsets": {"clicks/0": 1}}}, "give one of time and offsets"),
        ({"switch": {"offsets": {}}}, "source.switch.offsets: "),
        ({"switch": {"offsets": {"clicks/0": -1}}}, "source.switch.offsets.clicks/0: is -1; allowed is"),
        ({"switch": {"offsets": {"click/0": 1}}}, "is 'click', no topic of the source; did you mean clicks?"),
        ({"switch": {"offsets": {"clicks/x": 1}}}, "source.switch.offsets.clicks/x: allowed is topic/number"),
        ({"kafka": {"start": "latest"}}, "source.kafka.start: is 'latest', but source.switch says where topics begin"),
        ({"files": {"max_line": "1KiB"}}, "source.files.max_line: differs from source.kafka.max_line"),
        ({"files": {"format": "csv"}}, "source.files.format: differs from source.kafka.format"),
    ],
)
def test_a_mistake_is_named(source: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configuration(**source)
    assert expected in str(caught.value)


def test_the_time_of_arrival_tells_no_sides() -> None:
    text = HISTORY.read_text().replace("timestamp: {path: ts, unit: ms}", "timestamp: ingest")
    with pytest.raises(ConfigurationError, match=r"events\.impression\.timestamp: is ingest"):
        parse(text, {})
    parse(text.replace("time: 2026-10-31T00:00:00Z", "offsets: {clicks/0: 1}"), {})


def test_joined_impressions_need_a_time() -> None:
    tree = yaml.safe_load((HISTORY.parent / "shop.yaml").read_text())
    kafka = {"bootstrap": "localhost:9092", "topics": ["shop"], "group": "g"}
    tree["source"] = {"files": {}, "kafka": kafka, "switch": {"offsets": {"shop/0": 1}}}
    with pytest.raises(ConfigurationError, match=r"source\.switch: has no time"):
        parse(yaml.safe_dump(tree, sort_keys=False), {})
    tree["source"]["switch"] = {"time": "2026-10-31"}
    parse(yaml.safe_dump(tree, sort_keys=False), {})


OTHER = {"time": "2026-10-30"}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({}, {"switch": OTHER}, "refused"),
        ({}, {"switch": {"offsets": {"clicks/0": 1}}}, "refused"),
        ({"files": None, "switch": None}, {}, "refused"),
        ({}, {"files": None, "switch": None}, "allowed"),
    ],
)
def test_what_a_change_does_to_state(before: dict[str, Any], after: dict[str, Any], verdict: str) -> None:
    assert [(change.key, change.verdict) for change in compare(plan(**before), plan(**after))] == [
        ("source.switch", verdict)
    ]


def test_how_far_records_lead_may_change() -> None:
    more = {"time": "2026-10-31", "margin": "2h", "gap": "accept"}
    assert compare(plan(), plan(switch=more)) == []


def test_files_alone_are_no_archive_of_topics() -> None:
    changes = compare(plan(kafka=None, switch=None), plan())
    assert ("source", "refused") in [(change.key, change.verdict) for change in changes]
