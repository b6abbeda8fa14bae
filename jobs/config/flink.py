"""The section ``flink``: Flink's own options, checked against the keys the JVM knows: it ignores others."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from jobs.config.nearest import nearest

FREE = ("metrics.reporter.", "fs.", "s3.", "env.", "containerized.", "security.", "kubernetes.", "classloader.")
SENSITIVE = ("password", "secret", "account.key", "apikey", "api-key", "auth-params", "token", "jaas", "http-headers")
OURS = {
    "execution.checkpointing.interval": "checkpointing.interval",
    "execution.checkpointing.timeout": "checkpointing.timeout",
    "execution.checkpointing.min-pause": "checkpointing.min_pause",
    "execution.checkpointing.dir": "checkpointing.dir",
    "state.checkpoints.dir": "checkpointing.dir",
    "state.checkpoints.num-retained": "checkpointing.retained",
    "execution.checkpointing.num-retained": "checkpointing.retained",
    "execution.checkpointing.mode": "nothing: it is exactly once",
    "parallelism.default": "runtime.parallelism",
    "pipeline.max-parallelism": "runtime.max_parallelism",
    "pipeline.name": "name",
    "state.backend.type": "runtime.backend",
    "python.fn-execution.bundle.size": "runtime.bundle_size",
    "python.fn-execution.bundle.time": "runtime.bundle_time",
    "python.execution-mode": "nothing: state of one mode cannot be read in the other",
    "python.operator-chaining.enabled": "nothing: it changes operator ids",
}


@cache
def known_keys() -> frozenset[str]:
    """Return the keys of the installed Flink's options; ``jobs.config.list_flink_keys`` wrote the list."""
    return frozenset(files("jobs.config").joinpath("flink_keys.txt").read_text("utf-8").split())


def _as_text(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _written(key, option) for key, option in value.items()}


def _written(key: str, option: Any) -> Any:
    if isinstance(option, dict | list) or option is None:
        raise PydanticCustomError("flink", "{key}: write options flat, as key: value", {"key": key})
    text = str(option).lower() if isinstance(option, bool) else str(option)
    return SecretStr(text) if any(word in key.lower() for word in SENSITIVE) else text


def _check(options: dict[str, SecretStr | str]) -> dict[str, SecretStr | str]:
    problems = []
    for key in options:
        if key in OURS:
            problems.append(f"{key} is set by {OURS[key]}")
        elif key not in known_keys() and not key.startswith(FREE):
            problems.append(f"{key} is no option of this Flink{nearest(key, known_keys())}")
    if problems:
        raise PydanticCustomError("flink", "{problems}", {"problems": "; ".join(problems)})
    return options


FlinkOptions: TypeAlias = Annotated[dict[str, SecretStr | str], BeforeValidator(_as_text), AfterValidator(_check)]
