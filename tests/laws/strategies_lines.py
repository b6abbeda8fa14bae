"""Plans of rich event types, and lines that try every way of writing, and of spoiling, their events."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.schema import (
    Categorical,
    CharNGrams,
    Clean,
    Cross,
    EventType,
    Feature,
    FeatureSet,
    Field,
    Format,
    History,
    Label,
    ListOf,
    Match,
    Model,
    Number,
    Plan,
    TimePart,
    Timestamp,
    Tokens,
    Vector,
)

NOW = 1_700_000_000_000_000
PARTS = ("clicks/0", "mixed/0", "mixed/1", "day=1/part.ndjson")
TOPICS = ("clicks", "mixed", "mixed", "")
HEADER = ("user", "id", "item", "query", "title", "note", "price", "amount", "day", "tags", "vector", "shop", "sold")

_BARE = Clean(nfc=False, trim=False)


def _fields(nested: bool) -> tuple[Field, ...]:
    def path(*keys: str) -> tuple[str, ...]:
        return keys if nested else keys[-1:]

    return (
        Field(name="user", type="categorical", path=path("who", "user")),
        Field(name="id", type="categorical", path=("id",), required=True, minimum=1, maximum=12),
        Field(name="item", type="categorical", path=path("what", "deep", "item"), clean=Clean(case="upper")),
        Field(name="query", type="text", path=("query",), clean=Clean(case="lower"), default="né ant"),
        Field(name="title", type="text", path=("title",), clean=_BARE, nullable=False, minimum=2, maximum=9),
        Field(name="note", type="text", path=path("what", "note"), clean=Clean(trim=False)),
        Field(name="price", type="number", path=("price",), minimum=-1e3, maximum=1e6, nullable=False),
        Field(name="amount", type="number", path=path("what", "amount"), default=2.5),
        Field(name="tags", type="list", path=("tags",), maximum=3, clean=Clean(case="lower")),
        Field(name="vector", type="vector", path=("vector",), length=2),
        Field(name="shop", type="categorical", path=("shop",), default="s0"),
        Field(name="sold", type="categorical", path=("sold",)),
    )


FEATURES: dict[str, Feature] = {
    "user": Categorical(field="user"),
    "item": Categorical(field="item"),
    "title": Categorical(field="title"),
    "words": Tokens(field="query"),
    "title_words": Tokens(field="title"),
    "grams": CharNGrams(field="query", n=3),
    "letters": CharNGrams(field="note", n=1),
    "price": Number(field="price"),
    "log_amount": Number(field="amount", log=True),
    "tags": ListOf(field="tags"),
    "vector": Vector(field="vector", length=2),
    "hour": TimePart(part="hour", offset_minutes=90),
    "user_item": Cross(of=("user", "item")),
    "last_items": History(field="item", events=("click", "a", "nothing")),
    "last_queries": History(field="query", events=("buy", "a")),
}


def _models(events: tuple[str, ...]) -> tuple[Model, ...]:
    names = tuple(FEATURES)
    return (
        Model(name="sold", learner="ftrl", features=names, label=Label(field="sold", positive=("true", "1", "yes"))),
        Model(
            name="price",
            learner="linear",
            features=names[:4],
            label=Label(field="price"),
            weight="amount",
            events=events,
            keyed_by="shop",
        ),
    )


def json_plan(unit: Any = "ms") -> Plan:
    fields = _fields(nested=True)
    few = tuple(field for field in fields if field.name in ("user", "id", "query", "price", "shop", "note"))
    path = () if unit == "ingest" else ("time", "at")
    when = Timestamp(path=path, unit=unit, earliest=-(10**15), latest=4 * 10**15, future=10**12)
    other = Timestamp(path=("ts",), unit="iso8601", earliest=-(10**18), latest=10**18)
    return Plan(
        events=(
            EventType(
                name="click", match=Match(topic="clicks"), fields=fields, timestamp=when, id=("id",), user="user"
            ),
            EventType(
                name="buy",
                match=Match(path=("type",), values=("buy", "käuf")),
                fields=few,
                timestamp=when,
                id=("id", "shop"),
                user="user",
            ),
            EventType(
                name="view",
                match=Match(topic="mixed", path=("kind", "name"), values=("view",)),
                fields=few,
                timestamp=other,
            ),
            EventType(name="any", match=Match(path=("type",), values=("any",)), fields=fields, timestamp=when),
        ),
        features=FeatureSet(seed=3, features=FEATURES),
        models=_models(("click", "buy")),
        buckets=3,
        format=Format(max_line_bytes=2000),
    )


def csv_plan(separator: str = ",", columns: tuple[str, ...] = HEADER, unit: Any = "s") -> Plan:
    when = Timestamp(path=() if unit == "ingest" else ("day",), unit=unit, earliest=-(10**15), latest=4 * 10**15)
    fields = _fields(nested=False)
    return Plan(
        events=(
            EventType(
                name="a",
                match=Match(path=("shop",), values=("a", "é")),
                fields=fields,
                timestamp=when,
                id=("id",),
                user="user",
            ),
            EventType(name="b", fields=fields[:7], timestamp=when),
        ),
        features=FeatureSet(seed=3, features=FEATURES),
        models=_models(()),
        buckets=2,
        format=Format(kind="csv", separator=separator, columns=columns, max_line_bytes=2000),
    )


def pack(plan: Plan, records: list[bytes], part: list[int], fast: bool) -> list[bytes | None]:
    """Pack records of these partitions, offsets counting from 0; those of the last partition are lines of a file."""
    packer = Packer(Layout.of(plan), lambda _: HEADER, fast)
    data = np.frombuffer(b"".join(records), np.uint8)
    ends = np.cumsum([0, *map(len, records)])
    bounds = np.stack((ends[:-1], ends[1:]), axis=1).astype(np.int64)
    offsets = np.array([ends[i] if part == len(PARTS) - 1 else i for i, part in enumerate(part)], np.int64)
    return packer.pack(data, bounds, np.array(part, np.uint16), offsets, PARTS, TOPICS, NOW)


STRINGS = (
    *("", " ", "a", "u1", "abcdefghi", "abcdefghijkl", "abcdefghijklm", "Red Shoes", " red  shoes ", "tab\there"),
    *("é", "é", "ÅÉ ß", "straße", "ﬁne", "İstanbul", "ς Σ", "手机 壳", "각", "각", "🙂", "\u00a0x", "x\u3000y"),
    *("\u0085", "\x1c", "\x7f", "line\nfeed", 'quo"te', "back\\slash", "sl/ash", "\u2028", "\ufeffbom", "\x00", "true"),
    *("1", "-0", "yes", "buy", "käuf", "view", "any", "no", "\ud800", "\U0010ffff", "a b", "a  b", "A"),
)
NUMBERS = (
    *(
        "0",
        "-0",
        "1",
        "-1",
        "1.0",
        "-0.0",
        "0.1",
        "1e2",
        "1E+2",
        "1e-2",
        "1e-320",
        "4.9e-324",
        "1e308",
        "1E400",
        "-1e400",
    ),
    *("9007199254740993", "9007199254740992", "18446744073709551616", "123456789012345678", "1234567890123456789"),
    *("123456.789", "0.30000000000000004", "1e23", "1e22", "1.7976931348623157e308", "2.2250738585072011e-308", "1e6"),
    *(
        "1e99999999999999999999",
        "0e99999999999999999999",
        "1e-99999999999999999999",
        "1e999999",
        "9" * 500,
        "0." + "1" * 60,
    ),
    *("00", "01", "+1", ".5", "1.", "1e", "1e+", "0x1", "-", "NaN", "Infinity", "-Infinity", "1_000", "\uff11"),
)
TIMES = (
    "1700000000000",
    "1700000000",
    "0",
    "-1",
    "1700000000.5",
    "1.7e12",
    "-5e8",
    "4e12",
    "1e999999",
    "17000000000001",
)
ISO = (
    *("2023-11-14T22:13:20Z", "2023-11-14 22:13:20.123456+00:00", "2024-02-29T00:00:00+05:30", "2023-02-29T00:00:00Z"),
    *("1969-12-31T23:59:59.999999999Z", "2023-11-14T22:13:20", "2023-11-14T24:00:00Z", "0000-01-01T00:00:00Z"),
    *(
        "2023-11-14T22:13:20-0930",
        "2023-11-14T22:13:20.Z",
        "2023-11-14T22:13:20+24:00",
        "9999-12-31T23:59:59Z",
        "٢٠٢٣-11-14T22:13:20Z",
    ),
)
OTHERS = (
    *(
        "null",
        "true",
        "false",
        "[]",
        "{}",
        '["a",1,true,"",null]',
        '["x","y"]',
        "[1,2]",
        "[1.5,-0]",
        "[1,NaN]",
        "[1,2,3]",
    ),
    *(
        '{"a":{"b":[1,{}]}}',
        "[1,]",
        "{,}",
        '{"a":1,}',
        "tru",
        "nul",
        "True",
        "[" * 70 + "]" * 70,
        "[[1,[2]],3]",
        '{"a" 1}',
    ),
    *(
        '{"item":1}',
        "[1e400]",
        '"\\ud83d\\ude42"',
        '"\\u00e9"',
        '"\\x"',
        '"\\u12"',
        '"open',
        "'a'",
        '"a\\/b"',
        "9" * 5000,
    ),
)


def _string(draw: random.Random) -> str:
    text = draw.choice(STRINGS)
    ascii_only = any("\ud800" <= c <= "\udfff" for c in text) or draw.random() < 0.2
    return json.dumps(text, ensure_ascii=ascii_only)


def _plain(draw: random.Random) -> str:
    return f'"{draw.choice(("手机", "é") if draw.random() < 0.02 else ("ab", "b c", "Shoes", "X"))}{draw.randrange(5)}"'


def _number(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return str(draw.randrange(-99, 999))
    return repr(round(draw.gauss(0, 100), draw.randrange(1, 9)))


def _array(draw: random.Random, blank: Callable[[], str], element: Callable[[], str], size: int, odd: float) -> str:
    if draw.random() < odd:
        size = draw.randrange(5)
    body = ",".join(f"{blank()}{_value(draw, element, odd)}{blank()}" for _ in range(size))
    return f"[{body or blank()}]"


def _value(draw: random.Random, usual: Callable[[], str], odd: float) -> str:
    if draw.random() >= odd:
        return usual()
    kind = draw.randrange(4)
    if kind == 0:
        return _string(draw)
    return draw.choice((NUMBERS, OTHERS, ISO)[kind - 1] if kind < 3 else NUMBERS)


def json_line(draw: random.Random, odd: float) -> bytes:
    """Return one event, each of its values odd at this rate."""
    spaces = ("", " ", "\t", "  ") if draw.random() < 0.3 else ("",)

    def blank() -> str:
        return draw.choice(spaces)

    def put(fields: list[tuple[str, str]]) -> str:
        kept = [field for field in fields if draw.random() < 0.93]
        if draw.random() < 0.3:
            draw.shuffle(kept)
        if draw.random() < odd:
            kept.append(draw.choice(kept or fields))
        body = ",".join(f'{blank()}"{name}"{blank()}:{blank()}{value}{blank()}' for name, value in kept)
        return "{" + body + "}"

    def any_of(*values: str) -> Callable[[], str]:
        return lambda: draw.choice(values)

    def text() -> str:
        return _value(draw, lambda: _plain(draw), odd)

    def number() -> str:
        return _value(draw, lambda: _number(draw), odd)

    def tag() -> str:
        return _plain(draw) if draw.random() < 0.8 else draw.choice(("true", "17", "-3", '"a b"', '""', '"Zed Tag"'))

    what = [("note", text()), ("amount", number()), ("deep", put([("item", text()), ("more", text())]))]
    kinds = any_of('"buy"', '"käuf"', '"any"', '"view"', '"none"')
    return put(
        [
            ("type", _value(draw, kinds, odd)),
            ("kind", _value(draw, lambda: put([("name", '"view"')]), odd)),
            ("id", text()),
            ("who", _value(draw, lambda: put([("user", text())]), odd)),
            ("time", put([("at", _value(draw, any_of(*TIMES[:2]), odd))])),
            (
                "ts",
                _value(
                    draw, lambda: json.dumps(draw.choice(ISO[:3]) if draw.random() > odd else draw.choice(ISO)), odd
                ),
            ),
            ("query", text()),
            ("title", text()),
            ("what", _value(draw, lambda: put(what), odd)),
            ("price", number()),
            ("shop", text()),
            ("sold", _value(draw, any_of("true", "false", '"yes"', "1", "0"), odd)),
            ("tags", _value(draw, lambda: _array(draw, blank, tag, draw.randrange(4), odd), odd)),
            ("vector", _value(draw, lambda: _array(draw, blank, lambda: _number(draw), 2, odd), odd)),
            *([("extra", draw.choice((*OTHERS, *NUMBERS)))] if draw.random() < odd else []),
        ]
    ).encode(errors="surrogatepass")


def csv_line(draw: random.Random, odd: float, separator: str = ",", unit: str = "s") -> bytes:
    """Return one line of the columns of ``HEADER``."""

    def cell(name: str) -> str:
        if draw.random() < odd / 2:
            return draw.choice(("", '""'))
        if draw.random() < odd:
            value = draw.choice((*STRINGS, *NUMBERS, *OTHERS, *ISO, "a,b", "a;b"))
        elif name in ("price", "amount"):
            value = _number(draw)
        elif name == "day":
            value = draw.choice(("1600000000", "1700000000") if unit != "iso8601" else ISO[:3])
        elif name in ("tags", "vector"):
            value = draw.choice(("[1,2]", "[ -0.5 , 1e2 ]", "[]", "[true]", "[1,2", "")) if draw.random() < 0.3 else ""
        elif name == "shop":
            value = draw.choice(("a", "b", "é"))
        else:
            value = draw.choice(("手机", "éa") if draw.random() < 0.02 else ("ab", "b c", "Shoes", "X1"))
        if draw.random() < 0.3:
            return '"' + (value.replace('"', '""') if draw.random() > odd else value) + '"'
        return value

    cells = [cell(name) for name in HEADER]
    if draw.random() < odd / 2:
        cells = cells[: draw.randrange(len(cells))] if draw.random() < 0.5 else [*cells, "more"]
    line = separator.join(cells).encode(errors="surrogatepass")
    return line + b"\r" if draw.random() < 0.2 else line


def mutate(draw: random.Random, line: bytes) -> bytes:
    """Return the line with bytes flipped, put in, cut out or cut off."""
    data = bytearray(line)
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(data) + 1)
        kind = draw.randrange(4)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            data[at:at] = draw.choice(
                (b'"', b"\\", b"{", b"}", b"[", b",", b":", b" ", b"\xff", b"\xc3", b"0", b"e", b"\n", b"\r")
            )
        elif kind == 2:
            del data[at : at + draw.randrange(1, 5)]
        else:
            del data[at:]
    return bytes(data)
