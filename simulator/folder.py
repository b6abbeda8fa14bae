"""A folder to write into."""

from __future__ import annotations

from pathlib import Path

from udfs.errors import ConfigurationError


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, unless they are there.

    Raises:
        ConfigurationError: something else stands there, or nothing may be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made a folder ({error})", "Name another folder") from None
