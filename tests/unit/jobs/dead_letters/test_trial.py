from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.config import load
from jobs.config.configuration import Configuration
from jobs.dead_letters.letter import decode
from jobs.dead_letters.trial import Trial, Verdict
from tests.unit.jobs.dead_letters.sample import NOW, click, letters_of, write_configuration
from udfs.decode.reject import Reason
from udfs.schema import Switch


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return load(write_configuration(tmp_path_factory.mktemp("trial") / "job.yaml"))


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(min_size=1), st.integers(-5, 15).map(lambda price: click(1, price))))
def test_says_what_the_job_says(configuration: Configuration, line: bytes) -> None:
    line = line.replace(b"\n", b"").strip(b" \r\t") or b"0"
    letters = [decode(letter) for letter in letters_of(line, "/in/a", configuration)]
    found = Trial(configuration.plan(0, True), {}, NOW).verdict(line, (), "", "")
    assert [(letter.reason, letter.message) for letter in letters] == [(found.reason, found.message)] * len(letters)
    assert (found.reason is None) == (not letters)


def test_late_against_the_partition_that_it_goes_to(configuration: Configuration) -> None:
    plan = configuration.plan(0, False)
    hour = 3_600_000_000
    trial = Trial(plan, {"clicks/0": NOW + 25 * hour, "clicks/1": NOW + 23 * hour}, NOW)
    late = trial.verdict(click(0), (), "clicks", "clicks/0")
    assert (late.reason, late.time) == (Reason.TOO_LATE, NOW)
    assert late.message == "90000 s behind clicks/0, where time.lateness is 86400 s"
    for part in ("clicks/1", "clicks/2", ""):
        assert trial.verdict(click(0), (), "clicks", part) == Verdict(None, "", NOW)
    never = msgspec.structs.replace(plan, time=msgspec.structs.replace(plan.time, lateness=None))
    assert Trial(never, {"clicks/0": NOW + 25 * hour}, NOW).verdict(click(0), (), "", "clicks/0").reason is None


def test_topics_tell_types_apart(tmp_path: Path) -> None:
    def only_clicks(tree: dict[str, Any]) -> None:
        tree["source"] = {"kafka": {"bootstrap": "127.0.0.1:9", "topics": ["clicks", "others"], "group": "g"}}
        tree["events"]["impression"]["match"] = {"topic": "clicks"}

    plan = load(write_configuration(tmp_path / "job.yaml", only_clicks)).plan(0, True)
    trial = Trial(plan, {}, NOW)
    assert trial.verdict(click(0), (), "clicks", "").reason is None
    assert trial.verdict(click(0), (), "others", "").reason == Reason.UNKNOWN_TYPE


def test_what_is_on_the_other_side_of_the_switch_is_skipped(configuration: Configuration) -> None:
    plan = configuration.plan(0, True)
    parted = Trial(msgspec.structs.replace(plan, switch=Switch(time=NOW)), {}, NOW)
    before, after = (Verdict(None, "", NOW + second) for second in (-1, 0))
    assert [parted.is_skipped(verdict, topic) for topic in ("clicks", "") for verdict in (before, after)] == [
        True,
        False,
        False,
        True,
    ]
    timeless = Verdict(Reason.NOT_JSON)
    assert not parted.is_skipped(timeless, "clicks")
    for whole in (plan, msgspec.structs.replace(plan, switch=Switch())):
        assert not Trial(whole, {}, NOW).is_skipped(before, "clicks")
