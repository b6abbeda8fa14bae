"""What a release log says, in whatever order its records are read."""

from __future__ import annotations

from collections.abc import Iterable

from udfs.releases.manifest import Expiry, Manifest, Pin, Record, version_key


class History:
    """The records of one model.

    Versions are ordered by (epoch, n), so the largest is the same in whatever order records arrive. An older epoch that
    still writes (a worker that was cut off, say) only adds versions below those of the newer epoch: they are history
    and never become stable again.

    Attributes:
        manifests: by version, in order; where a version has several contents, the first read.
        pins: in the order of their times.
        expired: the versions whose files retention has removed.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        manifests: dict[str, Manifest] = {}
        self.pins: list[Pin] = []
        self.expired: set[str] = set()
        for record in records:
            if isinstance(record, Manifest):
                manifests.setdefault(record.version, record)
            elif isinstance(record, Pin):
                self.pins.append(record)
            else:
                self.expired.update(record.versions)
        self.manifests = {version: manifests[version] for version in sorted(manifests, key=version_key)}
        self.pins.sort(key=lambda pin: (pin.at, pin.version or "", pin.reason))

    @property
    def passed(self) -> list[Manifest]:
        """Return the versions that may be served, oldest first."""
        return [manifest for manifest in self.manifests.values() if manifest.passed]

    @property
    def pinned(self) -> Manifest | None:
        """Return the version that an operator has chosen, if it exists, passed and has not expired."""
        chosen = self.manifests.get(self.pins[-1].version or "") if self.pins else None
        return chosen if chosen is not None and chosen.passed and chosen.version not in self.expired else None

    @property
    def stable(self) -> Manifest | None:
        """Return the version to serve: the pinned one, else the newest that passed."""
        return self.pinned or (self.passed[-1] if self.passed else None)


def by_model(records: Iterable[Record]) -> dict[str, History]:
    """Return each model's history, by name."""
    grouped: dict[str, list[Manifest | Pin | Expiry]] = {}
    for record in records:
        grouped.setdefault(record.model, []).append(record)
    return {model: History(grouped[model]) for model in sorted(grouped)}
