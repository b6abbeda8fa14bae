"""``headrace explain``: the plan of the job."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.exits import late
from jobs.cli.options import FLINK, ConfigFile


def command(
    config: ConfigFile, out: Annotated[Path, typer.Option(help="The directory a run would have.")] = Path("out")
) -> None:
    """Print the plan, and a table of operators, uids and state; runs nothing."""
    from jobs.config import load

    configuration = load(config).under(out)
    typer.echo(late("jobs.explain", FLINK).explain(configuration))
