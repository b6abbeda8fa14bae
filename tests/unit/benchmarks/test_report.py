from __future__ import annotations

import pytest

from benchmarks.throughput.report import Measurement, summarise, table


def one(name: str, lines: int, wall: float, cpu: float = 0.0, error: str = "") -> Measurement:
    return Measurement(
        competitor=name,
        lines=lines,
        wall_s=wall,
        cpu_s={"jvm": cpu},
        peak_rss=lines,
        peak_pss=lines,
        said={},
        error=error,
    )


def test_the_rate_is_the_slope_without_the_start() -> None:
    runs = [one("job", 100, 10, 20), one("job", 300, 12, 20.5), one("slow", 100, 11), one("slow", 300, 21)]
    summary = summarise(runs)
    job = summary["competitors"]["job"]
    assert job["events_per_s"] == pytest.approx(100)
    assert job["core_us_per_event"] == {"jvm": pytest.approx(2500)}
    assert job["peak_rss_bytes"] == job["peak_pss_bytes"] == 300
    assert summary["job_over"] == {"slow": pytest.approx(5)}


def test_rounds_are_taken_by_their_median() -> None:
    runs = [one("job", n, wall) for wall_2 in (2, 3, 11) for n, wall in ((100, 1.0), (200, float(wall_2)))]
    assert summarise(runs)["competitors"]["job"]["events_per_s"] == pytest.approx(50)


@pytest.mark.parametrize("large", [one("job", 300, 9), one("job", 300, 0, error="exit 1")], ids=["faster", "failed"])
def test_without_a_slope_there_is_no_rate(large: Measurement) -> None:
    summary = summarise([one("job", 100, 10), large])
    assert summary["competitors"]["job"]["events_per_s"] is None
    assert table(summary).row_count == 1
