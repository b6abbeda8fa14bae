"""Keeps one key's stage alive and durable: base + journal of memos, restore by replay; and frames that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import msgspec
import numpy as np

from udfs.decode.reject import MESSAGE_LIMIT, REASONS, Reason
from udfs.errors import StateError
from udfs.frames import Frame, Kind, Ragged, decode, encode
from udfs.quality.dead_letter import payloads, place_of
from udfs.schema.decoder import decoder_of
from udfs.stages.fingerprint import Fingerprint
from udfs.stages.parts import Part, split
from udfs.stages.stage import CUTS, LateFailure, Output, Stage
from udfs.stages.vertices import stage_of
from udfs.types import Arrays

BASE, CHUNK, JOURNAL = b"B", b"C", b"J"
CHUNK_BYTES = 512 << 10
"""Small enough that the copies on the way to the store stay in a core's cache."""
_HEADER = decoder_of(tuple[Fingerprint, list[int]])
SMALLEST_BASE = 1 << 20
PIECES = 16
"""Into how many pieces rows that waited, and failed in one, are cut at a time: five times find one of a million."""


class Store(Protocol):
    """One key's durable list of byte strings; it becomes durable with the next checkpoint."""

    def read(self) -> list[bytes]:
        """Return all entries."""
        ...

    def append(self, entry: bytes) -> None:
        """Add an entry."""
        ...

    def replace(self, entries: list[bytes]) -> None:
        """Put these entries in place of all others."""
        ...


