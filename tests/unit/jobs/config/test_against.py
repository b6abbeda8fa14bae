"""What a change does to state."""

from __future__ import annotations

import pytest

from jobs.config import parse
from jobs.config.against import compare
from udfs.schema import Plan

from .test_load import CLICKS


def plan(*changes: tuple[str, str], epoch: int = 1) -> Plan:
    text = CLICKS
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return parse(text, {}).plan(epoch, True)


def test_another_start_is_no_change() -> None:
    assert compare(plan(), plan(epoch=2)) == []


@pytest.mark.parametrize(
    ("before", "after", "key", "verdict"),
    [
        ("name: clicks", "name: clicks\nruntime: {buckets: 16}", "runtime.buckets", "refused"),
        ("window: 24h", "window: 12h", "dedup.window", "allowed"),
        ("features:\n", "features:\n  seed: 7\n", "models.ctr.features", "cold start"),
        ("examples: 20000", "examples: 10", "models.ctr.snapshot.examples", "allowed"),
        ("label: click", "label: click\n    options: {bits: 10}", "models.ctr.options.bits", "cold start"),
        ("label: click", "label: click\n    options: {alpha: 0.5}", "models.ctr.options.alpha", "cold start"),
        ("label: click", "label: click\n    options: {l2: 0.5}", "models.ctr.options.l2", "allowed"),
        ("id: event_id", "id: position", "events.impression.id", "cold start"),
        ("  ctr:", "  other:", "models.other", "cold start"),
    ],
)
def test_a_change_has_a_verdict(before: str, after: str, key: str, verdict: str) -> None:
    changes = {change.key: change.verdict for change in compare(plan(), plan((before, after)))}
    assert changes[key] == verdict


def test_a_change_is_told_with_both_values() -> None:
    changed = compare(plan(), plan(("window: 24h", "window: 12h")))
    assert [(change.before, change.after) for change in changed] == [(86_400_000_000, 43_200_000_000)]
    assert str(changed[0]).startswith("dedup.window: allowed (86400000000 -> 43200000000): ids that")


def test_a_default_that_is_written_out_is_no_change() -> None:
    assert compare(plan(), plan(("label: click", "label: click\n    options: {alpha: 0.1}"))) == []


def test_another_learner_is_told_once() -> None:
    changed = compare(plan(), plan(("learner: ftrl", "learner: linear")))
    assert [change.key for change in changed if change.verdict == "cold start"] == ["models.ctr.learner"]
