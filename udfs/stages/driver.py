"""The whole pipeline without Flink: the same stages and keepers, with crashes, in one thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from udfs.schema import Plan
from udfs.stages.ends import end_frame
from udfs.stages.keeper import SMALLEST_BASE, Keeper
from udfs.stages.stage import Output, Route
from udfs.stages.vertices import Vertex, vertices


@dataclass
class MemoryStore:
    """A store whose entries become durable at a checkpoint."""

    entries: list[bytes] = field(default_factory=list)
    durable: list[bytes] = field(default_factory=list)

    def read(self) -> list[bytes]:
        """Return all entries."""
        return list(self.entries)

    def append(self, entry: bytes) -> None:
        """Add an entry."""
        self.entries.append(entry)

    def replace(self, entries: list[bytes]) -> None:
        """Put these entries in place of all others."""
        self.entries = list(entries)


class Driver:
    """Drives frames through all vertices.

    Attributes:
        plan: what it runs.
        outputs: what left the pipeline and is committed, in order.
    """

    def __init__(self, plan: Plan, smallest_base: int = SMALLEST_BASE) -> None:
        self.plan = plan
        self._vertices = vertices(plan)
        self._smallest_base = smallest_base
        self._since: list[tuple[int, int, bytes]] = []
        self._stores: dict[tuple[str, int], MemoryStore] = {}
        self._keepers: dict[tuple[str, int], Keeper] = {}
        self.outputs: list[Output] = []
        self._pending: list[Output] = []

    def feed(self, bucket: int, data: bytes) -> None:
        """Send one frame into [user] and all that follows from it through the rest."""
        self._send(0, bucket, data)

    def tell(self, key: int, data: bytes) -> None:
        """Send one frame into [train] past [user], as ticks and the commands in them come."""
        self._send(len(self._vertices) - 2, key, data)

    def end(self) -> None:
        """End the input: every key of every vertex, in order, flushes."""
        for _ in self.flush():
            pass
        self.checkpoint()

    def flush(self) -> Iterator[None]:
        """End the input, bucket by bucket; the caller may crash it in between."""
        data = end_frame(0, 1, self.plan.epoch)
        for bucket in range(self._vertices[0].keys):
            self._send(0, bucket, data)
            yield

    def checkpoint(self) -> None:
        """Make all state durable and commit all outputs since the last checkpoint."""
        for store in self._stores.values():
            store.durable = list(store.entries)
        self.outputs += self._pending
        self._pending = []
        self._since = []

    def crash(self) -> None:
        """Lose all that is not durable, and send again what was sent since the last checkpoint."""
        self._keepers.clear()
        self._pending = []
        for store in self._stores.values():
            store.entries = list(store.durable)
        for level, key, data in self._since:
            self._run(level, key, data)

    def resumed(self, plan: Plan) -> Driver:
        """Return another start, by another plan, from what is durable here."""
        other = Driver(plan, self._smallest_base)
        for name, store in self._stores.items():
            other._stores[name] = MemoryStore(list(store.durable), list(store.durable))
        return other

    def dumps(self) -> dict[tuple[str, int], bytes]:
        """Return the dump of every live stage."""
        return {name: keeper.dump() for name, keeper in sorted(self._keepers.items())}

    def _keeper(self, vertex: Vertex, key: int) -> Keeper:
        name = (vertex.name, key)
        if name not in self._keepers:
            store = self._stores.setdefault(name, MemoryStore())
            fingerprint = vertex.fingerprint(key)
            self._keepers[name] = Keeper(lambda: vertex.make(key), store, fingerprint, vertex.cold, self._smallest_base)
        return self._keepers[name]

    def _send(self, level: int, key: int, data: bytes) -> None:
        self._since.append((level, key, data))
        self._run(level, key, data)

    def _run(self, level: int, key: int, data: bytes) -> None:
        outputs: Iterable[Output] = list(self._keeper(self._vertices[level], key).process(data))
        for output in outputs:
            if output.route in (Route.NEXT, Route.PAST):
                self._run(level + 1 + (output.route == Route.PAST), output.key, output.payload)
            else:
                self._pending.append(output)
