"""The operators of a worker are threads that begin at once: they may all read a type for the first time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.strategies_histories import JOINED

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-6)
{setting}
start = threading.Barrier(8)

def read():
    start.wait()
    {use}

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("read by all")
"""
PLAN = "from udfs.schema import Plan; data = sys.stdin.buffer.read()"
USES = {
    "plan": (PLAN, "Plan.from_json(data)"),
    "stages": (
        f"{PLAN}; from udfs.stages.vertices import vertices; plan = Plan.from_json(data)",
        "[v.make(k) and v.fingerprint(k) for v in vertices(plan) for k in range(v.keys)]",
    ),
    "header": (
        "from udfs.stages import keeper; from udfs.stages.fingerprint import Fingerprint; import msgspec;"
        "data = msgspec.json.encode((Fingerprint('user', 1, '', 1), [1]))",
        "keeper._HEADER.decode(data)",
    ),
    "positions": ("from udfs.stages.read import ReadStage", "ReadStage().load(list(ReadStage().dump()))"),
}


@pytest.mark.parametrize("use", USES)
def test_threads_may_read_a_type_for_the_first_time_at_once(use: str) -> None:
    program = PROGRAM.format(setting=USES[use][0], use=USES[use][1])
    for _ in range(3):
        ran = subprocess.run(
            [sys.executable, "-c", program], input=JOINED.to_json(), capture_output=True, timeout=120, cwd=ROOT
        )
        assert (ran.returncode, ran.stdout) == (0, b"read by all\n"), ran.stderr.decode()
