"""River in one process: orjson, a set for dedup, FTRL, log loss; it reads the topic's content from files, not Kafka."""

from __future__ import annotations

import time
from itertools import chain, islice
from pathlib import Path

from benchmarks.throughput.features import decode, features
from benchmarks.throughput.setting import Setting, compete


def measure(setting: Setting) -> dict[str, object]:
    """Return the seconds from the first line to the last, and the progressive log loss."""
    from river import linear_model, metrics, optim

    model = linear_model.LogisticRegression(optim.FTRLProximal(alpha=0.1, beta=1.0, l1=0.1, l2=1.0), intercept_lr=0.0)
    loss = metrics.LogLoss()
    seen: set[tuple[str, str]] = set()
    files = [path.open("rb") for path in sorted(Path(setting.files).glob("part-*.ndjson"))]
    begin = time.perf_counter()
    for line in islice(chain.from_iterable(files), setting.lines):
        event = decode(line)
        if event is None:
            continue
        key = (event["user"], event["event_id"])
        if key in seen:
            continue
        seen.add(key)
        x = features(event)
        loss.update(bool(event["click"]), model.predict_proba_one(x))
        model.learn_one(x, bool(event["click"]))
    wall = time.perf_counter() - begin
    for file in files:
        file.close()
    return {"wall_s": wall, "log_loss": loss.get(), "examples": len(seen)}


if __name__ == "__main__":
    compete(measure)
