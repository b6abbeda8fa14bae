"""Tables whose columns are the attributes of a frozen dataclass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

Table = TypeVar("Table")


def joined(parts: Sequence[Table]) -> Table:
    """Return the rows of all parts, at least one, one after the other."""
    first: Any = parts[0]
    columns = {each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(first)}
    return type(parts[0])(**columns)
