"""The command line: ``headrace``, one file for each command."""

from jobs.cli.app import main

__all__ = ["main"]
