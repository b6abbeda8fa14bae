"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

FLINK = "Install the extra: pip install 'headrace[flink]'"
ConfigFile: TypeAlias = Annotated[Path, typer.Option("--config", help="The YAML file, see docs/configuration.md.")]
RegistryUri: TypeAlias = Annotated[str, typer.Option("--registry", help="Directory or URI of the registry.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON document a line, for machines.")]
