"""The yardstick: Flink's own JVM reads the topic, parses the JSON and throws it away."""

from __future__ import annotations

import time

from benchmarks.throughput.features import COLUMNS
from benchmarks.throughput.flink import blackhole, kafka_table, table_environment
from benchmarks.throughput.setting import Setting, compete


def discard(setting: Setting, columns: str) -> dict[str, object]:
    """Return the seconds from submission to the end."""
    _, tables = table_environment(setting)
    tables.execute_sql(kafka_table(setting, "events", columns, "json"))
    tables.execute_sql(blackhole("nothing", columns))
    begin = time.perf_counter()
    tables.execute_sql("INSERT INTO nothing SELECT * FROM events").wait()
    return {"wall_s": time.perf_counter() - begin}


if __name__ == "__main__":
    compete(lambda setting: discard(setting, COLUMNS))
