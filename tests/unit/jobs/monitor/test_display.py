from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from jobs.monitor import Progress, make_display, mode_for
from jobs.monitor.display import Mode
from jobs.monitor.status import Status
from jobs.monitor.table import render
from tests.unit.jobs.monitor.sample_run import START, bucket_counts, counts, histories, learning

ITEMS = {"stage": "item", "model": "ctr", "key": 0, "now": START, "examples": 24_000}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    def write(self, text: str, /) -> int:
        raise BrokenPipeError


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress() -> Progress:
    progress = Progress()
    progress.absorb([*counts(), *learning()])
    progress.committed_at = 996.0
    return progress


def test_the_mode_suits_the_stream() -> None:
    assert mode_for(Terminal()) == "table"
    assert mode_for(io.StringIO()) == "lines"
    assert mode_for(Terminal(), json=True) == "json"


def test_a_line_tells_everything(progress: Progress, clock: Clock) -> None:
    stream = io.StringIO()
    display = make_display("lines", stream, clock)
    display.update(progress, histories())
    display.close()
    (line,) = stream.getvalue().splitlines()
    for said in (
        "800 events/s",
        "read 28,400",
        "accepted 27,948",
        "duplicates 284",
        "rejected 168 (not_json 112, out_of_range 56)",
        "ctr: 24,000 examples, log loss 0.3593 (prior 0.4463)",
        "4 versions, stable 1.5",
    ):
        assert said in line


def test_bots_are_told_of_where_there_are_any(clock: Clock) -> None:
    progress = Progress()
    found = {"anomalous": {"clicker": 1_200, "hasty": 30}, "suspected": {"clickless": 7}}
    progress.absorb([{**bucket_counts(0, START, 28_400), **found}])
    progress.absorb([*learning(), {**ITEMS, "suspected": {"hot": 9}}])
    progress.committed_at = clock.now
    stream = io.StringIO()
    make_display("lines", stream, clock).update(progress, {})
    assert ", suspected 9 (hot 9), 0 versions" in stream.getvalue()
    assert "anomalous 1,230 (clicker 1,200, hasty 30) | suspected 7 (clickless 7)" in stream.getvalue()
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(render(Status.of(progress, {}, clock.now)))
    shown = console.export_text()
    assert "anomalous" in shown
    assert "clicker 1,200, hasty 30" in shown


def test_lines_come_with_changes_and_seconds_apart(progress: Progress, clock: Clock) -> None:
    stream = io.StringIO()
    display = make_display("lines", stream, clock)
    display.update(progress, {})
    clock.now += 60
    display.update(progress, {})
    assert len(stream.getvalue().splitlines()) == 1
    for read in (10_000, 11_000, 12_000):
        progress.absorb([bucket_counts(0, START + 50_000_000, read)])
        display.update(progress, {})
        clock.now += 0.5
    assert len(stream.getvalue().splitlines()) == 2
    display.close()
    display.close()
    assert len(stream.getvalue().splitlines()) == 3
    assert "read 33,300" in stream.getvalue().splitlines()[-1]


def test_nothing_is_said_before_the_first_checkpoint(clock: Clock) -> None:
    stream = io.StringIO()
    display = make_display("lines", stream, clock)
    display.update(Progress(), {})
    display.close()
    assert stream.getvalue() == ""


def test_machines_get_one_document_a_line(progress: Progress, clock: Clock) -> None:
    stream = io.StringIO()
    display = make_display("json", stream, clock)
    display.update(progress, histories())
    display.close()
    (document,) = map(json.loads, stream.getvalue().splitlines())
    events = document["events"]
    assert events["read"] == events["accepted"] + events["duplicates"] + sum(events["rejected"].values())
    assert document["checkpoint_age_s"] == 4.0
    assert document["models"]["ctr"]["versions"] == 4
    assert document["models"]["ctr"]["refused"] == 1
    assert document["models"]["ctr"]["stable"] == "1.5"
    assert set(document["models"]["ctr"]["progressive"]) == {"fresh", "as_served"}
    assert "prior.log_loss" in document["models"]["ctr"]["progressive"]["fresh"]


def test_a_terminal_gets_a_table_and_its_cursor_back(
    progress: Progress, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    display = make_display("table", stream, clock)
    progress.absorb(learning("ratings", "regression"))
    display.update(progress, histories())
    display.close()
    display.close()
    shown = stream.getvalue()
    for said in ("28,400", "not_json 112", "ctr", "as served", "(prior 0.4463)", "ratings", "RMSE", "1.5", "4 s"):
        assert said in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


@pytest.mark.parametrize("mode", ["table", "lines"])
def test_a_ranking_shows_its_order_and_nothing_of_probabilities(
    clock: Clock, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    progress, stream = Progress(), Terminal()
    progress.absorb([*counts(), *learning("rank", "ranking")])
    progress.committed_at = 996.0
    display = make_display(mode, stream, clock)
    display.update(progress, {})
    display.close()
    assert "0.75" in stream.getvalue()
    assert "(popularity 0.5" in stream.getvalue()
    assert "log loss" not in stream.getvalue()


def test_models_are_those_that_learn_or_until_then_those_released(progress: Progress, clock: Clock) -> None:
    stream = io.StringIO()
    display = make_display("json", stream, clock)
    waiting = Progress()
    waiting.committed_at = 990.0
    display.update(waiting, histories("old"))
    clock.now += 10
    display.update(progress, histories("old"))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (list(first["models"]), list(second["models"])) == (["old"], ["ctr"])
    assert first["models"]["old"]["stable"] == "1.5"


@pytest.mark.parametrize("mode", ["lines", "json"])
def test_a_reader_that_goes_away_does_not_stop_the_job(progress: Progress, clock: Clock, mode: str) -> None:
    display = make_display("json" if mode == "json" else "lines", Gone(), clock)
    display.update(progress, {})
    clock.now += 10
    display.update(progress, {})
    display.close()


@pytest.mark.parametrize("mode", ["lines", "table"])
def test_what_was_skipped_is_shown(progress: Progress, clock: Clock, mode: Mode) -> None:
    progress.absorb([bucket_counts(0, START + 50_000_000, 20_000) | {"after_switch": 1234}])
    stream = Terminal()
    display = make_display(mode, stream, clock)
    display.update(progress, {})
    display.close()
    assert "1,234" in stream.getvalue()
    assert "after_switch" in stream.getvalue()
