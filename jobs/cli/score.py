"""``headrace score``: events in, scores out, through plain onnxruntime."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from jobs.cli.models import find, open_registry

if TYPE_CHECKING:
    from udfs.releases.manifest import Tensor

ROWS = 1_000
TIMESTAMP = "timestamp"
_SHOWN = 40
"""The most characters of a wrong value that are shown."""
_NAMED = 10
"""The most fields that are named because no model takes them."""


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
    check = _Check(runtime.inputs(opened))
    with _input(input) as stream:
        for first, rows in _batches(stream):
            check(first, rows)
            for value in runtime.score(opened, rows):
                typer.echo(f'{{"score": {float(value)!r}}}')


class _Check:
    """Tells once of fields that are no inputs, and of a missing ``timestamp``, neither of which is an error."""

    def __init__(self, inputs: "tuple[Tensor, ...]") -> None:
        self._inputs = inputs
        self._names = {tensor.name for tensor in inputs}
        self._told_unused = False
        self._told_time = TIMESTAMP not in self._names

    def __call__(self, first: int, rows: list[dict[str, Any]]) -> None:
        """Check rows, of which the first stands in line ``first``.

        Raises:
            ConfigurationError: a value is not what its input takes.
        """
        import msgspec

        from udfs.errors import ConfigurationError
        from udfs.releases.feed import unfit

        for number, row in enumerate(rows, first):
            for tensor in self._inputs:
                allowed = unfit(tensor, row.get(tensor.name))
                if allowed is not None:
                    value = msgspec.json.encode(row[tensor.name]).decode()[:_SHOWN]
                    raise ConfigurationError(
                        f"line {number}: {tensor.name} is {value}", f"Allowed is {allowed}, or nothing"
                    )
        self._tell_unused(first, rows)
        self._tell_time(first, rows)

    def _tell_unused(self, first: int, rows: list[dict[str, Any]]) -> None:
        unused = sorted({name for row in rows for name in row} - self._names)
        if unused and not self._told_unused:
            self._told_unused = True
            number = next(number for number, row in enumerate(rows, first) if row.keys() - self._names)
            more = ", ..." if len(unused) > _NAMED else ""
            typer.echo(
                f"from line {number} on, no inputs of the model: {', '.join(unused[:_NAMED])}{more}; "
                f"its inputs are {', '.join(sorted(self._names))}",
                err=True,
            )

    def _tell_time(self, first: int, rows: list[dict[str, Any]]) -> None:
        timeless = [number for number, row in enumerate(rows, first) if row.get(TIMESTAMP) is None]
        if timeless and not self._told_time:
            self._told_time = True
            typer.echo(
                f"line {timeless[0]} has no {TIMESTAMP} (microseconds since 1970), which the model takes: "
                "0 stands for it",
                err=True,
            )


def _input(path: Path | None) -> BinaryIO:
    from udfs.errors import ConfigurationError

    try:
        return path.open("rb") if path is not None else sys.stdin.buffer
    except OSError as error:
        raise ConfigurationError(f"--input {path} cannot be read: {error}", "Give a file of events") from None


def _model(model: str, registry: str | None, version: str | None) -> bytes:
    from udfs.errors import ConfigurationError

    if registry is not None:
        opened = open_registry(registry)
        return opened.load(find(opened, model, version))
    try:
        return Path(model).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"--model {model} cannot be read: {error}", "Give a file, or --registry too") from None


def _batches(stream: BinaryIO) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the number of the first line, and rows."""
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
            yield number - ROWS + 1, rows
            rows = []
    if rows:
        yield number - len(rows) + 1, rows
