"""The stream: slice after slice is made, and what has not arrived by a slice's end is held for the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.answers import NEVER, Answers, answer
from simulator.behaviour import Truth
from simulator.bots import Swarm
from simulator.chance import chance
from simulator.delivery import deliver
from simulator.events import CART, CLICK, EVENT, PURCHASE, Events, answers_of, impressions_of, searches_of, sent
from simulator.fields import falsify
from simulator.ground_truth import GroundTruth
from simulator.pages import Impressions, joined, show, visit
from simulator.population import Goods, People
from simulator.simulation import Simulation
from simulator.traffic import Sessions

_SAMPLE = 6_000
_SEARCH_MS = (50, 200)


class Stream:
    """The events of a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        seed, run_ms, browsing = simulation.seed, simulation.run_ms, simulation.browsing
        population = simulation.population
        self._people, self._goods = People(seed, population), Goods(seed, population)
        self._swarm = Swarm(seed, simulation.bots, population.users, simulation.impressions, run_ms, browsing)
        self._truth = Truth(seed, simulation.behaviour, simulation.drift, population, self._people)
        sessions = simulation.impressions / browsing.session_impressions
        self._sessions = Sessions(simulation.traffic, simulation.drift, simulation.start_ms, run_ms, sessions)
        accounts = population.users + self._swarm.accounts
        self.account = chance(seed, "accounts").permutation(accounts)
        self._events = self._impressions = self._queries = 0
        self._calibrate()

    def slices(self, truth: GroundTruth) -> Iterator[Events]:
        """Yield the events in the order of their arrival, slice by slice, then what arrives after the last slice.

        ``truth`` learns what is in them. A stream can be read once.
        """
        held = np.zeros(0, EVENT)
        for number, (start, stop) in enumerate(self.simulation.slices):
            waiting = np.concatenate((held, self._born(number, start, stop, truth)))
            arrived = waiting["arrival"] < stop
            held = waiting[~arrived]
            yield _by_arrival(waiting[arrived])
        yield _by_arrival(held)

    def _calibrate(self) -> None:
        rng = chance(self.simulation.seed, "calibration")
        starts = np.zeros(_SAMPLE, np.int64)
        pages = visit(rng, starts, self.simulation.browsing, self._people, self._goods)
        nowhere = np.empty((len(pages), 0), np.int64)
        self._truth.calibrate(show(rng, pages, self.simulation.browsing, self._goods, nowhere))

    def _born(self, number: int, start: int, stop: int, truth: GroundTruth) -> Events:
        """Return the lines of all sessions and bouts that begin in a slice."""
        run, seed = self.simulation, self.simulation.seed
        shown = self._show(number, start, stop)
        chances = self._swarm.adjust(shown.bot, self._truth.chances(shown))
        answers = answer(chance(seed, "answers", number), shown, chances, run.delays, self._swarm)
        events = self._events_of(chance(seed, "transport", number), shown, answers)
        falsify(chance(seed, "fields", number), events, run.faults, truth.tally)
        rng = chance(seed, "delivery", number)
        delivered = deliver(rng, events, self._events, run.partitions, run.faults, truth.tally)
        self._events += len(delivered.events) - delivered.whole - delivered.repeated
        truth.learn(self._impressions, shown, self.account[shown.user], chances, answers)
        truth.count(self._impressions, len(shown), delivered)
        self._impressions += len(shown)
        return delivered.events

    def _show(self, number: int, start: int, stop: int) -> Impressions:
        seed, browsing = self.simulation.seed, self.simulation.browsing
        rng = chance(seed, "people", 1 + number)
        starts = self._sessions.begin(rng, start, stop)
        people = visit(rng, starts, browsing, self._people, self._goods)
        pages = joined([people, *self._swarm.look(number, start, stop, self._goods)])
        return show(
            chance(seed, "pages", number), pages, browsing, self._goods, self._swarm.targets(pages, self._goods)
        )

    def _events_of(self, rng: np.random.Generator, shown: Impressions, answers: Answers) -> Events:
        first_of_page = np.flatnonzero(shown.search & (shown.position == 1))
        queries = np.full(shown.page.max(initial=-1) + 1, -1)
        queries[shown.page[first_of_page]] = np.arange(self._queries, self._queries + len(first_of_page))
        self._queries += len(first_of_page)
        impressions = impressions_of(shown, self._impressions, queries[shown.page])
        searches = searches_of(impressions, first_of_page, rng.integers(*_SEARCH_MS, len(first_of_page)))
        feedback = [
            answers_of(impressions, kind, (at := np.flatnonzero(time != NEVER)), time[at])
            for kind, time in ((CLICK, answers.click), (CART, answers.cart), (PURCHASE, answers.purchase))
        ]
        events = np.concatenate((impressions, searches, *feedback))
        self._events += len(events)
        return sent(events, rng, self._events - len(events), self.simulation.partitions, self.simulation.delays)


def _by_arrival(events: Events) -> Events:
    return events.take(np.argsort(events["arrival"], kind="stable"))
