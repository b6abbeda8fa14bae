"""The keeper: bases and journals, frames that fail, states that do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

import numpy as np
import pytest

from udfs.decode.reject import REASONS
from udfs.errors import StateError
from udfs.frames import Frame, Kind, decode, encode
from udfs.stages.driver import MemoryStore
from udfs.stages.examples_queue import pieces
from udfs.stages.fingerprint import Fingerprint
from udfs.stages.keeper import BASE, CHUNK, JOURNAL, Keeper
from udfs.stages.stage import CUTS, LateFailure, Output, Route


class Sum:
    """Adds numbers; raises on its poison, as often as told."""

    name: ClassVar[str] = "sum"
    version: ClassVar[int] = 1
    poison: ClassVar[dict[int, int]] = {}
    ballast: ClassVar[int] = 0

    def __init__(self) -> None:
        self.total = self.failed = 0

    def process(self, frame: Frame) -> Iterable[Output]:
        if frame.kind == Kind.REJECTS:
            self.failed += frame.n
            assert [REASONS[i] for i in frame.columns["reason"]] == ["stage_error"] * frame.n
            yield Output(
                Route.DEAD_LETTER, 0, frame.ragged["message"].bytes_at(0) + frame.ragged["payload"].bytes_at(0)
            )
            return
        for value in frame.columns["x"].tolist():
            if self.poison.get(value):
                self.poison[value] -= 1
                raise ValueError(f"poison {value}")
            self.total += value
            yield Output(Route.REPORT, 0, str(value).encode())

    def memo(self, frame: Frame) -> Frame:
        return frame

    def dump(self) -> Iterator[bytes | memoryview]:
        yield self.total.to_bytes(8, "little") + self.failed.to_bytes(8, "little")
        yield bytes([self.total % 251]) * self.ballast

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        self.total, self.failed = int.from_bytes(parts[0][:8], "little"), int.from_bytes(parts[0][8:], "little")
        assert bytes(parts[1]) == bytes([self.total % 251]) * self.ballast


class Brief(Sum):
    """Remembers the numbers alone."""

    def memo(self, frame: Frame) -> Frame:
        return Frame(frame.kind, frame.n, {}, {"x": frame.columns["x"]}) if frame.kind == Kind.EVENTS else frame


class Waiting(Sum):
    """Keeps what comes, and adds all of it at a tick."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[Frame] = []
        self.skipped: list[int] = []

    def process(self, frame: Frame) -> Iterable[Output]:
        if frame.kind == Kind.EVENTS:
            self.waits.append(frame)
            return
        if frame.kind == Kind.REJECTS:
            self.skipped.append(frame.meta["late"][1])
            yield from super().process(frame)
            return
        first = 0
        for whole in self.waits:
            rows = np.setdiff1d(np.arange(whole.n), self.skipped)
            for piece in pieces(whole.pick(rows), [cut - first for cut in frame.meta.get(CUTS, ())]):
                try:
                    yield from super().process(piece)
                except ValueError as error:
                    raise LateFailure(piece, first, 7) from error
                first += piece.n


FINGERPRINT = Fingerprint("sum", 1, "shape", 8)
ALWAYS = 10**9


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sum, "poison", {})
    monkeypatch.setattr(Sum, "ballast", 0)


def frame(*values: int) -> bytes:
    columns = {"x": np.array(values), "offset": np.arange(len(values)), "part": np.zeros(len(values), np.uint16)}
    return encode(Frame(Kind.EVENTS, len(values), {"parts": ["a/0"], "now": 1}, columns))


def keeper(store: MemoryStore, smallest_base: int = 1 << 20, fingerprint: Fingerprint = FINGERPRINT) -> Keeper:
    return Keeper(Sum, store, fingerprint, smallest_base=smallest_base)


def payloads(outputs: Iterable[Output]) -> list[bytes]:
    return [output.payload for output in outputs]


def totals(live: Keeper) -> tuple[int, int]:
    dump = live.dump()
    return int.from_bytes(dump[:8], "little"), int.from_bytes(dump[8:16], "little")


@pytest.mark.parametrize("smallest_base", [1, 1 << 20])
def test_the_culprit_and_only_it_becomes_a_stage_error_once(smallest_base: int) -> None:
    Sum.poison[3] = ALWAYS
    store = MemoryStore()
    live = keeper(store, smallest_base)
    assert payloads(live.process(frame(1, 2))) == [b"1", b"2"]
    assert payloads(live.process(frame(2, 3, 4))) == [b"2", b'ValueError: poison 3{"x":3}', b"4"]
    assert payloads(live.process(frame(5))) == [b"5"]
    assert totals(live) == totals(keeper(store)) == (14, 1)
    assert live.failures == 3


def test_a_failure_that_passes_loses_nothing_and_shows_nothing() -> None:
    Sum.poison[3] = 1
    store = MemoryStore()
    live = keeper(store)
    assert payloads(live.process(frame(2, 3, 4))) == [b"2", b"3", b"4"]
    assert totals(live) == totals(keeper(store)) == (9, 0)
    assert live.failures == 1


