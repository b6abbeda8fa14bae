"""Named simulations: the reference shop, and how much goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from simulator.bots import Bot, Bots
from simulator.drift import Drift, Sale
from simulator.faults import Faults, NullField, Outage, PartitionClock, UnitChange, UserClock
from simulator.population import Population
from simulator.settings import with_settings
from simulator.simulation import Simulation
from udfs.errors import ConfigurationError

PRESETS: Final[dict[str, Simulation]] = {
    "reference": Simulation(population=Population(users=100_000, items=10_000)),
    "small": Simulation(impressions=100_000, partitions=2, population=Population(users=5_000, items=1_000)),
}
"""``reference``: 100,000 people, 10,000 items, a click rate of about 4 %; ``small``: for a first look and for tests."""

_SOME = Faults(duplicates=0.01, reordered=0.05, late=0.0005, corrupt=0.001)


def none(shop: Simulation) -> Simulation:
    """Return the shop without faults, bots and drift; seasons stay."""
    return replace(shop, faults=Faults(), bots=Bots(), drift=Drift())


def some(shop: Simulation) -> Simulation:
    """Return the shop on an ordinary week: repeated, reordered, late and corrupt lines, and a few bots."""
    return replace(shop, faults=_SOME, bots=_bots(shop, 0.3), drift=Drift())


def every(shop: Simulation) -> Simulation:
    """Return the shop with every fault, bot and drift that there is, at fixed parts of its run."""
    day = shop.days / 7
    faults = replace(
        _SOME,
        duplicates=0.02,
        late=0.002,
        far_clock=0.0005,
        user_clocks=(UserClock(start=1 * day, stop=3 * day, share=0.02, hours=-30),),
        partition_clocks=(PartitionClock(start=2 * day, stop=2.2 * day, partition=0, hours=5),),
        outages=(
            Outage(start=2.5 * day, stop=2.7 * day, partition=shop.partitions - 1),
            Outage(start=4.5 * day, stop=4.55 * day),
        ),
        nulls=(NullField(start=3.2 * day, stop=3.5 * day, field="category"),),
        units=(UnitChange(start=5.2 * day, stop=5.5 * day),),
    )
    sale = Sale(start=1.6 * day, stop=1.8 * day)
    drift = Drift(turn_days=12 * shop.days, sudden=(6 * day,), sales=(sale,))
    return replace(shop, faults=faults, bots=_bots(shop, 1.0), drift=drift)


FAULTS: Final[dict[str, Callable[[Simulation], Simulation]]] = {"none": none, "some": some, "all": every}
"""What goes wrong, by the name that the command line has for it."""


def make(preset: str, faults: str, given: dict[str, Any], settings: Sequence[str] | None = None) -> Simulation:
    """Return a preset with values of ``Simulation`` that are given, then the faults, then single settings.

    Raises:
        ConfigurationError: there is no such preset, or a value is not allowed.
    """
    if preset not in PRESETS:
        raise ConfigurationError(f"There is no preset {preset!r}", f"There is: {', '.join(PRESETS)}")
    return with_settings(FAULTS[faults](replace(PRESETS[preset], **given)), settings or ())


def _bots(shop: Simulation, share: float) -> Bots:
    """Return bots of every kind, of all about 7 % of the reference shop's traffic at a share of 1."""

    def some_of(bot: Bot, per_hundred_thousand: float) -> Bot:
        return replace(bot, accounts=max(1, round(share * per_hundred_thousand * shop.population.users / 100_000)))

    usual = Bots()
    return Bots(
        scraper=some_of(usual.scraper, 10),
        regular=some_of(usual.regular, 20),
        clicker=some_of(usual.clicker, 50),
        ring=replace(some_of(usual.ring, 40), accounts=max(3, round(share * 40 * shop.population.users / 100_000))),
        heavy=some_of(usual.heavy, 20),
    )
