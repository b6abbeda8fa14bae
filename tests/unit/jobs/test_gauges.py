from __future__ import annotations

from collections.abc import Callable

import msgspec

from jobs.gauges import Gauges
from tests.laws.strategies_histories import FOLLOWED, GUARDED, JOINED, PLAN, history
from udfs.frames import decode
from udfs.stages.ends import end_frame
from udfs.stages.stage import Route
from udfs.stages.vertices import vertices


class Group:
    """A metric group that keeps its gauges by their path."""

    def __init__(self, gauges: dict[str, Callable[[], int]], path: str = "") -> None:
        self.gauges, self._path = gauges, path

    def add_group(self, *names: str) -> Group:
        return Group(self.gauges, "/".join((self._path, *names)))

    def gauge(self, name: str, value: Callable[[], int]) -> None:
        self.gauges[f"{self._path}/{name}"] = value


def test_changes_of_watched_streams_are_shown_over_all_partitions() -> None:
    shown: dict[str, Callable[[], int]] = {}
    gauges = Gauges()
    gauges.register(Group(shown), "train", PLAN)
    for key in range(2):
        counts = {"changes": 3, "rises": 2, "decays": key}
        drift = {"residual": counts, "features.price": {**counts, "changes": 5}}
        gauges.absorb({"model": "click", "key": key, "examples": 1, "progressive": {}, "drift": drift})
    below = "/headrace/model/click/stream"
    assert {name: shown[f"{below}/residual/drift_{name}"]() for name in counts} == {
        "changes": 6,
        "rises": 4,
        "decays": 1,
    }
    assert shown[f"{below}/features.price/drift_changes"]() == 10
    assert not any("/stream/" in name for name in shown if "/price/" in name)


def test_what_is_not_learned_is_shown_of_models_with_a_window() -> None:
    shown: dict[str, Callable[[], int]] = {}
    gauges = Gauges()
    gauges.register(Group(shown), "train", GUARDED)
    for key in range(2):
        gauges.absorb({"model": "price", "key": key, "examples": 9, "progressive": {}, "not_learned": 4 + key})
    named = {name.split("/")[3] for name in shown if name.endswith("/not_learned")}
    assert named == {model.name for model in GUARDED.models if model.learns}
    assert shown["/headrace/model/price/not_learned"]() == 9


def test_all_that_a_joiner_counts_is_shown_over_all_buckets() -> None:
    vertex = vertices(JOINED)[0]
    stages = [vertex.make(key) for key in range(vertex.keys)]
    shown: dict[str, Callable[[], int]] = {}
    gauges, reports = Gauges(), {}
    gauges.register(Group(shown), "user", JOINED)
    ends = [(key, end_frame(0, 1, JOINED.epoch)) for key in range(vertex.keys)]
    for key, data in (*history(1, plan=JOINED), *ends):
        for output in stages[key].process(decode(data)):
            if output.route == Route.REPORT:
                report = msgspec.json.decode(output.payload)
                reports[key] = report["joined"]
                gauges.absorb(report)
    counts = {name for joined in reports.values() for name in joined}
    assert len(reports) > 1
    assert {"waiting", "users", "searches", "answered.examples"} <= counts
    for name in counts:
        label, _, count = name.rpartition(".")
        path = f"/headrace/label/{label}/{count}" if label else f"/headrace/joined_{name}"
        assert shown[path]() == sum(joined.get(name, 0) for joined in reports.values()), name
    assert shown["/headrace/joined_answered"]() > 0


def test_nothing_is_shown_of_a_joiner_that_is_not_there() -> None:
    shown: dict[str, Callable[[], int]] = {}
    Gauges().register(Group(shown), "user", msgspec.structs.replace(JOINED, join=None))
    assert not any("/joined_" in name or "/label/" in name for name in shown)


def test_what_features_of_items_count_is_shown_of_the_models_that_see_them() -> None:
    shown: dict[str, Callable[[], int]] = {}
    gauges = Gauges()
    gauges.register(Group(shown), "item", FOLLOWED)
    for key in range(2):
        counts = {"items": 3, "items_forgotten": key, "examples_given_up": 0}
        gauges.absorb({"model": "soon", "key": key, "examples": 1, "behaviour": counts})
    mine = {name.rpartition("/")[2]: value() for name, value in shown.items() if "/soon/" in name}
    assert mine == {"behaviour_items": 6, "behaviour_items_forgotten": 1, "behaviour_examples_given_up": 0}
    assert "/headrace/model/answered/items/remembered" in shown
    assert not any("/again/" in name for name in shown)
