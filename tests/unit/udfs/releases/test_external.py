"""A model whose weights lie in another file is found out, wherever it names that file, before anything opens it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from jobs.cli.app import exit_code_of
from udfs.errors import ReleaseError
from udfs.releases.external import external_tensors
from udfs.releases.registry import Registry
from udfs.releases.verify import verify


def tensor(name: str, location: str = "weights.bin") -> onnx.TensorProto:
    made: onnx.TensorProto = numpy_helper.from_array(np.ones(4, np.float32), name)
    if location:
        made.ClearField("raw_data")
        made.data_location = TensorProto.EXTERNAL
        made.external_data.add(key="location", value=location)
    return made


def graph(nodes: list[onnx.NodeProto], initializers: list[onnx.TensorProto]) -> onnx.GraphProto:
    score = helper.make_tensor_value_info("score", TensorProto.FLOAT, [4])
    return helper.make_graph(nodes, "g", [], [score], initializers)


def model(place: str, location: str = "weights.bin") -> onnx.ModelProto:
    far = tensor("w", location)
    constant = helper.make_node("Constant", [], ["score"], value=far)
    imports = [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)]
    plain = graph([helper.make_node("Identity", ["w"], ["score"])], [tensor("w", "")])
    if place == "initializer":
        plain = graph([helper.make_node("Identity", ["w"], ["score"])], [far])
    elif place == "attribute":
        plain = graph([constant], [])
    elif place == "subgraph":
        inner = graph([constant], [])
        branch = helper.make_node("If", ["w"], ["score"], then_branch=inner, else_branch=inner)
        plain = graph([branch], [tensor("w", "")])
    elif place == "sparse":
        plain.sparse_initializer.add().values.CopyFrom(far)
    functions = (
        [helper.make_function("own", "f", [], ["score"], [constant], imports[:1])] if place == "function" else []
    )
    return helper.make_model(plain, opset_imports=imports, functions=functions)


PLACES = ("initializer", "attribute", "subgraph", "sparse", "function")


@pytest.mark.parametrize("place", PLACES)
def test_external_data_is_found_wherever_it_stands(place: str) -> None:
    assert set(external_tensors(model(place).SerializeToString())) == {"w"}
    assert external_tensors(model(place, location="").SerializeToString()) == []


def test_what_is_no_model_is_told() -> None:
    with pytest.raises(ReleaseError, match="no ONNX model"):
        external_tensors(b"no model")


def test_a_release_with_weights_elsewhere_is_a_finding(registry: Registry, make: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(np.full(4, 7, np.float32).tobytes())
    data = model("initializer", str(secret)).SerializeToString()
    make("1.1", path=registry.put_model("clicks", data), sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    (found,) = verify(registry)
    assert (found.problem, found.message.endswith("which nothing vouches for: w")) == ("external", True)


def test_nothing_is_scored_with_weights_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(model("initializer").SerializeToString())
    assert exit_code_of(["score", "--model", str(file)]) == 2
    assert "keeps tensors in other files: w" in capsys.readouterr().err
    file.write_bytes(b"no model")
    assert exit_code_of(["score", "--model", str(file)]) == 4
