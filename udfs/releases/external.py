"""Tensors that a model file keeps elsewhere: a file that names others is not the one that was hashed and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import onnx
from onnx import external_data_helper

from udfs.errors import ReleaseError


def external_tensors(model: bytes) -> list[str]:
    """Return the names of all tensors whose data lies outside a model file, subgraphs and functions included.

    Nothing is read but these bytes.

    Raises:
        ReleaseError: they are no model.
    """
    try:
        loaded = onnx.load_model_from_string(model)
    except Exception as error:  # protobuf's errors depend on how it was built
        raise ReleaseError(f"This is no ONNX model ({error})", "Give a file that was exported whole") from error
    nodes = [node for function in loaded.functions for node in function.node]
    tensors = [*_of_graph(loaded.graph), *_of_nodes(nodes)]
    return [tensor.name for tensor in tensors if external_data_helper.uses_external_data(tensor)]


def _of_graph(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
            for graph in (attribute.g, *attribute.graphs):
                yield from _of_graph(graph)
