"""The newest rows that carry their fields are kept, whatever frames they come in."""

from __future__ import annotations

import itertools

from benchmarks.quality.traffic import Traffic
from tests.unit.udfs.stages.shop_examples import frame_of
from udfs.frames import Frame, Ragged
from udfs.stages.samples import KEPT, Samples

(EXAMPLES,) = Traffic().chunks(1_000, size=1_000)


def frame() -> Frame:
    found = frame_of(EXAMPLES)
    rows = [b"{}" if number % 10 == 0 else b"" for number in range(found.n)]
    return Frame(found.kind, found.n, found.meta, found.columns, {"sample": Ragged.of_bytes(rows)})


def test_the_newest_are_kept_in_any_cutting() -> None:
    whole, cut = Samples(), Samples()
    whole.add(frame_of(EXAMPLES))
    assert whole.rows() == []
    whole.add(frame())
    for start, stop in itertools.pairwise(range(0, 1_001, 125)):
        cut.add(frame().slice(start, stop))
    times = [int(row.columns["time"][0]) for row in cut.rows()]
    assert times == [int(EXAMPLES.time[number]) for number in range(1_000 - 10 * KEPT, 1_000, 10)]
    assert [*cut.dump()] == [*whole.dump()]
    again = Samples()
    again.load([*cut.dump()])
    assert [*again.dump()] == [*cut.dump()]
