"""Ticks: they start a source's lanes, and tell every key that time passes while no event does."""

from __future__ import annotations

from pyflink.datastream import DataStream

from jobs.environment import Environment
from jobs.routes import FRAME_TYPE, TICK

_PULSE = 1_000
"""Milliseconds between rows of Flink's generator, which sends those of a second together."""


def ticks(environment: Environment, name: str, keys: list[int], spacing: int) -> DataStream:
    """Return an endless stream of ticks, one for every key in ``spacing`` microseconds, evenly spread.

    The generator cannot spread its rows, so windows do: each row is in all those of the two seconds after it, one begins
    every ``spacing``, and each that ends is one tick. The keys are an array that an expression gives each window: a join
    with them would keep what it has joined.
    """
    table = environment.table
    slide = max(1, spacing // 1000)
    size = -(-2 * _PULSE // slide) * slide
    table.execute_sql(
        f"create temporary table ticks_{name} (n BIGINT, passed AS PROCTIME()) "
        f"with ('connector' = 'datagen', 'rows-per-second' = '{1000 // _PULSE}')"
    )
    windows = (
        f"select array[{', '.join(map(str, keys))}] as ks from table(hop(table ticks_{name}, descriptor(passed), "
        f"{_interval(slide)}, {_interval(size)})) group by window_start, window_end"
    )
    query = f"select k, X'{TICK.hex()}' as frame from ({windows}) cross join unnest(ks) as t(k)"
    stream = table.to_append_stream(table.sql_query(query), FRAME_TYPE)
    # The planner's uids hold numbers that count on in a process, or are not unique.
    for i, step in enumerate(stream._j_data_stream.getTransformation().getTransitivePredecessors()):
        step.setUid(f"ticks-{name}_{i}")
        step.setParallelism(1)
    return stream


def _interval(milliseconds: int) -> str:
    """Return a duration as SQL has it.

    >>> _interval(60_050)
    "interval '60.050' second(9, 3)"
    """
    return f"interval '{milliseconds // 1000}.{milliseconds % 1000:03d}' second(9, 3)"
