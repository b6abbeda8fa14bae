"""The per-event PyFlink job: a Python operator keyed by event, ValueState for dedup, FTRL in plain Python."""

from __future__ import annotations

import math
import os
import time
import zlib
from collections.abc import Iterator
from typing import Any

from benchmarks.throughput.features import decode, features
from benchmarks.throughput.flink import kafka_table, table_environment
from benchmarks.throughput.setting import Setting, compete

SLOTS = 1 << 20
ALPHA, BETA, L1, L2 = 0.1, 1.0, 0.1, 1.0


class Ftrl:
    """FTRL-proximal logistic regression (McMahan et al. 2013, algorithm 1) over hashed slots."""

    def __init__(self) -> None:
        self.z = [0.0] * SLOTS
        self.n = [0.0] * SLOTS

    def learn(self, named: dict[str, float], label: int) -> float:
        """Return the probability, made before the example is learned."""
        slots = [(zlib.crc32(name.encode()) % SLOTS, value) for name, value in named.items()]
        weights = [self._weight(slot) for slot, _ in slots]
        margin = sum(w * value for w, (_, value) in zip(weights, slots, strict=True))
        probability = 1 / (1 + math.exp(-max(-35.0, min(35.0, margin))))
        for w, (slot, value) in zip(weights, slots, strict=True):
            gradient = (probability - label) * value
            n = self.n[slot]
            self.n[slot] = n + gradient * gradient
            self.z[slot] += gradient - (math.sqrt(self.n[slot]) - math.sqrt(n)) / ALPHA * w
        return probability

    def _weight(self, slot: int) -> float:
        z = self.z[slot]
        if abs(z) <= L1:
            return 0.0
        return (math.copysign(L1, z) - z) / ((BETA + math.sqrt(self.n[slot])) / ALPHA + L2)


def measure(setting: Setting) -> dict[str, object]:
    """Return the seconds from submission to the end."""
    os.environ["_python_worker_execution_mode"] = "process"  # noqa: SIM112
    from pyflink.common import Types
    from pyflink.datastream import KeyedProcessFunction
    from pyflink.datastream.state import ValueStateDescriptor

    class Learn(KeyedProcessFunction):  # type: ignore[misc]
        def open(self, runtime_context: Any) -> None:
            self.seen = runtime_context.get_state(ValueStateDescriptor("seen", Types.BOOLEAN()))
            self.model = Ftrl()
            self.examples, self.loss = 0, 0.0

        def process_element(self, value: Any, ctx: Any) -> Iterator[str]:
            if self.seen.value():
                return
            self.seen.update(True)
            event = decode(value[1])
            assert event is not None
            probability = self.model.learn(features(event), event["click"])
            self.examples += 1
            self.loss -= math.log(probability if event["click"] else 1 - probability)
            if self.examples % 10_000 == 0:
                yield f"{self.examples} {self.loss / self.examples:.4f}"

    def key(row: Any) -> Iterator[tuple[str, bytes]]:
        event = decode(row[0])
        if event is not None:
            yield f"{event['user']} {event['event_id']}", row[0]

    stream, tables = table_environment(setting)
    tables.execute_sql(kafka_table(setting, "events", "line BYTES", "raw"))
    payload = Types.PRIMITIVE_ARRAY(Types.BYTE())
    lines = tables.to_append_stream(tables.sql_query("SELECT line FROM events"), Types.ROW([payload]))
    keyed = lines.flat_map(key, Types.TUPLE([Types.STRING(), payload])).key_by(lambda pair: pair[0], Types.STRING())
    keyed.process(Learn(), Types.STRING()).print()
    begin = time.perf_counter()
    stream.execute("per event")
    return {"wall_s": time.perf_counter() - begin}


if __name__ == "__main__":
    compete(measure)
