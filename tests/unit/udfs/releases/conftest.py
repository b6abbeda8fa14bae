"""A learner that only sums weights, and a registry with releases of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from udfs.features import Batch, Space
from udfs.learners.learner import Frozen, Learner, Options, State
from udfs.releases import runtime
from udfs.releases.export import export
from udfs.releases.golden import golden_rows
from udfs.releases.graph import Graph
from udfs.releases.manifest import Manifest, Verdict, encode, model_path
from udfs.releases.registry import Registry
from udfs.schema import Categorical, CharNGrams, Cross, FeatureSet, ListOf, Number, TimePart, Tokens, Vector
from udfs.types import F64

FEATURES = FeatureSet(
    seed=3,
    features={
        "item": Categorical(field="item"),
        "words": Tokens(field="query"),
        "grams": CharNGrams(field="query", n=2),
        "tags": ListOf(field="tags"),
        "hour": TimePart(part="hour"),
        "item_hour": Cross(of=("item", "hour")),
        "price": Number(field="price", log=True),
        "image": Vector(field="image", length=2),
    },
)


class SumOptions(Options, frozen=True, kw_only=True):
    bits: int = 8


class SumOfWeights(Learner):
    """Scores with weights drawn from the seed; it learns nothing."""

    name = "sum_of_weights"
    task = "regression"
    options_type = SumOptions

    def init(self) -> State:
        d = self.space.width
        zeros = np.zeros(1 << self.options.bits, np.float32)
        return {"w": zeros, "beta": np.zeros(d), "mean": np.zeros(d), "scale": np.ones(d), "bias": np.zeros(())}

    def drawn(self, seed: int) -> Frozen:
        draw = np.random.default_rng(seed)
        state = self.init()
        state["w"] = draw.normal(size=len(state["w"])).astype(np.float32)
        state["beta"] = draw.normal(size=self.space.width)
        state["mean"] = draw.normal(size=self.space.width)
        state["bias"] = np.array(draw.normal())
        return state

    def learn(self, state: State, batch: Batch) -> F64:
        return self.score(state, batch)

    def freeze(self, state: State) -> Frozen:
        return {name: array.copy() for name, array in state.items()}

    def predict(self, frozen: Frozen, batch: Batch) -> F64:
        raise NotImplementedError

    def export(self, graph: Graph) -> str:
        axis = graph.constant(np.array([1]))
        parts = []
        for name in self.space.hashed:
            slots, mask = graph.slots(name, self.options.bits)
            weights = graph.cast(graph.node("Mul", [graph.table("w", slots), mask]), np.float64)
            parts.append(graph.node("ReduceSum", [weights, axis], keepdims=0))
        dense = graph.node("Mul", [graph.dense(), graph.row("beta")])
        parts.append(graph.node("ReduceSum", [dense, axis], keepdims=0))
        parts.append(graph.node("Squeeze", [graph.row("bias"), axis]))
        return graph.node("Sum", parts)


@pytest.fixture(scope="session")
def learner() -> SumOfWeights:
    return SumOfWeights(SumOptions(), Space.of(FEATURES, tuple(FEATURES.features)))


Make = Callable[..., Manifest]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.open(str(tmp_path / "registry"))


@pytest.fixture
def make(registry: Registry, learner: SumOfWeights) -> Make:
    """Write a model file and a log part with its manifest; ``seed`` decides the weights."""

    def write(version: str, seed: int = 0, part: str = "", **changes: Any) -> Manifest:
        data = export(learner, [learner.drawn(seed)])
        opened = runtime.session(data)
        below = registry.put_model("clicks", data)
        fields: dict[str, Any] = {
            "model": "clicks",
            "version": version,
            "parent": None,
            "sha256": below.rsplit("/", 1)[1].removesuffix(".onnx"),
            "size": len(data),
            "path": below,
            "learner": learner.name,
            "inputs": runtime.inputs(opened),
            "outputs": runtime.outputs(opened),
            "features": FEATURES,
            "feature_digest": FEATURES.digest(),
            "event_time": 5,
            "offsets": {"events-0": 7},
            "examples": 9,
            "metrics": {"fresh": {"log_loss": 0.5, "calibration": None}, "baseline": 0.7},
            "verdict": Verdict(result="passed"),
            "golden": golden_rows(data, FEATURES),
            "code": "0.1.0",
            "ingest_time": 1_700_000_000_000_000,
        }
        manifest = Manifest(**(fields | changes))
        assert below == model_path("clicks", fields["sha256"])
        registry.put(f"releases/{part or f'2026-01-01--00/part-{version}-0'}", encode(manifest) + b"\n")
        return manifest

    return write
