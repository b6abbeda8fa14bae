"""One run at a time writes to a directory."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import lock_file
from jobs.lock_file import NAME, locked
from udfs.errors import ConfigurationError

HOLD = """
import sys
from pathlib import Path
from jobs.lock_file import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the lock until its stdin ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "out")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_is_told_of_the_first(other: subprocess.Popen[str], tmp_path: Path) -> None:
    told = f"Another run, process {other.pid}, writes to .*/out.* Give another"
    with pytest.raises(ConfigurationError, match=told), locked(tmp_path / "out"):
        pass
    with locked(tmp_path / "another"):
        pass


def test_a_killed_run_holds_nothing(other: subprocess.Popen[str], tmp_path: Path) -> None:
    other.kill()
    other.wait(10)
    for _ in range(2):
        with locked(tmp_path / "out"):
            pass
    assert (tmp_path / "out" / NAME).read_text() != f"{other.pid}\n"


@pytest.fixture
def left(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that a run which is gone gave its lock to; it ends with its stdin."""
    with locked(tmp_path / "out") as lock:
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock,))
    with process:
        gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        (tmp_path / "out" / NAME).write_bytes(gone.stdout)
        yield process
        process.kill()


def test_what_a_killed_run_left_behind_is_waited_for(left: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert left.stdin is not None
    timer = threading.Timer(0.3, left.stdin.close)
    timer.start()
    with locked(tmp_path / "out"):
        assert left.wait(10) == 0
    timer.join()


def test_what_does_not_end_is_named(
    left: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_file, "PATIENCE", 0.2)
    told = r"What a run left behind, process .*still writes to"
    with pytest.raises(ConfigurationError, match=told), locked(tmp_path / "out"):
        pass
    assert left.poll() is None


def test_an_error_of_the_run_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), locked(tmp_path):
        raise BlockingIOError


@pytest.mark.parametrize("below", ["", "/x"])
def test_a_file_is_no_directory(below: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be used"), locked(Path(f"{tmp_path}/file{below}")):
        pass


def test_a_place_that_cannot_be_made() -> None:
    with pytest.raises(ConfigurationError, match=r"--out, /proc/x, cannot be used"), locked(Path("/proc/x")):
        pass
