"""Files that appear whole or not at all, on a local disk or any file system that pyarrow reaches."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from pyarrow import fs


def write_whole(filesystem: fs.FileSystem, path: str, data: bytes) -> None:
    """Write a file under a temporary name (``.tmp-...``) beside it, then rename it; on a local disk with fsync."""
    folder, name = path.rsplit("/", 1)
    temporary = f"{folder}/.tmp-{uuid4().hex}-{name}"
    filesystem.create_dir(folder, recursive=True)
    if isinstance(filesystem, fs.LocalFileSystem):
        with Path(temporary).open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        sync_folder(folder)
    else:
        with filesystem.open_output_stream(temporary) as stream:
            stream.write(data)
        filesystem.move(temporary, path)


def sync_folder(folder: str) -> None:
    """Make the names in a local folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(filesystem: fs.FileSystem, path: str) -> bytes:
    """Return a file's bytes."""
    with filesystem.open_input_stream(path, compression=None) as stream:
        data: bytes = stream.read()
    return data


def delete(filesystem: fs.FileSystem, path: str) -> None:
    """Delete a file; one that somebody else has deleted is gone too."""
    with suppress(FileNotFoundError):
        filesystem.delete_file(path)


def files(filesystem: fs.FileSystem, folder: str) -> list[fs.FileInfo]:
    """Return the files below a folder, at any depth, by path; none when there is no such folder."""
    selector = fs.FileSelector(folder, recursive=True, allow_not_found=True)
    try:
        found = filesystem.get_file_info(selector)
    except FileNotFoundError:
        # Folders come and go while pyarrow looks: it has asked whether one is there before it lists it.
        found = filesystem.get_file_info(selector)
    return sorted((info for info in found if info.type == fs.FileType.File), key=lambda info: str(info.path))
