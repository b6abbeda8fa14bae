"""A connection to Kafka: brokers, security, and properties that are passed through."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from jobs.config.section import Section

SENSITIVE = re.compile(r"password|secret|jaas|token|credential|(^|[._-])key$|keystore\.key|api-?key", re.IGNORECASE)
OURS = {
    "bootstrap.servers": "bootstrap",
    "group.id": "group",
    "auto.offset.reset": "start",
    "enable.auto.commit": "checkpointing",
    "transactional.id": "name",
    "transaction.timeout.ms": "transaction_timeout",
    "security.protocol": "security.protocol",
    "sasl.mechanism": "security.mechanism",
}
_MODULE = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


class Security(Section):
    """How the brokers are spoken to; ``ca`` is a PEM file with the certificates that sign theirs."""

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER"] | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca: str | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        sasl, given = self.protocol.startswith("SASL"), self.username is not None
        if sasl and self.mechanism is None:
            raise ValueError(f"mechanism is missing: {self.protocol} needs one")
        if not sasl and (self.mechanism or given or self.password):
            raise ValueError(
                f"{self.protocol} takes no mechanism, username or password: SASL_PLAINTEXT and SASL_SSL do"
            )
        if given != (self.password is not None):
            raise ValueError("username and password belong together")
        if given and self.mechanism not in _MODULE:
            raise ValueError(f"{self.mechanism} takes no username: give sasl.jaas.config below secrets")
        if self.ca and not self.protocol.endswith("SSL"):
            raise ValueError(f"{self.protocol} takes no ca: SSL and SASL_SSL do")
        return self

    def properties(self) -> dict[str, str]:
        """Return the properties of a Java client, the secrets in clear."""
        properties: dict[str, str] = {"security.protocol": self.protocol}
        if self.mechanism:
            properties["sasl.mechanism"] = self.mechanism
        if self.mechanism and self.username is not None and self.password is not None:
            user, password = _quoted(self.username), _quoted(self.password.get_secret_value())
            login = f"{_MODULE[self.mechanism]} required username={user} password={password};"
            properties["sasl.jaas.config"] = login
        if self.ca:
            properties |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": self.ca}
        return properties


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Connection(Section):
    """Brokers and how they are reached. ``properties`` are shown, ``secrets`` never; both go to the Java client."""

    bootstrap: str = Field(
        pattern=r"^[^\s,]+:\d{1,5}(,[^\s,]+:\d{1,5})*$", description="host:port, several of them with commas between"
    )
    security: Security = Security()
    properties: dict[str, str] = Field(default={})
    secrets: dict[str, SecretStr] = Field(default={})

    @field_validator("properties", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in value.items()}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name in [*self.properties, *self.secrets]:
            if name in OURS:
                raise ValueError(f"{name} is set by {OURS[name]}: remove it")
        for name in self.properties:
            if SENSITIVE.search(name):
                raise ValueError(f"{name} is secret: move it from properties to secrets")
        twice = sorted(self.properties.keys() & self.secrets.keys())
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in properties and in secrets")
        protocol, mechanism = self.security.protocol, self.security.mechanism
        needs_login = protocol.startswith("SASL") and mechanism != "GSSAPI" and self.security.username is None
        if needs_login and "sasl.jaas.config" not in self.secrets:
            raise ValueError(f"{protocol} needs username and password, or sasl.jaas.config below secrets")
        return self

    def client_properties(self) -> dict[str, str]:
        """Return every property of a Java client, the secrets in clear: never print them."""
        return (
            {"bootstrap.servers": self.bootstrap}
            | self.security.properties()
            | self.properties
            | {name: secret.get_secret_value() for name, secret in self.secrets.items()}
        )
