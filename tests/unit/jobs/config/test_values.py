"""Units, patterns and the YAML that is read."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jobs.config.patterns import to_regex
from jobs.config.reading import read
from jobs.config.units import MOST, duration, size, write_duration, write_size


@given(st.integers(0, MOST))
def test_quantities_read_back(amount: int) -> None:
    assert duration(write_duration(amount)) == amount
    assert size(write_size(amount)) == amount


@pytest.mark.parametrize("text", ["10", "s", "-1s", "1 year", "1e3s", "", 5, True, None, "9" * 18 + "d"])
def test_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/{men,women}.csv.gz", "bts/men/men.csv.gz", True),
        ("**/{men,women}.csv.gz", "men.csv.gz", True),
        ("**/{men,women}.csv.gz", "bts/men/item_context.csv", False),
        ("**/*", "a/b.json", True),
        ("**/*", "a/.b.json", False),
        ("**/*", ".a/b.json", False),
        ("*.json", "a/b.json", False),
        ("day=?/*.json", "day=1/x.json", True),
        ("a.json", "axjson", False),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert bool(re.fullmatch(to_regex(pattern), path)) is matches


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2", "a: {b: 1, b: 2}", "x: !!python/name:os.system", "a: &a 1\nb: *a", "[a"]
)
def test_yaml_that_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read(text)


def test_words_stay_words() -> None:
    assert read("a: off\nb: 12:30\nc: 1e-3\nd: 2020-01-01") == {"a": "off", "b": "12:30", "c": 0.001, "d": "2020-01-01"}
