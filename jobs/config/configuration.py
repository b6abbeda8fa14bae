"""The whole configuration, read once, frozen, checked before anything starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from jobs.config.anomaly_rules import Anomalies
from jobs.config.events import Dedup, Event, Time
from jobs.config.features import Features, split_seed
from jobs.config.flink import FlinkOptions
from jobs.config.join import Join
from jobs.config.models import Model
from jobs.config.problems import Problem, failure, of_validation
from jobs.config.reading import read, substitute
from jobs.config.runtime import Checkpointing, Metrics, Retention, Runtime
from jobs.config.section import Section
from jobs.config.sinks import Sinks
from jobs.config.source import Source
from udfs.errors import ConfigurationError
from udfs.locations import absolute

if TYPE_CHECKING:
    from udfs.schema import Plan


class Configuration(Section):
    """A job. ``name`` is the prefix of its transactions in Kafka: keep it for as long as its state lives."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="up to 64 small letters, digits, - and _, the first a letter or digit",
    )
    source: Source
    events: dict[str, Event] = Field(min_length=1)
    dedup: Dedup = Dedup()
    time: Time = Time()
    join: Join | None = None
    anomalies: Anomalies = Anomalies()
    features: Annotated[Features, BeforeValidator(split_seed)]
    models: dict[str, Model] = Field(min_length=1)
    sinks: Sinks = Sinks()
    checkpointing: Checkpointing = Checkpointing()
    retention: Retention = Retention()
    runtime: Runtime = Runtime()
    metrics: Metrics = Metrics()
    flink: FlinkOptions = Field(default={})

    def plan(self, epoch: int, bounded: bool) -> Plan:
        """Return the pure description that stages are built from."""
        from jobs.config.plan import plan_of

        return plan_of(self, epoch, bounded)

    def under(self, out: Path | None) -> Configuration:
        """Return the configuration with the directories that it leaves open placed below a run's directory.

        Its directories are absolute paths then, or URIs of remote stores.

        Raises:
            ConfigurationError: a directory is open and there is no ``out``.
        """
        base = out.absolute() if out else None
        open_places = {
            "checkpointing.dir": self.checkpointing.dir is None,
            "sinks.registry": self.sinks.registry is None,
            "sinks.dir": self.sinks.dir is None and self.sinks.kafka is None,
        }
        if base is None and any(open_places.values()):
            missing = ", ".join(key for key, is_open in open_places.items() if is_open)
            raise ConfigurationError(f"{missing} is missing", "Set it, or give the run a directory with --out")
        checkpoints = self.checkpointing.dir or str(base and base / "checkpoints")
        registry = self.sinks.registry or str(base and base / "registry")
        folder = self.sinks.dir or (str(base) if base else None)
        sinks = {"registry": absolute(registry), "dir": folder and absolute(folder)}
        return self.model_copy(
            update={
                "checkpointing": self.checkpointing.model_copy(update={"dir": absolute(checkpoints)}),
                "sinks": self.sinks.model_copy(update=sinks),
            }
        )

    def effective(self) -> str:
        """Return the configuration as YAML with every default written out and every secret masked."""
        tree = self.model_dump(mode="json")
        tree["features"] = {"seed": self.features.seed, **tree["features"]["by_name"]}
        return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=120)


def load(path: Path | str, env: Mapping[str, str] = os.environ) -> Configuration:
    """Read a YAML file.

    Args:
        path: the file.
        env: the variables that ``${NAME}`` and ``${NAME:-default}`` in string values stand for.

    Raises:
        ConfigurationError: lists every problem with its dotted key, its value and what is allowed.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}", "Give a YAML file in UTF-8") from None
    return parse(text, env, str(path))


def parse(text: str, env: Mapping[str, str], path: str = "configuration") -> Configuration:
    """Read YAML text as ``load`` does; ``path`` names it in errors."""
    from jobs.config.checks import problems_of

    try:
        raw = read(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigurationError(f"{path} is no YAML that is allowed: {error}", "Correct it there") from None
    tree, unset = substitute(raw, env)
    problems = [Problem(key, what) for key, what in unset.items()]
    try:
        configuration = Configuration.model_validate(tree)
    except ValidationError as error:
        problems += [problem for problem in of_validation(error, Configuration, raw) if problem.key not in unset]
        raise failure(path, problems) from None
    problems += problems_of(configuration)
    if problems:
        raise failure(path, problems)
    return configuration
