from __future__ import annotations

from pathlib import Path

import numpy as np

from simulator.answers import NEVER, answer
from simulator.behaviour import Chances
from simulator.delays import Delays
from simulator.reference import FAULTS
from simulator.span import DAY_MS
from tests.unit.simulator.runs import SHOP, likely, number, write


def test_feedback_follows_the_probabilities_and_what_is_bought_was_in_the_cart() -> None:
    n = 50_000
    chances = Chances(click=np.full(n, 0.3), cart=np.full(n, 0.5), purchase=np.full(n, 0.2))
    shown = np.arange(n)
    answers = answer(np.random.default_rng(1), shown, chances, Delays(), 15.0)
    clicked, carted, bought = (a != NEVER for a in (answers.click, answers.cart, answers.purchase))
    assert likely(int(clicked.sum()), n, 0.3)
    assert likely(int(carted.sum()), int(clicked.sum()), 0.5)
    assert likely(int(bought.sum()), int(clicked.sum()), 0.2)
    assert (bought <= carted).all()
    assert (carted <= clicked).all()
    assert (answers.click[clicked] > shown[clicked]).all()
    assert (answers.cart[carted] > answers.click[carted]).all()
    assert (answers.purchase[bought] > answers.cart[bought]).all()
    assert (answers.purchase[bought] - answers.click[bought] <= DAY_MS).all()


def test_every_feedback_names_an_impression_of_its_user_and_item(tmp_path: Path) -> None:
    written = write(tmp_path, FAULTS["all"](SHOP))
    shown = {event["impression_id"]: event for event in written.events("impression")}
    feedback = written.events("click", "cart", "purchase")
    assert len(feedback) > 500
    for event in feedback:
        impression = shown[event["impression_id"]]
        assert (event["user"], event["item"]) == (impression["user"], impression["item"])
        assert written.truth[f"{event['type']}_time"][number(event["impression_id"])] >= 0
