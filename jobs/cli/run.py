"""``headrace run``: the job on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.exits import late
from jobs.cli.options import FLINK, AsJson, ConfigFile


def command(
    config: ConfigFile,
    out: Annotated[Path, typer.Option(help="Where report, registry, dead letters and checkpoints go.")],
    input: Annotated[Path | None, typer.Option(help="A directory or file, instead of source.files.path.")] = None,
    bounded: Annotated[bool, typer.Option("--bounded", help="End by itself at the end of the input.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the newest savepoint or checkpoint.")] = False,
    resume_from: Annotated[Path | None, typer.Option(help="Go on from this savepoint or checkpoint.")] = None,
    parallelism: Annotated[int | None, typer.Option(min=1, help="Instead of runtime.parallelism.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="The truth of a simulated shop: shows the best AUC, and when tastes changed.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Run the job on this machine until it is stopped, or to the end of the input."""
    from jobs.config import load

    configuration = load(config)
    launcher = late("jobs.launcher", FLINK)
    options = launcher.RunOptions(
        input=input,
        bounded=bounded,
        out=out,
        resume=resume_from or resume,
        json=json,
        parallelism=parallelism,
        truth=truth,
    )
    return int(launcher.run(configuration, options))
