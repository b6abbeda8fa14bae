"""Of processes that want a kernel one compiles it; nobody waits for ever, whatever becomes of that one."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.udfs.test_kernel_cache import PROGRAM, ROOT
from udfs.kernel_lock import NAME, KernelLock

HOLDER = """
import sys
from pathlib import Path
from udfs.kernel_lock import KernelLock
lock = KernelLock(Path(sys.argv[1]))
lock.acquire(7)
print("has it", flush=True)
sys.stdin.readline()
lock.release(7)
print("let go", flush=True)
sys.stdin.readline()
"""
STUCK = """
import sys
from udfs.kernel_cache import KernelCache
def stuck(*_):
    print("compiled", flush=True)
    sys.stdin.readline()
KernelCache.save_overload = stuck
"""
TELLING = """
from udfs.kernel_lock import KernelLock
usual = KernelLock._locked
def telling(self, kernel):
    got = usual(self, kernel)
    if not got:
        print("waits", flush=True)
    return got
KernelLock._locked = telling
"""


def start(program: str, cache: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=240)
    return out.strip().splitlines()[-1]


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has kernel 7 locked."""
    with start(HOLDER, tmp_path, str(tmp_path)) as process:
        assert line(process) == "has it"
        yield process
        process.kill()


def misses(told: str) -> int:
    return int(json.loads(told)["misses"])


def test_two_processes_compile_each_kernel_once(tmp_path: Path) -> None:
    alone = misses(ended(start(PROGRAM, tmp_path / "alone")))
    both = [start(PROGRAM, tmp_path / "shared") for _ in range(2)]
    assert sum(misses(ended(process)) for process in both) == alone
    assert (tmp_path / "shared" / "headrace-kernels" / NAME).stat().st_size == 0


def test_a_process_that_is_killed_while_it_compiles_is_waited_for_no_longer(tmp_path: Path) -> None:
    killed = start(STUCK + PROGRAM, tmp_path)
    assert line(killed) == "compiled"
    other = start(TELLING + PROGRAM, tmp_path)
    assert line(other) == "waits"
    killed.send_signal(signal.SIGKILL)
    assert misses(ended(other)) > 0
    assert killed.wait(60) == -signal.SIGKILL
    assert killed.stdin is not None
    assert killed.stdout is not None
    killed.stdin.close()
    killed.stdout.close()


def test_others_have_a_kernel_when_it_is_released(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    lock = KernelLock(tmp_path)
    assert not lock._locked(7)
    assert lock._locked(8)
    assert holder.stdin is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert line(holder) == "let go"
    assert lock._locked(7)


def test_a_process_that_waited_in_vain_waits_no_more(
    holder: subprocess.Popen[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lock = KernelLock(tmp_path, longest=0.0)
    with caplog.at_level(logging.WARNING):
        lock.acquire(7)
        lock.acquire(7)
    assert [record.getMessage() for record in caplog.records] == [
        "Kernels may be compiled by several processes at once: another process has been compiling for 0 s"
    ]
    lock.release(7)
    assert not KernelLock(tmp_path)._locked(7)


def test_where_there_are_no_locks_all_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lock = KernelLock(tmp_path / "missing")
    with caplog.at_level(logging.WARNING):
        lock.acquire(7)
        lock.acquire(8)
        lock.release(7)
    assert len(caplog.records) == 1
