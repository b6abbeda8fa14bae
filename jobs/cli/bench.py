"""``headrace bench``: this job beside its peers."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.exits import late
from jobs.cli.options import FLINK

app = typer.Typer(help="Measure the job beside its peers.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep the name of the benchmark on the command line."""


@app.command()
def throughput(out: Annotated[Path, typer.Option(help="The JSON file of results.")] = Path("bench.json")) -> int:
    """Compare steady rates on one Kafka topic: Flink's JVM, this job, per-event PyFlink, River, Flink SQL."""
    return int(late("benchmarks.throughput", FLINK).main(out=out) or 0)
