"""What surrounds a model's learner: every mistake is named, and what is right reaches the plan."""

from __future__ import annotations

import pytest

from jobs.config import parse
from jobs.config.against import compare
from udfs.schema import Augment, Cold, Drift, Dropout, Learns, Negatives, Plan, Replay, Unshown

from .test_load import CLICKS, failing

RANKER = "learner: ranker\n    features: [user, item]\n    options: {item: [item]"


def with_ctr(text: str) -> str:
    own = CLICKS.replace("    learner: ftrl\n", "", 1) if "learner:" in text else CLICKS
    return own.replace("label: click", f"label: click\n    {text}", 1)


def plan(text: str) -> Plan:
    return parse(with_ctr(text), {}).plan(1, True)


def test_drift_reaches_the_plan() -> None:
    found = plan("drift: {of: residual, features: price, detector: page_hinkley, threshold: 50}").model("ctr").drift
    assert found == Drift(of="residual", features=("price",), detector="page_hinkley", threshold=50.0)
    assert plan("seed: 2").model("ctr").drift is None


def test_when_a_model_learns_reaches_the_plan() -> None:
    found = plan("learns: {from: 1970-01-02, until: 1970-01-01T01:00:00-24:00}".replace("-24:00", "-23:59"))
    assert found.model("ctr").learns == Learns(since=86_400_000_000, until=86_400_000_000 + 3_540_000_000)
    assert plan("learns: {until: 1970-01-02}").model("ctr").learns == Learns(until=86_400_000_000)
    assert plan("seed: 2").model("ctr").learns is None


def test_negatives_reach_the_plan() -> None:
    found = plan("negatives: {keep: 0.1, correct: weight}").model("ctr").negatives
    assert found == Negatives(keep=0.1, correct="weight")


def test_augmentations_reach_the_plan() -> None:
    found = plan("augment: {dropout: {rate: 0.1}, cold: {features: item, rate: 0.2}, replay: {times: 3}}")
    assert found.model("ctr").augment == Augment(
        dropout=Dropout(rate=0.1), cold=Cold(features=("item",), rate=0.2), replay=Replay(times=3)
    )
    assert plan("seed: 2").model("ctr").augment == Augment()


