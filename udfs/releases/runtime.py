"""Scoring a released model with plain onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime

from udfs.releases.feed import feed
from udfs.releases.manifest import Tensor
from udfs.types import F64


def session(model: bytes | str) -> onnxruntime.InferenceSession:
    """Open a model (bytes or a path): one thread, the same result every time, no memory kept between calls."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _tensors(infos: Sequence[Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(name=info.name, type=info.type.removeprefix("tensor(").removesuffix(")"), shape=tuple(info.shape))
        for info in infos
    )


def inputs(opened: onnxruntime.InferenceSession) -> tuple[Tensor, ...]:
    """Return what a model takes."""
    return _tensors(opened.get_inputs())


def outputs(opened: onnxruntime.InferenceSession) -> tuple[Tensor, ...]:
    """Return what a model gives."""
    return _tensors(opened.get_outputs())


def score(opened: onnxruntime.InferenceSession, rows: Sequence[Mapping[str, Any]]) -> F64:
    """Return the scores (n,) of cleaned rows."""
    scores: F64 = opened.run(["score"], feed(inputs(opened), rows))[0].astype(np.float64)
    return scores
