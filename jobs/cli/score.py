"""``headrace score``: events in, scores out, through plain onnxruntime."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from jobs.cli.models import find, open_registry

ROWS = 1_000


def command(
    model: Annotated[str, typer.Option(help="An ONNX file; with --registry the name of a model.")],
    registry: Annotated[str | None, typer.Option(help="Directory or URI of a registry.")] = None,
    version: Annotated[str | None, typer.Option(help="A version; without it the stable one.")] = None,
    input: Annotated[Path | None, typer.Option(help="NDJSON of cleaned event fields; without it stdin.")] = None,
) -> None:
    """Print the score of each event, a JSON object a line. ``timestamp`` is event time in microseconds."""
    from udfs.errors import ConfigurationError
    from udfs.releases import runtime
    from udfs.releases.external import external_tensors

    data = _model(model, registry, version)
    elsewhere = external_tensors(data)
    if elsewhere:
        raise ConfigurationError(
            f"{model} keeps tensors in other files: {', '.join(elsewhere[:3])}",
            "Give a model that is whole in one file",
        )
    opened = runtime.session(data)
    stream = input.open("rb") if input else sys.stdin.buffer
    with stream:
        for rows in _batches(stream):
            for value in runtime.score(opened, rows):
                typer.echo(f'{{"score": {float(value)!r}}}')


def _model(model: str, registry: str | None, version: str | None) -> bytes:
    from udfs.errors import ConfigurationError

    if registry is not None:
        opened = open_registry(registry)
        return opened.load(find(opened, model, version))
    try:
        return Path(model).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"--model {model} cannot be read: {error}", "Give a file, or --registry too") from None


def _batches(stream: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    import msgspec

    from udfs.errors import ConfigurationError

    decoder = msgspec.json.Decoder(dict[str, Any])
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(stream, 1):
        try:
            rows.append(decoder.decode(line))
        except msgspec.MsgspecError as error:
            raise ConfigurationError(f"line {number} is no JSON object: {error}", "Give one object a line") from None
        if len(rows) == ROWS:
            yield rows
            rows = []
    if rows:
        yield rows
