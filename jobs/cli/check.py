"""``headrace check``: a configuration, before anything starts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.exits import CONFIGURATION
from jobs.cli.options import ConfigFile

if TYPE_CHECKING:
    from udfs.schema import Plan


def command(
    config: ConfigFile,
    against: Annotated[Path | None, typer.Option(help="A run's directory, or its plan.json.")] = None,
) -> int:
    """Print the effective configuration, secrets masked; or what its changes do to a run's state."""
    from jobs.config import load

    configuration = load(config)
    if against is None:
        typer.echo(configuration.effective(), nl=False)
        return 0
    from jobs.config.against import compare

    old = _plan(against)
    changes = compare(old, configuration.plan(old.epoch, old.bounded))
    for change in changes:
        typer.echo(str(change))
    if not changes:
        typer.echo("no changes")
    return CONFIGURATION if any(change.verdict == "refused" for change in changes) else 0


def _plan(place: Path) -> "Plan":
    import msgspec

    from udfs.errors import ConfigurationError
    from udfs.schema import Plan

    folders = (place, place / "checkpoints", place.parent, place.parent.parent) if place.is_dir() else ()
    found = [folder / "plan.json" for folder in folders if (folder / "plan.json").is_file()]
    file = found[0] if found else place
    try:
        return Plan.from_json(file.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(
            f"{file} is no plan: {error}", "Give the directory of a run, or its plan.json"
        ) from error
