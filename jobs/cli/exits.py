"""Exit codes, as docs/command_line.md lists them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from udfs.errors import ConfigurationError

CONFIGURATION = 2
JOB_FAILED = 3
VERIFICATION_FAILED = 4
INTERRUPTED = 130


def late(module: str, remedy: str) -> Any:
    """Import what only one command needs.

    Raises:
        ConfigurationError: a package that it needs is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is not installed, which this command needs", remedy) from error
