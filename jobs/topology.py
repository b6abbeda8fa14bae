"""The graph of the job, on one page.

[read] -> [user] -> [train] -> [release]; ticks into each of them; dead letters, releases and reports out. Where a model
has rules about items or features of them, its examples go by [item], between [user] and [train], and those of other
models past it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyflink.common import JobClient, Types
from pyflink.datastream import DataStream, KeyedStream, OutputTag, data_stream
from pyflink.java_gateway import get_gateway

from jobs.adapter import StageFunction
from jobs.config.configuration import Configuration
from jobs.environment import Environment
from jobs.keys import balanced_keys, growing_keys
from jobs.reader.function import SPACING, ReadFunction
from jobs.reader.reader import Source
from jobs.routes import FRAME_TYPE, PAST, SIDES
from jobs.sinks import add_sink, folder_of
from jobs.ticks import ticks
from udfs.schema import Plan
from udfs.stages.item import ItemStage
from udfs.stages.read import ReadStage
from udfs.stages.stage import Route
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


@contextmanager
def own_configuration() -> Iterator[None]:
    """Give each Python operator that is added within a configuration of its own; usually all share the job's.

    This is private API of apache-flink 2.3.0; a test on a cluster covers it.
    """
    original = data_stream.get_j_env_configuration

    def copied(environment: Any) -> Any:
        return get_gateway().jvm.org.apache.flink.configuration.Configuration(original(environment))

    data_stream.get_j_env_configuration = copied
    try:
        yield
    finally:
        data_stream.get_j_env_configuration = original


def graph_of(environment: Environment, name: str, lanes: int) -> Any:
    """Return the JVM's graph of a built job, in which a bundle of [read] is one tick for each of a subtask's lanes.

    A tick is a call that reads for a while: it must not wait for more of them to fill a bundle. Those of all lanes come
    together, and a bundle for each would cost 5 ms, most of it in the harness: a third of a core with 8 lanes. PyFlink
    writes the job's options over those of every operator as it makes the graph, so this comes after.
    """
    graph = environment.stream._generate_stream_graph(clear_transformations=True, job_name=name)
    option = get_gateway().jvm.org.apache.flink.python.PythonOptions.MAX_BUNDLE_SIZE
    for node in get_gateway().jvm.java.util.ArrayList(graph.getStreamNodes()):
        if node.getOperatorName() == ReadStage.name:
            node.getOperatorFactory().getOperator().getConfiguration().set(
                option, max(1, lanes // node.getParallelism())
            )
    return graph


def start(environment: Environment, name: str, lanes: int) -> JobClient:
    """Start a built job, which reads so many lanes, and return its client."""
    graph = graph_of(environment, name, lanes)
    return JobClient(environment.stream._j_stream_execution_environment.executeAsync(graph))


def build(environment: Environment, configuration: Configuration, plan: Plan, source: Source) -> None:
    """Add the whole job to an environment.

    No operator ends by itself: the end of a bounded input travels as frames through the graph, and whoever sees its
    last report committed stops the job.
    """
    described = vertices(plan)
    limit, spacing = configuration.runtime.max_parallelism, configuration.runtime.tick
    lanes = balanced_keys(plan.buckets, limit)
    buckets, *models = described
    keys = [balanced_keys(buckets.keys, limit)]
    # Models come and go, and those that stay keep their keys.
    keys += [growing_keys(vertex.keys, limit) for vertex in models]
    topics = configuration.source.kafka is not None
    lines = folder_of(Route.DEAD_LETTER, configuration) is not None
    read = ReadFunction(source, plan.to_json(), lanes, keys[0], topics)
    looks = ticks(environment, "looks", lanes, round(SPACING * 1e6))
    # One stream for all: to plan one takes a start a second.
    time = ticks(environment, "time", sorted({key for some in keys for key in some}), spacing)
    with own_configuration():
        stream = key_by_integer(looks).process(read, FRAME_TYPE).name(ReadStage.name).uid(ReadStage.name)
    sides = {route: side_output(stream, tag) for route, tag in SIDES.items()}
    past: list[DataStream] = []
    for i, vertex in enumerate(described):
        function = StageFunction(i, plan.to_json(), keys[i:], str(configuration.sinks.registry), lines)
        inputs = stream.union(time, *past)
        past = [side_output(stream, PAST)] if vertex.name == ItemStage.name else []
        stream = key_by_integer(inputs).process(function, FRAME_TYPE).name(vertex.name).uid(vertex.name)
        for route, tag in SIDES.items():
            sides[route] = sides[route].union(side_output(stream, tag))
    for route, side in sides.items():
        add_sink(side, route, configuration)