def test_a_failure_of_a_whole_frame_that_passes_in_its_rows_loses_nothing() -> None:
    Sum.poison[3] = 2
    assert payloads(keeper(MemoryStore()).process(frame(2, 3, 4))) == [b"2", b"3", b"4"]


def test_frames_without_rows_fail_as_they_are() -> None:
    Sum.poison[3] = ALWAYS
    store = MemoryStore()
    tick = encode(Frame(Kind.TICK, 1, {}, {"x": np.array([3])}))
    with pytest.raises(ValueError, match="poison 3"):
        list(keeper(store).process(tick))
    assert not any(entry[:1] == JOURNAL for entry in store.entries)


def test_rows_that_waited_are_cut_until_the_culprits_fail_alone() -> None:
    values = range(1000)
    Sum.poison |= {500: ALWAYS, 501: ALWAYS, 999: ALWAYS}
    store = MemoryStore()
    live = Keeper(Waiting, store, FINGERPRINT)
    columns = {"index": np.zeros(1000, np.uint32)}
    waits = decode(frame(*values))
    assert not list(live.process(encode(Frame(Kind.EVENTS, 1000, waits.meta, waits.columns | columns))))
    tick = encode(Frame(Kind.TICK))
    found = payloads(live.process(tick))
    assert found[:3] == [b'ValueError: poison %d{"x":%d}' % (value, value) for value in (500, 501, 999)]
    assert found[3:] == [str(value).encode() for value in values if value not in Sum.poison]
    # Two at first; one for each of the three alone; three cuts, to 63, 4 and 1, for the first and for the last of them,
    # and none for their neighbour.
    assert live.failures <= 2 + 3 + 2 * 3
    assert store.entries[-1] == JOURNAL + tick
    assert Keeper(Waiting, store, FINGERPRINT).dump() == live.dump()


def test_the_journal_keeps_what_the_stage_remembers() -> None:
    Sum.poison[3] = ALWAYS
    stores = [MemoryStore(), MemoryStore()]
    for stage, store in zip((Sum, Brief), stores, strict=True):
        live = Keeper(stage, store, FINGERPRINT)
        assert payloads(live.process(frame(1, 2))) == [b"1", b"2"]
        assert payloads(live.process(frame(2, 3, 4))) == [b"2", b'ValueError: poison 3{"x":3}', b"4"]
        assert live.journal_bytes == sum(len(entry) - 1 for entry in store.entries[1:])
        restored = Keeper(stage, store, FINGERPRINT)
        assert totals(restored) == totals(live) == (9, 1)
        assert restored.journal_bytes == live.journal_bytes
    assert [decode(entry[1:]).columns.keys() for entry in stores[1].entries[1:3]] == [{"x"}, {"x"}]
    assert sum(map(len, stores[1].entries)) < sum(map(len, stores[0].entries))


def test_large_states_are_stored_in_pieces() -> None:
    Sum.ballast = 21 << 20
    store = MemoryStore()
    live = keeper(store, 1)
    list(live.process(frame(7)))
    assert [entry[:1] for entry in store.entries] == [BASE] + [CHUNK] * 43
    assert max(map(len, store.entries)) <= (512 << 10) + 1
    assert live.base_bytes == (21 << 20) + 16
    list(live.process(frame(1)))
    assert store.entries[-1][:1] == JOURNAL
    restored = keeper(store, 1)
    assert restored.dump() == live.dump()
    assert (restored.base_bytes, restored.journal_bytes) == (live.base_bytes, live.journal_bytes)


def test_bases_are_written_seldom_enough() -> None:
    store = MemoryStore()
    live = keeper(store, 10 * len(frame(1)))
    sizes = []
    for _ in range(40):
        list(live.process(frame(1)))
        sizes.append(len(store.entries))
    assert 9 <= max(sizes) <= 12
    assert sizes.count(2) == 40 // 10 or min(sizes[5:]) == 2
    assert totals(keeper(store)) == (40, 0)


@pytest.mark.parametrize(
    "other",
    [
        Fingerprint("sum", 2, "shape", 8),
        Fingerprint("sum", 1, "another", 8),
        Fingerprint("sum", 1, "shape", 4),
        Fingerprint("product", 1, "shape", 8),
    ],
)
def test_a_state_of_another_shape_is_refused_or_dropped(other: Fingerprint) -> None:
    store = MemoryStore()
    list(keeper(store).process(frame(1)))
    stored = list(store.entries)
    with pytest.raises(StateError, match="headrace check --against"):
        list(keeper(store, fingerprint=other).process(frame(1)))
    assert store.entries == stored
    cold = Keeper(Sum, store, other, cold=True)
    assert payloads(cold.process(frame(5))) == [b"5"]
    assert totals(cold) == totals(Keeper(Sum, store, other)) == (5, 0)


def test_a_state_without_its_base_is_refused() -> None:
    store = MemoryStore([JOURNAL + frame(1)])
    with pytest.raises(StateError, match="does not begin with its base"):
        list(keeper(store).process(frame(1)))
