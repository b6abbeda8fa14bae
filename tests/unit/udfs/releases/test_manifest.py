from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from udfs.errors import ReleaseError
from udfs.releases import check, manifest, schemas
from udfs.releases.export import export
from udfs.releases.golden import candidates, golden_rows
from udfs.releases.graph import Keys
from udfs.releases.manifest import Expiry, Manifest, Pin, decode, encode, version_key, version_of


def valid(name: schemas.Name, document: Any) -> None:
    schema = schemas.load(name)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


def test_records_are_read_back_and_keep_to_their_schemas(make: Any) -> None:
    record = make("1.1")
    for each in (record, Pin(model="a", version=None, at=1), Expiry(model="a", versions=("1.1",), at=2)):
        assert decode(encode(each)) == each
        assert encode(decode(encode(each))) == encode(each)
        assert b"\n" not in encode(each)
        valid("release_record", msgspec.json.decode(encode(each)))
    valid("manifest", msgspec.json.decode(encode(record)))


def test_the_schemas_are_those_of_the_types() -> None:
    assert schemas.load("manifest") == msgspec.to_builtins(manifest.schema(Manifest))
    assert schemas.load("release_record") == msgspec.to_builtins(manifest.schema())


@pytest.mark.parametrize(
    "change", [{"version": "1"}, {"sha256": "x"}, {"size": -1}, {"model": "../x"}, {"more": 1}, {"format": 2}]
)
def test_schema_and_reader_refuse_alike(make: Any, change: dict[str, Any]) -> None:
    document = msgspec.to_builtins(make("1.1")) | change
    with pytest.raises(ReleaseError, match="no record"):
        decode(msgspec.json.encode(document))
    with pytest.raises(ValidationError):
        valid("release_record", document)


def test_versions_are_ordered_by_number() -> None:
    assert version_key(version_of(2, 10)) > version_key("2.9") > version_key("1.99")


def test_golden_rows_cover_the_edges_and_touch_weights(learner: Any) -> None:
    features = learner.space.features
    rows = candidates(features, Keys("market", ("a",)))
    assert rows == candidates(features, Keys("market", ("a",)))
    assert rows[0] == {"timestamp": 0}
    assert any(row.get("query") == "" for row in rows)
    assert any(not str(row.get("query", "")).isascii() for row in rows)
    assert any(abs(row.get("price", 0)) == 1e9 for row in rows)  # type: ignore[arg-type]
    assert {row.get("market") for row in rows} == {None, "a", "unknown key"}
    golden = golden_rows(export(learner, [learner.drawn(1)]), features)
    assert len({each.score for each in golden}) > 12


def test_parity_names_the_worst_row(learner: Any) -> None:
    model = export(learner, [learner.init()])
    rows = candidates(learner.space.features, count=5)
    zeros = np.zeros(5)
    assert check.parity(model, rows, zeros).result == "passed"
    assert check.parity(model, rows, np.array([0, 9e-06, 0, 0, 0])).result == "passed"
    refused = check.parity(model, rows, np.array([0, 2e-05, 0, 3e-05, 0]))
    assert (refused.result, refused.reason) == ("refused", "row 3 of 5: the model gives 0.0, the learner 3e-05")
    assert "row 2" in check.parity(model, rows, np.array([0, 0, np.nan, 1.0, 0])).reason
    assert "no rows" in check.parity(model, [], np.zeros(0)).reason
    assert "cannot score" in check.parity(b"no model", rows, zeros).reason


def test_large_scores_may_differ_in_proportion() -> None:
    assert check.deviation(np.array([1e6 + 9.0]), np.array([1e6]))[0] < 1.0
    assert check.deviation(np.array([1e6 + 11.0]), np.array([1e6]))[0] > 1.0
    assert check.deviation(np.array([np.inf]), np.array([np.inf]))[0] == np.inf


DEAD_LETTER = {
    "reason": "not_json",
    "message": "expected a value at byte 3",
    "step": "pack",
    "source": {"topic": "events", "partition": 0, "offset": 12, "index": 0},
    "event_type": None,
    "payload": "{x",
    "encoding": "original",
    "truncated": False,
    "ingest_time": 1,
}
REPORT = {
    "events": {"read": 3, "accepted": 1, "duplicates": 1, "rejected": {"not_json": 1}},
    "models": {"ctr": {"examples": 1, "progressive": {"log_loss": None}, "versions": ["1.1"], "stable": None}},
    "wall_s": 1.5,
    "steady_events_per_s": 2.0,
    "dedup": {"forgotten": 0},
}
Change = dict[str, Any]


def test_dead_letters_and_reports_keep_to_their_schemas() -> None:
    valid("dead_letter", DEAD_LETTER)
    valid("dead_letter", DEAD_LETTER | {"source": {"file": "/a.json", "byte": 7}})
    valid("report", REPORT)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "other"},
        {"payload_base64": "aa=="},
        {"source": {"file": "a.json"}},
        {"source": {"topic": "events", "offset": 1}},
        {"encoding": "pickled"},
        {"more": 1},
    ],
)
def test_wrong_dead_letters_are_refused(change: Change) -> None:
    with pytest.raises(ValidationError):
        valid("dead_letter", DEAD_LETTER | change)


@pytest.mark.parametrize(
    "change",
    [{"wall_s": -1}, {"events": {"read": 1}}, {"models": {"ctr": {}}}, {"more": 1}],
)
def test_wrong_reports_are_refused(change: Change) -> None:
    with pytest.raises(ValidationError):
        valid("report", REPORT | change)
