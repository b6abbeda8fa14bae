from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.config import load
from jobs.config.configuration import Configuration
from jobs.dead_letters.folder import Folder
from jobs.dead_letters.reading import Letters, base_of, letters_connection, place_of
from tests.unit.jobs.dead_letters.sample import write_configuration
from tests.unit.jobs.dead_letters.test_letter import written
from udfs.errors import ConfigurationError

TOPICS = {"releases": "r", "dead_letters": "d", "reports": "p"}


def test_finished_files_at_any_depth(tmp_path: Path) -> None:
    letters = tmp_path / "dead_letters"
    names = ("part-0", "hour/part-1", ".part-2", "_tmp", ".hour/part-3")
    for i, name in enumerate(names):
        (letters / name).parent.mkdir(parents=True, exist_ok=True)
        (letters / name).write_bytes(b"\n" + written(source={"file": "/in/a", "byte": i}) + b"\n")
    for given in (tmp_path, letters):
        place = Folder.open(str(given))
        assert sorted(letter.source.byte for letter in Letters(place)) == [0, 1]
        assert base_of(place, None) == str(tmp_path)
    assert [line.place for line in place.lines()] == [f"{letters}/hour/part-1:2", f"{letters}/part-0:2"]


def test_damaged_lines_are_counted(tmp_path: Path) -> None:
    (tmp_path / "part-0").write_bytes(written() + b"\n{}\nhalf")
    letters = Letters(Folder.open(str(tmp_path)))
    assert len(list(letters)) == 1
    assert letters.unreadable == 2
    assert letters.first.startswith(f"{tmp_path}/part-0:2: ")


def test_a_directory_of_something_else(tmp_path: Path) -> None:
    assert list(Letters(Folder.open(str(tmp_path)))) == []
    (tmp_path / "data.ndjson").write_text('{"event_id": "e1"}\n')
    with pytest.raises(ConfigurationError, match="holds no dead letters"):
        list(Letters(Folder.open(str(tmp_path))))
    with pytest.raises(ConfigurationError, match="There is no directory"):
        Folder.open(str(tmp_path / "data.ndjson"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Folder.open("nonsense://shop/in")


def test_a_run_without_dead_letters_has_none(tmp_path: Path) -> None:
    for name in ("reports/part-0", "checkpoints/plan.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("{\n}\n")
    job = load(write_configuration(tmp_path / "job.yaml")).under(tmp_path)
    for place in (Folder.open(str(tmp_path)), place_of(None, job)):
        assert place.uri == str(tmp_path / "dead_letters")
        assert base_of(place, None) == str(tmp_path)
        assert list(Letters(place)) == []


def test_a_run_that_has_them_in_a_topic_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints/plan.json").write_text("{\n}\n")
    with pytest.raises(ConfigurationError, match="holds no dead letters"):
        list(Letters(Folder.open(str(tmp_path))))


def kafka(folder: Path, source: str, **sinks: Any) -> Configuration:
    def change(tree: dict[str, Any]) -> None:
        properties = {"fetch.min.bytes": 7}
        tree["source"] = {"kafka": {"bootstrap": source, "topics": ["t"], "group": "g", "properties": properties}}
        tree["sinks"] = {"kafka": {"bootstrap": "b:1", "properties": {"linger.ms": 5}, **TOPICS, **sinks}}

    return load(write_configuration(folder / "job.yaml", change))


def test_where_the_configuration_puts_them(tmp_path: Path) -> None:
    job = load(write_configuration(tmp_path / "job.yaml")).under(tmp_path)
    with pytest.raises(ConfigurationError, match="There is no directory"):
        place_of(None, job)
    (tmp_path / "dead_letters").mkdir()
    assert place_of(None, job).uri == str(tmp_path / "dead_letters")
    topics = kafka(tmp_path, "b:1")
    place = place_of(None, topics)
    assert (place.uri, base_of(place, topics)) == ("d", None)
    assert base_of(place, topics.under(tmp_path)) == str(tmp_path)
    assert place_of(str(tmp_path), topics).uri == str(tmp_path / "dead_letters")


def test_properties_of_the_java_client_are_left_out(tmp_path: Path) -> None:
    assert letters_connection(kafka(tmp_path, "b:1")).properties == {"fetch.min.bytes": "7"}
    assert letters_connection(kafka(tmp_path, "a:1")).properties == {}
    assert letters_connection(kafka(tmp_path, "a:1")).bootstrap == "b:1"
