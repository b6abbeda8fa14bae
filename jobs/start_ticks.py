"""The ticks of a bounded run: they tell every key of a vertex that its input will end."""

from __future__ import annotations

from pyflink.common import WatermarkStrategy
from pyflink.datastream import DataStream
from pyflink.java_gateway import get_gateway

from jobs.adapter import FRAME_TYPE, TICK
from jobs.environment import Environment


def start_ticks(environment: Environment, name: str, keys: list[int]) -> DataStream:
    """Return two ticks for every key, with a completed checkpoint between them.

    A tick makes its key register the timer that fires at the end. PyFlink registers timers behind the bundle they come
    from, so that one from a bundle that a checkpoint flushes is not in that checkpoint (measured), and would be lost
    with a restore from it. The second tick is never in the same checkpoint as the first. Distance in time would not do:
    both pile up in front of a worker that takes long to start.
    """
    jvm = get_gateway().jvm
    rows = jvm.java.util.ArrayList()
    for key in keys + keys:
        row = jvm.org.apache.flink.types.Row(2)
        row.setField(0, key)
        row.setField(1, TICK)
        rows.add(row)
    kind = FRAME_TYPE.get_java_type_info()
    stream = environment.stream._j_stream_execution_environment
    datagen = jvm.org.apache.flink.connector.datagen
    elements = datagen.functions.FromElementsGeneratorFunction(kind, stream.getConfig(), rows)
    rate = jvm.org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy.perCheckpoint(len(keys))
    source = datagen.source.DataGeneratorSource(elements, len(rows), rate, kind)
    watermarks = WatermarkStrategy.no_watermarks()._j_watermark_strategy
    ticks = DataStream(stream.fromSource(source, watermarks, f"ticks_{name}", kind))
    return ticks.uid(f"ticks-{name}").set_parallelism(1)
