"""``python -m benchmarks.quality.late``: what late feedback and early positives do to a model, beside the truth.

A shop whose traffic has a daily wave. First a fifth of the clicks come after the window of half an hour; then all come
within it, of two hours, half of them after minutes, and positives leave at once or not. Figures are of the score that
the model had for an impression when it was shown, by day: the sum of scores over the sum of true probabilities, the AUC
against what was clicked, and the least and greatest ratio of the sums in three hours; then of what left in three hours,
the weight of positives over what there truly are for so many negatives.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import yaml

from benchmarks.quality.guards import auc
from benchmarks.quality.lanes import users
from benchmarks.quality.shop import EXAMPLE
from jobs.config.configuration import Configuration, parse
from simulator.delays import Delays
from simulator.files import to_files
from simulator.population import Population
from simulator.simulation import Simulation
from udfs.decode.layout import Layout
from udfs.features import Space
from udfs.features.assemble import Assembler
from udfs.frames import Frame, Kind, decode
from udfs.frames.concat import concat
from udfs.joining.late_share import LateShare, counted, in_turn
from udfs.learners import make
from udfs.stages.selector import number_names
from udfs.stages.stage import Route
from udfs.types import F64, I64, Bool

DAYS: Final = 4
_DAY: Final = 86_400_000
_HOURS: Final = 10_800_000
_LINE = re.compile(rb'"impression_id":"m[0-9a-f]+-(\d+)","query_id"')


class Policy(NamedTuple):
    """How a label is made, from feedback that comes with which delays; ``unweighted`` leaves weights out."""

    name: str
    label: dict[str, Any]
    delays: Delays
    unweighted: bool = False


_LATE: Final = Delays(slow=0.2, beyond=0.2)
_IN_TIME: Final = Delays(slow=0.5, beyond=0.0)
POLICIES: Final = (
    Policy("ignore", {"window": "30m"}, _LATE),
    Policy("fake_negative_weighted", {"window": "30m", "late": "fake_negative_weighted"}, _LATE),
    Policy("reverse", {"window": "30m", "late": "reverse"}, _LATE),
    Policy("at the window's end", {"window": "2h"}, _IN_TIME),
    Policy("early_positives", {"window": "2h", "early_positives": True}, _IN_TIME),
    Policy("early, not weighted", {"window": "2h", "early_positives": True}, _IN_TIME, True),
)


def configuration(label: dict[str, Any]) -> Configuration:
    """Return the example with one model, of a label that is made so; read in small pieces, as a stream comes."""
    tree = yaml.safe_load(EXAMPLE.read_text())
    tree["join"]["feedback"] = {"click": {"by": "impression_id", "within": "1d"}}
    tree["join"]["labels"] = {"clicked": {"feedback": "click", **label}}
    # Where positives leave early an hour's are learned before its negatives, which its weight would follow.
    features = [name for name in tree["features"] if name != "hour"]
    tree["models"] = {"ctr": {**tree["models"]["ctr"], "features": features}}
    tree["time"]["lateness"] = "1m"
    tree["runtime"] = {"buckets": 1, "parallelism": 1, "read_size": "16KiB"}
    return parse(yaml.safe_dump(tree, sort_keys=False), {})


def numbers_of(folder: Path) -> dict[tuple[str, int], int]:
    """Return the number of each impression by its file and byte."""
    numbers: dict[tuple[str, int], int] = {}
    for path in sorted(folder.glob("*.ndjson")):
        at = 0
        for line in path.read_bytes().splitlines(keepends=True):
            if (found := _LINE.search(line)) is not None:
                numbers[str(path), at] = int(found[1])
            at += len(line)
    return numbers


def examples(policy: Policy, folder: Path) -> Iterator[Frame]:
    """Yield the example frames of the model in the order in which they leave."""
    for output in users(configuration(policy.label), folder):
        if output.route == Route.NEXT and (frame := decode(output.payload)).kind == Kind.EXAMPLES:
            if policy.unweighted:
                frame.columns["weight"] = np.ones(frame.n)
            yield frame


class Truth(NamedTuple):
    """Of each impression by its number, when it was shown and clicked (-1: never), and how probable a click was."""

    time: I64
    click: I64
    probability: F64

    @classmethod
    def read(cls, folder: Path) -> Truth:
        """Read what the simulator wrote."""
        return cls(*(np.load(folder / f"{name}.npy") for name in ("time", "click_time", "click_probability")))


class Learned(NamedTuple):
    """What was learned from, in order.

    Attributes:
        impression: int64 (n,): the impression's number.
        label: float64 (n,).
        weight: float64 (n,).
        left: int64 (n,): when it left, milliseconds.
        counted: bool (n,): whether it left for the first time.
        shown: int64 (m,): the numbers of all impressions, in the order of their time.
        score: float64 (m,): the score of each when it was shown.
    """

    impression: I64
    label: F64
    weight: F64
    left: I64
    counted: Bool
    shown: I64
    score: F64


def learn(policy: Policy, folder: Path, truth: Truth) -> Learned:
    """Learn as [train] does; before a frame, score what was shown before it left."""
    described = configuration(policy.label)
    plan = described.plan(1, True)
    layout, model = Layout.of(plan), plan.models[0]
    space = Space.of(layout.features, model.features)
    numbers = number_names(layout, model)
    assembler, learner, late = Assembler(space, layout.singles, numbers), make(model, space), LateShare(plan, model)
    state, places, frames = learner.init(), numbers_of(folder), list(examples(policy, folder))
    impressions = [_impressions(frame, places) for frame in frames]
    window = described.join.labels["clicked"].window // 1000 if described.join else 0
    left = [
        np.where(in_turn(frame), truth.time[at] + window, truth.click[at])
        for frame, at in zip(frames, impressions, strict=True)
    ]
    once = [counted(frame) for frame in frames]
    pool, shown = _pool(frames), np.concatenate([at[first] for at, first in zip(impressions, once, strict=True)])
    order = np.argsort(truth.time[shown], kind="stable")
    pool, shown = pool.pick(order), shown[order]
    scores, start = np.empty(pool.n), 0
    for frame, moments in zip(frames, left, strict=True):
        stop = max(start, int(np.searchsorted(truth.time[shown], moments.max())))
        if stop > start:
            scores[start:stop] = learner.score(state, assembler.batch(pool.slice(start, stop)))
        learner.learn(state, assembler.batch(late.noted(frame)))
        start = stop
    scores[start:] = learner.score(state, assembler.batch(pool.slice(start, pool.n)))
    label, weight = (np.concatenate([frame.columns[name] for frame in frames]) for name in ("label", "weight"))
    order = np.concatenate(left)
    return Learned(np.concatenate(impressions), label, weight, order, np.concatenate(once), shown, scores)


def _impressions(frame: Frame, places: dict[tuple[str, int], int]) -> I64:
    names = (frame.meta["parts"][part] for part in frame.columns["part"].tolist())
    return np.array([places[place] for place in zip(names, frame.columns["offset"].tolist(), strict=True)])


def _pool(frames: list[Frame]) -> Frame:
    """Return every impression once, without what only some frames have."""
    pieces = []
    for frame in frames:
        columns = {name: column for name, column in frame.columns.items() if name not in ("turn", "index")}
        ragged = {name: column for name, column in frame.ragged.items() if name != "sample"}
        whole = Frame(frame.kind, frame.n, frame.meta, columns, ragged)
        pieces.append(whole.pick(np.flatnonzero(counted(frame))))
    return concat(pieces)


def _spread(bins: I64, ours: F64, truth: F64) -> tuple[float, float]:
    """Return the least and greatest ratio of the sums in bins that hold enough of the truth to tell."""
    sums = np.bincount(bins, ours), np.bincount(bins, truth)
    ratios = sums[0][sums[1] > 50] / sums[1][sums[1] > 50]
    return float(ratios.min()), float(ratios.max())


def figures(policy: Policy, folder: Path, truth: Truth) -> dict[str, Any]:
    """Return calibration and AUC by day, and the spread of scores and of what was learned from after the first day."""
    found, start = learn(policy, folder, truth), int(truth.time.min())
    since, probability = truth.time[found.shown] - start, truth.probability[found.shown]
    days = since // _DAY
    inner = (days >= 1) & (days < DAYS)
    left = found.left - start
    # What leaves in the end has nothing beside it.
    later = (left >= _DAY) & (left < DAYS * _DAY)
    odds = truth.probability[found.impression]
    positives = np.where((found.label == 0.0) & found.counted, odds / (1.0 - odds), 0.0)
    clicked = truth.click[found.shown] >= 0
    return {
        "calibration": [float(found.score[days == d].sum() / probability[days == d].sum()) for d in range(DAYS)],
        "auc": [auc(found.score[days == d], clicked[days == d]) for d in range(DAYS)],
        "scores": _spread(since[inner] // _HOURS, found.score[inner], probability[inner]),
        "learned": _spread(left[later] // _HOURS, (found.weight * found.label)[later], positives[later]),
    }


def run(impressions: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the figures of each policy."""
    with tempfile.TemporaryDirectory() as name:
        for policy in POLICIES:
            folder, truth = (Path(name) / f"{kind}-{policy.delays.beyond}" for kind in ("shop", "truth"))
            if not folder.exists():
                population = Population(users=5_000, items=1_000)
                shop = Simulation(
                    impressions=impressions, days=DAYS, partitions=1, population=population, delays=policy.delays
                )
                to_files(shop, folder, truth)
            yield policy.name, figures(policy, folder, Truth.read(truth))


if __name__ == "__main__":
    impressions = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    heads = [f"day {day + 1}" for day in range(DAYS)]
    print(f"{'':24}" + "".join(f"{head:>8}" for head in [*heads, *heads, "scores", "", "learned", ""]))
    for name, found in run(impressions):
        row = [*found["calibration"], *found["auc"], *found["scores"], *found["learned"]]
        print(f"{name:24}" + "".join(f"{value:8.3f}" for value in row), flush=True)
