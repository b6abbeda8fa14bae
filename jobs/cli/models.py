"""``headrace models``: what a registry holds."""

import json as json_text
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli.exits import VERIFICATION_FAILED
from jobs.cli.options import AsJson, RegistryUri

if TYPE_CHECKING:
    from udfs.releases.registry import Registry

app = typer.Typer(help="List, show, verify and prune the releases of a registry.", no_args_is_help=True)


def open_registry(uri: str) -> "Registry":
    """Open a registry by directory or URI.

    Raises:
        ConfigurationError: there is no such directory.
    """
    from udfs.errors import ConfigurationError
    from udfs.releases.registry import Registry

    remedy = "Give the registry of a run, OUT/registry, or where sinks.registry is"
    try:
        registry = Registry.open(uri)
        found = registry.exists()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"--registry {uri} cannot be read ({error})", remedy) from None
    if not found:
        raise ConfigurationError(f"There is no directory {uri}", remedy)
    return registry


@app.command("list")
def list_versions(registry: RegistryUri, json: AsJson = False) -> None:
    """List every version of every model."""
    rows: list[dict[str, Any]] = [
        {
            "model": model,
            "version": manifest.version,
            "examples": manifest.examples,
            "bytes": manifest.size,
            "passed": manifest.passed,
            "stable": history.stable is not None and history.stable.version == manifest.version,
            "expired": manifest.version in history.expired,
        }
        for model, history in open_registry(registry).histories().items()
        for manifest in history.manifests.values()
    ]
    if json:
        for row in rows:
            typer.echo(json_text.dumps(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*(rows[0] if rows else ("no versions",)))
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)


@app.command()
def show(
    registry: RegistryUri,
    model: Annotated[str, typer.Option(help="The model's name.")],
    version: Annotated[str | None, typer.Option(help="The version; without it the stable one.")] = None,
) -> None:
    """Print the manifest of a version as JSON."""
    import msgspec

    manifest = find(open_registry(registry), model, version)
    typer.echo(msgspec.json.format(msgspec.json.encode(manifest)).decode())


def find(registry: "Registry", model: str, version: str | None) -> Any:
    """Return a version's manifest.

    Raises:
        ConfigurationError: the registry has no such version.
    """
    from udfs.errors import ConfigurationError

    histories = registry.histories()
    if model not in histories:
        known = ", ".join(sorted(histories)) or "none"
        raise ConfigurationError(f"There is no model {model!r}", f"The registry has: {known}")
    history = histories[model]
    found = history.stable if version is None else history.manifests.get(version)
    if found is None:
        versions = ", ".join(history.manifests)
        raise ConfigurationError(f"{model} has no version {version or 'that passed'}", f"The registry has: {versions}")
    return found


@app.command()
def verify(registry: RegistryUri, json: AsJson = False) -> int:
    """Check every record, every file's hash and every golden score."""
    from udfs.releases.verify import verify as verify_registry

    opened = open_registry(registry)
    versions = sum(1 for _ in opened.lines())
    findings = verify_registry(opened)
    for finding in findings:
        row = finding._asdict()
        typer.echo(json_text.dumps(row) if json else " ".join(str(value) for value in row.values() if value))
    if not versions:
        typer.echo("nothing verified: the registry has no releases", err=True)
        return VERIFICATION_FAILED
    typer.echo(f"{versions} records, {len(findings)} findings", err=True)
    return VERIFICATION_FAILED if findings else 0


@app.command()
def prune(
    registry: RegistryUri,
    keep: Annotated[int, typer.Option(min=1, help="Versions that passed to keep of each model.")] = 20,
    grace: Annotated[str, typer.Option(help="Younger files stay; longer than any outage.")] = "1d",
) -> None:
    """Delete the model files that nobody needs, and say so in the log first."""
    from jobs.config.units import duration
    from udfs.errors import ConfigurationError
    from udfs.releases.retention import expire

    try:
        seconds = duration(grace) / 1e6
    except ValueError as error:
        raise ConfigurationError(f"--grace is {grace!r}", f"Allowed is {error}") from None
    for path in expire(open_registry(registry), keep, seconds, time.time()):
        typer.echo(path)
