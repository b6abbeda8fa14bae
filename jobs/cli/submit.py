"""``headrace submit``: the job on a running cluster."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.exits import late
from jobs.cli.options import FLINK, ConfigFile


def command(
    config: ConfigFile,
    target: Annotated[str, typer.Option(help="The cluster's REST address, host:port.")] = "localhost:8081",
    out: Annotated[Path | None, typer.Option(help="A directory that every node sees, for what is left open.")] = None,
    resume_from: Annotated[Path | None, typer.Option(help="Go on from this savepoint or checkpoint.")] = None,
) -> int:
    """Submit the job to a running Flink cluster, environment and jars shipped."""
    from jobs.config import load

    configuration = load(config).under(out)
    return int(late("jobs.submit", FLINK).submit(configuration, target=target, out=out, resume_from=resume_from))
