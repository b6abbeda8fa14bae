"""Operators' commands to circuit breakers: empty files in the registry, whose names say all.

``control/MODEL/NUMBER-START-COMMAND-CLAIM`` is the command of that number, given while the job's start of that number
ran; the claim is random, so that two operators who take a number at the same moment see each other.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from uuid import uuid4

from udfs.errors import ReleaseError
from udfs.releases import storage
from udfs.releases.epochs import newest
from udfs.releases.manifest import MODEL_PATTERN
from udfs.releases.registry import Registry

_NAME = re.compile(r"(\d{10})-(\d+)-(open|close|accept)-[0-9a-f]{32}")


class Given(NamedTuple):
    """A command.

    Attributes:
        number: 1, 2, ... for each model.
        command: ``open``, ``close`` or ``accept``.
        epoch: the newest start of the job when it was given.
    """

    number: int
    command: str
    epoch: int


def folder_of(model: str) -> str:
    """Return where a model's commands stand below the registry."""
    if not re.match(MODEL_PATTERN, model):
        raise ReleaseError(f"{model!r} cannot name a folder", "Name models with letters, digits, - and _")
    return f"control/{model}"


def commands(registry: Registry, model: str) -> list[Given]:
    """Return the commands to a model, in order."""
    infos = storage.files(registry.filesystem, registry.path(folder_of(model)))
    found = [match for info in infos if (match := _NAME.fullmatch(info.base_name))]
    return sorted(Given(int(match[1]), match[3], int(match[2])) for match in found)


def give(registry: Registry, model: str, command: str) -> int:
    """Leave a command for the job; return its number, which no other command to the model has."""
    number = 1 + max((given.number for given in commands(registry, model)), default=0)
    while True:
        name = f"{folder_of(model)}/{number:010d}-{newest(registry)}-{command}-{uuid4().hex}"
        registry.put(name, b"")
        if sum(given.number == number for given in commands(registry, model)) == 1:
            return number
        # Somebody else took the number at the same moment.
        storage.delete(registry.filesystem, registry.path(name))
        number += 1
