"""The stream: slice after slice is made, and what has not arrived by a slice's end is held for the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.answers import NEVER, Answers
from simulator.bots import KINDS, Bot
from simulator.chance import chance
from simulator.crowds import Crowd, Robots, Visitors, together
from simulator.delivery import deliver
from simulator.events import CART, CLICK, EVENT, PURCHASE, Events, answers_of, impressions_of, searches_of, sent
from simulator.fields import falsify
from simulator.ground_truth import GroundTruth
from simulator.impressions import Impressions
from simulator.population import Goods
from simulator.simulation import Simulation

_SEARCH_MS = (50, 200)


class Stream:
    """The events of a simulation, which can be read once.

    Attributes:
        account: of each person, then of each bot, the number in its events (accounts,): bots are spread among people.
    """

    def __init__(self, run: Simulation) -> None:
        self._run = run
        goods = Goods(run.seed, run.population)
        self._crowds: list[Crowd] = [Visitors(run, goods)]
        accounts = run.population.users
        for kind, name in enumerate(KINDS, start=1):
            bot: Bot = getattr(run.bots, name)
            if bot.accounts:
                self._crowds.append(Robots(run, goods, name, kind, bot, accounts))
            accounts += bot.accounts
        self.account = chance(run.seed, "accounts").permutation(accounts)
        self._events = self._impressions = self._queries = 0

    def slices(self, truth: GroundTruth) -> Iterator[Events]:
        """Yield the events in the order of their arrival, slice by slice, then what arrives after the last slice.

        ``truth`` learns what is in them.
        """
        held = np.zeros(0, EVENT)
        for number, (start, stop) in enumerate(self._run.slices):
            waiting = np.concatenate((held, self._born(number, start, stop, truth)))
            arrived = waiting["arrival"] < stop
            held = waiting[~arrived]
            yield _by_arrival(waiting[arrived])
        yield _by_arrival(held)

    def _born(self, number: int, start: int, stop: int, truth: GroundTruth) -> Events:
        """Return the lines of all that begins in a slice."""
        run = self._run
        acts = together([crowd.act(number, start, stop) for crowd in self._crowds])
        events = self._events_of(chance(run.seed, "transport", number), acts.shown, acts.answers)
        falsify(chance(run.seed, "fields", number), events, run.faults, truth.counts.tally)
        rng = chance(run.seed, "delivery", number)
        delivered = deliver(rng, events, self._events, run.partitions, run.faults, truth.counts.tally)
        self._events += len(delivered.events) - delivered.whole - delivered.repeated
        truth.learn(self._impressions, acts, self.account[acts.shown.user])
        truth.deliver(self._impressions, len(acts.shown), delivered)
        self._impressions += len(acts.shown)
        return delivered.events

    def _events_of(self, rng: np.random.Generator, shown: Impressions, answers: Answers) -> Events:
        searched = shown.search & (shown.position == 1)
        queries = np.where(shown.search, self._queries - 1 + np.cumsum(searched), -1)
        first_of_page = np.flatnonzero(searched)
        self._queries += len(first_of_page)
        impressions = impressions_of(shown, self._impressions, queries)
        feedback = [
            answers_of(impressions, kind, (at := np.flatnonzero(time != NEVER)), time[at])
            for kind, time in ((CLICK, answers.click), (CART, answers.cart), (PURCHASE, answers.purchase))
        ]
        asked = searches_of(impressions, first_of_page, rng.integers(*_SEARCH_MS, len(first_of_page)))
        events = np.concatenate((impressions, asked, *feedback))
        self._events += len(events)
        return sent(events, rng, self._events - len(events), self._run.partitions, self._run.delays)


def _by_arrival(events: Events) -> Events:
    return events.take(np.argsort(events["arrival"], kind="stable"))
