from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.throughput.processes import Watch

BURN = "import time\nt = time.process_time()\nwhile time.process_time() - t < 0.4: pass\ninput()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"


def test_a_child_of_a_child_is_counted_as_python() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE) as process:
        with Watch(process.pid, {"me": os.getpid()}, every_s=0.02) as watch:
            deadline = time.monotonic() + 30
            while watch.cpu_s.get("python", 0.0) < 0.4 and time.monotonic() < deadline:
                pass
        assert process.stdin is not None
        process.stdin.write(b"\n")
    assert watch.cpu_s["python"] >= 0.4
    assert watch.cpu_s["me"] > 0
    assert 1 << 20 < watch.peak_pss <= watch.peak_rss
