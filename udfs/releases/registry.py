"""The registry: a folder, local or remote, with the model files, the release log and the epochs.

``models/MODEL/SHA256.onnx`` are immutable and invisible until a record of the log names them. ``releases/`` holds the
log: files of JSON lines in any order and nesting, of which those whose name begins with ``.`` or ``_`` are unfinished.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pyarrow import fs

from udfs.errors import ReleaseError
from udfs.locations import opened
from udfs.releases import storage
from udfs.releases.history import History, by_model
from udfs.releases.manifest import Manifest, Record, decode, encode, model_path


class Line(NamedTuple):
    """One line of the release log, as it stands there.

    Attributes:
        place: the file below the registry and the line's number, from 1.
        text: the line.
    """

    place: str
    text: bytes


@dataclass(frozen=True)
class Registry:
    """A registry that is open for reading and writing.

    Attributes:
        filesystem: where it is.
        root: its folder there.
    """

    filesystem: fs.FileSystem
    root: str

    @classmethod
    def open(cls, uri: str) -> Registry:
        """Open a registry by a local path or a URI that pyarrow knows (``file://``, ``s3://``, ``hdfs://``)."""
        return cls(*opened(uri))

    def exists(self) -> bool:
        """Return whether there is such a folder; object stores have it as long as something is in it."""
        return bool(self.filesystem.get_file_info(self.root or "/").type == fs.FileType.Directory)

    def path(self, below: str) -> str:
        """Return the full path of something in the registry.

        Raises:
            ReleaseError: the path leads out of the registry.
        """
        if below.startswith("/") or ".." in below.split("/"):
            raise ReleaseError(f"The path {below!r} leads out of the registry", "Do not trust this registry")
        return f"{self.root}/{below}"

    def put(self, below: str, data: bytes) -> None:
        """Write an immutable file; writing it again makes it young again for retention."""
        storage.write_whole(self.filesystem, self.path(below), data)

    def put_model(self, model: str, data: bytes) -> str:
        """Write a model file under its hash; return its path below the registry."""
        below = model_path(model, hashlib.sha256(data).hexdigest())
        self.put(below, data)
        return below

    def read(self, below: str) -> bytes:
        """Return a file's bytes."""
        return storage.read(self.filesystem, self.path(below))

    def load(self, manifest: Manifest) -> bytes:
        """Return a release's model file.

        Raises:
            ReleaseError: its size or hash is not what the manifest says.
        """
        data = self.read(manifest.path)
        if len(data) != manifest.size or hashlib.sha256(data).hexdigest() != manifest.sha256:
            raise ReleaseError(f"The file of {manifest.model} {manifest.version} was changed", "Verify the registry")
        return data

    def append(self, record: Record) -> None:
        """Add a record to the log as a file of its own; adding it again changes nothing."""
        line = encode(record) + b"\n"
        self.put(f"releases/record-{hashlib.sha256(line).hexdigest()[:32]}.jsonl", line)

    def lines(self) -> Iterator[Line]:
        """Yield the lines of all finished files of the log."""
        for info in storage.files(self.filesystem, f"{self.root}/releases"):
            below = info.path[len(self.root) + 1 :]
            if any(part.startswith((".", "_")) for part in below.split("/")):
                continue
            for number, text in enumerate(self.read(below).split(b"\n"), 1):
                if text.strip():
                    yield Line(f"{below}:{number}", text)

    def histories(self) -> dict[str, History]:
        """Return what the log says of each model.

        Raises:
            ReleaseError: a line is no record.
        """
        return by_model(decode(line.text) for line in self.lines())

    def stable(self, model: str) -> Manifest | None:
        """Return the version of a model to serve, None before the first."""
        history = self.histories().get(model)
        return history.stable if history else None
