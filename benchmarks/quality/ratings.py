"""``python -m benchmarks.quality.ratings [FILE]``: biased MF, k = 10, on ratings in time order, predict before learn.

FILE has the columns user, item, rating (1 to 5), timestamp, separated by tabs or commas, with or without a header.
Without FILE a stand-in is drawn, and river's biased MF runs on the same stream to compare with.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks.quality.examples import categorical
from benchmarks.quality.standin import Ratings, standin
from udfs.evaluation import Progressive
from udfs.features import Space
from udfs.learners import make
from udfs.schema import Categorical, FeatureSet, Label, Model


def read(path: Path) -> Ratings:
    """Read a file of ratings and sort it by time; equal times keep the file's order."""
    lines = [line.replace("\t", ",").split(",")[:4] for line in path.read_text().splitlines() if line.strip()]
    if not lines[0][0].strip().isdigit():
        lines = lines[1:]
    user, item, rating, time = np.array(lines, np.float64).T
    order = np.argsort(time, kind="stable")
    return Ratings(user[order].astype(int), item[order].astype(int), rating[order], time[order].astype(int))


def run(ratings: Ratings) -> dict[str, float | None]:
    """Return the progressive metrics of our biased MF with its default options, clipped to 1 to 5."""
    features = FeatureSet(seed=1, features={name: Categorical(field=name) for name in ("user", "item")})
    space = Space.of(features, ("user", "item"))
    options = {"k": 10, "minimum": 1.0, "maximum": 5.0}
    learner = make(
        Model(name="ratings", learner="mf", options=options, features=space.names, label=Label(field="rating")), space
    )
    batch = categorical(space, [ratings.user, ratings.item], ratings.rating)
    progressive = Progressive(learner.task)
    progressive.update(learner.learn(learner.init(), batch), batch.label, batch.weight)
    return progressive.report()


def river(ratings: Ratings, bias_rate: float, l2: float) -> tuple[float, float]:
    """Return MAE and RMSE of river's biased MF, clipped to 1 to 5, with vectors learning at 0.05."""
    from river import optim, preprocessing, reco

    normal = optim.initializers.Normal(mu=0.0, sigma=0.1, seed=73)
    rates = {"bias_optimizer": optim.SGD(bias_rate), "latent_optimizer": optim.SGD(0.05)}
    inner = reco.BiasedMF(n_factors=10, l2_bias=l2, l2_latent=l2, latent_initializer=normal, **rates)
    model = preprocessing.PredClipper(inner, 1, 5)
    errors = []
    for user, item, rating in zip(*(column.tolist() for column in ratings[:3]), strict=True):
        errors.append(model.predict_one(user=user, item=item, x={}) - rating)
        model.learn_one(user=user, item=item, x={}, y=rating)
    return float(np.abs(errors).mean()), float(np.sqrt(np.square(errors).mean()))


def main() -> None:
    """Print MAE and RMSE."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    path = parser.parse_args().file
    ratings = standin() if path is None else read(path)
    ours = run(ratings)
    print(f"headrace mf: MAE {ours['mae']:.4f}, RMSE {ours['rmse']:.4f}, R2 {ours['r2']:.4f}")
    if path is None:
        for rate, l2 in ((0.05, 0.025), (0.025, 0.0)):
            mae, rmse = river(ratings, rate, l2)
            print(f"river BiasedMF (bias SGD {rate}, l2 {l2}): MAE {mae:.4f}, RMSE {rmse:.4f}")


if __name__ == "__main__":
    main()
