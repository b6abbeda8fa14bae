"""``python -m benchmarks.quality.shop_bots``: what [user] finds of the bots of the simulated shop, and whom it accuses.

Files of ``headrace simulate shop`` go through the job's own [read] and [user], with the rules of examples/shop.yaml.
The truth says who is a bot. Shares are of events, each once, after their user's first 20 in order of arrival.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from benchmarks.quality.bots import late
from jobs.config import load
from jobs.config.configuration import Configuration
from simulator.bots import KINDS
from simulator.files import to_files
from simulator.population import Population
from simulator.reference import FAULTS
from simulator.settings import with_settings
from simulator.simulation import Simulation
from udfs.decode.identity import SEEDS
from udfs.frames import Frame, Kind, decode
from udfs.hashing import hash128
from udfs.quality.anomaly.actions import Actions
from udfs.quality.anomaly.reasons import USER_REASONS
from udfs.quality.anomaly.user_options import UserReason
from udfs.schema import Action, Plan
from udfs.stages.stage import Route
from udfs.stages.user import make_user_stage
from udfs.types import I64, U8, U64, Bool

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "shop.yaml"
NAMES: Final = ("people", *KINDS)


class Verdicts(NamedTuple):
    """Events in order of arrival: their users' hashes, and the reasons that [user] gave (n,)."""

    users: U64
    reasons: U8


class _Line(msgspec.Struct):
    type: str = ""
    user: str | None = None
    impression_id: str | None = None


def kinds_of(folder: Path, truth: Path) -> dict[int, int]:
    """Return what each user is, by hash: 0 for people, else 1 + the place in ``KINDS``."""
    numbers, bots = (np.load(truth / f"{name}.npy", mmap_mode="r") for name in ("impression", "bot"))
    reader, kinds = msgspec.json.Decoder(_Line), dict[str, int]()
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            try:
                event = reader.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if event.type == "impression" and event.user and event.user not in kinds and event.impression_id:
                place = int(np.searchsorted(numbers, int(event.impression_id.partition("-")[2])))
                kinds[event.user] = int(bots[place])
    return {hash128(user, SEEDS)[0]: kind for user, kind in kinds.items()}


def refusing(configuration: Configuration) -> Plan:
    """Return a plan of nothing but the rules, in which every reason sends an event to the dead letters."""
    plan = configuration.plan(1, True)
    users = plan.anomalies.users
    assert users is not None
    actions = {reason: Action(do="quarantine") for reason in USER_REASONS}
    rules = msgspec.structs.replace(plan.anomalies, users=msgspec.structs.replace(users, actions=actions))
    return msgspec.structs.replace(plan, anomalies=rules, join=None, models=())


def verdicts(configuration: Configuration, folder: Path, seed: int = 0) -> Verdicts:
    """Return what [user] says of the events of files, bucket by bucket; repetitions are left out."""
    from benchmarks.quality.lanes import read

    plan = refusing(configuration)
    stages = [make_user_stage(plan, bucket) for bucket in range(plan.buckets)]
    seen: list[set[int]] = [set() for _ in stages]
    users, reasons = list[U64](), list[U8]()
    for bucket, data in read(configuration, folder, seed):
        frame = decode(data)
        letters = [o.payload for o in stages[bucket].process(frame) if o.route == Route.DEAD_LETTER]
        if frame.kind == Kind.EVENTS:
            new = _new(frame, seen[bucket])
            users.append(frame.columns["user"][new])
            reasons.append(_reasons(frame, letters)[new])
    return Verdicts(np.concatenate(users), np.concatenate(reasons))


def _new(frame: Frame, seen: set[int]) -> Bool:
    new = np.ones(frame.n, np.bool_)
    for row, name in enumerate(frame.columns["id"][:, 0].tolist()):
        new[row] = name not in seen
        seen.add(name)
    return new


def _reasons(frame: Frame, letters: list[bytes]) -> U8:
    names = [f"bot_{name}" for name in Actions(UserReason, {}).names]
    said = {}
    for letter in map(json.loads, letters):
        said[letter["source"]["file"], letter["source"]["byte"]] = names.index(letter["reason"])
    rows = zip(frame.columns["part"].tolist(), frame.columns["offset"].tolist(), strict=True)
    return np.array([said.get((frame.meta["parts"][part], offset), 0) for part, offset in rows], np.uint8)


def figures(found: Verdicts, kinds: dict[int, int]) -> dict[str, Any]:
    """Return the share of events that were flagged, and by which rules, by who sent them."""
    known, inverse = np.unique(found.users, return_inverse=True)
    kind = np.array([kinds.get(user, 0) for user in known.tolist()])[inverse]
    judged, flagged = late(found.users), found.reasons > 0
    shares = {name: share(flagged, judged & (kind == number)) for number, name in enumerate(NAMES)}
    shares["heaviest"] = share(flagged, judged & _heaviest(inverse, kind))
    names = Actions(UserReason, {}).names
    by_rule = {
        name: dict(Counter(names[reason] for reason in found.reasons[judged & flagged & (kind == number)].tolist()))
        for number, name in enumerate(NAMES)
    }
    return {"events": len(flagged), "judged": int(judged.sum()), "flagged": shares, "by_rule": by_rule}


def share(flagged: Bool, chosen: Bool) -> float:
    """Return the share of the chosen events that are flagged; NaN of none."""
    return float(flagged[chosen].mean()) if chosen.any() else float("nan")


def _heaviest(user: I64, kind: I64) -> Bool:
    """Return which events are those of the 0.1 % of people who have most."""
    counts = np.bincount(user[kind == 0], minlength=int(user.max()) + 1)
    most = np.argsort(counts)[-max(int((counts > 0).sum()) // 1000, 1) :]
    found: Bool = np.isin(user, most) & (kind == 0)
    return found


def run(shop: Simulation) -> dict[str, Any]:
    """Simulate, judge, compare."""
    with tempfile.TemporaryDirectory() as name:
        folder, truth = Path(name) / "shop", Path(name) / "truth"
        to_files(shop, folder, truth)
        return figures(verdicts(load(EXAMPLE), folder), kinds_of(folder, truth))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000, help="impressions that people see")
    parser.add_argument("--faults", choices=tuple(FAULTS), default="all")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", nargs="+", default=(), help="PATH=VALUE, as docs/simulator.md lists them")
    given = parser.parse_args()
    population = Population(users=given.people, items=given.items)
    shop = Simulation(impressions=given.events, seed=given.seed, population=population)
    print(json.dumps(run(with_settings(FAULTS[given.faults](shop), given.set)), indent=2))


if __name__ == "__main__":
    main()
