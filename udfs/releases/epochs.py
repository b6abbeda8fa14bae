"""Epochs: a number for each start of a job, recorded in the registry before it is used, never given twice."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from pyarrow import fs

from udfs.releases import storage
from udfs.releases.registry import Registry


def next_epoch(registry: Registry) -> int:
    """Take the next epoch (1, 2, ...); two launchers never get the same, a crash can only skip one."""
    local = isinstance(registry.filesystem, fs.LocalFileSystem)
    folder = f"{registry.root}/epochs"
    registry.filesystem.create_dir(folder, recursive=True)
    epoch = newest(registry) + 1
    while not (_create(folder, epoch) if local else _claim(registry, folder, epoch)):
        epoch = max(epoch, newest(registry)) + 1
    return epoch


def newest(registry: Registry) -> int:
    """Return the newest epoch that was taken, 0 before the first."""
    names = [info.base_name.split("-")[0] for info in storage.files(registry.filesystem, f"{registry.root}/epochs")]
    return max((int(name) for name in names if name.isdigit()), default=0)


def _create(folder: str, epoch: int) -> bool:
    try:
        descriptor = os.open(Path(folder) / str(epoch), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    os.close(descriptor)
    storage.sync_folder(folder)
    return True


def _claim(registry: Registry, folder: str, epoch: int) -> bool:
    # Object stores have no exclusive create, but list what was written: whoever sees only his own claim wins, and all
    # later ones see it. Two that see each other both go on to another number.
    claim = f"{epoch}-{uuid4().hex}"
    storage.write_whole(registry.filesystem, f"{folder}/{claim}", b"")
    names = [info.base_name for info in storage.files(registry.filesystem, folder)]
    return [name for name in names if name.split("-")[0] == str(epoch)] == [claim]
