from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.behaviour import Behaviour, Chances, ChoiceModel, sigmoid
from simulator.drift import Drift
from simulator.impressions import Impressions, show
from simulator.pages import Browsing, visit
from simulator.population import Goods, People, Population
from udfs.errors import ConfigurationError

POPULATION = Population(users=3_000, items=500)


def sample(seed: int, sessions: int = 2_000) -> Impressions:
    rng = np.random.default_rng(seed)
    goods, people = Goods(1, POPULATION), People(1, POPULATION)
    return show(rng, visit(rng, np.zeros(sessions, np.int64), Browsing(), people, goods), Browsing(), goods)


def chances(behaviour: Behaviour, shown: Impressions) -> Chances:
    model = ChoiceModel(1, behaviour, Drift(), POPULATION, People(1, POPULATION))
    model.calibrate(sample(1, 5_000))
    return model.chances(shown)


@pytest.mark.parametrize("rates", [(0.04, 0.2, 0.08), (0.3, 0.5, 0.4)])
def test_rates_are_what_was_asked_for(rates: tuple[float, float, float]) -> None:
    click, cart, purchase = rates
    found = chances(Behaviour(click_rate=click, cart_rate=cart, purchase_rate=purchase), sample(2, 5_000))
    assert found.click.mean() == pytest.approx(click, rel=0.05)
    assert np.average(found.cart, weights=found.click) == pytest.approx(cart, rel=0.05)
    assert np.average(found.purchase, weights=found.click) == pytest.approx(purchase, rel=0.05)
    assert (found.purchase <= found.cart).all()


@pytest.mark.parametrize(
    ("effect", "column"),
    [
        ("user", "user"),
        ("item", "item"),
        ("category", "category"),
        ("word", "words"),
        ("position", "position"),
        ("price", "price"),
    ],
)
def test_each_effect_depends_on_its_own_column(effect: str, column: str) -> None:
    silent = dict.fromkeys(("user", "item", "category", "segment", "word", "position", "price"), 0.0)
    behaviour = Behaviour(**(silent | {effect: 0.5}))
    shown = sample(3)
    before = chances(behaviour, shown)
    values = getattr(shown, column)
    other = values[::-1] if column != "words" else np.full_like(values, -1)
    after = chances(behaviour, replace(shown, **{column: other}))
    same = (values == other).reshape(len(shown), -1).all(axis=1)
    assert np.array_equal(before.click[same], after.click[same])
    assert (before.click[~same] != after.click[~same]).mean() > 0.99


def test_a_lower_position_is_clicked_less() -> None:
    shown = sample(4)
    first, last = (
        chances(Behaviour(), replace(shown, position=np.full(len(shown), position))).click for position in (1, 10)
    )
    logit = np.log(first / (1 - first)) - np.log(last / (1 - last))
    assert logit == pytest.approx(np.full(len(shown), 0.9))


def test_segments_have_tastes_of_their_own() -> None:
    silent = dict.fromkeys(("user", "item", "category", "word", "position", "price"), 0.0)
    people = People(1, POPULATION)
    a, b = (np.flatnonzero(people.segment == segment) for segment in (0, 1))
    shown = sample(5)
    pairs = [replace(shown, user=np.full(len(shown), user)) for user in (a[0], a[1], b[0])]
    one, same, other = (chances(Behaviour(**silent), shown).click for shown in pairs)
    assert np.array_equal(one, same)
    assert (one != other).mean() > 0.99


def test_sigmoid() -> None:
    assert sigmoid(np.array([0.0, np.log(3), -np.log(3)])) == pytest.approx([0.5, 0.75, 0.25])


@pytest.mark.parametrize("wrong", [{"click_rate": 0.0}, {"item": -1.0}, {"cart_rate": 0.01}, {"price": 9.0}])
def test_impossible_behaviour_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=f"Behaviour.{next(iter(wrong))} is"):
        Behaviour(**wrong)
