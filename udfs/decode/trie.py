"""The wanted paths of an object as a trie in flat arrays that the JSON kernel can walk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from udfs.errors import ConfigurationError
from udfs.types import I32, U8

Path = tuple[str, ...]


class Trie(NamedTuple):
    """Node 0 is the object itself.

    Kernels take the members one by one: numba counts references of every member of a tuple at every call (measured: 10
    microseconds an event), and names the class in its cache, which then breaks when the class moves.

    Attributes:
        first: int32 (nodes + 1,): where each node's edges begin.
        name: int32 (edges, 2): each edge's key, a range of ``pool``.
        child: int32 (edges,): where it leads.
        path: int32 (nodes,): the wanted path that ends here, or -1.
        pool: uint8: the bytes of all keys, a quote behind each, eight zeros at the end.
    """

    first: I32
    name: I32
    child: I32
    path: I32
    pool: U8


def build_trie(paths: list[Path]) -> Trie:
    """Build the trie of these paths.

    Raises:
        ConfigurationError: one path leads through another, so the same value would be a field and a parent.
    """
    children: list[dict[str, int]] = [{}]
    leaves = [-1]
    for index, path in enumerate(paths):
        node = 0
        for key in path:
            if key not in children[node]:
                children[node][key] = len(children)
                children.append({})
                leaves.append(-1)
            node = children[node][key]
        leaves[node] = index
        for cut in range(1, len(path)):
            if path[:cut] in paths:
                raise ConfigurationError(
                    f"events: the path {'.'.join(path[:cut])} is a field and the parent of {'.'.join(path)}",
                    "Keep only one of the two fields",
                )
    keys = [key.encode() for edges in children for key in edges]
    ends = np.cumsum([0] + [len(key) + 1 for key in keys])
    return Trie(
        np.cumsum([0] + [len(edges) for edges in children]).astype(np.int32),
        np.stack((ends[:-1], ends[1:] - 1), axis=1).astype(np.int32),
        np.array([node for edges in children for node in edges.values()], np.int32),
        np.array(leaves, np.int32),
        np.frombuffer(b"".join(key + b'"' for key in keys) + bytes(8), np.uint8),
    )
