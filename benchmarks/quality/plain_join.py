"""What examples/shop.yaml asks for, by a plain batch join that knows nothing of the job: ``json`` and dictionaries."""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.quality.plain_behaviour import Event, Shown, of_shop

Place = tuple[str, int]
"""Where a line stands: its file and its byte."""
Example = tuple[float, float, int]
"""Label, weight, and how many words of its search it has."""
_USER = re.compile(rb'"user":\s*"([^"]*)"')


def accepted(
    folder: Path, rejected: dict[Place, str], share: int = 0, shares: int = 1
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the events of lines that were not rejected, with their repetitions; those of one share of the users."""
    for path in sorted(folder.glob("*.ndjson")):
        at = 0
        for line in path.read_bytes().splitlines(keepends=True):
            place, at = (str(path), at), at + len(line)
            if _share(line, shares) == share and line.strip() and place not in rejected:
                yield place, json.loads(line)


def _share(line: bytes, shares: int) -> int:
    if shares == 1:
        return 0
    user = _USER.search(line)
    return zlib.crc32(user[1]) % shares if user else 0


def sampled(place: Place) -> bool:
    """Tell whether the behaviour of an impression is looked at: that of one in ten, the plain way being quadratic."""
    return place[1] % 10 == 7


class Plain(NamedTuple):
    """What a plain join makes.

    Attributes:
        ids: the event id of each impression's line.
        examples: those of each model, by that id.
        behaviour: of the sampled ones, what their users had done before, likewise.
        duplicates: how many events came again.
    """

    ids: dict[Place, str]
    examples: list[dict[str, Example]]
    behaviour: dict[str, Shown]
    duplicates: int


def batch(folder: Path, rejected: dict[Place, str], share: int = 0, shares: int = 1) -> Plain:
    """Join by plain dictionaries, as examples/shop.yaml says; the events of one share of the users."""
    minute, seen, duplicates = 60_000, set[str](), 0
    ids: dict[Place, str] = {}
    shown: dict[tuple[str, str], tuple[str, int]] = {}
    answers: list[tuple[int, str, dict[str, Any]]] = []
    searches: dict[tuple[str, str], list[tuple[int, int]]] = {}
    named: dict[str, tuple[str, str, int]] = {}
    done: dict[str, list[Event]] = defaultdict(list)
    chosen = set[str]()
    for place, event in accepted(folder, rejected, share, shares):
        name = event["event_id"]
        if event["type"] == "impression":
            ids[place] = name
            if sampled(place):
                chosen.add(name)
            shown[event["user"], event["impression_id"]] = (name, event["ts"])
            named[name] = (event["user"], event["query_id"], event["ts"])
        elif event["type"] == "search" and name not in seen:
            words = len(event["query"].split())
            searches.setdefault((event["user"], event["query_id"]), []).append((event["ts"], words))
        elif name not in seen:
            answers.append((event["ts"], name, event))
        if name not in seen:
            done[event["user"]].append(Event(event["ts"] * 1_000, name, event["type"], event))
        duplicates += name in seen
        seen.add(name)
    clicked: dict[str, int] = {}
    bought: dict[str, float] = {}
    within = {"click": 60 * minute, "cart": 180 * minute, "purchase": 1440 * minute}
    for at, _, event in sorted(answers, key=lambda answer: answer[:2]):
        known = shown.get((event["user"], event["impression_id"]))
        if known is None or known[1] > at + minute:
            continue
        name, moment = known[0], max(at, known[1])
        if moment - known[1] > within[event["type"]]:
            continue
        if event["type"] == "click" and moment - known[1] <= 10 * minute:
            clicked.setdefault(name, moment)
        elif event["type"] != "click" and name in clicked and moment - clicked[name] <= 120 * minute:
            bought[name] = max(bought.get(name, 0.0), 3.0 if event["type"] == "purchase" else 1.0)

    def words_of(name: str) -> int:
        user, query, at = named[name]
        found = [one for one in searches.get((user, query), []) if at - 60 * minute <= one[0] <= at]
        return max(found)[1] if found else 0

    ctr = {name: (float(name in clicked), 1.0, words_of(name)) for name, _ in shown.values()}
    cvr = {name: (float(name in bought), bought.get(name, 1.0), 0) for name in clicked}
    behaviour = {name: of_shop(done[user], at * 1_000) for (user, _), (name, at) in shown.items() if name in chosen}
    return Plain(ids, [ctr, cvr], behaviour, duplicates)
