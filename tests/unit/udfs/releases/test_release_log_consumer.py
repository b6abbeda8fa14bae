"""The consumer in the documentation is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from udfs.releases.manifest import Verdict
from udfs.releases.registry import Registry

PAGE = Path(__file__).parents[4] / "docs" / "release_log.md"


@pytest.fixture
def consumer() -> dict[str, Any]:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found.group(1), names)
    return names


def test_it_scores_the_golden_rows_of_the_newest_version_that_passed(
    consumer: dict[str, Any], registry: Registry, make: Any
) -> None:
    make("1.9", seed=1)
    make("2.1", seed=3, verdict=Verdict(result="refused", reason="worse"))
    wanted = make("1.10", seed=2)
    make("3.1", seed=4, part="2026-01-01/.part-unfinished")
    release, session = consumer["newest"](registry.root, "clicks")
    assert release["version"] == wanted.version
    assert len(release["golden"]) == 16
    for golden in release["golden"]:
        score = consumer["score"](session, golden["row"])
        assert score == pytest.approx(golden["score"], rel=1e-5, abs=1e-5)


def test_it_refuses_a_changed_file(consumer: dict[str, Any], registry: Registry, make: Any) -> None:
    registry.put(make("1.1").path, b"something else")
    with pytest.raises(AssertionError):
        consumer["newest"](registry.root, "clicks")
