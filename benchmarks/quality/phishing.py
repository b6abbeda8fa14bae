"""``python -m benchmarks.quality.phishing``: FTRL on river's Phishing data, predict before learn; F1 above 0.88."""

from __future__ import annotations

import numpy as np
from river import datasets

from benchmarks.quality.examples import numbers
from udfs.evaluation import Progressive
from udfs.features import Batch, Space
from udfs.learners import make
from udfs.schema import FeatureSet, Label, Model, Number


def examples() -> tuple[Space, Batch]:
    """Return Phishing's 1,250 examples of 9 numbers and their space."""
    rows = list(datasets.Phishing())
    names = tuple(sorted(rows[0][0]))
    features = FeatureSet(seed=1, features={name: Number(field=name) for name in names})
    dense = np.array([[float(x[name]) for name in names] for x, _ in rows])
    return Space.of(features, names), numbers(dense, np.array([float(y) for _, y in rows]))


def run() -> dict[str, float | None]:
    """Return the progressive metrics of FTRL with its default options."""
    space, batch = examples()
    model = Model(name="phishing", learner="ftrl", features=space.names, label=Label(field="is_phishing"))
    learner = make(model, space)
    progressive = Progressive(learner.task, window=model.window, threshold=model.threshold)
    progressive.update(learner.learn(learner.init(), batch), batch.label, batch.weight)
    return progressive.report()


if __name__ == "__main__":
    for metric, value in run().items():
        print(f"{metric}: {value}")
