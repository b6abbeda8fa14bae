"""Writes a report beside what the run left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from jobs.report.page import page


def write_report(out: Path, report: dict[str, Any]) -> None:
    """Write ``report.json`` and ``report.html``; a reader sees each whole, or not at all."""
    _write(out / "report.html", page(report).encode())
    _write(out / "report.json", msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
