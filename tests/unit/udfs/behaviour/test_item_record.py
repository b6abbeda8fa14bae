"""When an example counts, and what a model's features of items are made of."""

from __future__ import annotations

from msgspec.structs import replace

from tests.laws.strategies_items import STEP, WINDOW, plan_of
from udfs.behaviour.item_record import POSITIVE, SHOWN, Delay, delay_of, rules_of
from udfs.schema import Feedback, Join, JoinedLabel, Label


def delay(**label: object) -> Delay:
    plan = plan_of(**label)  # type: ignore[arg-type]
    assert plan.join is not None
    return delay_of(plan.join, plan.models[0])


def test_a_record_tells_steps_apart_for_as_long_as_examples_may_take() -> None:
    assert delay() == Delay(WINDOW, STEP)
    assert delay(early_positives=True).step == 3 * WINDOW // 16
    assert delay(late="reverse").step == 4 * WINDOW // 16
    assert delay(late="reverse", early_positives=True).step == 5 * WINDOW // 16


def test_a_label_of_a_population_is_decided_after_both_windows() -> None:
    labels = (
        JoinedLabel(name="clicked", feedback={"click": 1.0}, window=10),
        JoinedLabel(name="bought", feedback={"cart": 1.0}, window=20, population="clicked", start="feedback"),
    )
    join = Join(impression="view", feedback=(Feedback(event="click", by="item", within=99),), labels=labels)
    model = replace(plan_of().models[0], label=Label(joined="bought"))
    assert delay_of(join, model) == Delay(30, 4)


def test_features_stand_in_the_order_of_their_columns_with_the_labels_own_events() -> None:
    plan = plan_of()
    rules = rules_of(plan, plan.models[0])
    assert rules is not None
    assert list(rules.kinds) == ["shown", "clicks", "rate", "since"]
    tables = rules.tables
    assert tables.counted.T.tolist() == [[True, False], [False, True]]
    assert (tables.above[POSITIVE, 0], tables.above[SHOWN, 0]) == (True, False)
    assert (tables.below[POSITIVE, 0], tables.below[SHOWN, 0]) == (False, True)
    assert rules_of(plan, replace(plan.models[0], features=())) is None
