"""``headrace breaker``: commands to the circuit breaker of a model, while the job runs."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

app = typer.Typer(help="Open and close the circuit breaker of a model, while the job runs.", no_args_is_help=True)

ModelName: TypeAlias = Annotated[str, typer.Option("--model", help="The model's name.")]
Out: TypeAlias = Annotated[Path | None, typer.Option("--out", help="The directory of the run.")]
Uri: TypeAlias = Annotated[str | None, typer.Option("--registry", help="Or directory or URI of the registry.")]


@app.command("open")
def open_breaker(model: ModelName, out: Out = None, registry: Uri = None) -> None:
    """Learn and release nothing until it is told to close or accept."""
    _give("open", model, out, registry)


@app.command()
def close(model: ModelName, out: Out = None, registry: Uri = None) -> None:
    """Go on as before the break; what was held is discarded, and it opens again where the break lasts."""
    _give("close", model, out, registry)


@app.command()
def accept(model: ModelName, out: Out = None, registry: Uri = None) -> None:
    """Go on, and learn what was held: what came with the break is normal."""
    _give("accept", model, out, registry)


def _give(command: str, model: str, out: Path | None, registry: str | None) -> None:
    from udfs.errors import ConfigurationError
    from udfs.releases.commands import give
    from udfs.releases.registry import Registry

    if (out is None) == (registry is None):
        raise ConfigurationError("It is not clear which job is meant", "Give one of --out and --registry")
    if out is not None:
        _check(model, out)
    number = give(Registry.open(registry or str(out / "registry" if out else "")), model, command)
    typer.echo(f"command {number} to {model}: {command}; the job obeys it at its next tick and reports it")


def _check(model: str, out: Path) -> None:
    """Check, as far as a run's directory tells, that there is a breaker which could obey."""
    from udfs.errors import ConfigurationError
    from udfs.schema import Plan

    if not (out / "registry").is_dir():
        raise ConfigurationError(
            f"{out} has no registry, so it is no run's directory", "Give --registry if it is elsewhere"
        )
    file = out / "checkpoints" / "plan.json"
    if not file.is_file():
        return
    breakers = {known.name: known.breaker is not None for known in Plan.from_json(file.read_bytes()).models}
    if not breakers.get(model, False):
        known = ", ".join(name for name, on in breakers.items() if on) or "none"
        raise ConfigurationError(f"{model!r} is no model with a circuit breaker", f"There is: {known}")
