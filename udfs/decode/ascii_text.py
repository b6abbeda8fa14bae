"""Whether ASCII text is clean, eight bytes at a time."""

from __future__ import annotations

import numpy as np

from udfs.decode.scan import CLEAN, FOLD, SLOW, cleanliness
from udfs.decode.tokens import HIGH, ONES
from udfs.jit import inlined
from udfs.types import U8
from udfs.words import load8, load64

_SPACES, _ZEROS = ONES * np.uint64(32), ONES * np.uint64(48)


@inlined
def text_state(line: U8, start: int, stop: int, nfc: bool, trim: bool, case: int) -> int:
    """Tell what ``scan.cleanliness`` tells of well-formed text; eight bytes behind it can be read."""
    before = np.uint64(0x80)
    fold = np.uint64(0)
    for i in range(start, stop, 8):
        word = load64(line, i)
        if stop - i < 8:
            kept = (np.uint64(1) << np.uint64(8 * (stop - i))) - np.uint64(1)
            word = (word & kept) | (_ZEROS & ~kept)
        if (word | ((word - _SPACES) & ~word)) & HIGH != 0:
            return cleanliness(line, start, stop, nfc, trim, case)
        # Bytes are below 0x80 here, so that sums do not carry from one into the next.
        if trim:
            blank = ~(word + ONES * np.uint64(0x80 - 0x21)) & HIGH
            if blank & ((blank << np.uint64(8)) | before) != 0:
                return SLOW
            before = blank >> np.uint64(56)
        if case == 1:
            fold |= (word + ONES * np.uint64(0x80 - 0x41)) & ~(word + ONES * np.uint64(0x80 - 0x5B)) & HIGH
        elif case == 2:
            fold |= (word + ONES * np.uint64(0x80 - 0x61)) & ~(word + ONES * np.uint64(0x80 - 0x7B)) & HIGH
    if trim and start < stop and load8(line, stop - 1) == 32:
        return SLOW
    return FOLD if fold != 0 else CLEAN
