"""One key's durable entries in Flink's keyed state."""

from __future__ import annotations

from typing import Any

from apache_beam.coders import BytesCoder
from apache_beam.runners.worker import data_plane
from pyflink.common import Types
from pyflink.datastream import RuntimeContext
from pyflink.datastream.state import ListState, ListStateDescriptor

from udfs.stages.keeper import CHUNK_BYTES


def integer(key: Any) -> int:
    """Return Flink's key, which is a Row or a plain integer."""
    return int(key) if isinstance(key, int) else int(key[0])


def list_state(context: RuntimeContext) -> ListState:
    """Declare the list state of an operator, whose entries are byte strings.

    PyFlink writes them byte by byte (measured: a tenth of a busy worker's time); Beam's own coder copies them whole,
    and the JVM never looks into them. It gathers 10 MB of entries for one request, of which three copies are made in
    fresh memory: pieces of ``CHUNK_BYTES`` go by themselves (measured: 8 % of a worker's time on a shop). Both are
    private API of apache-flink 2.3.0 and its apache-beam; tests on a cluster cover them.
    """
    state = context.get_list_state(ListStateDescriptor("state", Types.PRIMITIVE_ARRAY(Types.BYTE())))
    state._value_coder = BytesCoder()
    data_plane._DEFAULT_SIZE_FLUSH_THRESHOLD = CHUNK_BYTES // 2
    return state


class FlinkStore:
    """A key's list state as the store of a ``Keeper``; valid only while Flink's current key is that key."""

    def __init__(self, state: ListState) -> None:
        self._state = state

    def read(self) -> list[bytes]:
        """Return all entries."""
        return list(self._state.get() or ())

    def append(self, entry: bytes) -> None:
        """Add an entry."""
        self._state.add(entry)

    def replace(self, entries: list[bytes]) -> None:
        """Put these entries in place of all others."""
        self._state.update(entries)