class Keeper:
    """Runs one stage object for one key.

    The memo of a frame is journalled after it was processed; a new base is written when the journal outgrows
    ``max(base, smallest_base)``, so that state writes stay amortised constant per byte that arrives.

    Attributes:
        failures: frames whose processing raised.
        base_bytes: the size of the last base.
        journal_bytes: the size of the journal since.
    """

    def __init__(
        self,
        make: Callable[[], Stage],
        store: Store,
        fingerprint: Fingerprint,
        cold: bool = False,
        smallest_base: int = SMALLEST_BASE,
    ) -> None:
        """Keep what is needed.

        Args:
            make: makes the stage.
            store: the key's durable entries.
            fingerprint: what the state belongs to.
            cold: whether a state of another shape is dropped instead of refused.
            smallest_base: bytes of journal that never lead to a new base.
        """
        self._make, self._store, self._fingerprint, self._cold = make, store, fingerprint, cold
        self._smallest_base = smallest_base
        self._stage: Stage | None = None
        self.failures = self.base_bytes = self.journal_bytes = 0

    def process(self, data: bytes) -> Iterator[Output]:
        """Process one encoded frame and journal it; the caller must consume every output.

        A frame that raises is tried again on a restored stage; when that raises too, its rows are processed one by
        one, and each culprit goes to the stage as a reject with the reason ``stage_error``, whether it came with this
        frame or waited in the state.
        """
        frame = decode(data)
        for _attempt in range(2):
            try:
                outputs = list(self._live().process(frame))
            except StateError:
                raise
            except Exception as error:
                self._stage = None
                self.failures += 1
                failure = error
            else:
                self._journal(frame, data)
                yield from outputs
                return
        if frame.kind in (Kind.EVENTS, Kind.EXAMPLES):
            for row in frame.rows():
                yield from self._alone(row)
        elif isinstance(failure, LateFailure):
            yield from self._alone(frame)
        else:
            raise failure

    def _alone(self, frame: Frame) -> Iterator[Output]:
        """Process one row, or a frame without rows, until only it can be what fails."""
        cuts: set[int] = set()
        while True:
            try:
                outputs = list(self._live().process(_with_cuts(frame, cuts)))
            except StateError:
                raise
            except Exception as error:
                self._stage = None
                self.failures += 1
                if isinstance(error, LateFailure):
                    if error.rows.n > 1:
                        cuts.update(error.cuts(PIECES))
                    else:
                        yield from self._refuse(error.rows, error.now, error.__cause__ or error, late=True)
                    continue
                if frame.kind not in (Kind.EVENTS, Kind.EXAMPLES):
                    raise
                yield from self._refuse(frame, frame.meta["now"], error, late=False)
            else:
                self._journal(frame, None)
                yield from outputs
            return

    def _refuse(self, row: Frame, now: int, error: BaseException, late: bool) -> Iterator[Output]:
        reject = self._reject(row, now, error, late)
        outputs = list(self._live().process(reject))
        self._journal(reject, None)
        yield from outputs

    def _reject(self, row: Frame, now: int, error: BaseException, late: bool) -> Frame:
        message = f"{type(error).__name__}: {error}"[:MESSAGE_LIMIT].encode(errors="replace")
        payload = next(payloads(row))
        known = ("offset", "part", "id", "type")
        columns: Arrays = {name: column for name, column in row.columns.items() if name in known}
        columns["index"] = row.columns.get("index", np.zeros(1, np.uint32))
        columns["reason"] = np.array([REASONS.index(Reason.STAGE_ERROR)], np.uint8)
        meta = {"parts": row.meta["parts"], "now": now, "step": self._fingerprint.stage}
        if late:
            meta["late"] = place_of(row, 0)
        ragged = {"message": Ragged.of_bytes([message]), "payload": Ragged.of_bytes([payload])}
        meta["encoding"] = "canonical"
        return Frame(Kind.REJECTS, 1, meta, columns, ragged)

    def _live(self) -> Stage:
        if self._stage is None:
            stage = self._make()
            entries = self._store.read()
            if entries and not self._fits(entries):
                self._store.replace([])
                entries = []
            self._restore(stage, entries)
            self._stage = stage
        return self._stage

    def _fits(self, entries: list[bytes]) -> bool:
        if entries[0][:1] != BASE:
            raise StateError("A stored state does not begin with its base", "Restore an older checkpoint")
        found, _ = _HEADER.decode(entries[0][1:])
        if found.fits(self._fingerprint):
            return True
        if self._cold:
            return False
        kept, mine = ((f.stage, f.version, f.shape[:12], f.buckets) for f in (found, self._fingerprint))
        raise StateError(
            f"The stored state belongs to {kept}, this job is {mine} (stage, version, shape, buckets)",
            "Run `headrace check --against` to see which change is not allowed, and undo it or start without state",
        )

    def _restore(self, stage: Stage, entries: list[bytes]) -> None:
        self.base_bytes = self.journal_bytes = 0
        if not entries:
            self._store.append(self._header([]))
            return
        found, lengths = _HEADER.decode(entries[0][1:])
        if found.plan == self._fingerprint.plan:
            self._replay(stage, entries, lengths)
            return
        # Journalled frames have the columns of the plan that they were made by, so a stage of that plan replays them.
        earlier = stage_of(found)
        self._replay(earlier, entries, lengths)
        stage.load([bytes(part) for part in earlier.dump()])
        self._write_base(stage)

    def _replay(self, stage: Stage, entries: list[bytes], lengths: list[int]) -> None:
        base = b"".join(entry[1:] for entry in entries[1:] if entry[:1] == CHUNK)
        if lengths:
            stage.load(split(memoryview(base), lengths))
        self.base_bytes = len(base)
        for entry in entries:
            if entry[:1] == JOURNAL:
                for _ in stage.process(decode(entry[1:])):
                    pass
                self.journal_bytes += len(entry) - len(JOURNAL)

    def _header(self, lengths: list[int]) -> bytes:
        return BASE + msgspec.json.encode((self._fingerprint, lengths))

    def _journal(self, frame: Frame, data: bytes | None) -> None:
        """Journal what the stage remembers of a frame; ``data`` is the frame encoded, where it is at hand."""
        memo = self._live().memo(frame)
        if memo is not frame or data is None:
            data = encode(memo)
        if self.journal_bytes + len(data) <= max(self.base_bytes, self._smallest_base):
            self._store.append(JOURNAL + data)
            self.journal_bytes += len(data)
            return
        self.write_base()

    def restore(self) -> None:
        """Make the stage and bring it to its stored state now, rather than with the first frame."""
        self._live()

    def dump(self) -> bytes:
        """Return the stage's dump in one piece."""
        return b"".join(self._live().dump())

    def write_base(self) -> None:
        """Put a new base in place of base and journal."""
        self._write_base(self._live())

    def _write_base(self, stage: Stage) -> None:
        parts = list(stage.dump())
        lengths = [len(part) for part in parts]
        self._store.replace([self._header(lengths), *_chunks(parts)])
        self.base_bytes, self.journal_bytes = sum(lengths), 0


def _with_cuts(frame: Frame, cuts: set[int]) -> Frame:
    return Frame(frame.kind, frame.n, {**frame.meta, CUTS: sorted(cuts)}, frame.columns, frame.ragged)


def _chunks(parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield the parts in entries of ``CHUNK_BYTES`` each, the last one shorter: the only copy that a base costs."""
    chunk = bytearray(CHUNK)
    for part in parts:
        view, start = memoryview(part), 0
        while start < len(view):
            stop = min(len(view), start + CHUNK_BYTES + len(CHUNK) - len(chunk))
            chunk += view[start:stop]
            start = stop
            if len(chunk) == CHUNK_BYTES + len(CHUNK):
                yield bytes(chunk)
                del chunk[len(CHUNK) :]
    if len(chunk) > len(CHUNK):
        yield bytes(chunk)
