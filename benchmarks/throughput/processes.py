"""CPU seconds and resident memory of a process tree, read from /proc while it lives."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from pathlib import Path
from types import TracebackType

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PSS_EVERY = 4
"""Samples; adding up a process's pages takes milliseconds."""


class Watch:
    """Samples a process, all it starts, and processes beside it, until left.

    Attributes:
        cpu_s: CPU seconds used since the watch began, by kind: ``jvm``, ``python``, ``other``, and the names of
            ``beside``. What a process used after its last sample is missed.
        peak_rss: the largest sum of resident bytes over the tree, without ``beside``; shared pages count in each.
        peak_pss: the same with each shared page counted once: what the tree needs of the machine.
    """

    def __init__(self, root: int, beside: dict[str, int], every_s: float = 0.25) -> None:
        self.peak_rss = self.peak_pss = self._samples = 0
        self._root, self._beside, self._every_s = root, beside, every_s
        self._before = {name: _stat(pid)[1] for name, pid in beside.items()}
        self._kind: dict[int, str] = {}
        self._used: dict[int, float] = {}
        self._beside_used = dict(self._before)
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def cpu_s(self) -> dict[str, float]:
        """CPU seconds by kind."""
        seconds: dict[str, float] = defaultdict(float)
        for pid, used in list(self._used.items()):  # the sampling thread adds to it
            seconds[self._kind[pid]] += used
        return dict(seconds) | {name: self._beside_used[name] - self._before[name] for name in self._beside}

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._left.wait(self._every_s):
            self._sample()

    def _sample(self) -> None:
        stats = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stats[int(entry.name)] = _stat(int(entry.name))
                except (OSError, ValueError, IndexError):
                    continue
        tree, grown = {self._root} | self._used.keys() & stats.keys(), True
        while grown:
            children = {pid for pid, (parent, _, _) in stats.items() if parent in tree} - tree
            grown = bool(children)
            tree |= children
        for pid in tree & stats.keys():
            if self._kind.get(pid, "other") == "other":  # a shell may have become a program since
                self._kind[pid] = _kind(pid)
            self._used[pid] = stats[pid][1]
        self.peak_rss = max(self.peak_rss, sum(stats[pid][2] for pid in tree & stats.keys()))
        if self._samples % _PSS_EVERY == 0:
            self.peak_pss = max(self.peak_pss, sum(_pss(pid) for pid in tree & stats.keys()))
        self._samples += 1
        for name, pid in self._beside.items():
            if pid in stats:
                self._beside_used[name] = stats[pid][1]


def _stat(pid: int) -> tuple[int, float, int]:
    """Return parent, CPU seconds and resident bytes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICK, int(fields[21]) * _PAGE


def _pss(pid: int) -> int:
    """Return the resident bytes, of shared pages a process's share; 0 where it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _kind(pid: int) -> str:
    try:
        program = Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return "other"
    return "jvm" if program == "java" else "python" if program.startswith("python") else "other"
