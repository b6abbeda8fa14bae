"""The graph of the job, on one page.

source -> pack -> [user] -> [train] -> [release]; ticks into each of the three; dead letters, releases and reports out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyflink.common import Types
from pyflink.datastream import DataStream, KeyedStream, OutputTag
from pyflink.java_gateway import get_gateway
from pyflink.table import DataTypes
from pyflink.table.udf import udf

from jobs.adapter import FRAME_TYPE, SIDES, StageFunction
from jobs.config.configuration import Configuration
from jobs.environment import Environment
from jobs.keys import balanced_keys
from jobs.pack_function import PackFunction
from jobs.sinks import add_sink
from jobs.sources import source_table, tick_table
from jobs.start_ticks import start_ticks
from udfs.schema import Plan
from udfs.stages.vertices import vertices


def key_by_integer(stream: DataStream) -> KeyedStream:
    """Key a stream of ``ROW<INT, BYTES>`` by its first field, in the JVM.

    ``DataStream.key_by`` would insert a Python operator. This is private API of apache-flink 2.3.0; a test on a cluster
    covers it.
    """
    package = get_gateway().jvm.org.apache.flink.streaming.api.functions.python
    key_type = Types.ROW([Types.INT()]).get_java_type_info()
    keyed = stream._j_data_stream.keyBy(package.KeyByKeySelector(), key_type)
    return KeyedStream(keyed, Types.PRIMITIVE_ARRAY(Types.BYTE()), stream)


def side_output(stream: DataStream, tag: OutputTag) -> DataStream:
    """Return a side output as it leaves the JVM; ``get_side_output`` would add a Python operator that does nothing."""
    return DataStream(stream._j_data_stream.getSideOutput(tag.get_java_output_tag()))


def frames_of(
    environment: Environment,
    configuration: Configuration,
    plan: Plan,
    keys: list[int],
    given: Path | None,
    bounded: bool,
) -> DataStream:
    """Return the stream of (key, frame) behind the source; ``bounded`` says whether the source ends by itself."""
    ddl, arguments = source_table(configuration, given, bounded)
    table = environment.table
    table.execute_sql(ddl)
    function = PackFunction(plan.to_json(), topics=configuration.source.kafka is not None)
    frames = DataTypes.ARRAY(DataTypes.BYTES())
    table.create_temporary_system_function(
        "pack", udf(function, result_type=frames, func_type="pandas", deterministic=False)
    )
    slots = ", ".join(map(str, keys + keys))
    packed = table.sql_query(
        f"select ARRAY[{slots}][i] as k, frame "
        f"from (select p from (select pack({arguments}) as p from source) where p is not null) "
        "cross join unnest(p) with ordinality as t(frame, i) where frame is not null"
    )
    return table.to_append_stream(packed, FRAME_TYPE)


def ticks_of(
    environment: Environment, configuration: Configuration, name: str, keys: list[int], bounded: bool
) -> DataStream:
    """Return the ticks of one vertex; ``bounded`` says whether they end by themselves."""
    if bounded:
        return start_ticks(environment, name, keys)
    ddl, query = tick_table(f"ticks_{name}", keys, configuration.runtime.tick)
    environment.table.execute_sql(ddl)
    return environment.table.to_append_stream(environment.table.sql_query(query), FRAME_TYPE)


def build(
    environment: Environment,
    configuration: Configuration,
    plan: Plan,
    given: Path | None = None,
) -> None:
    """Add the whole job to an environment.

    A bounded run over files ends by itself. One over topics is drained by its launcher: a bounded Kafka source that was
    restored never finishes (connector 5.0.0).
    """
    described = vertices(plan)
    limit = configuration.runtime.max_parallelism
    keys = [balanced_keys(get_gateway(), vertex.keys, limit) for vertex in described] + [[]]
    bounded = plan.bounded and configuration.source.kafka is None
    # SQL numbers its operators in the order of the plan: the source first, so that it keeps its number.
    stream = frames_of(environment, configuration, plan, keys[0], given, bounded)
    ticks = [ticks_of(environment, configuration, v.name, keys[i], bounded) for i, v in enumerate(described)]
    sides: dict[Any, DataStream] = {}
    for i, vertex in enumerate(described):
        function = StageFunction(i, plan.to_json(), keys[i], keys[i + 1], str(configuration.sinks.registry))
        stream = key_by_integer(stream.union(ticks[i])).process(function, FRAME_TYPE).name(vertex.name).uid(vertex.name)
        for route, tag in SIDES.items():
            side = side_output(stream, tag)
            sides[route] = sides[route].union(side) if route in sides else side
    for route, side in sides.items():
        add_sink(side, route, configuration)
