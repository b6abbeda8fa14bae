"""A learner's frozen parameters as the bytes of an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udfs.errors import ReleaseError
from udfs.learners.learner import Frozen, Learner
from udfs.releases.graph import Graph, Keys

MAX_BYTES: Final = 1_500_000_000
"""Larger models are refused: protobuf ends at 2 GB."""

_GRAPH_BYTES: Final = 1 << 20
_REMEDY: Final = "Choose fewer bits, factors or key values"


def estimate_bytes(learner: Learner, values: int = 1) -> int:
    """Return an upper estimate of a release's size, for a model with this many key values (1 without keys)."""
    try:
        frozen = learner.freeze(learner.init())
    except MemoryError as error:
        raise ReleaseError(f"The parameters of {learner.name} do not fit in memory", _REMEDY) from error
    # Small arrays are stored as doubles, twice float32; so only large ones dominate, and those are stored as they are.
    return _GRAPH_BYTES + (values + 1) * sum(max(array.nbytes, 8 * min(array.size, 4096)) for array in frozen.values())


def check_size(size: int) -> None:
    """Refuse a model of more than ``MAX_BYTES``.

    Raises:
        ReleaseError: it is larger.
    """
    if size > MAX_BYTES:
        raise ReleaseError(f"A model of {size:,} bytes exceeds the {MAX_BYTES:,} bytes of a release", _REMEDY)


def export(learner: Learner, frozen: Sequence[Frozen], keys: Keys | None = None) -> bytes:
    """Return the ONNX model: event fields in, the score (n,) out. The same parameters give the same bytes.

    Args:
        learner: what the parameters belong to.
        frozen: one dict of parameters, or one for each value of ``keys``.
        keys: the key field and its values; under any other value the score is that of a model that has seen nothing.

    Raises:
        ReleaseError: the model is larger than a release may be.
    """
    check_size(sum(array.nbytes for each in frozen for array in each.values()))
    graph = Graph(learner.space, frozen, keys, learner.freeze(learner.init()) if keys else None)
    model = graph.finish(learner.export(graph))
    check_size(model.ByteSize())
    data: bytes = model.SerializeToString(deterministic=True)
    return data
