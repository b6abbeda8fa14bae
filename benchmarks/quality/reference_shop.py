"""``python -m benchmarks.quality.reference_shop``: how near the job comes to the best possible AUC.

The reference shop without faults goes through the job's own reading and ``[user]``. One model learns its examples one
by one, as they come. The other is a batch fit: the same learner passes over nine tenths of the same examples several
times, and is judged on the last tenth without learning it. The best possible AUC is that of the true probabilities for
the same labels. Calibration is the sum of predictions over the sum of labels, of the first model, by day.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.quality.guards import auc
from benchmarks.quality.shop import EXAMPLE
from jobs.config import load
from jobs.config.configuration import Configuration
from simulator.files import to_files
from simulator.reference import PRESETS, none
from udfs.decode.layout import Layout
from udfs.features import Batch, Space
from udfs.features.assemble import Assembler
from udfs.frames import Kind, decode
from udfs.learners import make
from udfs.stages.selector import number_names
from udfs.stages.stage import Route
from udfs.types import F64, I64

PASSES: Final = (1, 2, 3, 5)
_DAY: Final = 86_400_000_000


def batches(configuration: Configuration, folder: Path) -> Iterator[Batch]:
    """Yield the examples of the first model, in the order in which they leave [user]."""
    from benchmarks.quality.lanes import users

    layout = Layout.of(configuration.plan(1, True))
    model = layout.models[0]
    numbers = number_names(layout, model)
    assembler = Assembler(Space.of(layout.features, model.features), layout.singles, numbers)
    for output in users(configuration, folder):
        if output.route == Route.NEXT and output.key == 0:
            frame = decode(output.payload)
            if frame.kind == Kind.EXAMPLES:
                yield assembler.batch(frame)


def possible(truth: Path, last: int, window: int) -> tuple[float, int]:
    """Return the best possible AUC of the last impressions, and when they begin, microseconds.

    Args:
        truth: the simulator's.
        last: how many impressions.
        window: milliseconds within which a click counts.
    """
    time, click, score = (np.load(truth / f"{name}.npy") for name in ("time", "click_time", "click_probability"))
    begins = int(np.partition(time, len(time) - last)[len(time) - last])
    chosen = time >= begins
    return auc(score[chosen], (click[chosen] >= 0) & (click[chosen] - time[chosen] <= window)), begins * 1000


def judged(scores: F64, label: F64, time: I64) -> dict[str, Any]:
    """Return impressions and calibration of each day from the first impression on; least and greatest of whole days."""
    since = time - time.min()
    days = since // _DAY
    told = [
        {"impressions": int(mine.sum()), "calibration": float(scores[mine].sum() / label[mine].sum())}
        for mine in (days == day for day in np.unique(days))
    ]
    whole = [one["calibration"] for one in told[: int((since.max() + 1) // _DAY)]]
    return {"days": told, "least": min(whole), "greatest": max(whole)}


def run(impressions: int) -> dict[str, Any]:
    """Simulate, join, fit both ways, compare on the last tenth."""
    configuration = load(EXAMPLE)
    plan = configuration.plan(1, True)
    assert plan.join is not None
    with tempfile.TemporaryDirectory() as name:
        folder, truth = Path(name) / "shop", Path(name) / "truth"
        to_files(none(replace(PRESETS["reference"], impressions=impressions)), folder, truth)
        found = list(batches(configuration, folder))
        best, begins = possible(truth, impressions // 10, plan.join.labels[0].window // 1000)
    space = Space.of(Layout.of(plan).features, plan.models[0].features)
    online = make(plan.models[0], space)
    state = online.init()
    scores = np.concatenate([online.learn(state, batch) for batch in found])
    time, label = (np.concatenate([getattr(batch, name) for batch in found]) for name in ("time", "label"))
    late = time >= begins
    mine = best - auc(scores[late], label[late] > 0)
    fits: dict[int, float] = {}
    fitted = make(plan.models[0], space)
    weights = fitted.init()
    for done in range(1, max(PASSES) + 1):
        for batch in found:
            before = int(np.searchsorted(batch.time >= begins, True))
            fitted.learn(weights, batch.slice(0, before))
        if done in PASSES:
            frozen = fitted.freeze(weights)
            fit = np.concatenate([fitted.predict(frozen, batch) for batch in found])
            fits[done] = best - auc(fit[late], label[late] > 0)
    return {
        "examples": len(label),
        "best_auc": best,
        "gap": mine,
        "gap_of_batch_fits": fits,
        "ratio": mine / min(fits.values()),
        "calibration": judged(scores, label, time),
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000), indent=2))
