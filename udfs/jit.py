"""Numba, imported the one way that works in every process: the decorator for all kernels."""

from __future__ import annotations

import builtins
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def cache_folder() -> Path:
    """Return the user's own folder for compiled kernels: ``$XDG_CACHE_HOME/headrace/numba/DIGEST``.

    The digest is that of the whole core: numba notices that a kernel's own file changed, not one that it calls.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~").expanduser() / ".cache")
    sources = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        sources.update(path.read_bytes())
    return Path(base) / "headrace" / "numba" / sources.hexdigest()


def _import_numba() -> Any:
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))
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


def kernel(function: Function) -> Function:
    """Compile a function with numba: cached on disk, without the GIL, IEEE arithmetic."""
    compiled: Function = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


def loop(function: Function) -> Function:
    """Compile a function as ``kernel`` does, without counting references: it makes no arrays and cuts no slices.

    Counting took half the time of a loop over lines (atomic additions, some on each line).
    """
    compiled: Function = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile a function as ``loop`` does, into its callers: a call passes seven words for each array."""
    compiled: Function = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)(function)
    return compiled
