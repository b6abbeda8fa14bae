"""Compiled kernels on disk: found again wherever the package lies, and never in the way of a job.

Numba's own cache names its folders after the path of the source file, which is new at each start of a job that was
shipped to a cluster, and keeps an index that two processes can overwrite for each other. Here a file is named by what
it holds: the source that the function can come to, the function, the types of its arguments, numba's version and the
processor. Of processes that want it at the same time one compiles it, and the others wait (``udfs/kernel_lock.py``).

What numba stores is a pickle with machine code, so the folder must be one that nobody else can write to.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import re
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from udfs.kernel_lock import KernelLock

_DIGEST_BYTES: Final = 16
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_CORE: Final = Path(__file__).parent
_IMPORT: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.M
)
"""The origin of names and what is listed of them, in parentheses or to the end of the line; or modules."""
_NAME: Final = re.compile(r"#[^\n]*|\bas[ \t]+\w+|([\w.]+)")
"""A name of such a list; a comment and what it is called here are none."""
_log = logging.getLogger(__name__)


def base_folder() -> Path | None:
    """Return where compiled kernels go: ``$NUMBA_CACHE_DIR``, else below ``$XDG_CACHE_HOME`` or ``~/.cache``.

    None where the user has no home.
    """
    named = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named) / "headrace-kernels"
    try:
        return Path("~").expanduser() / ".cache" / "headrace-kernels"
    except RuntimeError:
        return None


def why_not(folder: Path) -> str:
    """Make a folder that is the user's own, mode 0700; return why it cannot be used, "" if it can.

    One that exists is not put right: what lies in it may have come from somebody else.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        above = folder.parent.stat()
        if above.st_mode & _OTHERS_WRITE and not above.st_mode & stat.S_ISVTX:
            return f"others can write to {folder.parent}: set NUMBA_CACHE_DIR to a folder of your own"
        if above.st_uid not in (0, os.geteuid()):
            return f"{folder.parent} belongs to another user: set NUMBA_CACHE_DIR to a folder of your own"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
            return f"{folder} is not a folder of your own with mode 0700: remove it"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder} cannot be written to"
    except OSError as error:
        return f"{folder} cannot be used ({error}): set NUMBA_CACHE_DIR to a folder of your own"
    return ""


@cache
def _usable(folder: Path | None) -> bool:
    reason = why_not(folder) if folder else "there is no home folder: set NUMBA_CACHE_DIR to a folder of your own"
    if reason:
        _log.warning("Kernels are compiled at each start, for %s", reason)
    return not reason


@cache
def _source(module: str) -> bytes:
    """Return the source of a module of the core, b"" of any other: those belong to the environment."""
    place = _CORE.parent.joinpath(*module.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if module.split(".")[0] == _CORE.name and path.is_file():
            return path.read_bytes()
    return b""


@cache
def _imports(module: str) -> frozenset[str]:
    """Return what a module may have taken names from, packages on the way included."""
    found = {module.rpartition(".")[0]}
    # A parser takes forty times as long: most of a second of every process that loads the kernels of the core.
    for origin, listed, plain in _IMPORT.findall(_source(module).decode()):
        names = [name for name in _NAME.findall(listed or plain) if name]
        found.update((origin, *(f"{origin}.{name}" for name in names)) if origin else names)
    return frozenset(name for name in found if _source(name))


def reached_by(module: str) -> set[str]:
    """Return a module and all that it imports, in turn."""
    reached, fresh = {module}, {module}
    while fresh := {name for each in fresh for name in _imports(each)} - reached:
        reached |= fresh
    return reached


@cache
def source_digest(module: str) -> str:
    """Return the hash of all source that a module reaches: kernels are inlined into others."""
    sources = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for name in sorted(reached_by(module)):
        data = _source(name)
        sources.update(f"{name} {len(data)} ".encode() + data)
    return sources.hexdigest()


class KernelCache:
    """The cache of one function, in place of numba's (``numba.core.caching._Cache``).

    A file is the hash of its content, then the content: what was cut or changed is compiled anew. Whatever goes wrong
    here costs the time to compile, nothing else.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._module = function.__module__
        base = base_folder()
        self._folder = base if _usable(base) else None

    @property
    def cache_path(self) -> str | None:
        """Return the folder, None when nothing is kept."""
        return str(self._folder) if self._folder else None

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return what was compiled for these types, None if it is not there or was damaged."""
        target.refresh()
        if self._folder is None:
            return None
        path = self._path(signature, target.codegen())
        if not path.exists():
            # Until it is saved, or until this process ends, others wait for it.
            _lock(self._folder).acquire(_number(path))
        if (compiled := self._load(path, target)) is not None:
            _lock(self._folder).release(_number(path))
        return compiled

    def _load(self, path: Path, target: Any) -> Any:
        from numba.core.compiler import CompileResult

        try:
            data = path.read_bytes()
            if data[:_DIGEST_BYTES] != _digest(data[_DIGEST_BYTES:]):
                return None
            return CompileResult._rebuild(target, *pickle.loads(data[_DIGEST_BYTES:]))
        except Exception as error:  # whatever a file of another version of numba makes it raise
            if not isinstance(error, FileNotFoundError):
                _log.warning("%s is compiled anew: %r", self._name, error)
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep what was compiled; code that depends on this process alone is not kept."""
        if self._folder is None:
            return
        path = self._path(signature, compiled.codegen)
        if not compiled.library.has_dynamic_globals and all(lifted.can_cache for lifted in compiled.lifted):
            self._save(path, compiled)
        _lock(self._folder).release(_number(path))

    def _save(self, path: Path, compiled: Any) -> None:
        from numba.core.serialize import dumps

        temporary = path.with_name(f".tmp-{uuid4().hex}")
        try:
            content = dumps(compiled._reduce())
            temporary.write_bytes(_digest(content) + content)
            temporary.replace(path)
        except Exception as error:  # a full disk, or a function that cannot be pickled
            _log.warning("%s is not kept: %r", self._name, error)
            with suppress(OSError):
                temporary.unlink()

    def flush(self) -> None:
        """Forget nothing: a file is named by all that it depends on."""

    def _path(self, signature: Any, codegen: Any) -> Path:
        import numba

        assert self._folder is not None
        versions = (numba.__version__, sys.implementation.cache_tag)
        depends = (source_digest(self._module), self._name, str(signature), codegen.magic_tuple(), *versions)
        name = hashlib.blake2b(repr(depends).encode(), digest_size=_DIGEST_BYTES).hexdigest()
        return self._folder / f"{self._name.rpartition('.')[2]}-{name}.kernel"


@cache
def _lock(folder: Path) -> KernelLock:
    return KernelLock(folder)


def _number(path: Path) -> int:
    """Return what a kernel is locked by."""
    return int.from_bytes(hashlib.blake2b(path.name.encode(), digest_size=7).digest())


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
