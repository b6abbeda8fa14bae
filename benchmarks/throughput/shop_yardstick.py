"""The yardstick on raw behaviour: Flink's own JVM reads the shop's topic, parses the JSON and throws it away."""

from __future__ import annotations

from benchmarks.throughput.setting import compete
from benchmarks.throughput.yardstick import discard

COLUMNS = (
    "`type` STRING, event_id STRING, ts BIGINT, `user` STRING, impression_id STRING, query_id STRING, item STRING, "
    "category STRING, device STRING, query STRING, price DOUBLE, `position` INT"
)

if __name__ == "__main__":
    compete(lambda setting: discard(setting, COLUMNS))
