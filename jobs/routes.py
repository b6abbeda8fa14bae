"""What travels between the job's operators, and the side outputs that documents leave by."""

from __future__ import annotations

from pyflink.common import Types
from pyflink.datastream import OutputTag

from udfs.stages.stage import Route

FRAME_TYPE = Types.ROW([Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE())])
"""The key of the next operator's state and an encoded frame."""
TICK = bytes.fromhex("48524603060000002570bd42a6fb6c599504008090900000")
"""A tick as the JVM sends it: an encoded frame of its own kind, written out so that who starts a job runs no kernel."""
PAST = OutputTag("past", FRAME_TYPE)
"""Frames that pass the next vertex by."""
SIDES = {
    Route.DEAD_LETTER: OutputTag("dead_letters", Types.STRING()),
    Route.RELEASE: OutputTag("releases", Types.STRING()),
    Route.REPORT: OutputTag("reports", Types.STRING()),
}
