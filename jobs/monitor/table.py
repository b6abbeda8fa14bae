"""A live table on a terminal."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from jobs.monitor.progress import Progress
from jobs.monitor.status import Status, main_metrics
from jobs.monitor.text import LABELS, against, anomalies, count, figure, rate, rejects, skipped
from udfs.releases.history import History

_AGAINST = ("log_loss", "auc", "auc_unshown", "mae", "rmse")


class LiveTable:
    """Redraws in place; the last picture stays when it is closed."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._live = Live(console=Console(file=stream, highlight=False), auto_refresh=False)
        self._open = False

    def update(self, progress: Progress, releases: Mapping[str, History]) -> None:
        """Redraw."""
        try:
            if not self._open:
                self._live.start()
                self._open = True
                atexit.register(self.close)
            self._live.update(render(Status.of(progress, releases, self._clock())), refresh=True)
        except BrokenPipeError:
            self._open = False

    def close(self) -> None:
        """Leave the last picture and give the cursor back."""
        if self._open:
            self._open = False
            self._live.stop()
        atexit.unregister(self.close)


def render(status: Status) -> RenderableType:
    """Return a status as tables."""
    if status.checkpoint_age_s is None:
        return Text("Starting; figures come with the first checkpoint", style="dim")
    parts: list[RenderableType] = [_events(status)]
    for metrics in dict.fromkeys(main_metrics(model.progressive.get("fresh", {})) for model in status.models.values()):
        parts.append(_models(status, metrics))
    return Group(*parts)


def _events(status: Status) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    events = status.events
    table.add_row("events/s", Text(rate(status.events_per_s), style="bold"), "over the last ten committed seconds")
    table.add_row("read", count(events["read"]))
    table.add_row("accepted", Text(count(events["accepted"]), style="green"))
    table.add_row("duplicates", count(events["duplicates"]))
    total, _, reasons = rejects(status).partition(" ")
    table.add_row("rejected", Text(total, style="red" if reasons else ""), Text(reasons.strip("()")))
    if left_out := skipped(status):
        table.add_row("skipped", *left_out.split(" ", 1))
    for name, found in anomalies(status):
        total, _, reasons = found.partition(" ")
        table.add_row(name, total, Text(reasons.strip("()")))
    if status.forgotten:
        table.add_row("forgotten", count(status.forgotten), "ids that left a full dedup window early")
    table.add_row("checkpoint", f"{status.checkpoint_age_s:.0f} s", "ago")
    return table


def _models(status: Status, metrics: tuple[str, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("model", "clock"):
        table.add_column(heading)
    for heading in ("examples", *(LABELS[metric] for metric in metrics), "versions"):
        table.add_column(heading, justify="right")
    table.add_column("stable")
    for name, model in status.models.items():
        clocks = model.progressive or {"fresh": {}}
        if main_metrics(clocks.get("fresh", {})) != metrics:
            continue
        for i, (clock, figures) in enumerate(clocks.items()):
            shown = [against(figures, m) if m in _AGAINST else figure(figures.get(m)) for m in metrics]
            style = "bold red" if model.breaker_open else "bold"
            first = [
                Text(f"{name} (breaker open)" if model.breaker_open else name, style=style),
                LABELS.get(clock, clock),
                count(model.examples),
            ]
            last = [str(model.versions), model.stable or "-"]
            table.add_row(*(first if i == 0 else ["", LABELS.get(clock, clock), ""]), *shown, *(last if i == 0 else []))
    return table
