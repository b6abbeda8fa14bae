"""``headrace simulate``: a seeded click stream, or with ``shop`` the raw behaviour of a shop with known truth."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from jobs.cli.exits import late

_INSTALL = "Install the whole project"

OutDir = Annotated[Path | None, typer.Option(help="A directory for files.")]
Bootstrap = Annotated[str | None, typer.Option(help="Kafka brokers, instead of files.")]
Seed = Annotated[int, typer.Option(help="Same seed, same stream.")]

app = typer.Typer(help="Write a click stream with labels in the event, duplicates, bad lines and a drift.")


@app.callback(invoke_without_command=True)
def clicks(
    context: typer.Context,
    events: Annotated[int, typer.Option(min=1, help="How many events.")] = 100_000,
    seed: Seed = 1,
    out: OutDir = None,
    bootstrap: Bootstrap = None,
    topic: Annotated[str, typer.Option(help="The Kafka topic.")] = "clicks",
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of duplicates.")] = 0.01,
    bad: Annotated[float, typer.Option(min=0, max=1, help="Share of bad lines.")] = 0.001,
) -> None:
    """Write a click stream with labels in the event, duplicates, bad lines and a drift."""
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    _check_target(out, bootstrap)
    with _whole(bootstrap):
        late("simulator.clicks", _INSTALL).generate(
            events=events, seed=seed, out=out, bootstrap=bootstrap, topic=topic, duplicates=duplicates, bad=bad
        )


@app.command()
def shop(
    events: Annotated[int, typer.Option(min=1, help="About how many impressions people see.")] = 100_000,
    seed: Seed = 1,
    out: OutDir = None,
    bootstrap: Bootstrap = None,
    topic: Annotated[str, typer.Option(help="The Kafka topic; with --separate the beginning of their names.")] = "shop",
    preset: Annotated[str, typer.Option(help="The shop: reference or small.")] = "reference",
    faults: Annotated[Literal["none", "some", "all"], typer.Option(help="What goes wrong.")] = "some",
    days: Annotated[float | None, typer.Option(help="Days over which the sessions are spread.")] = None,
    partitions: Annotated[int | None, typer.Option(min=1, help="Over which users are spread.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="PATH=VALUE, as docs/simulator.md lists them.")
    ] = None,
    mixed: Annotated[bool, typer.Option("--mixed/--separate", help="All types together, or apart.")] = True,
    lines_per_record: Annotated[int, typer.Option(min=1, help="Events in a Kafka record.")] = 50,
    truth: Annotated[Path | None, typer.Option(help="Where the truth goes; with Kafka <topic>-truth.")] = None,
) -> None:
    """Write what a shop sends: impressions, and the feedback that comes later, with its truth beside it."""
    _check_target(out, bootstrap)
    given = {"days": days, "partitions": partitions, "impressions": events, "seed": seed}
    make = late("simulator.reference", _INSTALL).make
    simulation = make(preset, faults, {name: value for name, value in given.items() if value is not None}, settings)
    with _whole(bootstrap):
        if out is not None:
            folder = truth or out.with_name(f"{out.name}-truth")
            summary = late("simulator.files", _INSTALL).to_files(simulation, out, folder, mixed)
        else:
            folder = truth or Path(f"{topic}-truth")
            with contextlib.closing(late("simulator.records", _INSTALL).producer_to(bootstrap)) as producer:
                to_topics = late("simulator.topics", _INSTALL).to_topics
                summary = to_topics(simulation, producer, topic, folder, mixed, lines_per_record)
    _tell(summary, folder)


def _refuse_options(context: typer.Context) -> None:
    from udfs.errors import ConfigurationError

    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [name for name, source in sources.items() if source is not None and source.name != "DEFAULT"]
    if given:
        raise ConfigurationError(
            f"--{given[0]} belongs to the click stream", f"Write options after {context.invoked_subcommand}"
        )


def _check_target(out: Path | None, bootstrap: str | None) -> None:
    from udfs.errors import ConfigurationError

    if (out is None) == (bootstrap is None):
        raise ConfigurationError("One of --out and --bootstrap is needed", "Give a directory, or Kafka brokers")


@contextlib.contextmanager
def _whole(bootstrap: str | None) -> Iterator[None]:
    """Make one of our errors of what breaks on the way."""
    from udfs.errors import HeadraceError

    broken: tuple[type[Exception], ...] = (OSError,)
    if bootstrap is not None:
        broken += (late("kafka.errors", _INSTALL).KafkaError,)
    try:
        yield
    except broken as error:
        what = f"Not every event was {'written' if bootstrap is None else f'sent to {bootstrap}'} ({error})"
        raise HeadraceError(what, "Repair that, and begin anew in an empty folder or topic") from None


def _tell(summary: dict[str, Any], truth: Path) -> None:
    people = summary["people"]
    rate, auc = (f"{people[name]:.4f}" if people[name] is not None else "none" for name in ("click_rate", "best_auc"))
    typer.echo(f"{summary['lines']} lines; people's click rate {rate}, best possible AUC {auc}; truth in {truth}")
