"""Events as lines of JSON."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.dirt import KINDS
from simulator.events import CLICK, IMPRESSION, PURCHASE, SEARCH, TYPES, Events
from simulator.faults import FIELDS
from simulator.sheet import Piece, digits, joined, packed, table, without_leading_zeros
from simulator.shop import CATEGORIES, DEVICES, vocabulary
from udfs.errors import ConfigurationError
from udfs.types import I64, U8

_CHUNK = 8_192
"""Rows that are put together at a time: about 2 MB, which stay in the cache."""
_KINDS = tuple(KINDS.values())
_CATEGORY = table([*(b'"%s"' % name.encode() for name in CATEGORIES), b"null"])
_DEVICE = table([*(b'"%s"' % name.encode() for name in DEVICES), b"null"])
_POSITION = table([b"%d" % i for i in range(11)])
_FIRST_WORD = table([*(word.encode() for word in vocabulary()), b""])
_NEXT_WORD = table([*(b" " + word.encode() for word in vocabulary()), b""])
_QUOTE = table([b'"', b""])
_NULL = table([b"", b"null"])


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines with their line ends, one after the other, and where (n + 1,) each begins."""

    text: bytes
    begin: I64

    def between(self, first: int, last: int) -> bytes:
        """Return the lines from ``first`` to just before ``last``."""
        return self.text[self.begin[first] : self.begin[last]]


class Writer:
    """Writes the events of one run, whose ids carry its seed."""

    def __init__(self, seed: int, start_ms: int, account: I64) -> None:
        self._start_ms, self._account = start_ms, account
        self._mark = b"%x-" % seed

    def lines(self, events: Events) -> Lines:
        """Return the line of every event.

        Raises:
            ConfigurationError: clocks are so far off that a time has not thirteen digits.
        """
        self._check_times(events["ts"])
        text = b"".join(self._text(events[first : first + _CHUNK]) for first in range(0, len(events), _CHUNK))
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
        return _spoilt(Lines(text=text, begin=np.concatenate(([0], ends))), events["corrupt"])

    def _check_times(self, ts: I64) -> None:
        low, high = (10**12 - self._start_ms, 10**13 - self._start_ms)
        if len(ts) and not low <= ts.min() <= ts.max() < high:
            raise ConfigurationError("Clocks are off by more than thirteen digits hold", "Lessen hours of clocks")

    def _text(self, events: Events) -> bytes:
        places = [np.flatnonzero(events["type"] == number) for number in range(len(TYPES))]
        sheets = [self._sheet(events.take(at), number) for number, at in enumerate(places)]
        rows = np.zeros((len(events), max(sheet.shape[1] for sheet in sheets)), np.uint8)
        for at, sheet in zip(places, sheets, strict=True):
            rows[at, : sheet.shape[1]] = sheet
        return packed(rows)

    def _sheet(self, events: Events, number: int) -> U8:
        pieces: list[Piece] = [b'{"type":"%s","event_id":"e' % TYPES[number].encode(), self._mark]
        pieces += [digits(events["number"], 10), b'","ts":', digits(events["ts"] + self._start_ms, 13)]
        pieces += [b',"user":"u', digits(self._account[events["user"]], 7), b'"']
        if number != SEARCH:
            pieces += [b',"impression_id":"m', self._mark, digits(events["impression"], 10), b'"']
        if number == SEARCH:
            pieces += [*self._query_id(events), *_query(events)]
        elif number == IMPRESSION:
            pieces += [*self._query_id(events), *_item(events), *_context(events), *_query(events), *_price(events)]
            pieces += [b',"position":', _POSITION[events["position"]]]
        elif CLICK <= number <= PURCHASE:
            pieces += _item(events)
        return joined(len(events), [*pieces, b"}\n"])

    def _query_id(self, events: Events) -> list[Piece]:
        searched = events["query"] >= 0
        text = joined(len(events), [b'"q', self._mark, digits(np.maximum(events["query"], 0), 10), b'"'])
        text[~searched] = 0
        return [b',"query_id":', text, _NULL[(~searched).astype(np.intp)]]


def _item(events: Events) -> list[Piece]:
    return [b',"item":"i', digits(events["item"], 6), b'"']


def _context(events: Events) -> list[Piece]:
    category = np.where(_null(events, "category"), len(CATEGORIES), events["category"])
    device = np.where(_null(events, "device"), len(DEVICES), events["device"])
    return [b',"category":', _CATEGORY[category], b',"device":', _DEVICE[device]]


def _query(events: Events) -> list[Piece]:
    null = _null(events, "query")
    words = np.where(null[:, None], -1, events["words"])
    following = [_NEXT_WORD[words[:, place]] for place in (1, 2)]
    return [b',"query":', _NULL[null], _QUOTE[null], _FIRST_WORD[words[:, 0]], *following, _QUOTE[null]]


def _price(events: Events) -> list[Piece]:
    null, cents = _null(events, "price"), events["price"]
    units = without_leading_zeros(digits(cents // 100, 7))
    text = joined(len(events), [units, b".", digits(cents % 100, 2)])
    text[null != 0] = 0
    return [b',"price":', _NULL[null], text]


def _null(events: Events, field: str) -> I64:
    null: I64 = ((events["nulls"] >> FIELDS.index(field)) & 1).astype(np.int64)
    return null


def _spoilt(lines: Lines, corrupt: U8) -> Lines:
    """Return the lines with those that are to be corrupt made so."""
    places = np.flatnonzero(corrupt)
    if not len(places):
        return lines
    pieces, last = [], 0
    lengths = np.diff(lines.begin)
    for at in places.tolist():
        line = _KINDS[corrupt[at] - 1](lines.between(at, at + 1)[:-1]) + b"\n"
        pieces += [lines.between(last, at), line]
        lengths[at] = len(line)
        last = at + 1
    pieces.append(lines.between(last, len(corrupt)))
    return Lines(text=b"".join(pieces), begin=np.concatenate(([0], np.cumsum(lengths))))
