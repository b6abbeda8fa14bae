"""The page about the simulator: its configuration reads what is simulated, its commands are accepted."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import numpy as np

from jobs.cli.app import exit_code_of
from jobs.config import parse
from simulator.dirt import KINDS
from simulator.faults import BITS
from simulator.ground_truth import COLUMNS
from tests.unit.simulator.runs import SHOP, faulty, write
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.decode.reject import REASONS
from udfs.frames import Kind, decode

PAGE = (Path(__file__).parents[3] / "docs/simulator.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_configuration_reads_every_event_and_rejects_every_corrupt_line(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    plan = parse(text, {}).plan(1, True)
    written = write(tmp_path, faulty(corrupt=0.02), part_impressions=10**9)
    rejected: Counter[str] = Counter()
    accepted = 0
    for name, content in written.files.items():
        data = np.frombuffer(content, np.uint8)
        whole = np.array([[0, len(data)]], np.int64)
        now = (SHOP.start_ms + 10 * SHOP.run_ms) * 1000
        one = np.zeros(1, np.uint16), np.zeros(1, np.int64)
        for packed in Packer(Layout.of(plan), lambda _: ()).pack(data, whole, *one, (name,), ("",), now):
            frame = decode(packed) if packed is not None else None
            if frame is not None and frame.kind == Kind.REJECTS:
                rejected.update(REASONS[reason] for reason in frame.columns["reason"])
            elif frame is not None:
                accepted += len(frame.columns["time"])
    assert accepted == sum(written.summary["events"].values())
    assert rejected == Counter({kind: written.summary["corrupt"][kind] for kind in KINDS})


def test_commands_are_accepted(tmp_path: Path) -> None:
    commands = [line for block in blocks("bash") for line in block.replace("\\\n", " ").splitlines()]
    assert len(commands) == 2
    for number, command in enumerate(commands):
        program, *arguments = shlex.split(command.replace("out/shop", str(tmp_path / str(number))))
        assert program == "headrace"
        small = ["--preset", "small", "--events", "2000"]
        assert exit_code_of([*arguments, *small]) == 0
        assert any((tmp_path / str(number)).iterdir())


def test_columns_and_bits_are_listed() -> None:
    rows = PAGE.partition("| column | what |")[2].partition("`summary.json`")[0].splitlines()
    names = [name for row in rows if row.startswith("| `") for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert names == list(COLUMNS)
    (bits,) = (row for row in rows if row.startswith("| `impression_faults`"))
    assert [int(bit) for bit in re.findall(r"(\d+) \w", bits)] == list(BITS.values())


def test_settings_are_paths() -> None:
    for path in re.findall(r"`((?:faults|drift)\.\w+)`", PAGE):
        owner, name = path.split(".")
        assert hasattr(getattr(SHOP, owner), name)
