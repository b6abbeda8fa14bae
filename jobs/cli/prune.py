"""``headrace prune``: what retention says, enforced once."""

import time
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import ConfigFile


def command(
    config: ConfigFile,
    out: Annotated[Path | None, typer.Option(help="The directory of the run, for what is left open.")] = None,
) -> None:
    """Delete old model versions, dead letters and reports as the section ``retention`` says; print their paths."""
    from jobs.config import load
    from jobs.retention import Retention

    for path in Retention(load(config).under(out)).enforce(time.time()):
        typer.echo(path)
