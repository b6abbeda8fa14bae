"""Where a configuration or a command says that something lies: a path, a ``file:`` URI, or a URI of a remote store."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from pyarrow import fs

_FILE: Final = re.compile(r"file:(?://(?:localhost)?)?(?=/(?!/))")


def local_path(where: str) -> Path | None:
    """Return the absolute path on this machine; None if it is the URI of something else.

    Percent escapes stand for other characters in a URI alone; in a path they are characters as all others.

        >>> local_path("/data/100%20"), local_path("file:///data/o%20clean"), local_path("s3://shop/out")
        (PosixPath('/data/100%20'), PosixPath('/data/o clean'), None)
    """
    if scheme := _FILE.match(where):
        return Path(unquote(where[scheme.end() :])).resolve()
    return None if "://" in where else Path(where).resolve()


def absolute(where: str) -> str:
    """Return what means the same in every working directory: an absolute path, or a remote URI as it is."""
    path = local_path(where)
    return where.rstrip("/") if path is None else str(path)


def opened(where: str) -> tuple[fs.FileSystem, str]:
    """Return the file system and the path there.

    Raises:
        ValueError: pyarrow knows no such URI.
        OSError: it cannot be opened.
    """
    from pyarrow import fs

    path = local_path(where)
    if path is not None:
        return fs.LocalFileSystem(), str(path)
    filesystem, inner = fs.FileSystem.from_uri(where)
    return filesystem, inner.rstrip("/")
