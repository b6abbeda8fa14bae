from __future__ import annotations

from typing import Any

from udfs.releases.changes import Changes
from udfs.releases.manifest import Drift


def meta(changes: int, estimate: float | None, width: int = 1) -> dict[str, Any]:
    return {"drift": {"loss": {"changes": changes, "estimate": estimate, "width": width}}}


def test_changes_count_since_the_version_that_passed_last() -> None:
    changes = Changes()
    assert changes.since_parent([meta(2, 0.5)]) == {"loss": Drift(changes=2, estimate=0.5)}
    changes.published([meta(2, 0.5)])
    assert changes.since_parent([meta(2, 0.5)])["loss"].changes == 0
    restored = Changes()
    restored.load(changes.dump())
    assert restored.since_parent([meta(5, 0.5)])["loss"].changes == 3


def test_partitions_add_up_and_their_estimates_are_weighed() -> None:
    told = Changes().since_parent([meta(1, 1.0, 30), meta(2, 3.0, 10), meta(0, None, 0), {}])
    assert told == {"loss": Drift(changes=3, estimate=1.5)}


def test_detectors_that_began_anew_count_from_there() -> None:
    changes = Changes()
    changes.published([meta(7, 0.1)])
    assert changes.since_parent([meta(2, 0.1)])["loss"].changes == 2


def test_where_nothing_is_watched_there_is_nothing() -> None:
    assert Changes().since_parent([{}]) == {}
