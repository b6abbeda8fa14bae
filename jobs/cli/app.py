"""The program: its commands, and what its exit codes mean."""

from __future__ import annotations

import sys
from typing import Annotated

import click
import typer

from jobs.cli import bench, breaker, check, dlq, explain, models, prune, run, score, simulate, submit
from jobs.cli.exits import CONFIGURATION, INTERRUPTED, JOB_FAILED, VERIFICATION_FAILED
from udfs import __version__
from udfs.errors import ConfigurationError, HeadraceError, ReleaseError

app = typer.Typer(
    name="headrace",
    help="Models that learn from shop events as they happen, published as ONNX files.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _module in (run, submit, check, explain, score, prune):
    app.command(_module.__name__.rpartition(".")[2])(_module.command)
app.add_typer(simulate.app, name="simulate")
app.add_typer(models.app, name="models")
app.add_typer(dlq.app, name="dlq")
app.add_typer(breaker.app, name="breaker")
app.add_typer(bench.app, name="bench")


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"headrace {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Models that learn from shop events as they happen, published as ONNX files."""


def main() -> None:
    """Run the command that ``sys.argv`` names, and exit with its code."""
    sys.exit(exit_code_of(sys.argv[1:]))


def exit_code_of(arguments: list[str]) -> int:
    """Run a command and return its exit code; an error of ours is two lines on stderr: what, and the remedy."""
    try:
        result = app(arguments, standalone_mode=False, prog_name="headrace")
    except HeadraceError as error:
        typer.echo(f"headrace: {error.what}\n{error.remedy}", err=True)
        return _code(error)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return INTERRUPTED
    except Exception as error:
        shown = getattr(error, "show", None)
        if shown is None or not hasattr(error, "exit_code"):
            raise
        shown()
        return int(error.exit_code)
    return result if isinstance(result, int) else 0


def _code(error: HeadraceError) -> int:
    if isinstance(error, ConfigurationError):
        return CONFIGURATION
    return VERIFICATION_FAILED if isinstance(error, ReleaseError) else JOB_FAILED
