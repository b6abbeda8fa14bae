"""What detectors of drift tell of a version: changes since its parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from udfs.releases.manifest import Drift


class Changes:
    """Remembers how many changes the last version that passed knew of."""

    def __init__(self) -> None:
        self._parent: dict[str, int] = {}

    def since_parent(self, metas: Sequence[Mapping[str, Any]]) -> dict[str, Drift]:
        """Return by stream what the partitions of a model tell together; nothing where nothing is watched.

        Detectors that began anew know of fewer changes than the parent did: all of those are since.
        """
        found = {}
        for stream, total in _totals(metas).items():
            before = self._parent.get(stream, 0)
            found[stream] = Drift(
                changes=total - before if before <= total else total, estimate=_estimate(metas, stream)
            )
        return found

    def published(self, metas: Sequence[Mapping[str, Any]]) -> None:
        """Take note of a version that passed."""
        self._parent = _totals(metas)

    def dump(self) -> dict[str, int]:
        """Return what is remembered, as plain JSON values."""
        return self._parent

    def load(self, parent: dict[str, int]) -> None:
        """Take what ``dump`` returned."""
        self._parent = dict(parent)


def _totals(metas: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for meta in metas:
        for stream, told in meta.get("drift", {}).items():
            totals[stream] = totals.get(stream, 0) + told["changes"]
    return totals


def _estimate(metas: Sequence[Mapping[str, Any]], stream: str) -> float | None:
    """Return the partitions' estimates as one, weighed by the values that each is a mean of."""
    told = [meta["drift"][stream] for meta in metas if stream in meta.get("drift", {})]
    known = [(each["estimate"], each["width"]) for each in told if each["estimate"] is not None]
    weight = sum(width for _, width in known)
    return sum(estimate * width for estimate, width in known) / weight if weight else None