def test_unshown_items_reach_the_plan() -> None:
    found = plan(f"augment: {{unshown: {{by: popularity, count: 2}}}}\n    {RANKER}}}").model("ctr")
    assert found.augment == Augment(unshown=Unshown(by="popularity", count=2))
    assert found.options == {"item": ["item"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learns: {from: 5}", "models.ctr.learns.from: is 5; a moment: a date like 2020-01-31, or a time"),
        ("learns: {until: 2020-01-31T12:00:00}", "models.ctr.learns.until: is '2020-01-31T12:00:00'; a moment"),
        ("learns: {since: 2020-01-31}", "models.ctr.learns.since: unknown key. Allowed are: from, until"),
        ("learns: {}", "models.ctr.learns: has neither from nor until; give one or both, or leave it out"),
        (
            "learns: {from: 2020-01-31, until: 2020-01-31}",
            "models.ctr.learns.from: is 2020-01-31T00:00:00+00:00, not before until, 2020-01-31T00:00:00+00:00",
        ),
        ("drift: {of: error}", "models.ctr.drift.of: is 'error'; allowed is 'loss' or 'residual'"),
        ("drift: {features: [item]}", "models.ctr.drift.features: is 'item', no number feature of the model"),
        ("drift: {features: [price, price]}", "models.ctr.drift.features: names a feature twice"),
        ("drift: {features: [price]}\n    features: [item]", "models.ctr.drift.features: is 'price', no number"),
        ("drift: {delta: 2}", "models.ctr.drift.delta: is 2"),
        ("drift: {decay: 1}", "models.ctr.drift.decay: is 1"),
        ("drift: {decay: 0.1}\n    learner: mf", "models.ctr.drift.decay: has no squared gradients in mf, but in ftrl"),
        ("negatives: {keep: 0.1}", "models.ctr.negatives.correct: is missing"),
        ("negatives: {keep: 0, correct: weight}", "models.ctr.negatives.keep: is 0"),
        ("negatives: {keep: 1, correct: weight}", "models.ctr.negatives.keep: is 1"),
        ("negatives: {keep: 0.1, correct: both}", "allowed is 'weight' or 'log_odds'"),
        (
            "negatives: {keep: 0.1, correct: weight}\n    learner: linear",
            "models.ctr.negatives: is for logistic learners (ftrl), not for linear",
        ),
        ("augment: {dropout: {rate: 1}}", "models.ctr.augment.dropout.rate: is 1"),
        (
            "augment: {dropout: {rate: 0.1, features: [itm]}}",
            "augment.dropout.features: is 'itm', no feature of the model",
        ),
        ("augment: {cold: {rate: 0.1}}", "models.ctr.augment.cold.features: is missing"),
        ("augment: {cold: {rate: 0.1, features: price}}", "augment.cold.features: is 'price', no one-slot feature"),
        ("augment: {replay: {share: 1}}", "models.ctr.augment.replay.share: is 1"),
        ("augment: {replay: {}}\n    keyed_by: category", "would replay positives of one key value to another"),
        ("augment: {replay: {}}\n    learner: linear", "augment.replay: is for labels that are positive or not"),
        ("augment: {unshown: {}}", "augment.unshown: is for learners that rank (ranker), not for ftrl"),
        ("augment: {unshown: {count: 0}}", "models.ctr.augment.unshown.count: is 0"),
        ("learner: ranker", "models.ctr.features: has numbers or vectors, which ranker cannot learn: price"),
        (f"drift: {{of: loss}}\n    {RANKER}}}", "models.ctr.drift: watches errors of scores"),
        (f"{RANKER}, shown: 0}}", "models.ctr.options.shown: is 0, so without augment.unshown nothing"),
        (f"augment: {{unshown: {{}}}}\n    keyed_by: category\n    {RANKER}}}", "would draw items of one key value"),
        (f"augment: {{unshown: {{}}, replay: {{}}}}\n    {RANKER}}}", "against positives as they are; no replay"),
        (f"negatives: {{keep: 0.1, correct: weight}}\n    {RANKER}}}", "for logistic learners (ftrl), not for ranker"),
        (f"{RANKER}, k: 0}}", "k is 0, allowed is 1 to 512"),
        ("drift: {warmup: 1}", "models.ctr.drift.warmup: is 1"),
    ],
)
def test_a_mistake_is_named(text: str, expected: str) -> None:
    assert expected in failing(with_ctr(text))


@pytest.mark.parametrize(
    ("before", "after", "key", "verdict", "why"),
    [
        ("seed: 1", "drift: {of: loss}", "drift", "cold start", "detectors of model ctr; all else is kept"),
        ("drift: {of: loss}", "drift: {of: residual}", "drift", "cold start", "detectors of model ctr"),
        ("seed: 1", "augment: {replay: {size: 5}}", "augment", "cold start", "stored positives of model ctr"),
        (
            f"augment: {{unshown: {{size: 16}}}}\n    {RANKER}}}",
            f"augment: {{unshown: {{size: 17}}}}\n    {RANKER}}}",
            *("augment", "cold start", "remembered items or stored positives of model ctr; all else is kept"),
        ),
        (
            f"augment: {{unshown: {{}}}}\n    {RANKER}}}",
            f"augment: {{unshown: {{by: popularity}}}}\n    {RANKER}}}",
            *("augment", "allowed", "holds for examples that come"),
        ),
        (
            f"augment: {{unshown: {{}}}}\n    {RANKER}}}",
            f"augment: {{unshown: {{}}}}\n    {RANKER}, shown: 0.5}}",
            *("options.shown", "allowed", "holds for examples that come"),
        ),
        ("seed: 1", "augment: {dropout: {rate: 0.1}}", "augment", "allowed", "holds for examples that come"),
        ("seed: 1", "learns: {until: 2020-01-31}", "learns", "allowed", "holds for examples that come"),
        ("drift: {of: loss}", "drift: {decay: 0.1, rest: 7}", "drift", "allowed", "holds for examples that come"),
    ],
)
def test_a_change_has_a_verdict(before: str, after: str, key: str, verdict: str, why: str) -> None:
    changes = compare(plan(before), plan(after))
    assert [(change.key, change.verdict) for change in changes] == [(f"models.ctr.{key}", verdict)]
    assert why in changes[0].why
