"""``python -m benchmarks.quality.guards``: what outliers by category and half-space trees find before learning.

Outliers: two in a thousand numbers are a hundred times too large, and for a while all are. Strange examples: two in a
thousand are far from all others, have rare categories, or numbers that contradict each other; the AUC is that of the
score, recall and alarms that of the verdict, which calls one in a thousand strange.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from udfs.quality.anomaly.outlier_options import OutlierOptions
from udfs.quality.anomaly.outliers import Outliers
from udfs.quality.anomaly.strange_examples import StrangeExamples, StrangeOptions
from udfs.types import F64, U32, Bool

_N = 200_000
_QUIET = 20_000

FIELDS: Final[dict[str, tuple[bool, Callable[[np.random.Generator], F64]]]] = {
    "log-normal, ratios": (True, lambda rng: np.exp(rng.normal(3.0, 0.6, _N))),
    "log-normal, differences": (False, lambda rng: np.exp(rng.normal(3.0, 0.6, _N))),
    "normal, differences": (False, lambda rng: rng.normal(100.0, 10.0, _N)),
    "uniform, differences": (False, lambda rng: rng.uniform(0.0, 100.0, _N)),
    "Laplace, differences": (False, lambda rng: rng.laplace(0.0, 10.0, _N)),
}


def outliers(ratios: bool, values: F64, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return recall of single outliers and of a unit that changes a while, and the share of good numbers flagged."""
    single, unit = rng.random(_N) < 0.002, np.zeros(_N, np.bool_)
    single[:_QUIET] = False
    unit[_N * 3 // 4 : _N * 3 // 4 + _N // 40] = True
    spoilt = np.where(single | unit, values * 100.0, values)
    categories = rng.integers(0, 50, _N).astype(np.uint64)
    flagged = Outliers(OutlierOptions(ratios=ratios)).update(categories, spoilt) > 0
    return float(flagged[single].mean()), float(flagged[unit].mean()), float(flagged[~single & ~unit].mean())


def examples(rng: np.random.Generator) -> tuple[F64, U32, Bool]:
    """Return numbers (n, 4), of which the last follows the second, two categories, and which examples to spoil."""
    dense = rng.normal(size=(_N, 4))
    dense[:, 0] = np.exp(3.0 + dense[:, 0])
    dense[:, 3] = dense[:, 1] + 0.1 * dense[:, 3]
    hashes = rng.integers(0, 2**32, 60).astype(np.uint32)
    slots = np.stack([hashes[np.minimum(rng.zipf(1.5, _N), 49)], hashes[50 + rng.integers(0, 10, _N)]], axis=1)
    strange = rng.random(_N) < 0.002
    strange[:_QUIET] = False
    return dense, slots, strange


def _far(dense: F64, slots: U32, rows: Bool, rng: np.random.Generator) -> None:
    dense[rows, 0] *= 100.0
    dense[rows, 1] += 6.0


def _rare(dense: F64, slots: U32, rows: Bool, rng: np.random.Generator) -> None:
    slots[rows] = rng.integers(0, 2**32, (int(rows.sum()), 2))


def _contradicting(dense: F64, slots: U32, rows: Bool, rng: np.random.Generator) -> None:
    dense[rows, 3] *= -1.0


KINDS: Final = {"far": _far, "rare": _rare, "contradicting": _contradicting}


def auc(scores: F64, positive: Bool) -> float:
    """Return the area under the ROC curve of scores without ties."""
    rank = np.argsort(np.argsort(scores))
    k = int(positive.sum())
    return float((rank[positive].sum() - k * (k - 1) / 2) / (k * (len(scores) - k)))


def strange_examples(kind: str, seed: int) -> tuple[float, float, float]:
    """Return AUC, recall, and the share of ordinary examples that are called strange."""
    rng = np.random.default_rng(seed)
    dense, slots, strange = examples(rng)
    KINDS[kind](dense, slots, strange, rng)
    scores, reasons = StrangeExamples(StrangeOptions(), 4, 2).score(dense, slots)
    alarms = reasons[_QUIET:] > 0
    judged = strange[_QUIET:]
    return auc(scores[_QUIET:], judged), float(alarms[judged].mean()), float(alarms[~judged].mean())


if __name__ == "__main__":
    print(f"{'outliers':28}{'single':>10}{'unit':>10}{'good':>10}")
    for field, (ratios, draw) in FIELDS.items():
        rng = np.random.default_rng(1)
        print(f"{field:28}" + "".join(f"{share:10.5f}" for share in outliers(ratios, draw(rng), rng)))
    print(f"{'strange examples':28}{'AUC':>10}{'recall':>10}{'alarms':>10}")
    for kind in KINDS:
        print(f"{kind:28}" + "".join(f"{share:10.5f}" for share in strange_examples(kind, 1)))
