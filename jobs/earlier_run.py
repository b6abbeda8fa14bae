"""What an earlier run left in the directories of one that begins anew."""

from __future__ import annotations

from pathlib import Path

from jobs.config.configuration import Configuration


def notice(configuration: Configuration, resumable: bool) -> str:
    """Return what to tell the operator where there are reports or versions already, else nothing.

    Args:
        configuration: the job, its directories on this machine.
        resumable: whether there is a savepoint or checkpoint to go on from.
    """
    sinks = configuration.sinks
    reports = [Path(sinks.dir) / "reports"] if sinks.dir else []
    for folder in (*reports, Path(str(sinks.registry)) / "releases"):
        if any(folder.glob("[!._]*")):
            instead = "--resume goes on from them" if resumable else "there is no checkpoint to go on from"
            return f"{folder.parent} has versions and dead letters of earlier runs, which stay there; {instead}"
    return ""
