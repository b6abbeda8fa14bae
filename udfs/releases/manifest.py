"""The records of the release log: a release with all that is known about it, a pin, an expiry; one JSON line each."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from udfs.errors import ReleaseError
from udfs.schema import Clean, FeatureSet, canonical

VERSION_PATTERN: Final = r"^[0-9]+\.[0-9]+$"
MODEL_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
SHA256_PATTERN: Final = r"^[0-9a-f]{64}$"

Version: TypeAlias = Annotated[str, msgspec.Meta(pattern=VERSION_PATTERN, description="epoch.n")]
ModelName: TypeAlias = Annotated[str, msgspec.Meta(pattern=MODEL_PATTERN)]
Sha256: TypeAlias = Annotated[str, msgspec.Meta(pattern=SHA256_PATTERN)]
Micros: TypeAlias = Annotated[int, msgspec.Meta(description="microseconds since 1970")]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Row: TypeAlias = dict[str, str | int | float | list[str | float]]
Metrics: TypeAlias = dict[str, float | dict[str, float | None] | None]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a record: immutable, unknown keys refused."""


class Tensor(_Document, frozen=True, kw_only=True):
    """An input or output of the model.

    Attributes:
        name: its name, for inputs the name of the event field, or of the feature of behaviour.
        type: its element type.
        shape: its dimensions; a name stands for one that varies, ``n`` for the batch.
        clean: how the strings must be cleaned before they are handed in; None where there is nothing to clean.
    """

    name: str
    type: Literal["string", "double", "int64"]
    shape: tuple[int | str, ...]
    clean: Clean | None = None


class Verdict(_Document, frozen=True, kw_only=True):
    """Whether a model may be served, and why not."""

    result: Literal["passed", "refused"]
    reason: str = ""


class Golden(_Document, frozen=True, kw_only=True):
    """An invented event and the score that the model gives it; None when that is not finite."""

    row: Row
    score: float | None


class Drift(_Document, frozen=True, kw_only=True):
    """What a detector of drift tells of a stream of numbers: changes since the parent, and its mean now."""

    changes: Count
    estimate: float | None


class Breaker(_Document, frozen=True, kw_only=True):
    """What the circuit breaker before a model did.

    Attributes:
        open: whether it was open when the weights were taken.
        trips: how often a guard tripped since the parent.
        discarded: examples that were not learned, and are gone, since the parent.
    """

    open: bool
    trips: Count
    discarded: Count


class Manifest(_Document, frozen=True, kw_only=True, tag_field="kind", tag="release"):
    """One version of a model.

    Attributes:
        model: the model's name.
        version: ``epoch.n``; never used twice.
        parent: the version that was published before from the same state; None for the first.
        sha256: of the model file.
        size: of the model file, in bytes.
        path: of the model file, below the registry.
        learner: the learner's name.
        keyed_by: the field whose values have parameters of their own.
        inputs: what the model takes.
        outputs: what it returns.
        features: the whole description of the features.
        feature_digest: SHA-256 of its canonical form.
        event_time: of the newest example learned; None before the first.
        offsets: the highest offset learned for each source partition.
        examples: how many examples have been learned.
        metrics: by name, or by clock (``fresh``, ``as_served``) and name.
        drift: by watched stream (``loss`` or ``residual``, ``features.NAME``); empty where nothing is watched.
        verdict: whether it may be served.
        golden: rows to check a server with.
        breaker: what the circuit breaker did; None where there is none.
        code: the version of the code that made it.
        ingest_time: when the newest event came in; no clock is read when a release is made.
        format: the version of this document.
    """

    model: ModelName
    version: Version
    parent: Version | None
    sha256: Sha256
    size: Count
    path: str
    learner: str
    keyed_by: str | None = None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    features: FeatureSet
    feature_digest: Sha256
    event_time: Micros | None
    offsets: dict[str, int]
    examples: Count
    metrics: Metrics
    drift: dict[str, Drift] = {}
    verdict: Verdict
    golden: tuple[Golden, ...]
    breaker: Breaker | None = None
    code: str
    ingest_time: Micros
    format: Literal[1] = 1

    @property
    def passed(self) -> bool:
        """Return whether this version may be served."""
        return self.verdict.result == "passed"


class Pin(_Document, frozen=True, kw_only=True, tag_field="kind", tag="pin"):
    """An operator's choice of the version to serve; the latest one counts, and no version lifts it."""

    model: ModelName
    version: Version | None
    at: Micros
    reason: str = ""


class Expiry(_Document, frozen=True, kw_only=True, tag_field="kind", tag="expiry"):
    """Versions whose files retention has removed."""

    model: ModelName
    versions: tuple[Version, ...]
    at: Micros


Record: TypeAlias = Manifest | Pin | Expiry
_RECORDS: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Record)


def version_key(version: str) -> tuple[int, int]:
    """Return what versions are ordered by.

    >>> version_key("2.10") > version_key("2.9")
    True
    """
    epoch, n = version.split(".")
    return int(epoch), int(n)


def version_of(epoch: int, n: int) -> str:
    """Return a version as it is written."""
    return f"{epoch}.{n}"


def model_path(model: str, sha256: str) -> str:
    """Return where a model file stands below the registry."""
    if not re.match(MODEL_PATTERN, model):
        raise ReleaseError(f"{model!r} cannot name a folder", "Name models with letters, digits, - and _")
    return f"models/{model}/{sha256}.onnx"


def encode(record: Record) -> bytes:
    """Return the record as one line of canonical JSON, without the line break."""
    return canonical(record)


def decode(line: bytes | str) -> Record:
    """Read one line of the release log.

    Raises:
        ReleaseError: it is no record of this version.
    """
    try:
        record: Record = _RECORDS.decode(line)
    except msgspec.MsgspecError as error:
        raise ReleaseError(f"A line of the release log is no record ({error})", "Verify the registry") from error
    return record


def schema(types: Any = Record) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of records, as the types of this file give it."""
    document = msgspec.json.schema(types)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}
