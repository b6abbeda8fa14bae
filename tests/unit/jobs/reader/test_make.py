"""From a configuration to what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.config import parse
from jobs.config.configuration import Configuration
from jobs.config.units import moment
from jobs.reader.files import Files
from jobs.reader.history import History
from jobs.reader.make import make_source
from jobs.reader.start import Start
from jobs.reader.topics import Topics
from udfs.errors import ConfigurationError

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
NOWHERE = {
    "kafka": {
        "bootstrap": "127.0.0.1:9",
        "topics": ["clicks"],
        "group": "g",
        "properties": {"bootstrap.timeout.ms": 100},
    }
}
"""No broker answers there: a source that is not bounded asks none before it is read."""


def configuration(folder: Path, **source: Any) -> Configuration:
    tree = yaml.safe_load((EXAMPLES / "clicks.yaml").read_text())
    tree["source"] = source
    return parse(yaml.safe_dump(tree), {}).under(folder / "out")


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}\n")
    described = configuration(tmp_path, files={"path": str(tmp_path)})
    live, bounded = (make_source(described, None, bounded) for bounded in (False, True))
    assert isinstance(live, Files)
    assert isinstance(bounded, Files)
    assert live.listing is None
    assert bounded.listing == {str(tmp_path / "a.json"): 3}
    with pytest.raises(ConfigurationError, match="does not exist"):
        make_source(described, tmp_path / "none", False)


def test_topics(tmp_path: Path) -> None:
    described = configuration(tmp_path, **NOWHERE)
    source = make_source(described, None, False)
    assert isinstance(source, Topics)
    assert source.start == Start("earliest")
    with pytest.raises(ConfigurationError, match="--input is given, but the source is Kafka"):
        make_source(described, tmp_path, False)


def test_an_archive_and_then_topics(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    described = configuration(tmp_path, files={}, **NOWHERE, switch={"time": "2026-10-31", "margin": "2h"})
    source, other = (make_source(described, tmp_path / "in", False) for _ in range(2))
    assert isinstance(source, History)
    assert source.files.uri == str(tmp_path / "in")
    assert source.files.once
    assert source.topics.start == Start("timestamp", (moment("2026-10-31") - 7_200_000_000) // 1000, whole=True)
    assert source.rendezvous.startswith(str(tmp_path / "out" / "checkpoints"))
    assert isinstance(other, History)
    assert other.rendezvous != source.rendezvous
    with pytest.raises(ConfigurationError, match=r"source\.files\.path is missing"):
        make_source(described, None, False)
    with pytest.raises(ConfigurationError, match=r"The brokers 127\.0\.0\.1:9 do not answer"):
        make_source(described, tmp_path / "in", False, anew=True)
