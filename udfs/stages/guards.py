"""What stands between the examples of one model and its learner: the circuit breaker, then the filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from udfs.decode.layout import Layout
from udfs.frames import Frame
from udfs.schema import Model
from udfs.stages.breaker_queue import PARTS, BreakerQueue
from udfs.stages.filters import Filters
from udfs.stages.stage import Output, Route
from udfs.types import Arrays


class Guards:
    """The guards of one model, or of one partition of it.

    Attributes:
        breaker: the circuit breaker, with the examples that wait for it.
        filters: what judges the examples that it lets through.
    """

    def __init__(self, layout: Layout, model: Model, key: int, step: str) -> None:
        """Start with nothing seen.

        Args:
            layout: the columns of frames.
            model: the model.
            key: its partition.
            step: what dead letters name.
        """
        self._about = {"stage": "breaker", "epoch": layout.plan.epoch, "model": model.name, "key": key}
        self.filters = Filters(layout, model, step)
        self.breaker = BreakerQueue(layout, model, self.filters.identified)

    def pass_on(self, pieces: Iterator[Frame], now: int) -> Iterator[Frame | Output]:
        """Yield what of the breaker's pieces is to be learned, dead letters, and last the breaker's events.

        Args:
            pieces: what a call of ``breaker`` yields.
            now: ingest time, microseconds since 1970.
        """
        for piece in pieces:
            frame, letters = self.filters.apply(self.breaker.without_skipped(piece), now)
            for letter in letters:
                yield Output(Route.DEAD_LETTER, 0, letter)
            yield frame
        for event in self.breaker.told():
            document = {**self._about, "now": now, **event}
            yield Output(Route.REPORT, 0, msgspec.json.encode(document, order="sorted"))

    def report(self) -> dict[str, Any]:
        """Return what a stage's report has of them; nothing for none."""
        breaker, anomalies = self.breaker.report(), self.filters.counts
        return ({"breaker": breaker} if breaker else {}) | ({"anomalies": anomalies} if anomalies else {})

    def dump(self) -> tuple[Any, Arrays, list[bytes | memoryview]]:
        """Return plain values, arrays and byte strings."""
        waits, arrays, examples = self.breaker.dump()
        filters, remembered = self.filters.dump()
        return [waits, filters], arrays, [*examples, *remembered]

    def load(self, meta: Any, arrays: Arrays, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` returned."""
        waits, filters = meta
        self.breaker.load(waits, arrays, parts[:PARTS])
        self.filters.load(filters, parts[PARTS:])
