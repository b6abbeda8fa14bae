"""What can go wrong while events are sent anew."""

from __future__ import annotations

from udfs.errors import HeadraceError


class ReplayError(HeadraceError):
    """A replay that was not sent whole; what was sent is recorded, so that running it again goes on."""
