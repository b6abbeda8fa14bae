"""The report as one page that needs nothing else: no script, no font, no image from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib import resources
from itertools import pairwise
from typing import Any

from jobs.monitor.text import count, rate
from jobs.report.chart import Line, Point, chart
from jobs.report.learning import model_section
from jobs.report.parts import bars, tiles
from jobs.report.side_by_side import side_by_side


def page(report: Mapping[str, Any]) -> str:
    """Return the page of a report that ``build_report`` made."""
    style = (resources.files(__package__) / "page.css").read_text("utf-8")
    models = "".join(model_section(name, model) for name, model in report["models"].items())
    names = ", ".join(report["models"]) or "no model"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>Headrace: {escape(names)}</title><style>{style}</style></head><body><main>"
        f"<header><h1>Headrace</h1><p>What a run read, learned and released</p></header>"
        f"{_events(report)}{side_by_side(report.get('compared', {}))}{models}"
        "<footer>The same figures, for machines: <code>report.json</code> beside this page.</footer>"
        "</main></body></html>\n"
    )


def _events(report: Mapping[str, Any]) -> str:
    events = report["events"]
    rejected, anomalous, skipped = (sum(events.get(name, {}).values()) for name in ("rejected", "anomalous", "skipped"))
    parts = "accepted + duplicates + rejected" + (" + anomalous" if anomalous else "")
    shown = [
        ("events read", count(events["read"]), f"= {parts}"),
        ("accepted", count(events["accepted"]), _share(events["accepted"], events["read"])),
        ("duplicates", count(events["duplicates"]), _share(events["duplicates"], events["read"])),
        ("rejected", count(rejected), _share(rejected, events["read"])),
        *([("skipped", count(skipped), "on the other side of the switch; not read")] if skipped else []),
        *([("anomalous", count(anomalous), _share(anomalous, events["read"]))] if anomalous else []),
        ("steady events/s", rate(report["steady_events_per_s"]), "without start and end of the run"),
        ("wall time", _duration(report["wall_s"]), "start of Flink included"),
    ]
    return "".join(
        [
            "<section><h2>Events</h2>",
            tiles(shown),
            _forgotten(report),
            f'<div class="charts"><div>{_throughput(report)}</div><div>{_rejects(events["rejected"])}</div></div>',
            _by_rule("Bots: dropped by rule", events.get("anomalous", {})),
            _by_rule("Bots: accepted nevertheless, by rule", events.get("suspected", {})),
            "</section>",
        ]
    )


def _forgotten(report: Mapping[str, Any]) -> str:
    forgotten = report.get("dedup", {}).get("forgotten", 0)
    if not forgotten:
        return ""
    return (
        f'<p class="note warn">{count(forgotten)} ids left the dedup window early because it was full: their '
        "duplicates would not be noticed. Raise dedup.max_ids or shorten dedup.window.</p>"
    )


def _rejects(rejected: Mapping[str, int]) -> str:
    title = "<figcaption>Rejected by reason</figcaption>"
    if not rejected:
        return f'<figure>{title}<p class="note">None: every event was readable and valid.</p></figure>'
    return f"<figure>{title}{_bars(rejected)}</figure>"


def _by_rule(title: str, found: Mapping[str, int]) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption>{_bars(found)}</figure>" if found else ""


def _bars(counts: Mapping[str, int]) -> str:
    longest = max(counts.values()) or 1
    return bars([(name, count(n), n / longest) for name, n in sorted(counts.items(), key=lambda item: -item[1])])


def _throughput(report: Mapping[str, Any]) -> str:
    points: list[Point] = [
        ((before[0] + after[0]) / 2, (after[1] - before[1]) / (after[0] - before[0]))
        for before, after in pairwise(report.get("throughput", []))
        if after[0] > before[0]
    ]
    steady = report["steady_events_per_s"]
    level = None if steady is None else ("steady", float(steady))
    drawn = chart(
        "Events per second", [Line("read", "fresh", points)], x_label="seconds", level=level, show=rate, zero=True
    )
    title = "<figcaption>Events per second</figcaption>"
    return drawn or f'<figure>{title}<p class="note">The run was too short to draw.</p></figure>'


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%} of all" if whole else "-"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    hours, rest = divmod(round(seconds), 3600)
    minutes, last = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {last} s"
