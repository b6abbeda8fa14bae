"""From measurements at two sizes to steady rates, costs and ratios, as JSON and as a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run of one competitor; ``error`` is set where it failed."""

    competitor: str
    lines: int
    wall_s: float = 0.0
    cpu_s: dict[str, float]
    peak_rss: int
    peak_pss: int
    said: dict[str, Any]
    error: str = ""


def steady(small: Measurement, large: Measurement) -> tuple[float, dict[str, float]] | None:
    """Return events/s and core-microseconds per event by process, as slopes between two sizes.

    None where a run failed, or the larger one was not slower, so that there is no slope.
    """
    if small.error or large.error or large.wall_s <= small.wall_s or large.lines <= small.lines:
        return None
    more = large.lines - small.lines
    cost = {kind: 1e6 * (large.cpu_s[kind] - small.cpu_s.get(kind, 0.0)) / more for kind in large.cpu_s}
    return more / (large.wall_s - small.wall_s), cost


def summarise(measurements: list[Measurement], target: str = "job") -> dict[str, Any]:
    """Return per competitor the median steady rate over rounds, costs, peak memory, and the ratio target / it."""
    competitors: dict[str, Any] = {}
    for name in dict.fromkeys(one.competitor for one in measurements):
        own = [one for one in measurements if one.competitor == name]
        sizes = sorted({one.lines for one in own})
        rounds = zip(*([one for one in own if one.lines == size] for size in (sizes[0], sizes[-1])), strict=True)
        slopes = [slope for slope in (steady(small, large) for small, large in rounds) if slope]
        kinds = sorted({kind for _, cost in slopes for kind in cost})
        competitors[name] = {
            "sizes": sizes,
            "events_per_s": median(rate for rate, _ in slopes) if slopes else None,
            "rounds": [rate for rate, _ in slopes],
            "core_us_per_event": {kind: median(cost.get(kind, 0.0) for _, cost in slopes) for kind in kinds},
            "peak_rss_bytes": max(one.peak_rss for one in own),
            "peak_pss_bytes": max(one.peak_pss for one in own),
            "checkpoint_bytes": max((one.said.get("checkpoint_bytes", 0) for one in own), default=0),
            "errors": [one.error for one in own if one.error],
        }
    rate = competitors.get(target, {}).get("events_per_s")
    shop = _share(competitors, "shop_job", "shop_yardstick")
    spine = _share(competitors, "job", "yardstick")
    ratios = {
        name: rate / one["events_per_s"]
        for name, one in competitors.items()
        if rate and one["events_per_s"] and name != target
    }
    return {
        "competitors": competitors,
        f"{target}_over": ratios,
        "shop_over_yardstick": shop,
        "shop_over_spine": shop / spine if shop and spine else None,
        "measurements": [asdict(one) for one in measurements],
    }


def _share(competitors: dict[str, Any], mine: str, theirs: str) -> float | None:
    rates = [competitors.get(name, {}).get("events_per_s") for name in (mine, theirs)]
    return rates[0] / rates[1] if all(rates) else None


def table(summary: dict[str, Any], target: str = "job") -> Table:
    """Return the summary for a person."""
    shown = Table(title="steady rates: slope between two sizes")
    for heading in ("competitor", "events/s", f"{target} / it", "core-us per event", "peak MiB", "checkpoint MiB"):
        shown.add_column(heading, justify="left" if heading == "competitor" else "right")
    for name, one in summary["competitors"].items():
        ratio = summary[f"{target}_over"].get(name)
        costs = ", ".join(f"{kind} {cost:.2f}" for kind, cost in one["core_us_per_event"].items())
        rate = f"{one['events_per_s']:,.0f}" if one["events_per_s"] else "failed" if one["errors"] else "no slope"
        memory, checkpoint = (one[of] / 2**20 for of in ("peak_pss_bytes", "checkpoint_bytes"))
        last = f"{checkpoint:,.0f}" if checkpoint else ""
        shown.add_row(name, rate, f"{ratio:.2f}" if ratio else "", costs, f"{memory:,.0f}", last)
    return shown
