"""The end of an input that several senders share: it has ended when every one of them said so in the same start."""

from __future__ import annotations

from typing import Any

from udfs.frames import Frame, Kind, encode


def end_frame(sender: int, senders: int, epoch: int) -> bytes:
    """Return the frame by which one of ``senders`` says that nothing more comes from it in the start ``epoch``."""
    return encode(Frame(Kind.END, meta={"sender": sender, "senders": senders, "epoch": epoch}))


class Ends:
    """Which senders have ended.

    A start that goes on from stored state asks all of them anew, so that a run can be resumed after its end.
    """

    def __init__(self) -> None:
        self._epoch = 0
        self._ended: set[int] = set()

    def complete(self, frame: Frame) -> bool:
        """Take an END frame; return whether it is the one that completes the end of the input."""
        sender, senders, epoch = (frame.meta[name] for name in ("sender", "senders", "epoch"))
        if epoch > self._epoch:
            self._epoch, self._ended = epoch, set()
        if epoch < self._epoch or sender in self._ended:
            return False
        self._ended.add(sender)
        return len(self._ended) == int(senders)

    def dump(self) -> list[Any]:
        """Return the state as plain values."""
        return [self._epoch, sorted(self._ended)]

    def load(self, dumped: list[Any]) -> None:
        """Take what ``dump`` returned."""
        self._epoch, self._ended = dumped[0], set(dumped[1])
