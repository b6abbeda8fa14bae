"""How far a job has come, by the counts that its stages keep in their state and commit with its checkpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from jobs.monitor.curve import Windows, together
from jobs.monitor.documents import Counts, ItemCounts, Learning
from jobs.monitor.drift import drift_of
from jobs.monitor.tail import Tail
from jobs.monitor.throughput import Throughput
from udfs.evaluation.merge import Figures, merged
from udfs.quality.switch import AFTER, BEFORE


@dataclass(frozen=True)
class ModelProgress:
    """What a model has learned, over its partitions.

    Attributes:
        examples: how many examples it has learned.
        failed: examples on which the stage raised.
        refused_keys: examples of key values beyond the most that may have parameters.
        not_learned: examples outside of the window in which it learns; None without one.
        breaker: what the circuit breaker did; None without one, and one is there only where there is one partition.
        anomalies: examples by what filters found wrong with them.
        progressive: by clock, the figures of progressive validation.
        curve: by clock, the figures of past windows, in order.
        drift: by watched stream, what its detectors tell.
        items: what the rules about its items found, where it has any: of the examples that came how many failed, and
            by rule how many were dropped, quarantined or only suspected.
    """

    examples: int = 0
    failed: int = 0
    refused_keys: int = 0
    not_learned: int | None = None
    breaker: Mapping[str, Any] | None = None
    anomalies: Mapping[str, int] = field(default_factory=dict)
    progressive: Mapping[str, Figures] = field(default_factory=dict)
    curve: Mapping[str, list[Figures]] = field(default_factory=dict)
    drift: Mapping[str, Any] = field(default_factory=dict)
    items: Mapping[str, Any] = field(default_factory=dict)


class Progress:
    """Absorbs the documents of a job, in any order, each any number of times.

    Counts are cumulative, so of each bucket or partition only the newest document counts: that of the newest start
    (``epoch``), and there the one that counted most. A start from an older savepoint thus takes counts back; until a
    key has told of the new start, its count of the start before stands in.

    Args:
        best: the best possible AUC of models, where somebody knows it; it stands beside theirs.

    Attributes:
        committed_at: when the newest document was written, seconds since 1970; None before the first.
    """

    def __init__(self, best: Mapping[str, float] | None = None) -> None:
        self._best: dict[str, Figures] = {model: {"best.auc": auc} for model, auc in (best or {}).items()}
        self.committed_at: float | None = None
        self._counts: dict[int, Counts] = {}
        self._learning: dict[tuple[str, int], Learning] = {}
        self._items: dict[tuple[str, int], ItemCounts] = {}
        self._windows: dict[tuple[str, int], Windows] = {}
        self._throughput = Throughput()
        self._epoch = -1

    def follow(self, tail: Tail) -> list[dict[str, Any]]:
        """Absorb what is new in a folder and return it."""
        documents = tail.read()
        self.absorb(documents)
        self.committed_at = tail.committed_at
        return documents

    def absorb(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Take documents; those of other stages, or without a key, tell nothing here."""
        for document in documents:
            if "key" not in document:
                continue
            if document.get("stage") == "user":
                self._count(msgspec.convert(document, Counts))
            elif document.get("stage") == "train":
                self._learn(msgspec.convert(document, Learning))
            elif document.get("stage") == "item":
                self._count_items(msgspec.convert(document, ItemCounts))

    def _count(self, document: Counts) -> None:
        held = self._counts.get(document.key)
        if held is None or document.order > held.order:
            self._counts[document.key] = document
        if self._is_newest(document.epoch):
            self._throughput.add(document.key, document.now, document.read)

    def _count_items(self, document: ItemCounts) -> None:
        held = self._items.get((document.model, document.key))
        if held is None or document.order > held.order:
            self._items[document.model, document.key] = document

    def _learn(self, document: Learning) -> None:
        name = (document.model, document.key)
        held = self._learning.get(name)
        if held is None or document.order > held.order:
            self._learning[name] = document
        self._windows.setdefault(name, Windows()).add(document)
        if self._is_newest(document.epoch):
            self._throughput.saw(document.now)

    def _is_newest(self, epoch: int) -> bool:
        if epoch > self._epoch:
            self._epoch, self._throughput = epoch, Throughput()
        return epoch == self._epoch

    @property
    def epoch(self) -> int:
        """Return the newest start that told anything, -1 before the first."""
        return self._epoch

    @property
    def read(self) -> int:
        """Return how many events were read."""
        return sum(counts.read for counts in self._counts.values())

    @property
    def accepted(self) -> int:
        """Return how many events were good and new."""
        return sum(counts.accepted for counts in self._counts.values())

    @property
    def duplicates(self) -> int:
        """Return how many events had been there before."""
        return sum(counts.duplicates for counts in self._counts.values())

    @property
    def rejected(self) -> dict[str, int]:
        """Return how many events were bad, by reason, the commonest first."""
        return _commonest(counts.rejected for counts in self._counts.values())

    @property
    def anomalous(self) -> dict[str, int]:
        """Return how many events of bots were dropped, by rule, the commonest first."""
        return _commonest(counts.anomalous for counts in self._counts.values())

    @property
    def suspected(self) -> dict[str, int]:
        """Return how many accepted events are of users who look like bots, by rule, the commonest first."""
        return _commonest(counts.suspected for counts in self._counts.values())

    @property
    def events(self) -> dict[str, Any]:
        """Return read, accepted, duplicates and rejected; where there are any, anomalous, suspected and skipped too."""
        found = {"anomalous": self.anomalous, "suspected": self.suspected, "skipped": self.skipped}
        counts = {name: getattr(self, name) for name in ("read", "accepted", "duplicates", "rejected")}
        return counts | {name: counts for name, counts in found.items() if counts}

    @property
    def skipped(self) -> dict[str, int]:
        """Return how many events stood on the wrong side of the switch between archive and topics, by reason."""
        reasons = {
            AFTER: sum(counts.after_switch for counts in self._counts.values()),
            BEFORE: sum(counts.before_switch for counts in self._counts.values()),
        }
        return {reason: n for reason, n in reasons.items() if n}

    @property
    def checksum(self) -> str:
        """Return the checksum of the ids of all accepted events: the same whatever the order and the buckets."""
        return f"{sum(int(counts.checksum, 16) for counts in self._counts.values()) % 2**64:016x}"

    @property
    def remembered(self) -> int:
        """Return how many ids the dedup windows hold."""
        return sum(counts.remembered for counts in self._counts.values())

    @property
    def forgotten(self) -> int:
        """Return how many ids left the dedup windows early because they were full."""
        return sum(counts.forgotten for counts in self._counts.values())

    @property
    def joined(self) -> dict[str, int]:
        """Return what became of impressions and feedback; empty where nothing is joined."""
        return dict(sorted(_sum(counts.joined for counts in self._counts.values()).items()))

    @property
    def offsets(self) -> dict[str, int]:
        """Return the highest offset seen of each source partition."""
        highest: dict[str, int] = {}
        for counts in self._counts.values():
            for partition, offset in counts.offsets.items():
                highest[partition] = max(offset, highest.get(partition, offset))
        return dict(sorted(highest.items()))

    @property
    def models(self) -> dict[str, ModelProgress]:
        """Return what each model has learned, by name."""
        return {model: self._model(model) for model in sorted({model for model, _ in self._learning})}

    def _model(self, model: str) -> ModelProgress:
        names = sorted(name for name in self._learning if name[0] == model)
        parts = [self._learning[name] for name in names]
        known = {clock for part in parts for clock in part.progressive}
        clocks = sorted(known, key=lambda clock: (clock != "fresh", clock))
        curves = {clock: [self._curve(name, clock) for name in names] for clock in clocks}
        return ModelProgress(
            examples=sum(part.examples for part in parts),
            failed=sum(part.failed for part in parts),
            refused_keys=sum(part.refused_keys for part in parts),
            not_learned=_total([part.not_learned for part in parts]),
            breaker=next((part.breaker for part in parts if part.breaker is not None), None),
            anomalies=_sum(part.anomalies for part in parts),
            progressive={clock: self._figures(model, clock, parts) for clock in clocks},
            curve={
                clock: [self._beside(model, clock) | window for window in together(curves[clock])] for clock in clocks
            },
            drift=drift_of(parts),
            items=_items([counts for (name, _), counts in sorted(self._items.items()) if name == model]),
        )

    def _figures(self, model: str, clock: str, parts: Sequence[Learning]) -> Figures:
        return self._beside(model, clock) | merged([p.progressive[clock] for p in parts if clock in p.progressive])

    def _beside(self, model: str, clock: str) -> Figures:
        return self._best.get(model, {}) if clock == "fresh" else {}

    def _curve(self, name: tuple[str, int], clock: str) -> list[Figures]:
        curve = self._learning[name].curve
        return curve.get(clock, []) if curve is not None else self._windows[name].curve(clock)

    @property
    def throughput(self) -> list[tuple[float, int]]:
        """Return (seconds, events read), both since the newest start."""
        return self._throughput.points()

    @property
    def steady_events_per_s(self) -> float | None:
        """Return the rate of the newest start without its beginning and end, None when it was too short to tell."""
        return self._throughput.steady_events_per_s()

    @property
    def recent_events_per_s(self) -> float | None:
        """Return the mean rate over the last ten seconds of ingest time that are committed."""
        return self._throughput.recent_events_per_s()


def _sum(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for counts in counted:
        total.update(counts)
    return dict(total)


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _items(parts: Sequence[ItemCounts]) -> dict[str, Any]:
    if not parts:
        return {}
    sums = {
        name: sum(getattr(part, name) for part in parts) for name in ("examples", "failed", "remembered", "forgotten")
    }
    by_rule = {
        name: _commonest(getattr(part, name) for part in parts) for name in ("anomalous", "quarantined", "suspected")
    }
    behaviour = _sum(part.behaviour for part in parts)
    return sums | by_rule | ({"behaviour": behaviour} if behaviour else {})


def _commonest(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
