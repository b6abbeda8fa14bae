"""What a run shows while it goes on and writes when it ends: all of it read from committed output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jobs.config.configuration import Configuration
from udfs.schema import Plan


class Watch:
    def __init__(self, configuration: Configuration, options: Any, plan: Plan) -> None:
        self._c, self._o = configuration, options
        self.last: dict[Any, Any] = {}
        self._epoch = plan.epoch
        self._seen: set[Path] = set()

    def update(self) -> None:
        for p in sorted(Path(str(self._c.sinks.dir), "reports").glob("**/[!._]*")):
            if p in self._seen or not p.is_file():
                continue
            self._seen.add(p)
            for line in p.read_text().splitlines():
                d = json.loads(line)
                k = (d["stage"], d.get("model"), d["key"])
                n = d.get("read", d.get("examples"))
                if k not in self.last or (d.get("epoch", 0), n) >= (self.last[k].get("epoch", 0), self.last[k].get("read", self.last[k].get("examples"))):
                    self.last[k] = d
            print("read", sum(d.get("read", 0) for d in self.last.values()), file=sys.stderr)

    def reached(self, ends: dict[str, int]) -> bool:
        off: dict[str, int] = {}
        for d in self.last.values():
            if d.get("epoch") != self._epoch:
                continue
            for k, v in d.get("offsets", {}).items():
                off[k] = max(off.get(k, -1), v)
        return all(off.get(k, -1) >= v - 1 for k, v in ends.items())

    def close(self) -> None:
        pass

    def report(self, wall: float) -> None:
        self.update()
        for k, d in self.last.items():
            d.pop("curve", None)
            print(k, json.dumps(d)[:600])
        print("wall", wall)
