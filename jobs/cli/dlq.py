"""``headrace dlq``: what was refused, why, and how it is sent anew."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer

from jobs.cli.exits import VERIFICATION_FAILED
from jobs.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from jobs.config.configuration import Configuration
    from jobs.dead_letters.choice import Choice
    from jobs.dead_letters.ledger import Ledger
    from jobs.dead_letters.letter import Letter
    from jobs.dead_letters.reading import Letters

app = typer.Typer(help="List, show and replay dead letters.", no_args_is_help=True)

From: TypeAlias = Annotated[str | None, typer.Option("--from", help="A run's directory, or its dead_letters.")]
Config: TypeAlias = Annotated[Path | None, typer.Option("--config", help="The job, instead of --from.")]
Out: TypeAlias = Annotated[Path | None, typer.Option(help="The directory of the run, for what is left open.")]
LedgerUri: TypeAlias = Annotated[str | None, typer.Option("--ledger", help="Where replays are recorded.")]
Reasons: TypeAlias = Annotated[list[str] | None, typer.Option("--reason", help="Only this reason; may be repeated.")]
Since: TypeAlias = Annotated[str | None, typer.Option(help="Refused since: 2h, 2026-01-31, 2026-01-31T12:00Z.")]
Until: TypeAlias = Annotated[str | None, typer.Option(help="Refused before: as --since.")]
Sources: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--source", help="topic[:partition[:first[-last]]], or a pattern of files; may be repeated."),
]


@app.command("list")
def list_letters(
    from_: From = None,
    config: Config = None,
    out: Out = None,
    ledger: LedgerUri = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    by: Annotated[list[str] | None, typer.Option(help="reason, step, source or hour; may be repeated.")] = None,
    json: AsJson = False,
) -> int:
    """Count dead letters by reason, step, source and hour."""
    from jobs.dead_letters.show import print_groups
    from jobs.dead_letters.summary import keys_of, summary

    keys, wanted = keys_of(by), _choice(reason, since, until, source)
    with _opened(from_, config, out, ledger) as found:
        print_groups(summary(_chosen(found.letters, wanted), found.ledger, keys), keys, json)
    return _code(found.letters)


@app.command()
def show(
    position: Annotated[list[str] | None, typer.Argument(help="topic:partition:offset[:index], or file:byte.")] = None,
    newest: Annotated[int, typer.Option(min=1, help="How many at the most.")] = 10,
    from_: From = None,
    config: Config = None,
    out: Out = None,
    ledger: LedgerUri = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    json: AsJson = False,
) -> int:
    """Show single dead letters, those at the positions given or the newest."""
    import heapq

    from jobs.dead_letters.choice import is_at
    from jobs.dead_letters.show import print_letter

    wanted = _choice(reason, since, until, source)
    with _opened(from_, config, out, ledger) as found:
        letters = (x for x in _chosen(found.letters, wanted) if not position or is_at(x.source, position))
        for letter in _some(heapq.nlargest(newest, letters, key=lambda letter: letter.ingest_time)):
            print_letter(letter, found.ledger, json)
    return _code(found.letters)


@app.command()
def replay(
    config: ConfigFile,
    from_: From = None,
    out: Out = None,
    ledger: LedgerUri = None,
    to: Annotated[str | None, typer.Option(help="A topic or a directory, instead of where events came from.")] = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    attempts: Annotated[int, typer.Option(min=1, help="How often an event is sent anew at the most.")] = 3,
    again: Annotated[bool, typer.Option("--again", help="Also what was sent anew already.")] = False,
    refetch: Annotated[bool, typer.Option("--refetch", help="Look up originals that letters do not hold.")] = False,
    accepted_only: Annotated[bool, typer.Option("--accepted-only", help="Only what the job will accept.")] = False,
    bounded: Annotated[
        bool, typer.Option("--bounded", help="A bounded run will read it: auto lateness is off.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; tell what would become of it.")] = False,
    json: AsJson = False,
) -> int:
    """Send the original bytes of dead letters anew, each once, for a configuration that now takes them."""
    from jobs.dead_letters.prepare import Rules
    from jobs.dead_letters.replay import Request
    from jobs.dead_letters.replay import replay as send
    from jobs.dead_letters.show import print_result

    wanted = _choice(reason, since, until, source)
    with _opened(from_, config, out, ledger, hold=not dry_run) as found:
        assert found.configuration is not None
        request = Request(
            to=to,
            reports=found.reports,
            rules=Rules(attempts, again, accepted_only),
            bounded=bounded,
            refetch=refetch,
            dry_run=dry_run,
        )
        letters = _some(list(_chosen(found.letters, wanted)))
        print_result(send(found.configuration, letters, found.ledger, request, _now()), dry_run, json)
    return _code(found.letters)


class _Found(NamedTuple):
    letters: "Letters"
    ledger: "Ledger"
    configuration: "Configuration | None"
    reports: str | None


@contextmanager
def _opened(
    given: str | None, config: Path | None, out: Path | None, ledger: str | None, hold: bool = False
) -> Iterator[_Found]:
    """Open the letters and the ledger, which is held for this process alone where something will be sent."""
    from jobs.config import load
    from jobs.dead_letters.ledger import NAME, Ledger, locked
    from jobs.dead_letters.reading import Letters, base_of, place_of

    configuration = load(config) if config is not None else None
    if configuration is not None and out is not None:
        configuration = configuration.under(out)
    place = place_of(given, configuration)
    base = base_of(place, configuration)
    recorded = ledger or (f"{base}/{NAME}" if base is not None else None)
    reports = f"{base}/reports" if base is not None else None
    if not hold:
        yield _Found(Letters(place), Ledger(recorded), configuration, reports)
        return
    with locked(recorded) as held:
        yield _Found(Letters(place), held, configuration, reports)


def _choice(reason: list[str] | None, since: str | None, until: str | None, source: list[str] | None) -> "Choice":
    from jobs.dead_letters.choice import Choice, reasons_of, time_of

    now = _now()
    times = time_of("--since", since, now), time_of("--until", until, now)
    return Choice(reasons_of(reason or ()), *times, tuple(source or ()))


def _chosen(letters: "Letters", choice: "Choice") -> Iterator["Letter"]:
    return (letter for letter in letters if letter in choice)


def _some(letters: "list[Letter]") -> "list[Letter]":
    from udfs.errors import ConfigurationError

    if not letters:
        raise ConfigurationError("No dead letter is chosen", "`headrace dlq list` tells which there are")
    return letters


def _code(letters: "Letters") -> int:
    """Return the exit code, once all is read; lines that are no letters are told on stderr."""
    if not letters.unreadable:
        return 0
    typer.echo(f"lines that are no dead letters: {letters.unreadable}; the first: {letters.first}", err=True)
    return VERIFICATION_FAILED


def _now() -> int:
    return time.time_ns() // 1000
