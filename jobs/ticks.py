"""Ticks: they start a source's lanes, and tell every key that time passes while no event does."""

from __future__ import annotations

from pyflink.datastream import DataStream

from jobs.environment import Environment
from jobs.routes import FRAME_TYPE, TICK


def ticks(environment: Environment, name: str, keys: list[int], spacing: int) -> DataStream:
    """Return an endless stream of ticks, one for every key in ``spacing`` microseconds.

    The rate is given to a source of single numbers, which a join with the keys multiplies: a sequence would keep every
    number still to come in each checkpoint.
    """
    table = environment.table
    # By default a uid begins with a number that counts on in a process, and the same job, started there once more,
    # would not find its state.
    table.get_config().set("table.exec.uid.format", f"ticks-{name}_<type>_<transformation>")
    rate = max(1, 1_000_000 // spacing)
    table.execute_sql(
        f"create temporary table ticks_{name} (n BIGINT) with ('connector' = 'datagen', 'rows-per-second' = '{rate}', "
        "'fields.n.kind' = 'random', 'fields.n.min' = '0', 'fields.n.max' = '1')"
    )
    rows = ", ".join(f"({key})" for key in keys)
    query = f"select k, X'{TICK.hex()}' as frame from ticks_{name} cross join (values {rows}) as t(k)"
    return table.to_append_stream(table.sql_query(query), FRAME_TYPE)
