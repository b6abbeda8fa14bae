"""XXH64 (Yann Collet, https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md): the check on frames, several GB/s."""

from __future__ import annotations

import numpy as np

from udfs.jit import kernel
from udfs.types import U64, Bytes

_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_P5 = np.uint64(0x27D4EB2F165667C5)


@kernel
def _rotl(x: np.uint64, r: int) -> np.uint64:
    return np.uint64((x << np.uint64(r)) | (x >> np.uint64(64 - r)))


@kernel
def _round(acc: np.uint64, lane: np.uint64) -> np.uint64:
    return np.uint64(_rotl(np.uint64(acc + lane * _P2), 31) * _P1)


@kernel
def _merge(acc: np.uint64, lane: np.uint64) -> np.uint64:
    return np.uint64((acc ^ _round(np.uint64(0), lane)) * _P1 + _P4)


@kernel
def _xxh64(words: U64, tail: Bytes, seed: int) -> np.uint64:
    """Hash whole 8-byte words followed by a tail of fewer than 8 bytes."""
    seed64 = np.uint64(seed)
    n = len(words)
    stripes = n >> 2
    if stripes:
        a, b, c, d = seed64 + _P1 + _P2, seed64 + _P2, seed64, seed64 - _P1
        for s in range(stripes):
            i = s << 2
            a = _round(a, words[i])
            b = _round(b, words[i + 1])
            c = _round(c, words[i + 2])
            d = _round(d, words[i + 3])
        acc = _rotl(a, 1) + _rotl(b, 7) + _rotl(c, 12) + _rotl(d, 18)
        acc = _merge(_merge(_merge(_merge(acc, a), b), c), d)
    else:
        acc = seed64 + _P5
    acc += np.uint64(8 * n + len(tail))
    for i in range(stripes << 2, n):
        acc = np.uint64(_rotl(acc ^ _round(np.uint64(0), words[i]), 27) * _P1 + _P4)
    j = 0
    if len(tail) >= 4:
        four = np.uint64(0)
        for k in range(4):
            four |= np.uint64(tail[k]) << np.uint64(8 * k)
        acc = np.uint64(_rotl(acc ^ (four * _P1), 23) * _P2 + _P3)
        j = 4
    while j < len(tail):
        acc = np.uint64(_rotl(acc ^ (np.uint64(tail[j]) * _P5), 11) * _P1)
        j += 1
    acc ^= acc >> np.uint64(33)
    acc *= _P2
    acc ^= acc >> np.uint64(29)
    acc *= _P3
    return np.uint64(acc ^ (acc >> np.uint64(32)))


def checksum(data: bytes | memoryview, seed: int = 0) -> int:
    """Return the XXH64 of a byte string.

    >>> hex(checksum(b""))
    '0xef46db3751d8e999'
    """
    whole = len(data) >> 3
    words = np.require(np.frombuffer(data, "<u8", count=whole), requirements="A")
    tail = np.frombuffer(data, np.uint8, offset=whole << 3)
    return int(_xxh64(words, tail, seed))
