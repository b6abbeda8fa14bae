"""The sinks: every side output goes, exactly once, to a directory or to a Kafka topic."""

from __future__ import annotations

from typing import Any

from pyflink.common.serialization import Encoder, SimpleStringSchema
from pyflink.datastream import DataStream
from pyflink.datastream.connectors.base import DeliveryGuarantee
from pyflink.datastream.connectors.file_system import BucketAssigner, FileSink, OutputFileConfig, RollingPolicy
from pyflink.datastream.connectors.kafka import KafkaRecordSerializationSchema, KafkaSink

from jobs.config.configuration import Configuration
from jobs.config.sinks import KafkaSinks
from jobs.options import flink_uri
from udfs.stages.stage import Route

NAMES = {Route.DEAD_LETTER: "dead_letters", Route.RELEASE: "releases", Route.REPORT: "reports"}


def file_sink(folder: str) -> FileSink:
    """Return a sink whose files become visible with the checkpoint that contains them."""
    return (
        FileSink.for_row_format(flink_uri(folder), Encoder.simple_string_encoder())
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .with_rolling_policy(RollingPolicy.on_checkpoint_rolling_policy())
        .with_output_file_config(
            OutputFileConfig.builder().with_part_prefix("part").with_part_suffix(".ndjson").build()
        )
        .build()
    )


def kafka_sink(kafka: KafkaSinks, topic: str, prefix: str) -> KafkaSink:
    """Return a transactional sink; another ``prefix`` after a restart would leave old transactions in readers' way."""
    schema = (
        KafkaRecordSerializationSchema.builder().set_topic(topic).set_value_serialization_schema(SimpleStringSchema())
    )
    builder = (
        KafkaSink.builder()
        .set_bootstrap_servers(kafka.bootstrap)
        .set_record_serializer(schema.build())
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .set_transactional_id_prefix(prefix)
        .set_property("transaction.timeout.ms", str(kafka.transaction_timeout // 1000))
    )
    for key, value in kafka.client_properties().items():
        builder = builder.set_property(key, value)
    return builder.build()


def add_sink(stream: DataStream, route: Route, configuration: Configuration) -> None:
    """Send a side output where the configuration says; one writer each, so that files stay few.

    Releases always stand in the registry and reports in the run's directory if it has one, also when they go to Kafka.
    """
    kafka, name = configuration.sinks.kafka, NAMES[route]
    folder = folder_of(route, configuration)
    if folder is not None:
        _attach(stream, file_sink(folder), f"{name}-sink")
    if kafka is not None:
        topic = getattr(kafka, name)
        _attach(stream, kafka_sink(kafka, topic, f"{configuration.name}-{name}"), f"{name}-topic")


def _attach(stream: DataStream, sink: Any, uid: str) -> None:
    stream.sink_to(sink).name(uid).uid(uid).set_parallelism(1)


def folder_of(route: Route, configuration: Configuration) -> str | None:
    """Return the directory of a side output, None if it has none: dead letters go to one place only."""
    sinks = configuration.sinks
    if route == Route.RELEASE:
        return f"{sinks.registry}/releases"
    if sinks.dir is None or (sinks.kafka is not None and route == Route.DEAD_LETTER):
        return None
    return f"{sinks.dir}/{NAMES[route]}"


__all__ = ["add_sink", "file_sink", "folder_of", "kafka_sink"]
