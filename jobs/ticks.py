"""Ticks: they start a source's lanes, and tell every key that time passes while no event does."""

from __future__ import annotations

from pyflink.datastream import DataStream

from jobs.environment import Environment
from jobs.routes import FRAME_TYPE, TICK

_REACH = 2_000
"""Milliseconds that a row of the generator, which sends one a second, makes windows for."""


def ticks(environment: Environment, name: str, keys: list[int], spacing: int) -> DataStream:
    """Return an endless stream of ticks, one for every key in ``spacing`` microseconds, evenly spread.

    Flink's generator sends the rows of a second together, so windows spread them: a row is in all of those of two
    seconds, one ends every ``spacing``, and each is a tick. The keys are an array that an expression gives each window:
    a join with them would keep what it has joined.
    """
    table = environment.table
    # Elsewhere the windows of the hour that a clock is set back by would end after it has passed twice.
    table.get_config().set_local_timezone("UTC")
    slide = max(1, spacing // 1000)
    size = -(-_REACH // slide) * slide
    table.execute_sql(
        f"create temporary table ticks_{name} (n BIGINT, passed AS PROCTIME()) "
        "with ('connector' = 'datagen', 'rows-per-second' = '1')"
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
