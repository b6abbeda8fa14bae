"""MurmurHash3 (Austin Appleby, public domain): x86 32 bit for slots, x64 128 bit for identities.

The 32-bit variant equals onnxruntime's ``com.microsoft.MurmurHash3`` on UTF-8 strings, which is what lets a released
model hash raw strings inside its own graph.
"""

from __future__ import annotations

import numpy as np

from udfs.jit import loop
from udfs.types import U32, Bytes
from udfs.words import load8, load32, load64

_C1 = np.uint64(0x87C37B91114253D5)
_C2 = np.uint64(0x4CF5AD432745937F)


@loop
def murmur3_32(data: Bytes, start: int, stop: int, seed: int) -> np.uint32:
    """Hash ``data[start:stop]`` (uint8) with a 32-bit seed."""
    h = np.uint32(seed)
    length = stop - start
    last = stop - 4
    i = start
    while i <= last:
        h ^= _scramble32(load32(data, i))
        h = np.uint32((h << np.uint32(13)) | (h >> np.uint32(19)))
        h = np.uint32(h * np.uint32(5) + np.uint32(0xE6546B64))
        i += 4
    if i < stop:
        if length >= 4:
            k = load32(data, last) >> np.uint32(8 * (i - last))
        else:
            k = np.uint32(load8(data, start))
            if length >= 2:
                k |= np.uint32(load8(data, start + 1)) << np.uint32(8)
            if length == 3:
                k |= np.uint32(load8(data, start + 2)) << np.uint32(16)
        h ^= _scramble32(k)
    return mix32(np.uint32(h ^ np.uint32(length)))


@loop
def _scramble32(k: np.uint32) -> np.uint32:
    k = np.uint32(k * np.uint32(0xCC9E2D51))
    k = np.uint32((k << np.uint32(15)) | (k >> np.uint32(17)))
    return np.uint32(k * np.uint32(0x1B873593))


@loop
def mix32(h: np.uint32) -> np.uint32:
    """Apply MurmurHash3's 32-bit finaliser: every input bit reaches every output bit."""
    h = np.uint32(h)
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@loop
def _rotl64(x: np.uint64, r: int) -> np.uint64:
    return np.uint64((x << np.uint64(r)) | (x >> np.uint64(64 - r)))


@loop
def _mix64(k: np.uint64) -> np.uint64:
    k ^= k >> np.uint64(33)
    k *= np.uint64(0xFF51AFD7ED558CCD)
    k ^= k >> np.uint64(33)
    k *= np.uint64(0xC4CEB9FE1A85EC53)
    return np.uint64(k ^ (k >> np.uint64(33)))


@loop
def _tail64(data: Bytes, start: int, i: int, stop: int) -> np.uint64:
    """Return ``data[i:stop]``, 1 to 8 bytes of what begins at ``start``, without a look at what lies outside."""
    if stop - start >= 8:
        return np.uint64(load64(data, stop - 8) >> np.uint64(8 * (8 - (stop - i))))
    value = np.uint64(0)
    for j in range(stop - i):
        value |= np.uint64(load8(data, i + j)) << np.uint64(8 * j)
    return value


@loop
def murmur3_128(data: Bytes, start: int, stop: int, seed1: np.uint64, seed2: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Hash ``data[start:stop]`` to 128 bits; the two seeds chain: the result for one part seeds the next part."""
    h1 = np.uint64(seed1)
    h2 = np.uint64(seed2)
    length = stop - start
    i = start
    while i <= stop - 16:
        k1 = load64(data, i) * _C1
        h1 ^= _rotl64(k1, 31) * _C2
        h1 = (_rotl64(h1, 27) + h2) * np.uint64(5) + np.uint64(0x52DCE729)
        k2 = load64(data, i + 8) * _C2
        h2 ^= _rotl64(k2, 33) * _C1
        h2 = (_rotl64(h2, 31) + h1) * np.uint64(5) + np.uint64(0x38495AB5)
        i += 16
    if stop - i > 8:
        k2 = _tail64(data, start, i + 8, stop) * _C2
        h2 ^= _rotl64(k2, 33) * _C1
    if stop > i:
        k1 = (load64(data, i) if stop - i >= 8 else _tail64(data, start, i, stop)) * _C1
        h1 ^= _rotl64(k1, 31) * _C2
    h1 ^= np.uint64(length)
    h2 ^= np.uint64(length)
    h1 += h2
    h2 += h1
    h1 = _mix64(h1)
    h2 = _mix64(h2)
    h1 += h2
    h2 += h1
    return h1, h2


@loop
def murmur3_32_many(data: Bytes, offsets: U32, seed: int, out: U32) -> None:
    """Hash ``len(out)`` consecutive pieces of ``data``, piece ``i`` being ``data[offsets[i]:offsets[i + 1]]``."""
    for i in range(len(out)):
        out[i] = murmur3_32(data, offsets[i], offsets[i + 1], seed)


def hash32(text: str | bytes, seed: int) -> int:
    """Return the 32-bit hash of one string (UTF-8) or byte string.

    >>> hash32("shoes", 0) == hash32(b"shoes", 0)
    True
    """
    data = np.frombuffer(text.encode() if isinstance(text, str) else text, np.uint8)
    return int(murmur3_32(data, 0, len(data), seed))


def hash128(text: str | bytes, seed: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """Return the 128-bit hash of one string (UTF-8) or byte string as two unsigned 64-bit integers."""
    data = np.frombuffer(text.encode() if isinstance(text, str) else text, np.uint8)
    h1, h2 = murmur3_128(data, 0, len(data), np.uint64(seed[0]), np.uint64(seed[1]))
    return int(h1), int(h2)
