"""One root for every error that Headrace raises on purpose; each says what to do about it."""

from __future__ import annotations


class HeadraceError(Exception):
    """An error with its remedy.

    Attributes:
        what: what is wrong, with the offending name and value.
        remedy: what the operator can do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[HeadraceError], tuple[str, str]]:
        return type(self), (self.what, self.remedy)


class ConfigurationError(HeadraceError):
    """A configuration that cannot run, found before anything starts."""


class FrameError(HeadraceError):
    """Bytes that are not a frame of this version, or were damaged on the way."""


class StateError(HeadraceError):
    """A stored base or journal that this code or configuration cannot continue."""


class ReleaseError(HeadraceError):
    """A model file or manifest that must not be served."""
