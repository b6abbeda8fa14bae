"""Loads and stores of whole words in byte arrays for kernels: one instruction where numba composes eight.

None checks bounds or wraps negative indices around; the caller knows that the bytes are there.
"""

from __future__ import annotations

from typing import Any

from udfs.jit import numba

_types = numba.types


def _load(name: str) -> Any:
    element = getattr(_types, name)

    @numba.extending.intrinsic
    def load(typing: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            view = context.make_array(signature.args[0])(context, builder, arguments[0])
            address = builder.gep(view.data, [arguments[1]])
            pointer = builder.bitcast(address, context.get_value_type(element).as_pointer())
            return builder.load(pointer, align=1)

        return element(array, _types.int64), generate

    return load


load8 = _load("uint8")
"""Return the byte at an index: as ``array[index]``, which first asks whether the index is negative."""
load32 = _load("uint32")
"""Return the four bytes from an index on, little-endian."""
load64 = _load("uint64")
"""Return the eight bytes from an index on, little-endian."""


@numba.extending.intrinsic
def store64(typing: Any, array: Any, index: Any, word: Any) -> Any:
    """Put a uint64 into the eight bytes from an index on, little-endian."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(view.data, [arguments[1]])
        builder.store(arguments[2], builder.bitcast(address, arguments[2].type.as_pointer()), align=1)
        return context.get_dummy_value()

    return _types.void(array, _types.int64, _types.uint64), generate


@numba.extending.intrinsic
def trailing_zeros(typing: Any, word: Any) -> Any:
    """Return the number of zero bits below the lowest one of a uint64 that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(_types.boolean, True))

    return _types.int64(_types.uint64), generate
