from __future__ import annotations

from jobs.routes import TICK
from udfs.frames import Frame, Kind, encode


def test_a_tick_is_a_frame_of_its_kind() -> None:
    assert encode(Frame(Kind.TICK)) == TICK
