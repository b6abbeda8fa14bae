"""River in one process: orjson, a set for dedup, FTRL, log loss; it reads the topic's content from files, not Kafka.

It is River's FTRL optimiser on a dict of weights: ``LogisticRegression.learn_one`` of River 0.22 looks at every weight
there is for each example (900 events/s at 30,000 weights), which would flatter whoever is measured against it.
"""

from __future__ import annotations

import math
import time
from itertools import chain, islice
from pathlib import Path

from benchmarks.throughput.features import decode, features
from benchmarks.throughput.setting import Setting, compete


def measure(setting: Setting) -> dict[str, object]:
    """Return the seconds from the first line to the last, and the progressive log loss."""
    from river import metrics, optim

    optimizer = optim.FTRLProximal(alpha=0.1, beta=1.0, l1=0.1, l2=1.0)
    weights: dict[str, float] = {}
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
        margin = sum(weights.get(name, 0.0) * value for name, value in x.items())
        probability = 1 / (1 + math.exp(-max(-35.0, min(35.0, margin))))
        loss.update(bool(event["click"]), probability)
        error = probability - event["click"]
        weights = optimizer.step(weights, {name: error * value for name, value in x.items()})
    wall = time.perf_counter() - begin
    for file in files:
        file.close()
    return {"wall_s": wall, "log_loss": loss.get(), "examples": len(seen), "kafka_read": False}


if __name__ == "__main__":
    compete(measure)
