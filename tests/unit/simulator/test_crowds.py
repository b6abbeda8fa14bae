from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.answers import NEVER
from simulator.bots import Bot
from simulator.crowds import Robots, Visitors, together
from simulator.population import Goods
from simulator.span import DAY_MS
from tests.unit.simulator.runs import SHOP


def test_people_are_of_no_kind_and_click_at_the_asked_rate() -> None:
    goods = Goods(SHOP.seed, SHOP.population)
    acts = Visitors(replace(SHOP, impressions=60_000), goods).act(0, 0, SHOP.run_ms)
    assert not acts.bot.any()
    assert acts.shown.user.max() < SHOP.population.users
    assert abs((acts.answers.click != NEVER).mean() - 0.04) < 0.006
    assert np.array_equal(acts.shown.category, goods.category[acts.shown.item])


def test_bots_are_numbered_from_their_first_user_and_buy_nothing() -> None:
    goods = Goods(SHOP.seed, SHOP.population)
    robots = Robots(SHOP, goods, "ring", 4, Bot(accounts=3, click=1.0, targets=2), 5_000)
    acts = robots.act(0, 0, SHOP.run_ms)
    assert set(acts.shown.user.tolist()) == {5_000, 5_001, 5_002}
    assert set(acts.bot.tolist()) == {4}
    assert len(set(acts.shown.item.tolist())) == 2
    assert (acts.answers.click > acts.shown.time).all()
    assert (acts.answers.cart == NEVER).all()


def test_crowds_stand_one_after_the_other() -> None:
    goods = Goods(SHOP.seed, SHOP.population)
    people = Visitors(SHOP, goods).act(0, 0, DAY_MS)
    bots = Robots(SHOP, goods, "heavy", 5, Bot(accounts=2), 2_000).act(0, 0, DAY_MS)
    both = together([people, bots])
    assert np.array_equal(both.bot, np.concatenate((people.bot, bots.bot)))
    assert np.array_equal(both.shown.words[: len(people.shown)], people.shown.words)
    assert len(both.shown) == len(both.chances.click) == len(both.answers.click) == len(both.bot)
