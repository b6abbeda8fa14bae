"""Verification of a registry that someone else wrote: every record, every file, every golden score."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from udfs.errors import ReleaseError
from udfs.releases import runtime
from udfs.releases.check import deviation
from udfs.releases.external import external_tensors
from udfs.releases.history import by_model
from udfs.releases.manifest import Manifest, Record, decode
from udfs.releases.registry import Registry
from udfs.schema import digest

_NAMED: Final = 3
"""The most tensors that one message names."""


class Finding(NamedTuple):
    """Something wrong.

    Attributes:
        model: the model, or "" where it is not known.
        version: the version, or "".
        place: the file, and for the log the line.
        problem: ``schema``, ``version``, ``path``, ``missing``, ``size``, ``sha256``, ``digest``,
            ``external``, ``model``, ``golden`` or ``pin``.
        message: what is wrong with it.
    """

    model: str
    version: str
    place: str
    problem: str
    message: str


def verify(registry: Registry) -> list[Finding]:
    """Return all that is wrong in a registry; an empty list means that every release can be trusted."""
    findings: list[Finding] = []
    records: list[Record] = []
    for line in registry.lines():
        try:
            records.append(decode(line.text))
        except ReleaseError as error:
            findings.append(Finding("", "", line.place, "schema", error.what))
    findings += _contents(records)
    for history in by_model(records).values():
        for manifest in history.manifests.values():
            findings += _manifest(registry, manifest, manifest.version in history.expired)
        if history.pins and history.pins[-1].version is not None and history.pinned is None:
            pin = history.pins[-1]
            findings.append(Finding(pin.model, pin.version or "", "releases", "pin", "no version that passed"))
    return findings


def _contents(records: list[Record]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Manifest] = {}
    for record in records:
        if isinstance(record, Manifest):
            known = seen.setdefault((record.model, record.version), record)
            if known is not record:
                contents = "one content" if known == record else "two contents"
                message = f"the version stands in the log twice, with {contents}"
                yield Finding(record.model, record.version, "releases", "version", message)


def _manifest(registry: Registry, manifest: Manifest, expired: bool) -> Iterator[Finding]:
    def finding(problem: str, message: str) -> Finding:
        return Finding(manifest.model, manifest.version, manifest.path, problem, message)

    if manifest.feature_digest != digest(manifest.features):
        yield finding("digest", "the digest is not that of the feature description")
    if expired or not manifest.passed:
        return
    try:
        data = registry.read(manifest.path)
    except ReleaseError as error:
        yield finding("path", error.what)
        return
    except OSError as error:
        yield finding("missing", f"the file cannot be read ({error})")
        return
    if len(data) != manifest.size:
        yield finding("size", f"{len(data)} bytes instead of {manifest.size}")
    if hashlib.sha256(data).hexdigest() != manifest.sha256:
        yield finding("sha256", "the content is not what the manifest says")
        return
    yield from (finding(problem, message) for problem, message in _scores(manifest, data))


def _scores(manifest: Manifest, data: bytes) -> Iterator[tuple[str, str]]:
    try:
        elsewhere = external_tensors(data)
        if elsewhere:
            names = ", ".join(elsewhere[:_NAMED])
            yield "external", f"{len(elsewhere)} tensors lie in other files, which nothing vouches for: {names}"
            return
        opened = runtime.session(data)
        declared = [(tensor.name, tensor.type, tensor.shape) for tensor in manifest.inputs]
        if declared != [(tensor.name, tensor.type, tensor.shape) for tensor in runtime.inputs(opened)]:
            yield "model", "its inputs are not those of the manifest"
        scores = runtime.score(opened, [golden.row for golden in manifest.golden])
    except Exception as error:  # whatever someone else's file makes onnxruntime raise is a finding
        yield "model", f"onnxruntime cannot score it: {str(error)[:300]}"
        return
    expected = np.array([np.nan if golden.score is None else golden.score for golden in manifest.golden])
    if not len(expected):
        yield "golden", "there are no golden rows"
    for i in np.flatnonzero(deviation(scores, expected) > 1.0):
        yield "golden", f"golden row {i} scores {float(scores[i])!r} instead of {manifest.golden[i].score!r}"
