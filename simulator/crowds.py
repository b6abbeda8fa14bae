"""Everybody who looks at the shop: its people, and the bots of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.answers import Answers, answer
from simulator.behaviour import Chances, ChoiceModel
from simulator.bots import Bot, Schedule
from simulator.chance import chance
from simulator.impressions import Impressions, show
from simulator.pages import Pages, draw_devices, visit
from simulator.population import Goods, People
from simulator.simulation import Simulation
from simulator.tables import joined
from simulator.traffic import Sessions
from udfs.types import I64

_SAMPLE_SESSIONS = 6_000


@dataclass(frozen=True, kw_only=True)
class Acts:
    """What a crowd saw and did: tables of the same length; ``bot`` (n,) is 0 for people, else the kind."""

    shown: Impressions
    chances: Chances
    answers: Answers
    bot: I64


def together(acts: list[Acts]) -> Acts:
    """Return the acts of all crowds, at least one, one after the other."""
    return Acts(
        shown=joined([each.shown for each in acts]),
        chances=joined([each.chances for each in acts]),
        answers=joined([each.answers for each in acts]),
        bot=np.concatenate([each.bot for each in acts]),
    )


class Crowd(Protocol):
    """People or bots; what they do does not depend on which other crowds there are."""

    def act(self, slice_number: int, start: int, stop: int) -> Acts:
        """Return all of every session or bout that begins in a slice, in milliseconds since the run's start."""


class Visitors:
    """The people."""

    def __init__(self, run: Simulation, goods: Goods) -> None:
        self._run, self._goods = run, goods
        self._people = People(run.seed, run.population)
        self._choice = ChoiceModel(run.seed, run.behaviour, run.drift, run.population, self._people)
        count = run.impressions / run.browsing.session_impressions
        self._sessions = Sessions(run.traffic, run.drift, run.start_ms, run.run_ms, count)
        sample = self._see(chance(run.seed, "calibration"), np.zeros(_SAMPLE_SESSIONS, np.int64))
        self._choice.calibrate(sample)

    def act(self, slice_number: int, start: int, stop: int) -> Acts:
        """Return all of every session that begins in a slice."""
        rng, delays = chance(self._run.seed, "visitors", slice_number), self._run.delays
        shown = self._see(rng, self._sessions.begin(rng, start, stop))
        chances = self._choice.chances(shown)
        answers = answer(rng, shown.time, chances, delays, delays.click_seconds)
        return Acts(shown=shown, chances=chances, answers=answers, bot=np.zeros(len(shown), np.int64))

    def _see(self, rng: np.random.Generator, starts: I64) -> Impressions:
        pages = visit(rng, starts, self._run.browsing, self._people, self._goods)
        return show(rng, pages, self._run.browsing, self._goods)


class Robots:
    """The bots of one kind; their users are numbered from ``first_user`` on."""

    def __init__(self, run: Simulation, goods: Goods, name: str, kind: int, bot: Bot, first_user: int) -> None:
        self._run, self._goods, self._name = run, goods, name
        self._kind, self._bot, self._first_user = kind, bot, first_user
        rng = chance(run.seed, f"bots {name}")
        times = run.population.heaviest() if bot.times_average is None else bot.times_average
        impressions = times * run.impressions / run.population.users
        self._schedule = Schedule(rng, bot, impressions / run.browsing.page_impressions, run.run_ms)
        items = run.population.items
        self._targets = rng.choice(items, min(bot.targets, items), replace=False) if bot.targets else None

    def act(self, slice_number: int, start: int, stop: int) -> Acts:
        """Return all of every bout that begins in a slice."""
        rng = chance(self._run.seed, f"bouts of {self._name}", slice_number)
        account, times = self._schedule.look(rng, start, stop)
        bout = np.repeat(np.arange(len(account)), times.shape[1])
        pages = Pages(
            time=times.ravel(),
            user=self._first_user + account[bout],
            device=draw_devices(rng, len(account))[bout],
            category=self._goods.draw_category(rng, len(bout)),
        )
        shown = show(rng, pages, self._run.browsing, self._goods, self._targets)
        nothing = np.zeros(len(shown))
        chances = Chances(click=nothing + self._bot.click, cart=nothing, purchase=nothing)
        answers = answer(rng, shown.time, chances, self._run.delays, self._bot.click_seconds)
        return Acts(shown=shown, chances=chances, answers=answers, bot=np.full(len(shown), self._kind))
