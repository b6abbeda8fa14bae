"""JSON Schemas (draft 2020-12) of the documents that leave a job."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, Literal, TypeAlias

Name: TypeAlias = Literal["manifest", "release_record", "dead_letter", "report"]


def load(name: Name) -> dict[str, Any]:
    """Return a schema by its name.

    >>> load("dead_letter")["title"]
    'Headrace dead letter'
    """
    document: dict[str, Any] = json.loads((resources.files(__name__) / f"{name}.json").read_text("utf-8"))
    return document
