"""A connection to Kafka as options of kafka-python."""

from __future__ import annotations

from typing import Any

from jobs.config.kafka import Connection
from udfs.errors import ConfigurationError

BOOTSTRAP_MS = 5_000


def client_options(connection: Connection) -> dict[str, Any]:
    """Return a connection as options of kafka-python, the secrets in clear.

    Properties have kafka-python's names, with dots or underscores: ``fetch.max.bytes``, ``ssl.certfile``.

    Raises:
        ConfigurationError: kafka-python knows no such property, or it is of another type.
    """
    security = connection.security
    options: dict[str, Any] = {
        "bootstrap_servers": connection.bootstrap.split(","),
        "security_protocol": security.protocol,
        "bootstrap_timeout_ms": BOOTSTRAP_MS,
    }
    if security.mechanism:
        options["sasl_mechanism"] = security.mechanism
    if security.username is not None and security.password is not None:
        options["sasl_plain_username"] = security.username
        options["sasl_plain_password"] = security.password.get_secret_value()
    if security.ca:
        options["ssl_cafile"] = security.ca
    secrets = {name: secret.get_secret_value() for name, secret in connection.secrets.items()}
    for name, value in (connection.properties | secrets).items():
        options[name.replace(".", "_")] = _typed(name, value)
    return options


def consumer_options(connection: Connection, group: str | None, size: int = 8 << 20) -> dict[str, Any]:
    """Return the options of a consumer that seeks and commits for itself, and skips aborted transactions.

    A call that reads about ``size`` bytes is put together of fetches half as large.
    """
    return {
        "isolation_level": "read_committed",
        "fetch_max_bytes": 50 << 20,
        "max_partition_fetch_bytes": max(1 << 20, size // 2),
        **client_options(connection),
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
    }


def _typed(name: str, value: str) -> Any:
    """Return a property's text as the type of kafka-python's default for it."""
    from kafka import KafkaConsumer

    known = KafkaConsumer.DEFAULT_CONFIG
    key = name.replace(".", "_")
    if key not in known:
        raise ConfigurationError(f"source.kafka.properties: {name} is no property of a consumer in Python", _REMEDY)
    default = known[key]
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[value.lower()]
        return type(default)(value) if isinstance(default, int | float) else value
    except (KeyError, ValueError):
        kind = type(default).__name__
        raise ConfigurationError(f"source.kafka.properties: {name} is {value!r}", f"Give one of type {kind}") from None


_REMEDY = "See the list of options of KafkaConsumer in the documentation of kafka-python"
