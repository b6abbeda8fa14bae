"""Which columns of an impression's row are made of a search's fields."""

from __future__ import annotations

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.frames import Frame, Ragged
from udfs.frames.concat import concat_ragged
from udfs.schema import Search
from udfs.types import I64, U64, Arrays


class Taken:
    """The columns of features made of the fields of a search; impressions have none of these fields."""

    def __init__(self, layout: Layout, search: Search) -> None:
        kinds, fields = layout.features.features, search.fields
        self._fields = fields

        def made(name: str) -> bool:
            return getattr(kinds[name], "field", None) in fields

        self._singles = [i for i, name in enumerate(layout.singles) if made(name)]
        self._numbers = [i for i, field in enumerate(layout.numbers) if field in fields]
        lengths = [(name, int(getattr(kinds[name], "length", 0))) for name in layout.vectors]
        self._vectors = np.flatnonzero(np.repeat([made(name) for name, _ in lengths], [n for _, n in lengths])).tolist()
        self._ragged = [f"multiple.{name}" for name in layout.multiples if made(name)]
        self._ragged += [f"key.{field}" for field in layout.keys if field in fields]
        self._bits: U64 = np.zeros(-(-len(layout.singles) // 64), np.uint64)
        for i in self._singles:
            self._bits[i // 64] |= np.uint64(1 << i % 64)

    def _parts(self, frame: Frame) -> list[tuple[str, list[int]]]:
        parts = [("single", self._singles), ("number", self._numbers)]
        return parts + ([("vector", self._vectors)] if "vector" in frame.columns else [])

    def columns(self, frame: Frame) -> Arrays:
        """Return of rows of searches the columns that impressions take."""
        taken: Arrays = {name: frame.columns[name][:, places] for name, places in self._parts(frame)}
        return {**taken, "present": frame.columns["present"] & self._bits}

    def ragged(self, frame: Frame) -> dict[str, Ragged]:
        """Return of rows of searches the ragged columns that impressions take, and sampled fields."""
        return {name: frame.ragged[name] for name in (*self._ragged, "sample")}

    def into(self, rows: Frame, at: I64, searches: Frame) -> Frame:
        """Return impressions' rows in which those ``at`` (m,) have the fields of the searches (m rows)."""
        columns, ragged = dict(rows.columns), dict(rows.ragged)
        for name, places in self._parts(rows):
            columns[name] = columns[name].copy()
            columns[name][at[:, None], places] = searches.columns[name]
        columns["present"] = columns["present"].copy()
        columns["present"][at] |= searches.columns["present"]
        source = np.arange(rows.n)
        source[at] = rows.n + np.arange(len(at))
        for name in self._ragged:
            ragged[name] = concat_ragged([ragged[name], searches.ragged[name]]).take(source)
        ragged["sample"] = self._samples(rows.ragged["sample"], at, searches.ragged["sample"])
        return Frame(rows.kind, rows.n, rows.meta, columns, ragged)

    def _samples(self, ours: Ragged, at: I64, theirs: Ragged) -> Ragged:
        """Return the cleaned fields of sampled rows with those of their searches, which are sampled alike."""
        sampled = np.flatnonzero(np.diff(ours.pointers))
        if not len(sampled):
            return ours
        place = np.full(len(ours), -1)
        place[at] = np.arange(len(at))
        texts = [ours.bytes_at(row) for row in sampled.tolist()]
        for i, searched in enumerate(place[sampled].tolist()):
            if searched >= 0:
                texts[i] = self._sample(texts[i], theirs.bytes_at(searched))
        source = np.arange(len(ours))
        source[sampled] = len(ours) + np.arange(len(sampled))
        return concat_ragged([ours, Ragged.of_bytes(texts)]).take(source)

    def _sample(self, ours: bytes, theirs: bytes) -> bytes:
        if not theirs:
            return b""
        search = msgspec.json.decode(theirs)
        return msgspec.json.encode(msgspec.json.decode(ours) | {field: search.get(field) for field in self._fields})
