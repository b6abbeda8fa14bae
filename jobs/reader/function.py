"""The operator that reads, decodes and packs a lane of the source; every frame of the job begins here."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from typing import Any

import msgspec
import numpy as np
from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from jobs.flink_store import FlinkStore, integer, list_state
from jobs.reader.headers import header
from jobs.reader.heard import SECOND, Heard
from jobs.reader.reader import Block, Reading, Source
from jobs.reader.silence import Silence
from jobs.routes import SIDES
from jobs.worker import prepare_worker
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Frame, Kind, encode
from udfs.quality.clocks import Clocks
from udfs.quality.partition import is_of_topic
from udfs.schema import Plan
from udfs.stages.ends import end_frame
from udfs.stages.keeper import Keeper
from udfs.stages.read import ARCHIVE, ReadStage, positions_frame
from udfs.stages.shape import read_fingerprint
from udfs.stages.stage import Route
from udfs.types import U16

SPACING = 0.1
"""Seconds between ticks of a lane."""


class ReadFunction(KeyedProcessFunction):  # type: ignore[misc]
    """Reads one lane a key: a tick is one look into it.

    While looks take longer than ticks are apart, ticks queue up, and a checkpoint's barrier behind them. So those that
    came since a lane's last look are passed over, all but one: it is read as fast as what follows takes it, and in
    front of a barrier there is at most one look into each lane. Timers would need no queue, but one that is set as the
    job stops with a savepoint fails the job (in apache-flink 2.3.0 the task's mailbox is closed by then).
    """

    def __init__(self, source: Source, plan: bytes, keys: list[int], next_keys: list[int], topics: bool) -> None:
        """Keep what ``open`` needs.

        Args:
            source: what is read.
            plan: the plan, as JSON.
            keys: Flink's key of each lane.
            next_keys: Flink's key of each bucket.
            topics: whether topics are read, whose positions are reported.
        """
        self._source, self._plan_json, self._topics = source, plan, topics
        self._lanes = {key: i for i, key in enumerate(keys)}
        self._next_keys = next_keys
        self._stages: dict[int, tuple[ReadStage, Keeper]] = {}
        self._behind: dict[int, int] = {}
        self._reported: dict[int, int] = {}
        self._looked: dict[int, float] = {}
        self._passes: dict[int, int] = defaultdict(int)
        self._returned = 0.0
        self._ended: set[int] = set()
        self._heard = Heard(len(next_keys))

    def open(self, runtime_context: RuntimeContext) -> None:
        """Open the source, build the packer, declare the state."""
        self._plan = Plan.from_json(self._plan_json)
        separator = self._plan.format.separator
        self._packer = Packer(Layout.of(self._plan), lambda part: header(part, separator))
        self._silence = Silence(self._plan)
        self._state = list_state(runtime_context)
        self._reader = self._source.open()
        group = runtime_context.get_metrics_group().add_group("headrace")
        group.gauge("source_behind", lambda: sum(self._behind.values()))
        prepare_worker()

    def close(self) -> None:
        """Close the source."""
        self._reader.close()

    def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Take a tick: look into its lane, unless others of it that came meanwhile stand for it."""
        lane = self._lanes[integer(ctx.get_current_key())]
        if self._is_due(lane, time.monotonic()) and lane not in self._ended:
            yield from self._run(lane)
        self._returned = time.monotonic()

    def _is_due(self, lane: int, now: float) -> bool:
        if now - self._returned > SPACING / 2:
            # Nothing was queued.
            self._passes.clear()
        if self._passes[lane] > 0:
            self._passes[lane] -= 1
            return False
        self._passes[lane] = math.ceil((now - self._looked.get(lane, now)) / SPACING) - 1
        self._looked[lane] = now
        return True

    def _run(self, lane: int) -> Iterator[Any]:
        stage, keeper = self._stage(lane)
        times = {part: dial[0] for part, dial in stage.dials.items()}
        reading = self._reader.read(lane, stage.positions, stage.begun, times)
        now = time.time_ns() // 1000
        if reading is not None:
            clocks = Clocks(self._plan, stage.dials, stage.low)
            going = yield from self._pack(lane, reading.blocks, now, clocks)
            waiting = self._silence.waiting(reading, clocks, now)
            clocks.pass_time(waiting)
            if reading.held and not waiting:
                clocks.pass_switch()
            self._remember(stage, keeper, reading, clocks)
            quiet = not waiting and not reading.held
            if self._plan.join is not None:
                told = self._heard.to_tell(lane, clocks.low, quiet, now, going, reading.more)
                if told:
                    yield from self._progress(lane, clocks.low, quiet, now, told)
            self._behind[lane] = reading.behind
            if reading.ended and lane not in self._ended:
                self._ended.add(lane)
                end = end_frame(lane, len(self._lanes), self._plan.epoch)
                yield from (Row(key, end) for key in self._next_keys)
            yield from self._report(lane, stage, now)

    def _stage(self, lane: int) -> tuple[ReadStage, Keeper]:
        """Return the lane's stage, restored."""
        if lane not in self._stages:
            stage = ReadStage()
            keeper = Keeper(lambda: stage, FlinkStore(self._state), read_fingerprint(self._plan, lane))
            keeper.restore()
            self._stages[lane] = stage, keeper
        return self._stages[lane]

    @staticmethod
    def _remember(stage: ReadStage, keeper: Keeper, reading: Reading, clocks: Clocks) -> None:
        moved = {part: at for part, at in reading.positions.items() if stage.positions.get(part) != at}
        dials = {name: dial for name, dial in clocks.dials.items() if stage.dials.get(name) != dial}
        if moved or reading.gone or dials or clocks.low > stage.low or not stage.begun:
            for _ in keeper.process(positions_frame(moved, reading.gone, dials, clocks.low)):
                pass

    def _progress(self, lane: int, low: int, quiet: bool, now: int, buckets: list[int]) -> Iterator[Any]:
        """Tell buckets how far time has come."""
        frame = encode(Frame(Kind.PROGRESS, meta={"now": now, **self._stamp(lane, low, quiet)}))
        yield from (Row(self._next_keys[bucket], frame) for bucket in buckets)

    def _stamp(self, lane: int, low: int, quiet: bool) -> dict[str, int]:
        return {"lane": lane, "low": low, "quiet": quiet, "epoch": self._plan.epoch}

    def _pack(self, lane: int, blocks: list[Block], now: int, clocks: Clocks) -> Generator[Any, None, set[int]]:
        """Send what was read; return the buckets that events go to."""
        blocks = [block for block in blocks if len(block.records)]
        going: set[int] = set()
        if not blocks:
            return going
        sizes = np.cumsum([0, *(len(block.data) for block in blocks)])
        data = np.concatenate([block.data for block in blocks]) if len(blocks) > 1 else blocks[0].data
        records = np.concatenate([block.records + start for block, start in zip(blocks, sizes, strict=False)])
        part: U16 = np.repeat(np.arange(len(blocks), dtype=np.uint16), [len(block.records) for block in blocks])
        offsets = np.concatenate([block.offsets for block in blocks])
        parts = tuple(block.part for block in blocks)
        topics = tuple(self._source.topic_of(name) for name in parts)
        buckets = self._plan.buckets
        low = clocks.low
        stamp = self._stamp(lane, low, False) if self._plan.join else {}
        given = data, records, part, offsets, parts, topics, now
        for i, frame in enumerate(self._packer.pack(*given, clocks, stamp)):
            if frame is not None:
                if i < buckets:
                    going.add(i)
                yield Row(self._next_keys[i % buckets], frame)
        self._heard.with_events(lane, low, going)
        return going

    def _report(self, lane: int, stage: ReadStage, now: int) -> Iterator[Any]:
        """Tell how far the lane is, once a second and at its end."""
        ended = lane in self._ended
        if now < self._reported.get(lane, 0) + SECOND and not ended:
            return
        self._reported[lane] = now
        document: dict[str, Any] = {
            "stage": ReadStage.name,
            "epoch": self._plan.epoch,
            "key": lane,
            "now": now,
            "behind": self._behind[lane],
            "ended": ended,
        }
        if self._topics:
            document["positions"] = {part: at for part, at in stage.positions.items() if is_of_topic(part)}
            document["times"] = {part: dial[0] for part, dial in stage.dials.items() if is_of_topic(part)}
        if self._plan.switch is not None:
            document["archive_read"] = ARCHIVE in stage.positions
        yield SIDES[Route.REPORT], msgspec.json.encode(document, order="sorted").decode()
