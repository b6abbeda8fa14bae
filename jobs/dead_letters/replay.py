"""A replay from end to end: what was begun is finished, letters are tried, those that can go are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from jobs.config.configuration import Configuration
from jobs.config.patterns import to_regex
from jobs.config.source import Files
from jobs.dead_letters.clocks import clocks_of
from jobs.dead_letters.errors import ReplayError
from jobs.dead_letters.item import Item
from jobs.dead_letters.ledger import Ledger
from jobs.dead_letters.letter import Letter, Position
from jobs.dead_letters.originals import FileLines, Lookup, TopicLines
from jobs.dead_letters.prepare import Preparation, Rules, Skipped
from jobs.dead_letters.target import Target
from jobs.dead_letters.to_folder import ToFolder
from jobs.dead_letters.trial import Trial
from jobs.reader.headers import header
from udfs.errors import ConfigurationError
from udfs.locations import local_path
from udfs.schema import Format


@dataclass(frozen=True)
class Request:
    """What the command line asks for.

    Attributes:
        rules: which letters are sent.
        to: a topic or a directory in place of where events came from, or of where the job reads.
        reports: the directory of the job's reports, which tell how far it is in event time; None where it has none.
        bounded: whether the job will read what is sent in a bounded run.
        refetch: whether originals are looked up that letters do not hold.
        dry_run: whether nothing is sent.
    """

    rules: Rules
    to: str | None = None
    reports: str | None = None
    bounded: bool = False
    refetch: bool = False
    dry_run: bool = False


@dataclass
class Result:
    """What became of the letters: those that were sent, or would be, and those that were not."""

    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def replay(
    configuration: Configuration, letters: Iterable[Letter], ledger: Ledger, request: Request, now: int
) -> Result:
    """Send the events of letters anew.

    Args:
        configuration: of the job that will read them.
        letters: those that are chosen.
        ledger: what was sent before, held by this process unless nothing is sent.
        request: what is asked for.
        now: microseconds since 1970.

    Raises:
        ConfigurationError: there is nowhere to send them, found before anything is sent.
        ReplayError: not all was sent; what was is recorded.
    """
    plan = configuration.plan(0, request.bounded)
    clocks = clocks_of(request.reports) if request.reports is not None else {}
    result = Result()
    with _connected(configuration, request) as (target, lookup):
        if not request.dry_run:
            _finish(target, ledger)
        trial = Trial(plan, clocks, now)
        preparation = Preparation(ledger, trial, target, _columns(plan.format), lookup, request.rules)
        for found in preparation.of(letters):
            if isinstance(found, Item):
                result.items.append(found)
            else:
                result.skipped.append(found)
        if result.items and not request.dry_run:
            target.send(result.items, ledger, now)
    return result


def _finish(target: Target, ledger: Ledger) -> None:
    for begun in ledger.unfinished:
        if not target.takes(begun.target):
            what = f"A replay to {begun.target} was begun and not finished"
            raise ReplayError(what, "Run the command with the configuration of that replay first")
        ledger.put(target.complete(begun))
    ledger.reload()


@contextmanager
def _connected(configuration: Configuration, request: Request) -> Iterator[tuple[Target, Lookup | None]]:
    source = configuration.source
    with ExitStack() as stack:
        files = FileLines(source.lines.max_line)
        stack.callback(files.close)
        records: Lookup = _no_topic
        if source.kafka is None:
            assert source.files is not None
            target: Target = _to_folder(source.files, request.to)
        else:
            from jobs.dead_letters.to_topic import ToTopic
            from jobs.dead_letters.topic import Topics

            topics = stack.enter_context(Topics(source.kafka))
            target, records = ToTopic(topics, source.kafka, request.to), TopicLines(topics.record)

        def lookup(position: Position) -> bytes:
            return records(position) if position.topic else files(position)

        yield target, lookup if request.refetch else None


def _no_topic(position: Position) -> bytes:
    raise LookupError(f"the configuration reads no topics, so {position.part} cannot be asked")


def _to_folder(files: Files, to: str | None) -> ToFolder:
    suffix = ".ndjson" if files.format == "json" else ".csv"
    separator = files.separator if files.format == "csv" and not files.columns else None
    if to is not None:
        return ToFolder(to, suffix, separator)
    if files.path is None:
        raise ConfigurationError("source.files.path is missing", "Set it, or give the directory of input with --to")
    if (folder := local_path(files.path)) is not None and not folder.is_dir():
        raise ConfigurationError(f"source.files.path, {files.path}, is no directory", "Give one with --to")
    if re.fullmatch(to_regex(files.pattern), f"replay-0{suffix}") is None:
        what = f"source.files.pattern, {files.pattern}, does not match replay-0{suffix}"
        raise ConfigurationError(what, "Widen it, or give a directory with --to")
    return ToFolder(files.path, suffix, separator)


def _columns(rules: Format) -> Callable[[str], tuple[str, ...]]:
    def columns(part: str) -> tuple[str, ...]:
        if rules.kind == "json":
            return ()
        return rules.columns or header(part, rules.separator)

    return columns
