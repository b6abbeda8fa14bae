"""An ONNX graph over raw event fields: the features of ``udfs/features/values.py``, written in operators.

Inputs are named as the fields: categorical and text are strings (n,), a list is strings (n, k) padded with ``""``, a
number is a double (n,), a vector doubles (n, length), and ``timestamp`` the event's time, int64 (n,), in microseconds.
``""`` and NaN are missing. Features of behaviour are inputs of their own names: a history is a list, the others are
numbers. The batch may have any number of rows, also none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from udfs.errors import ReleaseError
from udfs.features import Space
from udfs.releases.hashed import Hashed, hashed
from udfs.releases.standardised import standardised
from udfs.types import Arrays, Column

TIMESTAMP: Final = "timestamp"
SCORE: Final = "score"
BATCH: Final = "n"
OPSET: Final = 20
IR_VERSION: Final = 10
_DOMAINS: Final = {"MurmurHash3": "com.microsoft", "Tokenizer": "com.microsoft", "LabelEncoder": "ai.onnx.ml"}
_VERSIONS: Final = {"com.microsoft": 1, "ai.onnx.ml": 3}


class Keys(NamedTuple):
    """What ``keyed_by`` makes of a model: one set of parameters for each value of a field."""

    field: str
    values: tuple[str, ...]


class Graph:
    """A graph under construction; equal calls in equal order make equal bytes.

    Args:
        space: the features of the model.
        frozen: the frozen parameters, one dict for each key value; one dict in all for a model without keys.
        keys: the key field and its values, in the order of ``frozen``.
        default: the small arrays of a model that has seen nothing, for ``row`` under an unknown key; None means
            zeros. Under an unknown key ``table`` gives zeros.
    """

    def __init__(
        self, space: Space, frozen: Sequence[Arrays], keys: Keys | None = None, default: Arrays | None = None
    ) -> None:
        if len(frozen) != (1 if keys is None else len(keys.values)):
            raise ValueError(f"{len(frozen)} sets of parameters do not fit the keys {keys}")
        if keys is not None and (len(set(keys.values)) != len(keys.values) or "" in keys.values):
            raise ValueError(f"Key values must differ and not be empty: {keys.values}")
        self.space = space
        self._frozen = frozen
        self._keys = keys
        self._default = default or {}
        self._nodes: list[onnx.NodeProto] = []
        self._inputs: dict[str, onnx.ValueInfoProto] = {}
        self._initializers: dict[str, onnx.TensorProto] = {}
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._once: dict[tuple[str, ...], Any] = {}

    def slots(self, feature: str, bits: int) -> tuple[str, str]:
        """Return the slots of a hashed feature, int64 (n, k) below ``2**bits``, and 1.0 where present, float32 (n, k).

        k is 1 for categorical features, time parts and crosses, else the longest row decides (it may be 0).
        """
        known = self._once.get(("slots", feature, str(bits)))
        if known is None:
            both = self.hashed(feature)
            masked = self.node("BitwiseAnd", [both.hash, self.constant(np.array((1 << bits) - 1, np.uint32))])
            known = self.cast(masked, np.int64), self.cast(both.present, np.float32)
            self._once["slots", feature, str(bits)] = known
        slots, mask = known
        return slots, mask

    def table(self, array: str, slots: str) -> str:
        """Return the rows of the frozen table ``array`` (rows,) or (rows, d) for these slots: (n, k) or (n, k, d)."""
        known = self._once.get(("table", array))
        if known is None:
            known = self._once["table", array] = self._stacked(array)
        name, rows = known
        if self._keys is not None:
            offset = self.node("Mul", [self._key(), self.constant(np.array(rows))])
            shifted = self.node("Add", [slots, self.node("Unsqueeze", [offset, self.constant(np.array([1]))])])
            last = self.constant(np.array(rows * len(self._frozen)))
            slots = self.node("Min", [shifted, last])
        return self.node("Gather", [name, slots])

    def row(self, array: str) -> str:
        """Return a small frozen array (d,) or () as double: (1, d) without keys, (n, d) with keys."""
        rows = [np.asarray(frozen[array], np.float64).reshape(1, -1) for frozen in self._frozen]
        if self._keys is None:
            return self.constant(rows[0])
        if array in self._default:
            rows.append(np.asarray(self._default[array], np.float64).reshape(1, -1))
        else:
            rows.append(np.zeros_like(rows[0]))
        return self.node("Gather", [self.constant(np.concatenate(rows)), self._key()])

    def dense(self) -> str:
        """Return the dense coordinates (n, d), double: ``(x - mean) * scale``, 0 where missing.

        ``mean`` and ``scale`` are frozen arrays (d,); for a coordinate that is not standardised they are 0 and 1. A
        space without dense coordinates gives (1, 0).
        """
        return standardised(self)

    def hashed(self, feature: str) -> Hashed:
        """Return the full hashes of a feature and where they are present, made once for all who ask."""
        known = self._once.get(("hashed", feature))
        if known is None:
            known = self._once["hashed", feature] = hashed(self, feature)
        return Hashed(*known)

    def input(self, field: str, dtype: int, *shape: int | str) -> str:
        """Return the graph input for an event field, (n, ...shape), declaring it on first use."""
        if (field in (SCORE, TIMESTAMP) and dtype != TensorProto.INT64) or field.startswith("/"):
            raise ReleaseError(f"A feature uses a field named {field!r}", "Give the field another name in the schema")
        info = helper.make_tensor_value_info(field, dtype, [BATCH, *shape])
        known = self._inputs.setdefault(field, info)
        if known != info:
            raise ReleaseError(f"Features use the field {field!r} as two types", "Split it into two fields")
        return field

    def node(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node and return the name of its (first) output."""
        output = f"/{op}_{len(self._nodes)}"
        outputs = [output, f"{output}_length"] if op == "StringSplit" else [output]
        domain = _DOMAINS.get(op, "")
        self._nodes.append(helper.make_node(op, list(inputs), outputs, domain=domain, **attributes))
        return output

    def cast(self, value: str, dtype: type[np.generic]) -> str:
        """Return the tensor with another element type."""
        return self.node("Cast", [value], to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def constant(self, array: Column) -> str:
        """Return the name of a constant; equal arrays are stored once."""
        plain = repr(array.tolist()).encode() if array.dtype == object else np.ascontiguousarray(array).data
        identity = (array.dtype.str, array.shape, hashlib.sha256(plain).digest())
        name = self._constants.get(identity)
        if name is None:
            name = self._constants[identity] = f"/constant_{len(self._constants)}"
            self._initializers[name] = numpy_helper.from_array(array, name)
        return name

    def finish(self, score: str) -> onnx.ModelProto:
        """Return the model whose one output ``score``, double (n,), is this tensor."""
        self._nodes.append(helper.make_node("Cast", [score], [SCORE], to=TensorProto.DOUBLE))
        output = helper.make_tensor_value_info(SCORE, TensorProto.DOUBLE, [BATCH])
        inputs = [self._inputs[field] for field in sorted(self._inputs)]
        graph = helper.make_graph(self._nodes, "model", inputs, [output], list(self._initializers.values()))
        domains = {"": OPSET} | _VERSIONS
        opsets = [helper.make_opsetid(domain, version) for domain, version in domains.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)

    def _stacked(self, array: str) -> tuple[str, int]:
        """Return the name of the tables of all keys as one, and the rows of each."""
        parts = [frozen[array] for frozen in self._frozen]
        if self._keys is None:
            return self.constant(parts[0]), len(parts[0])
        like = parts[0] if parts else self._default[array]
        # One row of zeros behind all tables stands for every row of an unknown key.
        return self.constant(np.concatenate([*parts, np.zeros_like(like[:1])])), len(like)

    def _key(self) -> str:
        known = self._once.get(("key",))
        if known is None:
            assert self._keys is not None
            unknown = len(self._keys.values)
            known = self._once["key",] = self.node(
                "LabelEncoder",
                [self.input(self._keys.field, TensorProto.STRING)],
                keys_strings=["", *self._keys.values],
                values_int64s=[unknown, *range(unknown)],
                default_int64=unknown,
            )
        return str(known)
