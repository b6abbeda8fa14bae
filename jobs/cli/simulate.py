"""``headrace simulate``: a seeded click stream."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.exits import late


def command(
    events: Annotated[int, typer.Option(min=1, help="How many events.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Same seed, same stream.")] = 1,
    out: Annotated[Path | None, typer.Option(help="A directory for files.")] = None,
    bootstrap: Annotated[str | None, typer.Option(help="Kafka brokers, instead of files.")] = None,
    topic: Annotated[str, typer.Option(help="The Kafka topic.")] = "clicks",
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of duplicates.")] = 0.01,
    bad: Annotated[float, typer.Option(min=0, max=1, help="Share of bad lines.")] = 0.001,
) -> None:
    """Write a click stream with labels in the event, duplicates, bad lines and a drift."""
    from udfs.errors import ConfigurationError

    if (out is None) == (bootstrap is None):
        raise ConfigurationError("One of --out and --bootstrap is needed", "Give a directory, or Kafka brokers")
    late("simulator.clicks", "Install the whole project").generate(
        events=events, seed=seed, out=out, bootstrap=bootstrap, topic=topic, duplicates=duplicates, bad=bad
    )
