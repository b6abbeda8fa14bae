from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.dead_letters.ledger import Entry, Ledger, Replay
from jobs.dead_letters.letter import decode
from jobs.dead_letters.prepare import Skip, Skipped
from jobs.dead_letters.replay import Result
from jobs.dead_letters.show import print_groups, print_letter, print_result
from jobs.dead_letters.summary import Group
from tests.unit.jobs.dead_letters.test_letter import LINE, RECORD, written


def test_a_letter_with_its_ancestor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger(str(tmp_path))
    entry = Entry(letter="/in/a.ndjson:0", first="/in/a.ndjson:0", attempt=1, sent="clicks:0:7:0")
    ledger.put(Replay(digest="0", target="clicks", done=True, written=0, entries=(entry,)))
    print_letter(decode(written(b"a\xff[red]", source=RECORD, size=99)), ledger, json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "position:   clicks:0:7:0"
    assert "attempts:   1" in lines
    assert "first:      /in/a.ndjson:0" in lines
    assert "replayed:   no" in lines
    assert "payload:    the first 7 bytes, original" in lines
    assert "  a\\xff[red]" in lines
    print_letter(decode(written(source=LINE)), ledger, json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["replayed"], shown["attempts"], shown["letter"]["source"]) == (True, 0, LINE)


def test_tables_hold_what_terminals_must_not_see(capsys: pytest.CaptureFixture[str]) -> None:
    print_groups([Group(source="/in/[red]\x1b[2J", letters=1, replayed=0, attempts=0)], ["source"], json=False)
    shown = capsys.readouterr().out
    assert "/in/[red]\\x1b[2J" in shown
    print_groups([], ["source"], json=False)
    assert capsys.readouterr().out == "no dead letters\n"


def test_a_group_is_a_line_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    long = "/in/" + "x" * 200
    groups = [Group(source=source, letters=7, replayed=0, attempts=0) for source in (long, "/in/y")]
    print_groups(groups, ["source"], json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["source", "letters", "replayed", "attempts"],
        [long, "7", "0", "0"],
        ["/in/y", "7", "0", "0"],
    ]


def test_letters_that_are_given_up_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = [
        Skipped(decode(written(source=RECORD)), Skip.TOO_MANY_ATTEMPTS, "sent anew 3 times"),
        Skipped(decode(written(source=LINE)), Skip.SENT_BEFORE, "attempt 1"),
    ]
    print_result(Result([], skipped), dry_run=False, json=False)
    shown = capsys.readouterr().out
    assert "given up: clicks:0:7:0 (sent anew 3 times)\n" in shown
    assert shown.count("given up") == 1
    print_result(Result([], skipped), dry_run=False, json=True)
    assert [json.loads(line)["why"] for line in capsys.readouterr().out.splitlines()] == [
        "too_many_attempts",
        "sent_before",
    ]
