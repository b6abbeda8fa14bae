"""The guards of a model in the configuration: when the breaker is on, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import parse
from udfs.errors import ConfigurationError
from udfs.schema import BreakerRules, NumberRules, Plan, StrangeRules

EXAMPLES = Path(__file__).parents[4] / "examples"
SHOP = (EXAMPLES / "shop.yaml").read_text()
CLICKS = (EXAMPLES / "clicks.yaml").read_text()
RATINGS = (EXAMPLES / "ratings.yaml").read_text()


def with_key(key: str, text: str = SHOP, before: str = "label: {joined: clicked}") -> str:
    assert before in text
    return text.replace(before, f"{before}\n    {key}", 1)


def plan_of(text: str) -> Plan:
    configuration = parse(text, {})
    assert parse(configuration.effective(), {}) == configuration
    plan = configuration.plan(1, bounded=False)
    assert Plan.from_json(plan.to_json()) == plan
    return plan


def failing(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SHOP, BreakerRules()),
        (with_key("breaker: off"), None),
        (with_key("keyed_by: device"), None),
        (with_key("breaker: {hold_back: 5, silence: 90s}"), BreakerRules(hold_back=5, silence=2)),
        (with_key("breaker: {policy: hold, max_held: 7}"), BreakerRules(policy="hold", max_held=7)),
        (CLICKS, None),
        (with_key("breaker: on", CLICKS, "label: click"), BreakerRules()),
    ],
)
def test_the_breaker_is_on_where_labels_come_from_feedback(text: str, expected: BreakerRules | None) -> None:
    assert plan_of(text).model("ctr").breaker == expected


def test_anomalies_are_off_by_default_and_as_they_are_told() -> None:
    assert plan_of(SHOP).model("ctr").anomalies.names == ()
    text = with_key("anomalies: {numbers: {price: {by: category, action: cap}}, strange: {rate: 0.01}}")
    found = plan_of(text).model("ctr").anomalies
    assert found.numbers == (NumberRules(field="price", by="category", action="cap"),)
    assert found.strange == StrangeRules(rate=0.01)
    assert found.names == ("price.low", "price.high", "strange")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("breaker: {holdback: 3}", "models.ctr.breaker.holdback: unknown key; did you mean hold_back?"),
        ("breaker: {policy: keep}", "models.ctr.breaker.policy: is 'keep'; allowed is 'discard' or 'hold'"),
        ("breaker: {silence: 2d}", "models.ctr.breaker.silence: is '2d'"),
        ("keyed_by: device\n    breaker: on", "models.ctr.breaker: watches models without keyed_by"),
        ("anomalies: {numbers: {prize: {}}}", "models.ctr.anomalies.numbers.prize: is 'prize', no number"),
        ("anomalies: {numbers: {price: {by: categori}}}", "did you mean category?"),
        ("anomalies: {numbers: {price: {cap: 2}}}", "models.ctr.anomalies.numbers.price.cap: is 2"),
        (
            "features: [query]\n    anomalies: {strange: {}}",
            "models.ctr.anomalies.strange: needs a number or a category",
        ),
    ],
)
def test_a_mistake_is_named(key: str, expected: str) -> None:
    assert expected in failing(with_key(key))


def test_a_breaker_needs_positives() -> None:
    learner = next(line.strip() for line in RATINGS.splitlines() if line.strip().startswith("learner:"))
    assert "breaker: watches positives" in failing(with_key("breaker: on", RATINGS, learner))
