from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from jobs.reader.headers import header
from udfs.errors import ConfigurationError


@pytest.mark.parametrize("text", [b'a;"b;c";d\r\n1;2;3\n', b'a;"b;c";d', b'\xef\xbb\xbfa;"b;c";d\n'])
@pytest.mark.parametrize("packed", [False, True])
def test_the_cells_of_the_first_line(text: bytes, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(text) if packed else text)
    assert header(str(path), ";") == header(path.as_uri(), ";") == ("a", "b;c", "d")


@pytest.mark.parametrize("text", [b"\xff\n", None])
def test_what_has_no_header(text: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        header(str(path), ",")


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,,b,,a,b\n")
    with pytest.raises(ConfigurationError, match=r"a.csv cannot be read \(the column 'a' stands there twice\)"):
        header(str(path), ",")
    path = tmp_path / "b.csv"
    path.write_bytes(b"a,,b,\n")
    assert header(str(path), ",") == ("a", "", "b", "")
