from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.bots import KINDS, Bot, Bots, Schedule
from simulator.population import Population
from simulator.reference import FAULTS
from simulator.span import HOUR_MS
from tests.unit.simulator.runs import SHOP, Written, write
from udfs.errors import ConfigurationError
from udfs.types import I64

SHOP_OF_MANY = replace(
    SHOP, impressions=60_000, slice_impressions=20_000, population=Population(users=5_000, items=1_000)
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Written:
    usual = Bots()
    bots = {kind: replace(getattr(usual, kind), accounts=6) for kind in KINDS}
    return write(tmp_path_factory.mktemp("crowded"), replace(SHOP_OF_MANY, bots=Bots(**bots)))


def page_times(written: Written, user: int) -> I64:
    """When a user's pages were loaded."""
    times: I64 = np.sort(written.truth["time"][written.truth["user"] == user])
    return times[np.diff(times, prepend=0) > 100]


def of_kind(written: Written, kind: str) -> list[int]:
    bot = written.truth["bot"] == 1 + KINDS.index(kind)
    return sorted(set(written.truth["user"][bot].tolist()))


def click_rate(written: Written, kind: str) -> float:
    bot = written.truth["bot"] == 1 + KINDS.index(kind)
    return float((written.truth["click_time"][bot] >= 0).mean())


def test_every_kind_is_in_the_truth_under_accounts_of_its_own(crowded: Written) -> None:
    people = set(crowded.truth["user"][crowded.truth["bot"] == 0].tolist())
    users = [of_kind(crowded, kind) for kind in KINDS]
    assert [len(found) for found in users] == [6] * len(KINDS)
    assert len({user for found in users for user in found} | people) == len(people) + 6 * len(KINDS)
    counts = [int((crowded.truth["bot"] == number).sum()) for number in range(1, 1 + len(KINDS))]
    assert crowded.summary["bots"] == dict(zip(KINDS, counts, strict=True))
    assert (crowded.truth["cart_time"][crowded.truth["bot"] > 0] == -1).all()


def test_kinds_click_as_they_should(crowded: Written) -> None:
    assert click_rate(crowded, "scraper") == 0
    assert 0.02 < click_rate(crowded, "regular") < 0.06
    assert click_rate(crowded, "clicker") > 0.85
    assert click_rate(crowded, "ring") > 0.9
    assert 0.08 < click_rate(crowded, "heavy") < 0.16


def test_a_scraper_sees_many_impressions_a_second(crowded: Written) -> None:
    for user in of_kind(crowded, "scraper"):
        times = np.sort(crowded.truth["time"][crowded.truth["user"] == user])
        fastest = (times[20:] - times[:-20]).min()
        assert fastest < 2_000


def test_intervals_of_regular_and_heavy_bots_hardly_vary(crowded: Written) -> None:
    def variation(user: int) -> float:
        gaps = np.diff(page_times(crowded, user))
        gaps = gaps[gaps < HOUR_MS / 4]
        return float(gaps.std() / gaps.mean())

    bots = [user for kind in ("regular", "heavy") for user in of_kind(crowded, kind)]
    users, counts = np.unique(crowded.truth["user"][crowded.truth["bot"] == 0], return_counts=True)
    heaviest = users[np.argsort(counts)[-10:]].tolist()
    assert max(map(variation, bots)) < 0.3 < min(map(variation, heaviest))


def test_heavy_bots_are_as_active_as_the_heaviest_people(crowded: Written) -> None:
    person = crowded.truth["bot"] == 0
    counts = np.sort(np.unique(crowded.truth["user"][person], return_counts=True)[1])[::-1]
    heavy = [int((crowded.truth["user"] == user).sum()) for user in of_kind(crowded, "heavy")]
    assert counts[len(counts) // 50] < np.mean(heavy) < 1.2 * counts[0]


def test_a_ring_clicks_the_same_few_items(crowded: Written) -> None:
    users = set(of_kind(crowded, "ring"))
    items = {event["item"] for event in crowded.events("click") if int(event["user"][1:]) in users}
    assert len(items) == Bots().ring.targets


def test_people_do_the_same_with_and_without_bots(crowded: Written, tmp_path: Path) -> None:
    alone = write(tmp_path, SHOP_OF_MANY).truth
    person = crowded.truth["bot"] == 0
    for name in ("time", "click_probability", "click_time", "purchase_time"):
        assert np.array_equal(alone[name], crowded.truth[name][person])
    # Accounts are dealt out anew, for bots take some of them.
    assert not np.array_equal(alone["user"], crowded.truth["user"][person])


def test_a_bout_ends_before_the_next_and_no_slicing_changes_when_bouts_begin() -> None:
    bot = Bot(accounts=3, pages=50, interval=100.0, jitter=0.0)
    run_ms = 24 * HOUR_MS
    whole, cut = (Schedule(np.random.default_rng(1), bot, 1_000, run_ms) for _ in range(2))
    account, times = whole.look(np.random.default_rng(2), 0, run_ms)
    assert len(times) == pytest.approx(3 * 20, abs=3)
    assert times.shape[1] == 50
    for user in range(3):
        assert (np.diff(times[account == user].ravel()) > 0).all()
    hours = [cut.look(np.random.default_rng(3), h * HOUR_MS, (h + 1) * HOUR_MS) for h in range(24)]
    assert sorted(times[:, 0].tolist()) == sorted(t for _, found in hours for t in found[:, 0].tolist())


def test_there_are_few_bots_of_each_kind_on_an_ordinary_week(tmp_path: Path) -> None:
    written = write(tmp_path, FAULTS["some"](SHOP_OF_MANY))
    share = (written.truth["bot"] > 0).mean()
    assert 0.005 < share < 0.15


@pytest.mark.parametrize("wrong", [{"accounts": -1}, {"pages": 0}, {"interval": 0.0}, {"click": 1.5}, {"jitter": -1.0}])
def test_impossible_bots_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=f"Bot.{next(iter(wrong))} is"):
        Bot(**wrong)  # type: ignore[arg-type]
