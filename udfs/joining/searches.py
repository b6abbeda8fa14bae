"""Searches, of which the impressions that they led to take fields.

An impression takes them when it leaves: by then everything older than it has arrived, so that the newest search that it
names, and that is not after it, is the same in any order of arrival.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from udfs.decode.layout import Layout
from udfs.frames import Frame, Kind, decode, encode
from udfs.joining.impressions import LOG, Impressions
from udfs.joining.rows import Rows
from udfs.joining.rules import keyed, with_slack
from udfs.joining.searched import Taken
from udfs.schema import Join, Search
from udfs.stages.parts import Part, dump_arrays, load_arrays
from udfs.types import U64, Arrays, Bool

_MIX = np.uint64(0x9E3779B97F4A7C15)


class Searches:
    """Remembers searches by user and name as long as an impression that may take their fields can leave."""

    def __init__(self, layout: Layout, join: Join, search: Search, counts: Counter[str]) -> None:
        """Keep the rules; ``counts`` are the joiner's."""
        names = [event.name for event in layout.plan.events]
        self._type = names.index(search.event)
        self._search, self._column, self._counts = search, layout.refs.index(search.by), counts
        kept = search.within + with_slack(join.leaves)
        self._log = Impressions(keyed(), kept, -(-join.max_waiting // layout.plan.buckets))
        self._rows = Rows(kept)
        self._taken = Taken(layout, search)

    @property
    def state(self) -> dict[str, int]:
        """What is remembered, and how many were given up because the bound was reached."""
        return {"searches": len(self._log), "searches_forgotten": self._log.given_up}

    def keys(self, frame: Frame) -> U64:
        """Return the key (n,) of the search that each row names, told apart by user; 0 for none."""
        names = frame.columns["ref"][:, self._column]
        keys: U64 = np.where(names == 0, names, names * _MIX + frame.columns["user"])
        return keys

    def take(self, frame: Frame, keep: Bool, low: int) -> None:
        """Remember the searches among the rows that are kept; those older than ``low``, the time so far, are behind."""
        rows = np.flatnonzero(keep & (frame.columns["type"] == self._type))
        if len(rows):
            self._remember(frame.pick(rows), low)

    def _remember(self, frame: Frame, low: int) -> None:
        behind = frame.columns["time"] < low
        if behind.any():
            self._counts["behind"] += int(behind.sum())
            frame = frame.pick(np.flatnonzero(~behind))
            if not frame.n:
                return
        times = frame.columns["time"]
        numbers = self._log.append(self.keys(frame)[None], times, frame.columns["id"][:, 0], low)
        columns: Arrays = {"impression": numbers, "time": times, **self._taken.columns(frame)}
        self._rows.append(Frame(Kind.EVENTS, frame.n, {}, columns, self._taken.ragged(frame)))

    def fill(self, rows: Frame) -> Frame:
        """Return impressions' rows, which name a search by the column ``search``, with its fields."""
        named = rows.columns["search"]
        numbers = self._log.answering(named, rows.columns["time"], self._search.within)
        found = np.flatnonzero((numbers >= 0) & self._rows.known(numbers))
        self._counts["searched"] += len(found)
        self._counts["search_unknown"] += int((named != 0).sum()) - len(found)
        return self._taken.into(rows, found, self._rows.pick(numbers[found])) if len(found) else rows

    def forget(self, low: int) -> None:
        """Forget what no impression asks for any more once time is at ``low``."""
        self._rows.forget(low, self._log.dropped)

    def dump(self) -> Iterator[Part]:
        """Yield the state."""
        counters, arrays = self._log.dump()
        yield from dump_arrays(counters, arrays)
        yield from map(encode, self._rows.dump())

    def load(self, parts: Sequence[Part]) -> None:
        """Take what ``dump`` yielded."""
        counters, arrays = load_arrays(parts[: 1 + len(LOG)])
        self._log.load(counters, arrays)
        self._rows.load([decode(bytes(part)) for part in parts[1 + len(LOG) :]])
