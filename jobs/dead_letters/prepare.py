"""Which of the chosen letters can be sent anew, and what the configuration will make of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from jobs.dead_letters.item import Item
from jobs.dead_letters.ledger import Entry, Ledger
from jobs.dead_letters.letter import Letter
from jobs.dead_letters.originals import Lookup, original_of
from jobs.dead_letters.target import Target
from jobs.dead_letters.trial import Trial
from udfs.errors import ConfigurationError


class Skip(StrEnum):
    """Why a letter is not sent."""

    SENT_BEFORE = "sent_before"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    ACCEPTED_BEFORE = "accepted_before"
    TRUNCATED = "truncated"
    RE_ENCODED = "re_encoded"
    GONE = "gone"
    NO_COLUMNS = "no_columns"
    NO_WAY_BACK = "no_way_back"
    STILL_REJECTED = "still_rejected"


_OTHER_SIDE = "the job takes events before source.switch.time from its archive only, and later ones from topics only"


@dataclass(frozen=True)
class Skipped:
    """A letter that is not sent, and why."""

    letter: Letter
    why: Skip
    message: str


@dataclass(frozen=True)
class Rules:
    """What is asked for.

    Attributes:
        attempts: how often an event may be sent anew in all.
        again: whether to send what was sent before.
        accepted_only: whether to send only what the configuration accepts.
    """

    attempts: int = 3
    again: bool = False
    accepted_only: bool = False


class _Refused(Exception):
    def __init__(self, why: Skip, message: str) -> None:
        super().__init__(message)
        self.why = why


class Preparation:
    """Decides about letters, one by one."""

    def __init__(
        self,
        ledger: Ledger,
        trial: Trial,
        target: Target,
        columns: Callable[[str], tuple[str, ...]],
        lookup: Lookup | None,
        rules: Rules,
    ) -> None:
        """Keep what decides.

        Args:
            ledger: what was sent before.
            trial: what the configuration makes of a line.
            target: where events go.
            columns: the names of the columns of a partition or file; raises ConfigurationError where they are lost.
            lookup: finds the original of a letter that does not hold it; None leaves such letters out.
            rules: what is asked for.
        """
        self._ledger, self._trial, self._target = ledger, trial, target
        self._columns, self._lookup, self._rules = columns, lookup, rules

    def of(self, letters: Iterable[Letter]) -> Iterator[Item | Skipped]:
        """Decide about letters, in the order of their positions; of several at one position about the newest."""
        newest: dict[str, Letter] = {}
        for letter in letters:
            held = newest.get(str(letter.source))
            if held is None or letter.ingest_time >= held.ingest_time:
                newest[str(letter.source)] = letter
        for letter in sorted(newest.values(), key=_place):
            try:
                yield self._item(letter)
            except _Refused as refused:
                yield Skipped(letter, refused.why, str(refused))

    def _item(self, letter: Letter) -> Item:
        entry = self._entry(letter)
        line = self._line(letter)
        try:
            columns = self._columns(letter.source.part)
        except ConfigurationError as error:
            raise _Refused(Skip.NO_COLUMNS, error.what) from None
        try:
            address = self._target.address(letter.source)
        except LookupError as error:
            raise _Refused(Skip.NO_WAY_BACK, str(error)) from None
        verdict = self._trial.verdict(line, columns, address.topic, address.part)
        if self._trial.is_skipped(verdict, address.topic):
            raise _Refused(Skip.NO_WAY_BACK, _OTHER_SIDE)
        if self._rules.accepted_only and verdict.reason is not None:
            raise _Refused(Skip.STILL_REJECTED, f"{verdict.reason}: {verdict.message}")
        return Item(letter, entry, line, columns, address, verdict)

    def _entry(self, letter: Letter) -> Entry:
        position = str(letter.source)
        attempts = self._ledger.attempts(position)
        if letter.was_accepted:
            raise _Refused(Skip.ACCEPTED_BEFORE, f"[{letter.step}] failed on an event that had been accepted")
        if self._ledger.is_sent(position) and not self._rules.again:
            raise _Refused(Skip.SENT_BEFORE, f"attempt {attempts}")
        if attempts >= self._rules.attempts:
            raise _Refused(Skip.TOO_MANY_ATTEMPTS, f"sent anew {attempts} times")
        return Entry(letter=position, first=self._ledger.first(position), attempt=attempts + 1)

    def _line(self, letter: Letter) -> bytes:
        if letter.is_whole:
            return letter.data
        if self._lookup is None:
            if letter.encoding == "canonical":
                raise _Refused(Skip.RE_ENCODED, "the letter holds no original bytes; --refetch looks them up")
            raise _Refused(Skip.TRUNCATED, "the letter holds a part of its bytes; --refetch looks them up")
        try:
            return original_of(letter, self._lookup)
        except LookupError as error:
            raise _Refused(Skip.GONE, str(error)) from None


def _place(letter: Letter) -> tuple[str, int, int]:
    source = letter.source
    return source.part, source.offset if source.topic else source.byte, source.index
