"""``python -m benchmarks.quality.joining``: the joiner beside a plain batch join, on a shop with every fault."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.quality.lanes import users
from benchmarks.quality.plain_behaviour import Shown
from benchmarks.quality.plain_join import Example, Place, Plain, batch, sampled
from benchmarks.quality.shop import FEATURES, with_behaviour
from jobs.config.anomaly_rules import Anomalies
from jobs.config.configuration import Configuration
from simulator.files import to_files
from simulator.reference import PRESETS, every
from udfs.frames import Frame, Kind, decode
from udfs.hashing import hash32
from udfs.stages.stage import Route

_MODELS = ("ctr", "cvr")
_DROPS = (
    *("behind", "given_up", "forgotten", "feedback_given_up", "searches_forgotten", "ids_forgotten"),
    *("behaviour_behind", "behaviour_given_up", "users_forgotten"),
)


class Found(NamedTuple):
    """What [user] made of an input.

    Attributes:
        examples: of each model by place.
        behaviour: of sampled impressions, in the examples of the first model: numbers, and the hashes of items.
        rejected: by place.
        counts: the last ones.
    """

    examples: list[dict[Place, Example]]
    behaviour: dict[Place, tuple[list[float], list[int]]]
    rejected: dict[Place, str]
    counts: Counter[str]


def joined(configuration: Configuration, folder: Path, seed: int = 0) -> Found:
    """Return what the job's own operators make of files."""
    found = Found([{} for _ in configuration.models], {}, {}, Counter())
    newest: dict[int, dict[str, Any]] = {}
    for output in users(configuration, folder, seed):
        if output.route == Route.NEXT and (frame := decode(output.payload)).kind == Kind.EXAMPLES:
            columns, parts = frame.columns, frame.meta["parts"]
            words = frame.ragged.get("multiple.query")
            counts = [0] * frame.n if words is None else np.diff(words.pointers).tolist()
            rows = zip(*(columns[name].tolist() for name in ("part", "offset", "label", "weight")), counts, strict=True)
            examples = {(parts[part], offset): tuple(example) for part, offset, *example in rows}
            assert len(examples) == frame.n
            assert not examples.keys() & found.examples[output.key].keys(), "an impression became two examples"
            found.examples[output.key].update(examples)
            if output.key == 0:
                told = zip(examples, _behaviour(frame), strict=True)
                found.behaviour.update((place, known) for place, known in told if sampled(place))
        elif output.route == Route.DEAD_LETTER:
            letter = json.loads(output.payload)
            found.rejected[letter["source"]["file"], letter["source"]["byte"]] = letter["reason"]
        elif output.route == Route.REPORT:
            report = json.loads(output.payload)
            newest[report["key"]] = report
    for report in newest.values():
        found.counts.update({name: report[name] for name in ("read", "accepted", "duplicates")})
        found.counts.update(report["joined"] | {"ids_forgotten": report["forgotten"]})
    return found


def without_rules(configuration: Configuration) -> Configuration:
    """Return a configuration without rules about users: they judge in order of arrival, which decides nothing else."""
    return configuration.model_copy(update={"anomalies": Anomalies()})


def _behaviour(frame: Frame) -> Iterator[tuple[list[float], list[int]]]:
    for row, numbers in enumerate(frame.columns["number"][:, -3:].tolist()):
        yield numbers, frame.ragged["multiple.recent_items"].row(row).tolist()


def _differs(mine: tuple[list[float], list[int]], plain: Shown, seed: int) -> bool:
    """Tell whether an impression left with something else; items of one time stand in any order."""
    same = np.allclose(mine[0], plain.numbers, rtol=1e-9, equal_nan=True)
    return not same or sorted(mine[1]) != sorted(hash32(item, seed) for item in plain.items)


def check(folder: Path, truth: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """Compare; return the figures, of which every one in ``differing`` and ``wrong`` must be 0."""
    started = time.process_time()
    configuration = without_rules(with_behaviour(list(FEATURES)))
    found = joined(configuration, folder, seed)
    took = time.process_time() - started
    items = configuration.plan(1, True).features.seed_of("recent_items")
    totals: Counter[str] = Counter()
    # A plain join holds every event: that of 5 million impressions and their users' behaviour takes 20 GB at once.
    shares = 1 + found.counts["read"] // 1_000_000
    for share in range(shares):
        totals += _compare(found, batch(folder, found.rejected, share, shares), items)
    reasons = Counter(found.rejected.values())
    corrupt: dict[str, int] = truth["corrupt"]
    return {
        "core_us_an_event": took / found.counts["read"] * 1e6,
        "counts": dict(found.counts),
        "rejected": dict(reasons),
        "differing": {name: totals[name] for name in (*_MODELS, "behaviour")},
        "compared": {name: totals[f"compared.{name}"] for name in ("behaviour", "with_items")},
        "wrong": {
            "twice": sum(map(len, found.examples)) - totals["examples"],
            "duplicates": abs(found.counts["duplicates"] - totals["duplicates"]),
            "corrupt": sum(abs(reasons[kind] - n) for kind, n in corrupt.items()),
            "lines": abs(found.counts["read"] - truth["lines"]),
        },
        "drops": {name: found.counts[name] for name in _DROPS},
    }


def _compare(found: Found, expected: Plain, items: int) -> Counter[str]:
    """Return how many examples are others than a plain join of a share of the users makes, and how many there are."""
    totals = Counter(duplicates=expected.duplicates)
    for model, made, theirs in zip(_MODELS, found.examples, expected.examples, strict=True):
        ours = {name: made[place] for place, name in expected.ids.items() if place in made}
        totals["examples"] += len(ours)
        totals[model] += len({key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)})
    places = {name: place for place, name in expected.ids.items() if place in found.behaviour}
    for name in expected.behaviour.keys() & places.keys():
        shown = expected.behaviour[name]
        totals["behaviour"] += _differs(found.behaviour[places[name]], shown, items)
        totals["compared.behaviour"] += 1
        totals["compared.with_items"] += bool(shown.items)
    return totals


def run(events: int) -> dict[str, Any]:
    """Simulate, join, compare."""
    from dataclasses import replace

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shop = every(replace(PRESETS["reference"], impressions=events))
        return check(folder, to_files(shop, folder, Path(name) / "truth"))


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000), indent=2))
