"""What a stored state belongs to."""

from __future__ import annotations

import msgspec


class Fingerprint(msgspec.Struct, frozen=True):
    """What a base, and the journal on top of it, belong to.

    Attributes:
        stage: the stage's name.
        version: the version of what the stage stores.
        shape: the hash of the configuration that shapes the state.
        buckets: the number of buckets.
        key: the stage's logical key.
        plan: the plan, as JSON, that the journalled frames were made by; its epoch is 0, for it says nothing of state.
    """

    stage: str
    version: int
    shape: str
    buckets: int
    key: int = 0
    plan: str = ""

    def fits(self, other: Fingerprint) -> bool:
        """Return whether a state of the one can be loaded by the other; the plans may differ in what shapes nothing."""
        return (self.stage, self.version, self.shape, self.buckets) == (
            other.stage,
            other.version,
            other.shape,
            other.buckets,
        )
