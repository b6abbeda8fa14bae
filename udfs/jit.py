"""Numba, imported the one way that works in every process: the decorator for all kernels."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, TypeVar, cast

from udfs.kernel_cache import KernelCache

Function = TypeVar("Function", bound=Callable[..., Any])


def _import_numba() -> Any:
    # A Flink worker replaces builtins.print by a bound method; numba looks the original up by its module and fails.
    replaced = builtins.print
    builtins.print = getattr(getattr(replaced, "__self__", None), "_print", replaced)
    try:
        import numba
        import numba.extending
    finally:
        builtins.print = replaced
    return numba


numba = _import_numba()


def _compiled(function: Function, **options: Any) -> Function:
    compiled: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    compiled._cache = KernelCache(function)
    return cast(Function, compiled)


def kernel(function: Function) -> Function:
    """Compile a function with numba: cached on disk, without the GIL, IEEE arithmetic."""
    return _compiled(function)


def loop(function: Function) -> Function:
    """Compile a function as ``kernel`` does, without counting references: it makes no arrays and cuts no slices.

    Counting took half the time of a loop over lines (atomic additions, some on each line).
    """
    return _compiled(function, _nrt=False)


def inlined(function: Function) -> Function:
    """Compile a function as ``loop`` does, into its callers: a call passes seven words for each array."""
    return _compiled(function, _nrt=False, forceinline=True)
