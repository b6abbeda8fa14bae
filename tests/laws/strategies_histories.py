"""Short histories of a small shop: frames by bucket, with duplicates, late and broken events, and clocks that jump."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Frame, Kind, decode, encode
from udfs.quality.clocks import Clocks
from udfs.schema import (
    Action,
    Anomalies,
    Augment,
    BreakerRules,
    Categorical,
    Cold,
    Count,
    Cross,
    Dedup,
    Drift,
    Dropout,
    EventType,
    Feature,
    FeatureSet,
    Feedback,
    Field,
    History,
    ItemAnomalies,
    Items,
    Join,
    JoinedLabel,
    Label,
    Learns,
    Match,
    Model,
    ModelAnomalies,
    Negatives,
    Number,
    NumberRules,
    Plan,
    Rate,
    Replay,
    Search,
    Since,
    StrangeRules,
    TimePart,
    TimeRules,
    Timestamp,
    Tokens,
    Unshown,
    UserAnomalies,
)

START = 1_700_000_000
PARTS = ("a/0", "a/1", "/day.ndjson")

PLAN = Plan(
    events=(
        EventType(
            name="click",
            fields=(
                Field(name="user", type="categorical", path=("user",)),
                Field(name="id", type="categorical", path=("id",), required=True),
                Field(name="item", type="categorical", path=("item",)),
                Field(name="words", type="text", path=("words",)),
                Field(name="price", type="number", path=("price",), maximum=100),
                Field(name="shop", type="categorical", path=("shop",)),
                Field(name="click", type="categorical", path=("click",)),
            ),
            timestamp=Timestamp(path=("t",), unit="s", earliest=0, latest=1 << 60),
            id=("id",),
            user="user",
        ),
    ),
    features=FeatureSet(
        seed=1,
        features={
            "user": Categorical(field="user"),
            "item": Categorical(field="item"),
            "words": Tokens(field="words"),
            "price": Number(field="price"),
            "hour": TimePart(part="hour"),
            "both": Cross(of=("item", "hour")),
        },
    ),
    models=(
        Model(
            name="click",
            learner="ftrl",
            options={"bits": 6},
            features=("user", "item", "price", "both"),
            label=Label(field="click", positive=("1",)),
            snapshot_examples=30,
            window=7,
            drift=Drift(
                of="residual",
                features=("price",),
                detector="page_hinkley",
                warmup=2,
                tolerance=0.0,
                threshold=0.5,
                decay=0.5,
                every=4,
                rest=8,
            ),
        ),
        Model(
            name="price",
            learner="linear",
            options={"bits": 6},
            features=("item", "words"),
            label=Label(field="price"),
            keyed_by="shop",
            partitions=2,
            max_values=4,
            snapshot_examples=32,
            window=5,
        ),
    ),
    dedup=Dedup(window=50_000_000, max_ids=60),
    time=TimeRules(lateness=30_000_000, max_jump=20_000_000),
    buckets=2,
)

_JOIN = Join(
    impression="click",
    feedback=(Feedback(event="answer", by="shown", within=40_000_000),),
    labels=(
        JoinedLabel(name="answered", feedback={"answer": 2.0}, window=15_000_000, late="fake_negative_weighted"),
        JoinedLabel(
            name="again",
            feedback={"answer": 1.0},
            window=10_000_000,
            population="answered",
            start="feedback",
            early_positives=True,
        ),
        JoinedLabel(name="soon", feedback={"answer": 1.0}, window=5_000_000, late="reverse", early_positives=True),
    ),
    early=3_000_000,
    max_waiting=120,
    max_feedback=40,
    search=Search(event="search", by="named", fields=("asked", "where", "page"), within=60_000_000),
    max_users=40,
)

JOINED = msgspec.structs.replace(
    PLAN,
    events=(
        EventType(
            name="answer",
            match=Match(path=("kind",), values=("answer",)),
            fields=(
                Field(name="user", type="categorical", path=("user",)),
                Field(name="id", type="categorical", path=("id",), required=True),
                Field(name="item", type="categorical", path=("item",)),
                Field(name="shown", type="categorical", path=("shown",)),
            ),
            timestamp=PLAN.events[0].timestamp,
            id=("id",),
            user="user",
        ),
        EventType(
            name="search",
            match=Match(path=("kind",), values=("search",)),
            fields=(
                Field(name="user", type="categorical", path=("user",)),
                Field(name="id", type="categorical", path=("id",), required=True),
                Field(name="named", type="categorical", path=("named",)),
                Field(name="asked", type="text", path=("asked",)),
                Field(name="where", type="categorical", path=("where",)),
                Field(name="page", type="number", path=("page",)),
            ),
            timestamp=PLAN.events[0].timestamp,
            id=("id",),
            user="user",
        ),
        msgspec.structs.replace(
            PLAN.events[0],
            fields=(
                *PLAN.events[0].fields,
                Field(name="shown", type="categorical", path=("shown",)),
                Field(name="named", type="categorical", path=("named",)),
            ),
        ),
    ),
    features=msgspec.structs.replace(
        PLAN.features,
        features={
            **PLAN.features.features,
            "asked": Tokens(field="asked"),
            "where": Categorical(field="where"),
            "page": Number(field="page"),
            "answered_items": History(field="item", events=("answer",), last=3),
            "asked_before": History(field="asked", events=("search",), last=2),
            "seen": History(field="words", events=("click",), last=2),
            "answers": Count(events=("answer",), within=64_000_000),
            "answer_rate": Rate(events=("answer",), per=("click",), half_life=20_000_000),
            "since_answer": Since(events=("answer", "click"), log=True),
        },
    ),
    models=(
        *PLAN.models,
        Model(
            name="answered",
            learner="ftrl",
            options={"bits": 6, "half_life": 1_000.0},
            features=(
                *("item", "words", "price", "asked", "where", "page"),
                *("answered_items", "asked_before", "answers", "answer_rate", "since_answer"),
            ),
            label=Label(joined="answered"),
            snapshot_examples=20,
            window=5,
            negatives=Negatives(keep=0.5, correct="log_odds"),
            augment=Augment(replay=Replay(size=3), cold=Cold(features=("item",), rate=0.4), dropout=Dropout(rate=0.3)),
        ),
        Model(
            name="again",
            learner="ftrl",
            options={"bits": 6},
            features=("user", "seen", "answers"),
            label=Label(joined="again"),
            keyed_by="shop",
            snapshot_examples=3,
            window=5,
            negatives=Negatives(keep=0.4, correct="weight"),
        ),
        Model(
            name="soon",
            learner="ftrl",
            options={"bits": 4},
            features=("item", "where"),
            label=Label(joined="soon"),
            snapshot_examples=40,
            window=5,
        ),
        Model(
            name="ranked",
            learner="ranker",
            options={"bits": 6, "k": 2, "item": ["item", "words"]},
            features=("user", "item", "words", "where"),
            label=Label(joined="soon"),
            snapshot_examples=40,
            window=5,
            augment=Augment(unshown=Unshown(by="popularity", count=3, size=16)),
        ),
    ),
    join=_JOIN,
)
"""The same shop, with searches, impressions that are answered, and what users did before; its bounds are hit."""

_HOT = {
    "click": (Action(do="drop"), 1),
    "price": (Action(do="cap", weight=0.5), 2),
    "answered": (Action(do="quarantine"), 2),
}


def _judging(model: Model) -> Model:
    if model.name not in _HOT:
        return model
    hot, partitions = _HOT[model.name]
    items = ItemAnomalies(
        field="item", error=0.1, click_rate=1e-5, max_items=16, partitions=partitions, actions={"hot": hot}
    )
    return msgspec.structs.replace(model, anomalies=ModelAnomalies(items=items))


JUDGED = msgspec.structs.replace(
    JOINED,
    models=tuple(map(_judging, JOINED.models)),
    anomalies=Anomalies(
        users=UserAnomalies(
            impressions=("click",),
            clicks=("answer",),
            max_users=16,
            learn=1,
            page=1,
            error=0.1,
            click_rate=0.001,
            actions={
                "pace": Action(do="quarantine"),
                "regular": Action(do="drop"),
                "clicker": Action(do="cap", weight=0.25),
            },
        )
    ),
)
"""The same with bots among the users and rules that find them, and rules about items that find any of them too hot."""

_OF_ITEMS: dict[str, Feature] = {
    "item_rate": Rate(of="item", events=("answer",), per=("click",), half_life=20_000_000, strength=2.0),
    "item_shown": Count(of="item", events=("click",), within=64_000_000),
    "since_item": Since(of="item", events=("answer",), log=True),
}
_FOLLOWING = {"answered": tuple(_OF_ITEMS), "soon": ("item_rate", "since_item")}


def _following(model: Model) -> Model:
    return msgspec.structs.replace(model, features=(*model.features, *_FOLLOWING.get(model.name, ())))


FOLLOWED = msgspec.structs.replace(
    JUDGED,
    features=msgspec.structs.replace(JOINED.features, features=JOINED.features.features | _OF_ITEMS),
    models=tuple(map(_following, JUDGED.models)),
    join=msgspec.structs.replace(_JOIN, items=Items(partitions=2, max_items=16)),
)
"""The same with features of items, of a model whose items are judged and of one whose items are not."""

_PRICES = NumberRules(field="price", by="item", learn=3, error=0.1)
_BREAKERS = {
    "click": BreakerRules(hold_back=7, policy="hold", max_held=9),
    "answered": BreakerRules(hold_back=4, max_parts=2),
    "soon": BreakerRules(hold_back=3),
}
_FILTERS: dict[str, dict[str, Any]] = {
    "click": {"numbers": (_PRICES,), "strange": StrangeRules(learn=2_000)},
    "price": {"strange": StrangeRules(learn=2_000, action="drop")},
    "answered": {"numbers": (msgspec.structs.replace(_PRICES, by=None, action="cap"),)},
}


_WINDOWS = {
    "price": Learns(since=(START + 20) * 1_000_000, until=(START + 70) * 1_000_000),
    "answered": Learns(since=(START + 30) * 1_000_000),
    "soon": Learns(until=(START + 60) * 1_000_000),
}


def _guarded(model: Model) -> Model:
    return msgspec.structs.replace(
        model,
        learns=_WINDOWS.get(model.name),
        breaker=_BREAKERS.get(model.name),
        anomalies=msgspec.structs.replace(model.anomalies, **_FILTERS.get(model.name, {})),
        snapshot_examples=12 if model.name == "click" else model.snapshot_examples,
    )


GUARDED = msgspec.structs.replace(FOLLOWED, models=tuple(map(_guarded, FOLLOWED.models)))
"""The same shop, with guards before its models, which act now and then; some learn a part of the time."""

Sent = tuple[int, bytes]
"""A bucket and an encoded frame for it."""


def _answer(draw: random.Random, clock: int) -> bytes:
    user = draw.randrange(6)
    event = {
        "kind": "answer",
        "user": f"u{user}" if user else None,
        "id": 1000 + draw.randrange(200),
        "item": f"i{(clock + user) % 5}",
        "shown": f"m{user}-{draw.randrange(6)}",
        "t": START + clock + draw.randrange(-5, 8),
    }
    return json.dumps(event).encode()


def _search(draw: random.Random, clock: int) -> bytes:
    user = draw.randrange(6)
    event = {
        "kind": "search",
        "user": f"u{user}" if user else None,
        "id": 2000 + draw.randrange(200),
        "named": f"q{user}-{draw.randrange(4)}",
        "asked": draw.choice(("red shoes", "blue", "")),
        "where": draw.choice(("home", "menu", None)),
        "page": draw.choice((1, 2.5, None)),
        "t": START + clock + draw.randrange(-10, 5),
    }
    return json.dumps(event).encode()


def _event(draw: random.Random, clock: int) -> bytes:
    kind = draw.random()
    if kind < 0.03:
        return draw.choice((b"{", b"\xff", b"[]", b'{"t":1}', b'{"id":"1","t":"x"}'))
    when = clock + draw.randrange(-10, 5)
    if kind < 0.06:
        when += draw.choice((-1000, 10**6))
    user, number, item = draw.randrange(6), draw.randrange(40), draw.randrange(5)
    event = {
        "user": f"u{user}" if user else None,
        "id": number,
        "item": f"i{item}",
        "named": f"q{user}-{item}",
        "words": draw.choice(("red shoes", "blue", "", "red red")),
        "price": draw.choice((1, 2.5, 3, 99, 99, 7, 101, None)),
        "shop": draw.choice(("s1", "s2", "s3", "s4", "s5", None)),
        "click": draw.choice((0, 1, None)),
        "shown": f"m{user}-{draw.randrange(6)}",
        "t": START + when,
    }
    return json.dumps(event).encode()


def _bots(batch: int) -> Iterator[bytes]:
    """Yield the events of one who comes at regular intervals, and of one who looks at many things at once."""
    seen = [("u8", batch)] + [("u9", 100 + number) for number in range(25) if batch == 3]
    for user, number in seen:
        shown = {"user": user, "id": 5000 + number, "item": "i1", "words": "", "price": 2, "shop": "s1", "click": 0}
        yield json.dumps({**shown, "shown": f"m{user}-{number}", "t": START + batch * 8}).encode()


def history(seed: int, batches: int = 12, size: int = 14, plan: Plan = PLAN) -> list[Sent]:
    """Return frames in the order in which they reach [user], ticks between them."""
    draw = random.Random(seed)
    packer = Packer(Layout.of(plan), lambda _: ())
    clocks = Clocks(plan, {}, 0)
    sent: list[Sent] = []
    offset = 0
    for batch in range(batches):
        records, part, offsets = [], [], []
        for _ in range(draw.randrange(1, size)):
            p = draw.randrange(len(PARTS))
            make = _event
            if plan.join:
                (make,) = draw.choices((_answer, _search, _event), (3, 2, 5))
            records.append(b"\n".join(make(draw, batch * 8) for _ in range(draw.choice((1, 1, 2)))))
            part.append(p)
            offsets.append(offset)
            offset += len(records[-1])
        for record in _bots(batch) if plan.anomalies.users else ():
            records.append(record)
            part.append(0)
            offsets.append(offset)
            offset += len(record)
        ends = np.cumsum([0, *map(len, records)])
        bounds = np.stack((ends[:-1], ends[1:]), axis=1).astype(np.int64)
        data = np.frombuffer(b"".join(records), np.uint8)
        now = (START + batch * 2) * 1_000_000
        parts, topics = PARTS, ("a", "a", "")
        given = data, bounds, np.array(part, np.uint16), np.array(offsets), parts, topics, now
        stamps = [
            {"lane": lane, "low": clocks.low, "quiet": lane > 0, "epoch": plan.epoch} for lane in range(plan.buckets)
        ]
        frames = packer.pack(*given, clocks, stamps[0])
        clocks.pass_time(parts)
        if plan.join:
            sent += [(bucket, _progress(stamp, now)) for bucket in range(plan.buckets) for stamp in stamps]
        sent += [(i % plan.buckets, frame) for i, frame in enumerate(frames) if frame]
        if draw.random() < 0.2:
            sent.append((draw.randrange(plan.buckets), encode(Frame(Kind.TICK, meta={"now": now + 1}))))
    return sent


def _progress(stamp: dict[str, Any], now: int) -> bytes:
    return encode(Frame(Kind.PROGRESS, meta={"now": now, **stamp}))


def command(number: int, name: str, epoch: int = 1) -> bytes:
    """Return the tick by which [train] is told a command."""
    return encode(Frame(Kind.TICK, meta={"now": 0, "commands": [[number, name, epoch]]}))


def rows_of(data: bytes) -> int:
    """Return how many events an encoded frame stands for."""
    frame = decode(data)
    return frame.n if frame.kind in (Kind.EVENTS, Kind.EXAMPLES, Kind.REJECTS) else 0


def recut(data: bytes, draw: random.Random) -> Iterator[bytes]:
    """Yield the rows of a frame in smaller frames; frames that carry no rows as they are."""
    rows = rows_of(data)
    cuts = sorted({0, rows, *(draw.randrange(rows + 1) for _ in range(draw.randrange(4)))}) if rows else []
    if len(cuts) < 3:
        yield data
        return
    frame = decode(data)
    for start, stop in itertools.pairwise(cuts):
        yield encode(frame.slice(start, stop))
