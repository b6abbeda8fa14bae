from __future__ import annotations

import pytest

from jobs.monitor.throughput import POINTS, Throughput
from tests.unit.jobs.monitor.sample_run import START, counts


def of(documents: list[dict[str, int]], end: float) -> Throughput:
    throughput = Throughput()
    for document in documents:
        throughput.add(document["key"], document["now"], document["read"])
    throughput.saw(START + round(end * 1_000_000))
    return throughput


def test_the_slow_start_and_the_untimed_end_do_not_bend_the_steady_rate() -> None:
    throughput = of(counts(rate=800.0, seconds=40), 40.0)
    assert throughput.steady_events_per_s() == pytest.approx(800.0, rel=1e-3)
    seconds, read = throughput.points()[-1]
    assert (seconds, read) == (40.0, 28_400)
    assert read / seconds < 0.9 * 800.0


def test_the_steady_rate_is_the_least_squares_slope_of_an_uneven_run() -> None:
    throughput = Throughput()
    read = 0
    for second in range(61):
        throughput.add(0, START + second * 1_000_000, read)
        read += 1_000 if second % 2 else 500
    assert throughput.steady_events_per_s() == pytest.approx(750.0, rel=0.01)


@pytest.mark.parametrize("seconds", [1, 2, 4])
def test_a_short_run_has_no_steady_rate(seconds: int) -> None:
    assert of(counts(seconds=seconds), seconds).steady_events_per_s() is None


def test_nothing_has_no_rate_and_no_points() -> None:
    throughput = Throughput()
    assert (throughput.points(), throughput.steady_events_per_s(), throughput.recent_events_per_s()) == ([], None, None)
    for second in range(30):
        throughput.add(0, START + second * 1_000_000, 0)
    assert throughput.steady_events_per_s() is None
    assert throughput.recent_events_per_s() == 0.0


def test_a_run_that_began_with_restored_counts_reads_from_zero() -> None:
    throughput = Throughput()
    for second in range(20):
        throughput.add(0, START + second * 1_000_000, 1_000_000 + 100 * second)
    assert throughput.points()[0] == (0.0, 0)
    assert throughput.points()[-1] == (19.0, 1_900)
    assert throughput.recent_events_per_s() == pytest.approx(100.0)


def test_a_long_run_keeps_few_points_and_its_shape() -> None:
    throughput = Throughput()
    for second in range(20_000):
        throughput.add(0, START + second * 1_000_000, 50 * second)
    assert len(throughput.points()) == POINTS
    assert throughput.points()[-1] == (19_999.0, 50 * 19_999)
    assert throughput.steady_events_per_s() == pytest.approx(50.0, rel=1e-3)
