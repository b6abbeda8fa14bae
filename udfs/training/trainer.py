"""Has a model's examples learned in order, watches how that goes, and lets the model forget when it goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from udfs.augment.augmenter import Augmenter
from udfs.augment.unshown import UnshownItems
from udfs.drift.monitor import Monitor
from udfs.drift.state import below
from udfs.features import Batch
from udfs.frames import Frame
from udfs.learners.learner import Learner, State
from udfs.schema import Drift, Model, digest
from udfs.training.chance import LOT, lots
from udfs.training.negatives import NegativeSampler
from udfs.training.window import LearningWindow
from udfs.types import F64, I64, Arrays, Bool

_EXAMPLES, _WORSE, _DECAYS, _DECAYED = range(4)


class Trainer:
    """Stands between the stage of a model and its learner; without options of its own it only hands on.

    State: ``outside`` int64 (1,), examples outside of the window in which the model learns; where something is watched
    ``counts`` int64 (4,): examples, whether the error changed for the worse since the last decision, decays, and the
    examples before the last of them. Below ``drift.``, ``augment.`` and ``augment.unshown.`` the arrays of the
    detectors, of the replay and of the items that were shown, each with ``rules`` uint8 (64,), the digest of what they
    depend on.
    """

    def __init__(self, model: Model, learner: Learner) -> None:
        self._learner, self._drift = learner, model.drift
        self._monitor = Monitor(model.drift, learner.space, learner.task == "binary") if model.drift else None
        self._rules = {name: np.frombuffer(digest(rule).encode(), np.uint8) for name, rule in kept_by(model).items()}
        self._counts = np.zeros(4, np.int64)
        self._window = LearningWindow(model.learns)
        self._negatives = NegativeSampler(model.negatives, model.seed) if model.negatives else None
        self._augmenter = Augmenter(model.augment, learner.space, model.seed)
        unshown, items = model.augment.unshown, learner.items
        self._unshown = UnshownItems(unshown, learner.space, items, model.seed) if unshown else None

    def lots(self, frame: Frame) -> Arrays:
        """Return what takes the place of ids in an example frame: its lots, where anything is left to chance."""
        chance = self._negatives is not None or self._augmenter or self._unshown is not None
        return {LOT: lots(frame)} if chance else {}

    def drawn(self, batch: Batch) -> Batch:
        """Return examples with the items that each positive is learned against, once for each example."""
        return batch if self._unshown is None else replace(batch, unshown=self._unshown.draw(batch))

    def learn(
        self, states: Mapping[str, State], value: str, batch: Batch, first: int, judged: Bool | None = None
    ) -> F64:
        """Learn examples of one key value in order; return the scores (n,), each made before its own was learned.

        Args:
            states: what the model has learned, by key value.
            value: theirs.
            batch: the examples, as ``drawn`` returned them.
            first: how many examples of the model were judged before them.
            judged: bool (n,): which of them are, and are watched; None for all.
        """
        if self._drift is None or self._monitor is None:
            return self._learn(states[value], batch)
        scores = np.empty(len(batch))
        start = 0
        while start < len(batch):
            # What a decay changes must not depend on how the stream was cut, so decisions stand at fixed counts.
            stop = min(len(batch), start + self._drift.every - int(self._counts[_EXAMPLES]) % self._drift.every)
            part = batch.slice(start, stop)
            scores[start:stop] = self._learn(states[value], part)
            watched = None if judged is None else judged[start:stop]
            self._counts[_WORSE] |= self._monitor.observe(scores[start:stop], part, first, watched)
            first += stop - start if watched is None else int(np.count_nonzero(watched))
            self._counts[_EXAMPLES] += stop - start
            if self._counts[_EXAMPLES] % self._drift.every == 0:
                self._decide(self._drift, states, self.learns(part.time[-1:]))
            start = stop
        return scores

    def learns(self, time: I64) -> bool:
        """Return whether any of the examples with these event times (n,) is learned, microseconds since 1970."""
        return bool(self._window.holds(time).any())

    def _learn(self, state: State, batch: Batch) -> F64:
        weight = batch.weight if self._negatives is None else self._negatives.weights(batch)
        weight = self._window.weights(weight, batch.time)
        if weight is not batch.weight:
            batch = replace(batch, weight=weight)
        if not self._augmenter:
            return self._learner.learn(state, batch)
        rows = self._augmenter.rows(batch)
        scores: F64 = self._learner.learn(state, rows.batch)[rows.place]
        return scores

    def _decide(self, drift: Drift, states: Mapping[str, State], learning: bool) -> None:
        """Let all states decay where they learn, the error changed for the worse and the last decay is long ago."""
        examples, worse, decays, decayed = self._counts.tolist()
        self._counts[_WORSE] = 0
        if drift.decay is None or not (learning and worse) or (decays and examples < decayed + drift.rest):
            return
        for state in states.values():
            self._learner.decay(state, drift.decay)
        self._counts[_DECAYS:] = decays + 1, examples

    def report(self) -> dict[str, Any]:
        """Return what is told beside the metrics: ``not_learned`` with a window, ``drift`` by watched stream."""
        told: dict[str, Any] = dict(self._window.report())
        if self._drift is None or self._monitor is None:
            return told
        streams = {name: {**told, "decays": 0} for name, told in self._monitor.report().items()}
        streams[self._drift.of]["decays"] = int(self._counts[_DECAYS])
        return told | {"drift": streams}

    def _parts(self) -> dict[str, Monitor | Augmenter | UnshownItems]:
        parts = {"drift": self._monitor, "augment": self._augmenter, "augment.unshown": self._unshown}
        return {name: part for name, part in parts.items() if part is not None and part.dump()}

    def dump(self) -> Arrays:
        """Return the state; the arrays are live, copy what outlives the next examples."""
        arrays: Arrays = {"outside": self._window.outside}
        arrays |= {} if self._monitor is None else {"counts": self._counts}
        for name, part in self._parts().items():
            arrays[f"{name}.rules"] = self._rules[name]
            arrays |= {f"{name}.state.{key}": array for key, array in part.dump().items()}
        return arrays

    def load(self, arrays: Arrays) -> None:
        """Take what ``dump`` returned; detectors, a replay and a memory of other rules begin anew.

        Raises:
            StateError: the arrays are not those of these rules.
        """
        if "outside" in arrays:
            self._window.outside[:] = arrays["outside"]
        if "counts" in arrays:
            self._counts[:] = arrays["counts"]
        for name, part in self._parts().items():
            rules = arrays.get(f"{name}.rules")
            if rules is not None and np.array_equal(rules, self._rules[name]):
                part.load(below(arrays, f"{name}.state."))


def kept_by(model: Model) -> dict[str, Any]:
    """Return what detectors and memories depend on; by other rules they begin anew, and the model goes on."""
    usual = Drift()
    actions = {"decay": usual.decay, "every": usual.every, "rest": usual.rest}
    drift = None if model.drift is None else msgspec.structs.replace(model.drift, **actions)
    replay, unshown = model.augment.replay, model.augment.unshown
    sizes = {"augment": replay.size if replay else None, "augment.unshown": unshown.size if unshown else None}
    return {"drift": drift, **sizes}
