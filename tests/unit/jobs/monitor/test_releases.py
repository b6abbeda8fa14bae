from __future__ import annotations

from pathlib import Path

import pytest

from jobs.monitor import Releases
from tests.unit.jobs.monitor.sample_run import manifest
from udfs.errors import ReleaseError
from udfs.releases.manifest import Pin
from udfs.releases.registry import Registry


def test_it_says_what_the_registry_says(tmp_path: Path) -> None:
    registry = Registry.open(str(tmp_path))
    releases = Releases(tmp_path / "releases")
    assert not releases.follow()
    for record in (manifest("ctr", 2, 200), manifest("ctr", 1, 100), manifest("ratings", 1, 50)):
        registry.append(record)
        assert releases.follow()
        assert not releases.follow()
    registry.append(Pin(model="ctr", version="1.1", at=5))
    releases.follow()
    histories = registry.histories()
    assert set(releases.histories) == set(histories) == {"ctr", "ratings"}
    for model, history in histories.items():
        assert releases.histories[model].manifests == history.manifests
        assert releases.histories[model].stable == history.stable


def test_a_line_that_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part-0").write_text('{"kind": "other"}')
    with pytest.raises(ReleaseError, match="no record"):
        Releases(tmp_path).follow()
