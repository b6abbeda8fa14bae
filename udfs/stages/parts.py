"""State as byte strings: a header that names arrays, then the arrays; and the way back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np

from udfs.errors import StateError
from udfs.types import Arrays, Column

Part = bytes | memoryview
Sized = TypeVar("Sized", bytes, memoryview)


def dump_arrays(meta: Any, arrays: Mapping[str, Column]) -> Iterator[Part]:
    """Yield a header with plain values and the arrays' names, types and shapes; then each array's bytes."""
    described = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    yield msgspec.json.encode({"meta": meta, "arrays": described}, order="sorted")
    for array in arrays.values():
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def load_arrays(parts: Sequence[Part]) -> tuple[Any, Arrays]:
    """Return the plain values and writable copies of the arrays that ``dump_arrays`` yielded.

    Raises:
        StateError: the parts do not fit the header.
    """
    try:
        header = msgspec.json.decode(parts[0])
        arrays: Arrays = {
            name: np.frombuffer(part, np.dtype(dtype)).reshape(shape).copy()
            for (name, dtype, shape), part in zip(header["arrays"], parts[1:], strict=True)
        }
    except (msgspec.MsgspecError, ValueError, KeyError, IndexError) as error:
        raise StateError(f"A stored state cannot be read ({error})", "Restore an older checkpoint") from error
    return header["meta"], arrays


def split(whole: Sized, lengths: Sequence[int]) -> list[Sized]:
    """Return the consecutive pieces of these lengths; pieces of a memoryview are views."""
    ends = itertools.accumulate(lengths, initial=0)
    return [whole[start:stop] for start, stop in itertools.pairwise(ends)]


def below(arrays: Arrays, prefix: str) -> Arrays:
    """Return the arrays whose names begin with a prefix, by the rest of their names."""
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}
