"""The stage of one model's releases: merge what partitions sent, export, check, name a version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np

from udfs import __version__
from udfs.decode.layout import Layout
from udfs.errors import HeadraceError
from udfs.evaluation.merge import merged
from udfs.features import Space
from udfs.features.rows import batch_of_rows
from udfs.frames import Frame, Kind
from udfs.learners import make
from udfs.learners.learner import Frozen
from udfs.releases import runtime
from udfs.releases.changes import Changes
from udfs.releases.check import parity
from udfs.releases.export import export
from udfs.releases.golden import candidates, golden_rows
from udfs.releases.graph import Keys
from udfs.releases.manifest import Breaker, Manifest, Tensor, Verdict, encode, model_path, version_of
from udfs.schema import Clean, History, Plan
from udfs.stages.chunks import join
from udfs.stages.ends import Ends
from udfs.stages.parts import load_arrays
from udfs.stages.stage import Output, Route
from udfs.types import F64

CODE_VERSION = f"headrace {__version__}"
_INVENTED = 64


class ReleaseStage:
    """Takes the weights of one model; puts out model files and manifests."""

    name: ClassVar[str] = "release"
    version: ClassVar[int] = 3

    def __init__(self, layout: Layout, index: int) -> None:
        self._layout, self._index, self._model = layout, index, layout.models[index]
        self._space = Space.of(layout.features, self._model.features)
        self._learner = make(self._model, self._space)
        self._clean = _cleaning(layout.plan)
        self._latest: dict[int, list[bytes]] = {}
        self._arriving: dict[int, list[bytes]] = {}
        self._examples: dict[int, int] = {}
        self._published_examples = 0
        self._n: dict[int, int] = {}
        self._parent: str | None = None
        self._changes = Changes()
        self._broken: dict[str, int] = {}
        self._ends = Ends()

    def process(self, frame: Frame) -> Iterator[Output]:
        """Take one frame."""
        if frame.kind == Kind.WEIGHTS:
            if self._collect(frame) and self._due():
                yield from self._publish()
        elif frame.kind == Kind.END and self._ends.complete(frame):
            if sum(self._examples.values()) > self._published_examples:
                yield from self._publish()
            yield self._ended()

    def _ended(self) -> Output:
        """Tell that nothing more comes: whoever sees this committed knows that the whole run is."""
        epoch, name = self._layout.plan.epoch, self._model.name
        document = {"stage": self.name, "epoch": epoch, "key": self._index, "model": name, "ended": True}
        return Output(Route.REPORT, 0, msgspec.json.encode(document, order="sorted"))

    def memo(self, frame: Frame) -> Frame:
        """Return the frame: everything of it is kept."""
        return frame

    def _collect(self, frame: Frame) -> bool:
        """Keep a chunk; return whether its partition's weights are complete with it."""
        partition = frame.meta["partition"]
        if frame.meta["chunk"] == 0:
            self._arriving[partition] = []
        chunks = self._arriving[partition]
        chunks.append(frame.columns["data"].tobytes())
        if len(chunks) < frame.meta["chunks"]:
            return False
        del self._arriving[partition]
        self._latest[partition] = join(chunks, frame.meta["lengths"])
        self._examples[partition] = msgspec.json.decode(self._latest[partition][0])["meta"]["examples"]
        return True

    def _due(self) -> bool:
        if self._model.partitions == 1:
            return True
        return sum(self._examples.values()) - self._published_examples >= self._model.snapshot_examples

    def _publish(self) -> Iterator[Output]:
        self._published_examples = sum(self._examples.values())
        metas: list[dict[str, Any]] = []
        values: list[str] = []
        frozen: list[Frozen] = []
        for partition in sorted(self._latest):
            meta, arrays = load_arrays(self._latest[partition])
            metas.append(meta)
            for i, value in enumerate(meta["values"]):
                values.append(value)
                prefix = f"{i}."
                frozen.append({k[len(prefix) :]: a for k, a in arrays.items() if k.startswith(prefix)})
        epoch = self._layout.plan.epoch
        self._n = {epoch: self._n.get(epoch, 0) + 1}
        version = version_of(epoch, self._n[epoch])
        keys = Keys(self._model.keyed_by, tuple(values)) if self._model.keyed_by else None
        data, verdict = self._export(frozen, keys, metas)
        path = model_path(self._model.name, hashlib.sha256(data).hexdigest())
        if data:
            yield Output(Route.FILE, 0, data, path)
        manifest = self._manifest(version, data, verdict, keys, metas)
        yield Output(Route.RELEASE, 0, encode(manifest))
        if manifest.passed:
            self._parent = version
            self._changes.published(metas)
            self._broken = _broken(metas)

    def _export(self, frozen: list[Frozen], keys: Keys | None, metas: list[dict[str, Any]]) -> tuple[bytes, Verdict]:
        rows = [row for meta in metas for row in meta["rows"]]
        scores = np.array([score for meta in metas for score in meta["scores"]])
        try:
            data = export(self._learner, frozen, keys)
        except HeadraceError as error:
            return b"", Verdict(result="refused", reason=str(error)[:300])
        if not rows:
            rows, scores = self._invented(frozen[0], keys)
        return data, parity(data, rows, scores)

    def _invented(self, frozen: Frozen, keys: Keys | None) -> tuple[list[Any], F64]:
        """Return invented rows and the learner's scores: for a stream too short to have a real row ride along."""
        rows = [dict(row) for row in candidates(self._space.features, keys, _INVENTED)]
        if keys is not None:
            rows = [{**row, keys.field: keys.values[0]} for row in rows]
        return rows, self._learner.predict(frozen, batch_of_rows(self._space, rows))

    def _manifest(
        self, version: str, data: bytes, verdict: Verdict, keys: Keys | None, metas: list[dict[str, Any]]
    ) -> Manifest:
        opened = runtime.session(data) if data else None
        sha256 = hashlib.sha256(data).hexdigest()
        offsets: dict[str, int] = {}
        for meta in metas:
            for part, offset in meta["offsets"].items():
                offsets[part] = max(offset, offsets.get(part, -1))
        metrics: dict[str, Any] = {
            clock: merged([meta["metrics"][clock] for meta in metas]) for clock in metas[0]["metrics"]
        }
        return Manifest(
            model=self._model.name,
            version=version,
            parent=self._parent,
            sha256=sha256,
            size=len(data),
            path=model_path(self._model.name, sha256),
            learner=self._model.learner,
            keyed_by=self._model.keyed_by,
            inputs=tuple(self._cleaned(tensor) for tensor in runtime.inputs(opened)) if opened else (),
            outputs=runtime.outputs(opened) if opened else (),
            features=self._space.features,
            feature_digest=self._space.features.digest(),
            event_time=max((meta["event_time"] for meta in metas), default=None),
            offsets={part: offset for part, offset in offsets.items() if offset >= 0},
            examples=self._published_examples,
            metrics=metrics,
            drift=self._changes.since_parent(metas),
            verdict=verdict,
            golden=golden_rows(data, self._space.features, keys) if data else (),
            breaker=self._breaker(metas),
            code=CODE_VERSION,
            ingest_time=max(meta["now"] for meta in metas),
        )

    def _breaker(self, metas: list[dict[str, Any]]) -> Breaker | None:
        if self._model.breaker is None:
            return None
        since = {name: max(0, n - self._broken.get(name, 0)) for name, n in _broken(metas).items()}
        return Breaker(open=any(meta["breaker"]["open"] for meta in metas if meta["breaker"]), **since)

    def _cleaned(self, tensor: Tensor) -> Tensor:
        clean: Clean | None = self._clean.get(tensor.name) if tensor.type == "string" else None
        return msgspec.structs.replace(tensor, clean=clean)

    def dump(self) -> Iterator[bytes | memoryview]:
        """Yield what was published, then the newest weights of every partition, then chunks still arriving."""
        meta = [
            self._published_examples,
            list(self._n.items()),
            self._parent,
            self._broken,
            self._ends.dump(),
            list(self._examples.items()),
            [(partition, len(parts)) for partition, parts in self._latest.items()],
            [(partition, len(chunks)) for partition, chunks in self._arriving.items()],
            self._changes.dump(),
        ]
        yield msgspec.json.encode(meta)
        for held in (self._latest, self._arriving):
            for parts in held.values():
                yield from parts

    def load(self, parts: Sequence[bytes | memoryview]) -> None:
        """Take what ``dump`` yielded."""
        published, n, self._parent, self._broken, ends, *held, changes = msgspec.json.decode(parts[0])
        examples, latest, arriving = held
        self._changes.load(changes)
        self._ends.load(ends)
        self._published_examples, self._n, self._examples = published, dict(n), dict(examples)
        at = 1
        for kept, described in ((self._latest, latest), (self._arriving, arriving)):
            for partition, count in described:
                kept[partition] = [bytes(part) for part in parts[at : at + count]]
                at += count


def _broken(metas: list[dict[str, Any]]) -> dict[str, int]:
    """Return what circuit breakers counted since their beginning."""
    counted = [meta["breaker"] for meta in metas if meta["breaker"] is not None]
    return {name: sum(breaker[name] for breaker in counted) for name in ("trips", "discarded")}


def _cleaning(plan: Plan) -> dict[str, Clean]:
    """Return how the strings of each input are cleaned; those of a history as the field that they come from."""
    fields = {field.name: field.clean for event in plan.events for field in event.fields}
    histories = {name: one.field for name, one in plan.features.features.items() if isinstance(one, History)}
    return fields | {name: fields[field] for name, field in histories.items()}


def make_release_stage(plan: Plan, key: int) -> ReleaseStage:
    """Return the stage of one model, numbered in the order of the models."""
    return ReleaseStage(Layout.of(plan), key)
