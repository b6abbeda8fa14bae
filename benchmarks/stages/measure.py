"""Runs batches of lines through pack, [user] and [train] in one thread and takes the CPU time of each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.stages.workload import Workload
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Kind, decode
from udfs.schema import Plan
from udfs.stages.stage import Route, Stage
from udfs.stages.vertices import vertices
from udfs.types import I64, U8

_PARTS, _TOPICS = ("clicks/0", "clicks/1"), ("clicks", "clicks")
_WARM = 2
"""Batches before the first that counts: they load the kernels and touch the memory that is kept."""

_Keyed = list[tuple[int, bytes]]


class Cost(NamedTuple):
    """What one line costs.

    Attributes:
        pack_us: microseconds of CPU in pack, the smallest over all batches.
        user_us: the same in [user], with reading the frames and writing the next.
        train_us: the same in [train], with reading the frames.
        event_bytes: bytes of a line in the frames from pack to [user], over all batches.
        example_bytes: bytes of a line in the frames from [user] to [train].
    """

    pack_us: float
    user_us: float
    train_us: float
    event_bytes: float
    example_bytes: float


def measure(workload: Workload, lines: int, batches: int) -> Cost:
    """Time pack, [user] and [train] by CPU time, each batch in turn through all three; the smallest times count."""
    pipeline = _Pipeline(workload.plan())
    costs = [pipeline.run(batch) for batch in _batches(workload.lines(lines * (batches + _WARM)), lines)][_WARM:]
    times = np.array([cost[:3] for cost in costs]).min(0)
    sizes = np.array([cost[3:] for cost in costs]).mean(0)
    return Cost(*times.tolist(), *sizes.tolist())


def _batches(lines: list[bytes], size: int) -> Iterator[tuple[U8, I64]]:
    for start in range(0, len(lines) - size + 1, size):
        records = lines[start : start + size]
        ends = np.cumsum([0, *map(len, records)], dtype=np.int64)
        yield np.frombuffer(b"".join(records), np.uint8), np.stack((ends[:-1], ends[1:]), axis=1)


class _Pipeline:
    def __init__(self, plan: Plan) -> None:
        user, train, _ = vertices(plan)
        self._packer = Packer(Layout.of(plan), lambda _: ())
        self._user = [user.make(key) for key in range(user.keys)]
        self._train = [train.make(key) for key in range(train.keys)]
        self._offset = 0

    def run(self, batch: tuple[U8, I64]) -> Cost:
        data, records = batch
        n = len(records)
        part = (np.arange(n) % len(_PARTS)).astype(np.uint16)
        offset = self._offset + np.arange(n) // len(_PARTS)
        self._offset += n
        now = time.time_ns() // 1000
        begin = time.process_time()
        packed = self._packer.pack(data, records, part, offset, _PARTS, _TOPICS, now)
        middle = time.process_time()
        frames = [(i % len(self._user), frame) for i, frame in enumerate(packed) if frame is not None]
        examples, user = _process(self._user, frames)
        _, train = _process(self._train, examples)
        events = sum(len(frame) for _, frame in frames if decode(frame).kind == Kind.EVENTS)
        sizes = (events / n, sum(len(frame) for _, frame in examples) / n)
        return Cost((middle - begin) / n * 1e6, user / n * 1e6, train / n * 1e6, *sizes)


def _process(stages: list[Stage], frames: _Keyed) -> tuple[_Keyed, float]:
    """Send frames to the stages of their keys; return what goes on to the next stage, and seconds of CPU."""
    begin = time.process_time()
    outputs = [output for key, frame in frames for output in stages[key].process(decode(frame))]
    seconds = time.process_time() - begin
    return [(output.key, output.payload) for output in outputs if output.route == Route.NEXT], seconds
