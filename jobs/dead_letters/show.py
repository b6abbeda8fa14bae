"""What the commands about dead letters print: tables for people, a JSON document a line for machines."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from jobs.config.units import write_moment
from jobs.dead_letters.item import Item
from jobs.dead_letters.ledger import Ledger
from jobs.dead_letters.letter import Letter
from jobs.dead_letters.prepare import Skip, Skipped
from jobs.dead_letters.replay import Result
from jobs.dead_letters.summary import Group
from jobs.dead_letters.text import readable

_LONG: Final = ("source", "first of them", "message")
"""Columns that are broken into lines where a terminal is too narrow."""


def print_groups(groups: Sequence[Group], keys: Sequence[str], json: bool) -> None:
    """Print counts of letters."""
    if json:
        _print_json(*groups)
        return
    rows = [[getattr(group, key) for key in keys] + [group.letters, group.replayed, group.attempts] for group in groups]
    _print_table([*keys, "letters", "replayed", "attempts"], rows, "no dead letters")


def print_letter(letter: Letter, ledger: Ledger, json: bool) -> None:
    """Print one letter; in text what is no printable character is escaped."""
    position = str(letter.source)
    told: dict[str, Any] = {
        "position": position,
        "first": ledger.first(position),
        "attempts": ledger.failed_after(position),
        "replayed": ledger.is_sent(position),
    }
    if json:
        _print_json(told | {"letter": letter.document()})
        return
    size = f"{'the first ' if letter.truncated else ''}{len(letter.data)} bytes"
    shown = {
        "position": position,
        "reason": letter.reason,
        "message": letter.message,
        "step": letter.step,
        "event type": letter.event_type or "unknown",
        "refused": write_moment(letter.ingest_time),
        "first": told["first"],
        "attempts": told["attempts"],
        "replayed": "yes" if told["replayed"] else "no",
        "payload": f"{size}, {letter.encoding}",
    }
    for name, value in shown.items():
        print(f"{name + ':':12}{readable(str(value))}")
    print(f"  {readable(letter.data)}\n")


def print_result(result: Result, dry_run: bool, json: bool) -> None:
    """Print what became of each letter; as text in groups, with the letters that are given up one by one."""
    documents = [_of_item(item, dry_run) for item in result.items] + [_of_skipped(x) for x in result.skipped]
    if json:
        _print_json(*documents)
        return
    counts = Counter((document["outcome"], document["why"]) for document in documents)
    examples = {(document["outcome"], document["why"]): document for document in reversed(documents)}
    rows = [
        [outcome, why, n, examples[outcome, why]["position"], readable(examples[outcome, why]["message"])]
        for (outcome, why), n in sorted(counts.items())
    ]
    _print_table(["outcome", "why", "letters", "first of them", "message"], rows, "nothing")
    for skipped in result.skipped:
        if skipped.why == Skip.TOO_MANY_ATTEMPTS:
            print(f"given up: {readable(str(skipped.letter.source))} ({skipped.message})")


def _of_item(item: Item, dry_run: bool) -> dict[str, Any]:
    reason = item.verdict.reason
    return {
        "position": str(item.letter.source),
        "outcome": "would be sent" if dry_run else "sent",
        "why": "accepted" if reason is None else f"rejected: {reason}",
        "message": item.verdict.message,
        "attempt": item.entry.attempt,
        "first": item.entry.first,
    }


def _of_skipped(skipped: Skipped) -> dict[str, Any]:
    position = str(skipped.letter.source)
    return {"position": position, "outcome": "not sent", "why": skipped.why, "message": skipped.message}


def _print_json(*documents: Any) -> None:
    for document in documents:
        print(msgspec.json.encode(document).decode())


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    if not rows:
        print(empty)
        return
    if not sys.stdout.isatty():
        # For programs: a row is a line, however long.
        _print_lines([headings, *rows])
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading not in _LONG)
    for row in rows:
        table.add_row(*(readable(str(value)) for value in row))
    Console(markup=False, highlight=False).print(table)


def _print_lines(rows: Sequence[Sequence[object]]) -> None:
    """Print rows as lines, their columns below each other; the last is not filled up."""
    cells = [[readable(str(value)) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
