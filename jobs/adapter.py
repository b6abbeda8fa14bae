"""The adapter between Flink and stages.

A stage's durable state is one list state per key: base, then journal (``udfs.stages.keeper``). Everything that a stage
puts out leaves here: frames to the next vertex, documents to side outputs, model files to the registry.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec
from pyflink.common import Row
from pyflink.datastream import KeyedProcessFunction, RuntimeContext

from jobs.commands import Commands
from jobs.flink_store import FlinkStore, integer, list_state
from jobs.gauges import Gauges
from jobs.routes import PAST, SIDES, TICK
from jobs.worker import prepare_worker
from udfs.frames import Frame, Kind, encode
from udfs.releases.registry import Registry
from udfs.schema import Plan
from udfs.stages.keeper import Keeper
from udfs.stages.stage import Output, Route
from udfs.stages.train import TrainStage
from udfs.stages.vertices import Vertex, vertices


class StageFunction(KeyedProcessFunction):  # type: ignore[misc]
    """Runs the stages of one vertex."""

    def __init__(self, vertex: int, plan: bytes, keys: list[list[int]], registry: str, lines: bool) -> None:
        """Keep what ``open`` needs.

        Args:
            vertex: its number in ``udfs.stages.vertices``.
            plan: the plan, as JSON.
            keys: Flink's key of each logical key: of this vertex, and of those behind it.
            registry: the URI that model files go to.
            lines: whether dead letters become lines of files, so that those of a frame can leave as one text.
        """
        self._number, self._plan_json = vertex, plan
        self._logical = {key: i for i, key in enumerate(keys[0])}
        self._behind, self._registry_uri, self._lines = keys[1:], registry, lines
        self._keepers: dict[int, Keeper] = {}
        self._microseconds = 0

    def open(self, runtime_context: RuntimeContext) -> None:
        """Declare the state and the gauges."""
        self._plan = Plan.from_json(self._plan_json)
        self._vertex: Vertex = vertices(self._plan)[self._number]
        self._state = list_state(runtime_context)
        self._registry = Registry.open(self._registry_uri)
        self._commands = Commands(self._registry, self._plan) if self._vertex.name == TrainStage.name else None
        prepare_worker()
        self._gauges = Gauges()
        group = runtime_context.get_metrics_group()
        self._gauges.register(group, self._vertex.name, self._plan)
        below = group.add_group("headrace")
        below.gauge("stage_microseconds", lambda: self._microseconds)
        below.gauge("base_bytes", lambda: sum(keeper.base_bytes for keeper in self._keepers.values()))
        below.gauge("journal_bytes", lambda: sum(keeper.journal_bytes for keeper in self._keepers.values()))
        below.gauge("failures", lambda: sum(keeper.failures for keeper in self._keepers.values()))

    def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Take one frame."""
        data = value if isinstance(value, bytes) else value[1]
        key = integer(ctx.get_current_key())
        if data == TICK:
            if key not in self._logical:
                return  # Ticks are for the keys of all vertices.
            data = self._tick(self._logical[key])
        yield from self._run(key, data)

    def _tick(self, key: int) -> bytes:
        """Return a tick with the ingest time and operators' commands, as it is journalled."""
        meta: dict[str, Any] = {"now": time.time_ns() // 1000}
        if self._commands is not None and (commands := self._commands.due(key)) is not None:
            meta["commands"] = commands
        return encode(Frame(Kind.TICK, meta=meta))

    def _run(self, key: int, data: bytes) -> Iterator[Any]:
        started = time.perf_counter_ns()
        letters: list[str] = []
        for output in self._keeper(key).process(data):
            if output.route == Route.DEAD_LETTER:
                letters.append(output.payload.decode())
            else:
                yield from self._route(output)
        if letters:
            # Each record of a side output costs about 40 microseconds of CPU on its way to a file.
            for record in ["\n".join(letters)] if self._lines else letters:
                yield SIDES[Route.DEAD_LETTER], record
        self._microseconds += (time.perf_counter_ns() - started) // 1000

    def _keeper(self, key: int) -> Keeper:
        if key not in self._keepers:
            vertex, logical = self._vertex, self._logical[key]
            self._keepers[key] = Keeper(
                lambda: vertex.make(logical), FlinkStore(self._state), vertex.fingerprint(logical), vertex.cold
            )
        return self._keepers[key]

    def _route(self, output: Output) -> Iterator[Any]:
        if output.route == Route.NEXT:
            yield Row(self._behind[0][output.key], output.payload)
        elif output.route == Route.PAST:
            yield PAST, Row(self._behind[1][output.key], output.payload)
        elif output.route == Route.FILE:
            self._registry.put(output.name, output.payload)
        else:
            if output.route == Route.REPORT:
                self._gauges.absorb(msgspec.json.decode(output.payload))
            elif output.route == Route.RELEASE:
                self._gauges.release(msgspec.json.decode(output.payload))
            yield SIDES[output.route], output.payload.decode()
