"""Workers look for commands once a second, and hand each to a state once."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from jobs import commands as jobs_commands
from jobs.commands import Commands
from tests.laws.strategies_histories import GUARDED
from udfs.releases.commands import Given, give
from udfs.releases.registry import Registry


class Clock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_key_is_handed_the_commands_of_its_model_once(tmp_path: Path) -> None:
    registry, clock = Registry.open(str(tmp_path)), Clock()
    found = Commands(registry, GUARDED, clock)
    # click, price, price, answered, again
    assert [found.due(key) for key in range(5)] == [[]] * 5
    give(registry, "price", "open")
    assert [found.due(key) for key in range(5)] == [None] * 5
    clock.now += 1.0
    assert [found.due(key) for key in range(5)] == [None, [Given(1, "open", 0)], [Given(1, "open", 0)], None, None]
    give(registry, "price", "close")
    clock.now += 1.0
    assert found.due(1) == [Given(2, "close", 0)]
    assert found.due(1) is None


def test_a_worker_that_starts_again_hands_all_of_them(tmp_path: Path) -> None:
    registry = Registry.open(str(tmp_path))
    for command in ("open", "close"):
        give(registry, "click", command)
    assert Commands(registry, GUARDED).due(0) == [Given(1, "open", 0), Given(2, "close", 0)]


def test_nobody_looks_where_no_model_has_a_breaker(tmp_path: Path) -> None:
    plan = replace(GUARDED, models=tuple(replace(model, breaker=None) for model in GUARDED.models))
    assert Commands(Registry.open(str(tmp_path)), plan).due(0) is None


def test_a_registry_that_does_not_answer_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry, clock = Registry.open(str(tmp_path)), Clock()
    give(registry, "click", "open")
    found = Commands(registry, GUARDED, clock)

    def away(registry: Registry, model: str) -> list[Given]:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(jobs_commands, "commands", away)
        assert found.due(0) is None
    assert found.due(0) is None
    clock.now += 1.0
    assert found.due(0) == [Given(1, "open", 0)]
