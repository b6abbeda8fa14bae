"""What a run shows while it goes on and writes when it ends: all of it read from committed output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.config.configuration import Configuration
from jobs.monitor import Progress, Releases, Tail, make_display, mode_for
from jobs.monitor.best import best_auc
from jobs.monitor.events import line_of
from jobs.monitor.redrawn import redrawn
from jobs.report import build_report, write_report
from jobs.report.compared import labels_of
from udfs.schema import Plan

if TYPE_CHECKING:
    from jobs.launcher import RunOptions


class Watch:
    """Follows the reports and releases of one run."""

    def __init__(self, configuration: Configuration, options: RunOptions, plan: Plan) -> None:
        self._out, self._plan = options.out, plan
        self._tail = Tail(Path(configuration.sinks.dir or options.out) / "reports")
        self._releases = Releases(Path(str(configuration.sinks.registry)) / "releases")
        self._progress = Progress(best_auc(options.truth, plan) if options.truth else None)
        self._known = redrawn(options.truth, plan) if options.truth else None
        self._display = make_display(mode_for(sys.stdout, options.json), sys.stdout)
        self._ended: set[int] = set()

    def update(self) -> None:
        """Read what was committed since the last call and show it."""
        for document in self._progress.follow(self._tail):
            if document.get("epoch") == self._plan.epoch and document.get("stage") == "release":
                self._ended.add(document["key"])
            if document.get("epoch") == self._plan.epoch and document.get("stage") == "breaker":
                print(line_of(document), file=sys.stderr)
        self._releases.follow()
        self._display.update(self._progress, self._releases.histories)

    @property
    def ended(self) -> bool:
        """Whether this start has committed the end of its input in every model; earlier starts do not count."""
        return len(self._ended) == len(self._plan.models)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._display.close()

    def report(self, wall_s: float) -> None:
        """Write ``report.json`` and ``report.html``; the job has ended."""
        self.update()
        models = [model.name for model in self._plan.models]
        given = (models, labels_of(self._plan), self._known)
        write_report(self._out, build_report(self._progress, self._releases.histories, wall_s, *given))
