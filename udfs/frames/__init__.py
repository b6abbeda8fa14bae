"""Frames: columnar micro-batches, the only thing that travels between stages."""

from udfs.frames.codec import decode, encode
from udfs.frames.frame import Frame, Kind
from udfs.frames.ragged import Ragged

__all__ = ["Frame", "Kind", "Ragged", "decode", "encode"]
