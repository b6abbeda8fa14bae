"""What every stage must keep: crashes, restores and the cutting of the stream leave no trace."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.strategies_histories import GUARDED as PLAN
from tests.laws.strategies_histories import PLAN as PLAIN
from tests.laws.strategies_histories import Sent, command, recut, rows_of
from tests.laws.strategies_histories import history as any_history
from udfs.frames import Frame, Kind, decode, encode
from udfs.releases import schemas
from udfs.schema import Model, item_keys
from udfs.stages import chunks
from udfs.stages.driver import Driver, MemoryStore
from udfs.stages.ends import end_frame
from udfs.stages.item import ItemStage
from udfs.stages.keeper import Keeper
from udfs.stages.stage import Output, Route
from udfs.stages.train import TrainStage
from udfs.stages.user import UserStage
from udfs.stages.vertices import Vertex, vertices

history = functools.partial(any_history, plan=PLAN)
VERTICES = vertices(PLAN)
END = end_frame(0, 1, PLAN.epoch)
every_vertex = pytest.mark.parametrize("vertex", VERTICES, ids=[vertex.name for vertex in VERTICES])
seeds = st.integers(0, 12)
VALID = jsonschema.Draft202012Validator(schemas.load("dead_letter"))
AHEAD = {Route.NEXT: 1, Route.PAST: 2}
"""By how many vertices a route leads ahead."""
BASES = (1, 2_000, 1 << 20)
"""A new base at every frame, now and then, never."""


def keeper(vertex: Vertex, key: int, store: MemoryStore, smallest_base: int = 1 << 20) -> Keeper:
    return Keeper(lambda: vertex.make(key), store, vertex.fingerprint(key), vertex.cold, smallest_base)


@functools.cache
def inputs(seed: int) -> dict[tuple[str, int], list[bytes]]:
    """Return what reaches every key of every vertex in one history, the end included."""
    reached: dict[tuple[str, int], list[bytes]] = defaultdict(list)
    for bucket, data in history(seed):
        reached["user", bucket].append(data)
    draw = random.Random(seed)
    for place, vertex in enumerate(VERTICES):
        for key in range(vertex.keys):
            if vertex.name == "user":
                reached[vertex.name, key].append(END)
            elif vertex.name == "train":
                commanded(reached[vertex.name, key], draw)
            stage = keeper(vertex, key, MemoryStore())
            for data in reached[vertex.name, key]:
                for output in stage.process(data):
                    if output.route in AHEAD:
                        following = VERTICES[place + AHEAD[output.route]]
                        reached[following.name, output.key].append(output.payload)
    return reached


COMMANDS = ("accept", "open", "accept", "open", "close")


def commanded(frames: list[bytes], draw: random.Random) -> None:
    """Put commands between frames, some of them twice."""
    places = sorted(draw.randrange(len(frames)) for _ in COMMANDS)
    for i, (place, name) in enumerate(zip(places, COMMANDS, strict=True)):
        for _ in range(draw.choice((1, 2))):
            frames.insert(place + i, command(i + 1, name))


def ran(vertex: Vertex, key: int, frames: list[bytes]) -> tuple[bytes, list[list[Output]]]:
    """Return the dump after a run that never crashed, and the outputs of each frame."""
    stage = keeper(vertex, key, MemoryStore())
    outputs = [list(stage.process(data)) for data in frames]
    return stage.dump(), outputs


@functools.cache
def reference(vertex: Vertex, key: int, seed: int) -> tuple[bytes, list[list[Output]]]:
    return ran(vertex, key, inputs(seed)[vertex.name, key])


@every_vertex
@settings(deadline=None, max_examples=40)
@given(seed=seeds, key=st.integers(0), base=st.sampled_from(BASES), crashes=st.lists(st.integers(0, 60), max_size=4))
def test_restored_from_base_and_journal_it_is_as_it_was(
    vertex: Vertex, seed: int, key: int, base: int, crashes: list[int]
) -> None:
    key %= vertex.keys
    frames = inputs(seed)[vertex.name, key]
    dump, expected = reference(vertex, key, seed)
    store, outputs = MemoryStore(), []
    live = keeper(vertex, key, store, base)
    for i, data in enumerate(frames):
        outputs.append(list(live.process(data)))
        if i in [crash % len(frames) for crash in crashes]:
            live = keeper(vertex, key, store, base)
    assert outputs == expected
    assert live.dump() == dump
    assert keeper(vertex, key, store, base).dump() == dump


@every_vertex
@pytest.mark.parametrize("base", BASES)
def test_every_frame_is_a_crash(vertex: Vertex, base: int) -> None:
    dump, expected = reference(vertex, 0, 1)
    store = MemoryStore()
    outputs = [list(keeper(vertex, 0, store, base).process(data)) for data in inputs(1)[vertex.name, 0]]
    assert outputs == expected
    assert keeper(vertex, 0, store).dump() == dump


@every_vertex
@settings(deadline=None, max_examples=12)
@given(seed=seeds, key=st.integers(0), cut=st.integers(0, 1000))
def test_memos_have_the_effect_of_their_frames(vertex: Vertex, seed: int, key: int, cut: int) -> None:
    key %= vertex.keys
    draw = random.Random(cut)
    live, replayed, again = (vertex.make(key) for _ in range(3))
    for data in inputs(seed)[vertex.name, key]:
        for piece in recut(data, draw):
            frame = decode(piece)
            memo = live.memo(frame)
            assert len(encode(memo)) <= len(piece)
            for stage, given_frame in ((live, frame), (replayed, decode(encode(memo))), (again, replayed.memo(memo))):
                for _ in stage.process(given_frame):
                    pass
    assert b"".join(replayed.dump()) == b"".join(live.dump())
    assert b"".join(again.dump()) == b"".join(live.dump())


def test_a_journal_of_events_is_smaller_than_the_events() -> None:
    store, user = MemoryStore(), vertices(PLAIN)[0]
    frames = [data for bucket, data in any_history(1) if bucket == 0]
    live = keeper(user, 0, store)
    for data in frames:
        list(live.process(data))
    assert live.journal_bytes < sum(map(len, frames)) / 2


@every_vertex
@settings(deadline=None, max_examples=40)
@given(seed=seeds, key=st.integers(0), cut=st.integers(0, 1000))
def test_any_cutting_gives_the_same_state_and_outputs(vertex: Vertex, seed: int, key: int, cut: int) -> None:
    key %= vertex.keys
    dump, expected = reference(vertex, key, seed)
    draw = random.Random(cut)
    pieces = [piece for data in inputs(seed)[vertex.name, key] for piece in recut(data, draw)]
    found, outputs = ran(vertex, key, pieces)
    assert found == dump
    assert flat(outputs) == flat(expected)


def flat(outputs: list[list[Output]]) -> dict[Any, Any]:
    """Return what went out by route and key; frames as their rows, which no cutting changes. Reports follow frames."""
    by: dict[Any, list[Any]] = defaultdict(list)
    for output in (output for several in outputs for output in several):
        if output.route == Route.REPORT:
            continue
        if output.route in AHEAD and (frame := decode(output.payload)).kind == Kind.EXAMPLES:
            by[output.route, output.key] += [example(row) for row in frame.rows()]
        else:
            by[output.route, output.key].append((output.name, output.payload))
    return by


def example(row: Frame) -> Any:
    columns = {name: column.tobytes() for name, column in row.columns.items() if name != "index"}
    ragged = {name: column.bytes_at(0) for name, column in row.ragged.items()}
    return columns, {name: data for name, data in ragged.items() if data}


@settings(deadline=None, max_examples=12)
@given(seed=seeds, base=st.sampled_from(BASES), steps=st.integers(0, 10_000))
def test_the_pipeline_after_crashes_is_as_if_there_had_been_none(seed: int, base: int, steps: int) -> None:
    calm, shaken = Driver(PLAN), Driver(PLAN, smallest_base=base)
    draw, number = random.Random(steps), 0
    for bucket, data in history(seed):
        calm.feed(bucket, data)
        shaken.feed(bucket, data)
        shake(shaken, draw)
        if (said := random.Random(data).randrange(3 * len(COMMANDS))) < len(COMMANDS):
            key = said % VERTICES[-2].keys
            number += 1
            for driver in (calm, shaken):
                driver.tell(key, command(number, COMMANDS[said]))
            shake(shaken, draw)
    calm.end()
    for _ in shaken.flush():
        shake(shaken, draw, checkpoints=0.0)
    shaken.checkpoint()
    assert shaken.dumps() == calm.dumps()
    assert shaken.outputs == calm.outputs


def shake(driver: Driver, draw: random.Random, checkpoints: float = 0.2) -> None:
    chance = draw.random()
    if chance < 0.15:
        driver.crash()
    elif chance < 0.15 + checkpoints:
        driver.checkpoint()


@settings(deadline=None, max_examples=12)
@given(seed=seeds, cut=st.integers(0, 1000))
def test_the_counts_add_up(seed: int, cut: int) -> None:
    driver, draw = Driver(PLAN), random.Random(cut)
    sent = history(seed)
    for bucket, data in sent:
        for piece in recut(data, draw):
            driver.feed(bucket, piece)
    driver.end()
    check_counts(driver.outputs, sent)


def check_counts(outputs: list[Output], sent: list[Sent]) -> dict[str, Any]:
    """Check the conservation of events; return the last report of every key."""
    last: dict[str, Any] = {}
    letters: Counter[str] = Counter()
    for output in outputs:
        document = msgspec.json.decode(output.payload) if output.route != Route.FILE else {}
        if output.route == Route.REPORT:
            last[f"{document['stage']} {document.get('model', '')} {document['key']}"] = document
        elif output.route == Route.DEAD_LETTER:
            VALID.validate(document)
            letters[document["step"] + " " + document["reason"]] += 1
    users = [document for document in last.values() if document["stage"] == "user"]
    rejected: Counter[str] = Counter()
    for document in users:
        gone = document["duplicates"] + sum(document["rejected"].values()) + sum(document["anomalous"].values())
        assert document["read"] == document["accepted"] + gone
        assert document["epoch"] == PLAN.epoch
        rejected.update(document["rejected"])
    assert sum(document["read"] for document in users) == sum(rows_of(data) for _, data in sent)
    assert sum(rejected.values()) == sum(n for name, n in letters.items() if not name.startswith(("train ", "item ")))
    items = [document for document in last.values() if document["stage"] == "item"]
    refused = sum(document["failed"] + sum(document["quarantined"].values()) for document in items)
    assert refused == sum(n for name, n in letters.items() if name.startswith("item "))
    check_items(last)
    failed = sum(document["failed"] for document in last.values() if document["stage"] == "train")
    assert failed == letters["train stage_error"]
    return last


def check_items(last: dict[str, Any]) -> None:
    """Check that what comes to [item] is learned, or counted where it was refused, discarded or still waits."""
    for model in (model for model in PLAN.models if item_keys(PLAN, model)):
        mine = [document for document in last.values() if document.get("model") == model.name]
        gone = ("anomalous", "quarantined")
        come = [document for document in mine if document["stage"] == "item"]
        passed = sum(d["examples"] - sum(sum(d[name].values()) for name in gone) for d in come)
        learned = [document for document in mine if document["stage"] == "train"]
        kept_out = sum(guarded(document, model) for document in learned)
        assert passed == sum(document["examples"] + document["failed"] for document in learned) + kept_out


def guarded(document: dict[str, Any], model: Model) -> int:
    """Return how many examples guards keep from being learned, by a report of [train]."""
    breaker, found = document.get("breaker", {}), document.get("anomalies", {})
    filters = [
        (rules.action, [f"{rules.field}.{side}" for side in ("low", "high")]) for rules in model.anomalies.numbers
    ]
    if model.anomalies.strange is not None:
        filters.append((model.anomalies.strange.action, ["strange"]))
    taken = sum(found[name] for action, names in filters if action != "cap" for name in names)
    return int(taken + sum(breaker.get(name, 0) for name in ("discarded", "held", "pending")))


def test_weights_that_arrive_in_many_chunks_survive_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 500)
    frames = inputs.__wrapped__(2)["release", 0]
    vertex = VERTICES[-1]
    assert len(frames) > 10
    for base in BASES:
        dump, expected = ran(vertex, 0, frames)
        store = MemoryStore()
        assert [list(keeper(vertex, 0, store, base).process(data)) for data in frames] == expected
        assert keeper(vertex, 0, store).dump() == dump


def poisoned(monkeypatch: pytest.MonkeyPatch, stage: type, method: str, times: int) -> None:
    """Let a stage raise half-way on every frame that holds one of some events, so many times for each event."""
    usual, left = getattr(stage, method), Counter[bytes]()

    def raising(self: Any, frame: Frame) -> Any:
        yield from usual(self, frame)
        # Replayed memos may have no ids; they hold only events that passed.
        events = [row.tobytes() for row in frame.columns["id"]] if "id" in frame.columns else []
        struck = {event for event in events if event[0] % 8 == 0 and left[event] < times}
        left.update(struck)
        if struck:
            raise RuntimeError("poison")

    monkeypatch.setattr(stage, method, raising)


@pytest.mark.parametrize(("stage", "method"), [(UserStage, "_events"), (ItemStage, "_pass"), (TrainStage, "_learn")])
@pytest.mark.parametrize("seed", range(4))
def test_events_on_which_a_stage_fails_are_counted_and_the_rest_goes_on(
    stage: type, method: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch, stage, method, 10**9)
    driver, sent = Driver(PLAN, smallest_base=2_000), history(seed)
    for i, (bucket, data) in enumerate(sent):
        driver.feed(bucket, data)
        if i % 6 == 5:
            driver.crash()
    driver.end()
    check_counts(driver.outputs, sent)
    letters = [json.loads(o.payload) for o in driver.outputs if o.route == Route.DEAD_LETTER]
    failed = [letter for letter in letters if letter["reason"] == "stage_error"]
    assert {letter["step"] for letter in failed} == {stage.__dict__["name"]}
    assert all(letter["message"] == "RuntimeError: poison" for letter in failed)
    if stage is not UserStage:
        assert all(letter["encoding"] == "canonical" and "label" in json.loads(letter["payload"]) for letter in failed)


@pytest.mark.parametrize(("stage", "method"), [(UserStage, "_events"), (ItemStage, "_pass"), (TrainStage, "_learn")])
def test_failures_that_pass_leave_no_trace(stage: type, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drivers = []
    for times in (0, 1):
        poisoned(monkeypatch, stage, method, times)
        driver = Driver(PLAN)
        for bucket, data in history(1):
            driver.feed(bucket, data)
        driver.end()
        drivers.append(driver)
        monkeypatch.undo()
    assert drivers[0].dumps() == drivers[1].dumps()
    plain = [[o for o in driver.outputs if o.route != Route.REPORT] for driver in drivers]
    assert sorted(plain[0]) == sorted(plain[1])


@every_vertex
def test_histories_reach_every_corner(vertex: Vertex) -> None:
    routes = Counter(
        output.route for seed in range(3) for outputs in reference(vertex, 0, seed)[1] for output in outputs
    )
    expected = {
        "user": {Route.NEXT, Route.PAST, Route.DEAD_LETTER, Route.REPORT},
        "item": {Route.NEXT, Route.REPORT},
        "train": {Route.NEXT, Route.REPORT, Route.DEAD_LETTER},
        "release": {Route.FILE, Route.RELEASE, Route.REPORT},
    }
    assert set(routes) == expected[vertex.name]
    assert sum(len(inputs(seed)[vertex.name, 0]) for seed in range(3)) > 5


def test_histories_have_late_feedback_early_positives_and_searches() -> None:
    total: Counter[str] = Counter()
    for seed in range(4):
        driver, sent = Driver(PLAN), history(seed)
        for bucket, data in sent:
            driver.feed(bucket, data)
        driver.end()
        for name, document in check_counts(driver.outputs, sent).items():
            total.update(document["joined"] if name.startswith("user") else {})
    asked = (
        "answered.corrected",
        "soon.corrected",
        "soon.positives",
        "again.positives",
        "late",
        "searched",
        "search_unknown",
    )
    assert [name for name in asked if total[name] == 0] == []


def newest_of_histories() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the newest report of each stage and key at the end of a few histories, checked, with its name."""
    for seed in range(3):
        driver, sent = Driver(PLAN), history(seed)
        for bucket, data in sent:
            driver.feed(bucket, data)
        driver.end()
        yield from check_counts(driver.outputs, sent).items()


