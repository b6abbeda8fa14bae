"""The job on raw behaviour: joiner, rules and breaker as ``examples/shop.yaml`` has them.

Its features are those of the job on labelled clicks, ten with two crosses, so that what makes the difference between
the two is how examples come about.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from benchmarks.throughput.job import HEADRACE, described, go_on, measure
from benchmarks.throughput.setting import Setting, compete

_SNAPSHOT_EXAMPLES = 1_000_000
"""About ten seconds of them."""
EXAMPLE = Path(__file__).parents[2] / "examples" / "shop.yaml"


def shop_job(setting: Setting, command: tuple[str, ...] = HEADRACE) -> Path:
    """Run the job on the whole topic and return the folder that holds its ``report.json``.

    Raises:
        subprocess.CalledProcessError: it ended with another code than 0.
    """
    told = yaml.safe_load(EXAMPLE.read_text())
    kafka = {"bootstrap": setting.bootstrap, "topics": [setting.topic], "group": "bench", "start": "earliest"}
    told |= {
        "features": described(setting.bootstrap, setting.topic)["features"],
        "source": {"kafka": kafka},
        "checkpointing": {"interval": f"{setting.checkpoint_s}s"},
        "runtime": {"parallelism": 2, "buckets": 8, "heap": "1GiB", "bundle_time": "1s"},
    }
    for model in told["models"].values():
        model["snapshot"] = {"examples": _SNAPSHOT_EXAMPLES}
    folder = Path(setting.folder)
    (folder / "throughput.yaml").write_text(yaml.safe_dump(told, sort_keys=False))
    return go_on(folder, *command)


if __name__ == "__main__":
    compete(lambda setting: measure(setting, shop_job))
