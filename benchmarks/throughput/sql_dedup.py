"""Flink SQL: JSON, then the first row of each (user, event id) by ROW_NUMBER; heap state, no expiry."""

from __future__ import annotations

import time

from benchmarks.throughput.features import COLUMNS
from benchmarks.throughput.flink import blackhole, kafka_table, table_environment
from benchmarks.throughput.setting import Setting, compete

_NAMES = "event_id, ts, `user`, item, category, device, query, price, `position`, click"
_FIRST = f"""INSERT INTO nothing SELECT {_NAMES} FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY `user`, event_id ORDER BY arrival ASC) AS n FROM events
) WHERE n = 1"""


def measure(setting: Setting) -> dict[str, object]:
    """Return the seconds from submission to the end."""
    _, tables = table_environment(setting)
    tables.execute_sql(kafka_table(setting, "events", f"{COLUMNS}, arrival AS PROCTIME()", "json"))
    tables.execute_sql(blackhole("nothing", COLUMNS))
    begin = time.perf_counter()
    tables.execute_sql(_FIRST).wait()
    return {"wall_s": time.perf_counter() - begin}


if __name__ == "__main__":
    compete(measure)