def test_histories_hold_bots_of_which_some_are_dropped_some_refused_and_some_let_by() -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, document in newest_of_histories():
        for part in ("rejected", "anomalous", "suspected") if name.startswith("user ") else ():
            found[part].update(document[part])
    assert found["rejected"]["bot_pace"] > 10
    assert found["anomalous"]["regular"] > 10
    assert found["suspected"]["clicker"] > 10


def test_histories_hold_hot_items_of_which_some_are_dropped_some_refused_and_some_let_by() -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for _, document in newest_of_histories():
        for part in ("anomalous", "quarantined", "suspected") if document["stage"] == "item" else ():
            found[document["model"]].update({part: sum(document[part].values())})
    assert found["click"]["anomalous"] > 5
    assert found["price"]["suspected"] > 5
    assert found["answered"]["quarantined"] > 5


def test_histories_are_learned_in_part_and_judged_whole() -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for _, document in newest_of_histories():
        if document["stage"] == "train":
            counts = {name: document.get(name, 0) for name in ("examples", "not_learned", "refused_keys")}
            counts["judged"] = document["progressive"]["fresh"]["examples"]
            found[document["model"]].update(counts)
    for name in ("price", "answered", "soon"):
        assert 10 < found[name]["not_learned"] < found[name]["examples"] - found[name]["refused_keys"] - 10
    assert found["price"]["judged"] == found["price"]["examples"] - found["price"]["refused_keys"]
    assert "not_learned" not in +found["click"]


def digest_of_runs() -> str:
    """Return the hash of every dump and output of a few histories."""
    whole = hashlib.sha256()
    for seed in range(2):
        driver = Driver(PLAN, smallest_base=2_000)
        for i, (bucket, data) in enumerate(history(seed)):
            driver.feed(bucket, data)
            if i % 5 == 4:
                driver.checkpoint()
            if i % 7 == 6:
                driver.crash()
        driver.end()
        for name, dump in driver.dumps().items():
            whole.update(repr(name).encode() + dump)
        for output in driver.outputs:
            whole.update(repr(output[:2]).encode() + output.payload)
    return whole.hexdigest()


def test_another_process_with_another_hash_seed_does_the_same() -> None:
    code = "import json, test_stages; print(json.dumps(test_stages.digest_of_runs()))"
    here = Path(__file__).parent
    paths = os.pathsep.join((str(here), str(here.parents[1])))
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": paths},
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    assert json.loads(found.stdout) == digest_of_runs()
