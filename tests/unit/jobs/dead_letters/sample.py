"""A job over files, as far as dead letters are concerned: what it reads is decoded, refused and put out as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from jobs.config import load
from jobs.config.configuration import Configuration
from jobs.dead_letters.folder import Folder
from jobs.dead_letters.ledger import Ledger
from jobs.dead_letters.letter import Letter
from jobs.dead_letters.prepare import Rules
from jobs.dead_letters.reading import Letters
from jobs.dead_letters.replay import Request, Result, replay
from jobs.reader.headers import header
from udfs.decode.layout import Layout
from udfs.decode.pack import Packer
from udfs.frames import Kind, decode
from udfs.quality.dead_letter import of_rejects

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "clicks.yaml"
NOW = 1_735_700_000_000_000
HOUR = 3_600_000_000
RULES = Rules()


def write_configuration(path: Path, change: Callable[[dict[str, Any]], None] = lambda tree: None) -> Path:
    """Write the click example, with prices up to 10 unless ``change`` says otherwise."""
    tree = yaml.safe_load(EXAMPLE.read_text())
    tree["events"]["impression"]["fields"]["price"]["maximum"] = 10
    change(tree)
    path.write_text(yaml.safe_dump(tree))
    return path


def up_to(price: float) -> Callable[[dict[str, Any]], None]:
    def change(tree: dict[str, Any]) -> None:
        tree["events"]["impression"]["fields"]["price"]["maximum"] = price

    return change


def click(number: int, price: object = 5, **more: object) -> bytes:
    event: dict[str, object] = {"event_id": f"e{number}", "ts": NOW // 1000 - 1000 * number, "user": f"u{number % 7}"}
    return json.dumps(event | {"item": "i1", "price": price, "click": 0} | more).encode()


def letters_of(data: bytes, part: str, configuration: Configuration, offset: int = 0, now: int = NOW) -> list[bytes]:
    """Return the dead letters of one record of a topic (``topic/number``), or of a piece of a file."""
    layout = Layout.of(configuration.plan(1, True))
    packer = Packer(layout, lambda name: header(name, configuration.source.lines.separator))
    topic = "" if part.startswith("/") else part.rpartition("/")[0]
    raw, records = np.frombuffer(data, np.uint8), np.array([[0, len(data)]])
    frames = packer.pack(raw, records, np.zeros(1, np.uint16), np.array([offset]), (part,), (topic,), now)
    rejects = [frame for frame in map(decode, filter(None, frames)) if frame.kind == Kind.REJECTS]
    types = tuple(event.name for event in layout.plan.events)
    return [letter for frame in rejects for letter in of_rejects(frame, types)]


def why(result: Result) -> list[str]:
    """Return the causes for which letters were not sent."""
    return [skipped.why for skipped in result.skipped]


class FileJob:
    """A directory of input, a run's directory, and the configuration between them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.given, self.out = folder, folder / "in", folder / "out"
        self.given.mkdir()
        (self.out / "dead_letters").mkdir(parents=True)
        self.config = folder / "job.yaml"
        self.configure(10)

    def configure(self, price: float, **source: Any) -> Configuration:
        def change(tree: dict[str, Any]) -> None:
            up_to(price)(tree)
            tree["source"]["files"] |= {"path": str(self.given)} | source

        write_configuration(self.config, change)
        return self.configuration

    @property
    def configuration(self) -> Configuration:
        return load(self.config)

    def write(self, name: str, *lines: bytes) -> Path:
        path = self.given / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    def read(self, path: Path, now: int = NOW) -> int:
        """Read one file, put its dead letters out; return how many there are."""
        letters = letters_of(path.read_bytes(), str(path), self.configuration, now=now)
        part = self.out / "dead_letters" / f"part-{len(list((self.out / 'dead_letters').iterdir()))}.ndjson"
        part.write_bytes(b"".join(letter + b"\n" for letter in letters))
        return len(letters)

    @property
    def ledger(self) -> Ledger:
        return Ledger(str(self.out / "replays"))

    @property
    def letters(self) -> list[Letter]:
        return list(Letters(Folder.open(str(self.out))))

    def send(self, letters: list[Letter] | None = None, rules: Rules = RULES, **request: Any) -> Result:
        """Replay letters, by default all."""
        chosen = self.letters if letters is None else letters
        return replay(self.configuration, chosen, self.ledger, Request(rules, bounded=True, **request), NOW)

    def replays(self) -> list[Path]:
        """Return the files that replays have put into the input, the newest last."""
        return sorted(self.given.glob("replay-*"), key=lambda path: path.stat().st_mtime_ns)
