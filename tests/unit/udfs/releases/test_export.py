from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from udfs.errors import ReleaseError
from udfs.features import Space, values
from udfs.releases import export as exporting
from udfs.releases import runtime
from udfs.releases.check import parity
from udfs.releases.export import check_size, estimate_bytes, export
from udfs.releases.golden import candidates
from udfs.releases.graph import Graph, Keys
from udfs.schema import Categorical, FeatureSet, Number
from udfs.types import Arrays


def expected(learner: Any, frozen: Arrays, rows: list[Any]) -> Any:
    features, scores = learner.space.features, []
    for row in rows:
        slots = [h for name in learner.space.hashed for h in values.hashes(features, name, row, row["timestamp"])]
        raw = np.array([x for name in learner.space.dense for x in values.coordinates(features, name, row)])
        dense = np.where(np.isnan(raw), 0.0, (raw - frozen["mean"]) * frozen["scale"])
        weights = sum(float(frozen["w"][h & 255]) for h in slots)
        scores.append(weights + float(dense @ frozen["beta"]) + float(frozen["bias"]))
    return np.array(scores)


def test_a_model_scores_events_as_its_parameters_do(learner: Any) -> None:
    rows = candidates(learner.space.features, count=100)
    frozen = learner.drawn(1)
    assert parity(export(learner, [frozen]), rows, expected(learner, frozen, rows)).result == "passed"


@pytest.mark.parametrize("values", [(), ("north",), ("north", "südost", "x")])
def test_each_key_has_parameters_of_its_own_and_unknown_keys_none(learner: Any, values: tuple[str, ...]) -> None:
    keys = Keys("market", values)
    frozen = [learner.drawn(seed) for seed in range(len(values))]
    rows = candidates(learner.space.features, keys, 60)
    by_key = dict(zip(values, frozen, strict=True))
    one_by_one = [expected(learner, by_key.get(str(row.get("market")), learner.init()), [row])[0] for row in rows]
    assert {row.get("market") for row in rows} >= {None, "unknown key", *values}
    assert parity(export(learner, frozen, keys), rows, np.array(one_by_one)).result == "passed"


def test_a_model_is_a_valid_onnx_file_without_noise(learner: Any) -> None:
    model = onnx.load_from_string(export(learner, [learner.drawn(0)]))
    onnx.checker.check_model(model, full_check=False)
    assert (model.producer_name, model.producer_version, model.doc_string) == ("", "", "")
    assert not any(node.name or node.doc_string for node in model.graph.node)
    assert [entry.name for entry in model.graph.input] == ["image", "item", "price", "query", "tags", "timestamp"]


PROGRAM = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from conftest import FEATURES, SumOfWeights, SumOptions
from udfs.features import Space
from udfs.releases.export import export
from udfs.releases.golden import candidates
from udfs.releases.graph import Keys
learner = SumOfWeights(SumOptions(), Space.of(FEATURES, tuple(FEATURES.features)))
data = export(learner, [learner.drawn(1), learner.drawn(2)], Keys("market", ("a", "b")))
print(hashlib.sha256(data + repr(candidates(FEATURES)).encode()).hexdigest())
"""


def test_another_process_exports_the_same_bytes(learner: Any) -> None:
    data = export(learner, [learner.drawn(1), learner.drawn(2)], Keys("market", ("a", "b")))
    here = hashlib.sha256(data + repr(candidates(learner.space.features)).encode()).hexdigest()
    for seed in ("1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == here


def test_a_model_too_large_for_protobuf_is_refused(learner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    size = estimate_bytes(learner)
    assert len(export(learner, [learner.drawn(0)])) <= size
    assert len(export(learner, [learner.drawn(0)] * 3, Keys("market", ("a", "b", "c")))) <= estimate_bytes(learner, 3)
    with pytest.raises(ReleaseError, match="1,500,000,001 bytes"):
        check_size(1_500_000_001)
    monkeypatch.setattr(exporting, "MAX_BYTES", 1000)
    with pytest.raises(ReleaseError, match="exceeds"):
        export(learner, [learner.drawn(0)])


def test_equal_constants_are_stored_once(learner: Any) -> None:
    graph = Graph(learner.space, [{}])
    assert graph.constant(np.array([1])) == graph.constant(np.array([1]))
    assert graph.constant(np.array([1])) != graph.constant(np.array([1], np.int32))
    assert graph.constant(np.array(["a"], object)) == graph.constant(np.array(["a"], object))


@pytest.mark.parametrize(
    ("features", "problem"),
    [
        ({"a": Categorical(field="score")}, "named 'score'"),
        ({"a": Categorical(field="timestamp")}, "named 'timestamp'"),
        ({"a": Categorical(field="/x")}, "named '/x'"),
        ({"a": Categorical(field="x"), "b": Number(field="x")}, "two types"),
    ],
)
def test_fields_that_cannot_be_inputs_are_refused(features: Any, problem: str) -> None:
    graph = Graph(
        Space.of(FeatureSet(seed=1, features=features), tuple(features)), [{"mean": np.zeros(1), "scale": np.ones(1)}]
    )
    with pytest.raises(ReleaseError, match=problem):
        [graph.slots("a", 4), graph.dense()]


def test_a_model_without_dense_coordinates_has_none() -> None:
    graph = Graph(Space.of(FeatureSet(seed=1, features={"a": Categorical(field="a")}), ("a",)), [{"b": np.array(2.0)}])
    axis = graph.constant(np.array([1]))
    _, mask = graph.slots("a", 4)
    parts = [graph.cast(mask, np.float64), graph.node("ReduceSum", [graph.dense(), axis]), graph.row("b")]
    model = graph.finish(graph.node("Squeeze", [graph.node("Sum", parts), axis])).SerializeToString()
    assert runtime.score(runtime.session(model), [{"a": "x"}, {}]).tolist() == [3.0, 2.0]


@pytest.mark.parametrize("values", [("a",), ("a", "a"), ("a", "")])
def test_keys_that_do_not_fit_are_refused(learner: Any, values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"do not fit|must differ"):
        Graph(learner.space, [{}, {}], Keys("market", values))
