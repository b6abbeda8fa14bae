"""Documents as a small run leaves them: an invented shop, progressive validation by the real thing."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from udfs.evaluation.progressive import Progressive
from udfs.learners.learner import Task
from udfs.releases.history import History, by_model
from udfs.releases.manifest import Manifest, Verdict, model_path, version_of
from udfs.schema import Categorical, FeatureSet
from udfs.types import F64

START = 1_700_000_000_000_000
"""Ingest time of the first event, microseconds."""
SECOND = 1_000_000
_FEATURES = FeatureSet(seed=1, features={"item": Categorical(field="item")})


def read_after(seconds: float, rate: float) -> float:
    """Return the events read after so many seconds: a tenth of the rate for five seconds, then all of it."""
    return rate * (0.1 * min(seconds, 5.0) + max(seconds - 5.0, 0.0))


def counts(rate: float = 800.0, seconds: int = 40, buckets: int = 4, epoch: int = 1) -> list[dict[str, Any]]:
    """Return what buckets tell, each at moments of its own; the last document of each comes late and untimed."""
    documents = []
    for bucket in range(buckets):
        phase = bucket / buckets
        moments = [0.0, *(second + phase for second in range(1, seconds)), float(seconds)]
        for moment in moments:
            final = moment == seconds
            now = START + round((moment if not final else moments[-2]) * SECOND)
            documents.append(bucket_counts(bucket, now, round(read_after(moment, rate / buckets)), epoch))
    return documents


def bucket_counts(bucket: int, now: int, read: int, epoch: int = 1) -> dict[str, Any]:
    """Return one document of a bucket: 1 % duplicates, 0.4 % and 0.2 % of two kinds of rejects."""
    rejected = {"not_json": read // 250, "out_of_range": read // 500}
    duplicates = read // 100
    return {
        "stage": "user",
        "epoch": epoch,
        "key": bucket,
        "now": now,
        "read": read,
        "duplicates": duplicates,
        "accepted": read - duplicates - sum(rejected.values()),
        "rejected": rejected,
        "checksum": f"{read * 0x9E3779B97F4A7C15 % 2**64:016x}",
        "remembered": read // 2,
        "forgotten": 0,
        "offsets": {"clicks/0": read * 7, "clicks/1": read * 5 + bucket},
        "times": {},
    }


def learning(
    model: str = "ctr",
    task: Task = "binary",
    examples: int = 24_000,
    seconds: int = 40,
    window: int = 500,
    epoch: int = 1,
    seed: int = 3,
    key: int = 0,
) -> list[dict[str, Any]]:
    """Return what one partition tells, once a second; the last document has the curves."""
    labels, fresh, served = _scores(task, examples, np.random.default_rng(seed))
    clocks = {"fresh": Progressive(task, window), "as_served": Progressive(task, window)}
    documents = []
    cuts = np.linspace(0, examples, seconds + 1).astype(int).tolist()
    for second, (start, stop) in enumerate(pairwise(cuts), 1):
        ones = np.ones(stop - start)
        clocks["fresh"].update(fresh[start:stop], labels[start:stop], ones, _ranks(task, fresh[start:stop]))
        if start >= 2_000:
            clocks["as_served"].update(served[start:stop], labels[start:stop], ones)
        documents.append(
            {
                "stage": "train",
                "epoch": epoch,
                "model": model,
                "key": key,
                "now": START + second * SECOND,
                "examples": stop,
                "failed": 0,
                "refused_keys": 0,
                "progressive": {clock: progressive.report() for clock, progressive in clocks.items()},
            }
        )
    curves = {clock: progressive.curve() for clock, progressive in clocks.items()}
    return [*documents, {**documents[-1], "curve": curves}]


def _ranks(task: Task, scores: F64) -> F64 | None:
    """Return what a ranking is judged by besides: three of four examples have items to outscore."""
    if task != "ranking":
        return None
    popularity = -7.0 + np.sin(np.arange(len(scores)))
    drawn = np.where(np.arange(len(scores)) % 4, 1.0, np.nan)
    return np.column_stack((popularity, 0.5 * drawn, 0.75 * drawn))


def _scores(task: Task, n: int, draw: np.random.Generator) -> tuple[F64, F64, F64]:
    """Return labels, and scores that get better, worse at two thirds when tastes change, and better again."""
    at = np.arange(n) / n
    skill = np.where(at < 0.66, 1 - np.exp(-at * 9), 0.35 + 0.6 * (1 - np.exp(-(at - 0.66) * 12)))
    taste = draw.normal(size=n)
    if task == "regression":
        labels: F64 = np.clip(np.round(3.6 + taste + 0.4 * draw.normal(size=n)), 1, 5).astype(np.float64)
        return labels, 3.6 + skill * taste, 3.6 + 0.93 * skill * taste
    labels = (draw.random(n) < 1 / (1 + np.exp(2.2 - 1.4 * taste))).astype(np.float64)

    def score(part: F64) -> F64:
        scores: F64 = 1 / (1 + np.exp(1.9 + 0.3 * part - 1.4 * part * taste))
        return scores

    return labels, score(skill), score(0.92 * skill)


def manifest(model: str, n: int, examples: int, epoch: int = 1, result: str = "passed") -> Manifest:
    """Return the manifest of a version."""
    sha256 = f"{n:02x}c0ffee" * 8
    passed = result == "passed"
    return Manifest(
        model=model,
        version=version_of(epoch, n),
        parent=version_of(epoch, n - 1) if n > 1 else None,
        sha256=sha256,
        size=2_100_000 + 1_000 * n,
        path=model_path(model, sha256),
        learner="ftrl",
        inputs=(),
        outputs=(),
        features=_FEATURES,
        feature_digest=_FEATURES.digest(),
        event_time=START + n * SECOND,
        offsets={},
        examples=examples,
        metrics={"fresh": {"log_loss": 0.31, "normalised_entropy": 0.9, "auc": 0.71, "calibration": 1.01}},
        verdict=Verdict(result="passed") if passed else Verdict(result="refused", reason="golden <b>scores</b> differ"),
        golden=(),
        code="headrace 0.1.0",
        ingest_time=START + n * SECOND,
    )


def histories(model: str = "ctr") -> dict[str, History]:
    """Return a log of five versions, the fourth refused."""
    records = [manifest(model, n, 5_000 * n, result="refused" if n == 4 else "passed") for n in range(1, 6)]
    return by_model(records)
