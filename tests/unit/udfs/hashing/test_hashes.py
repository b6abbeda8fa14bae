"""Hashes equal what their authors published, and onnxruntime's operator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.hashing import checksum, hash32, hash128, murmur3_32_many

FOX = "The quick brown fox jumps over the lazy dog"


def verification(digest: Callable[[bytes, int], bytes]) -> int:
    """SMHasher's verification value: one hash over the hashes of 256 keys of growing length with falling seeds."""
    whole = b"".join(digest(bytes(range(i)), 256 - i) for i in range(256))
    return int.from_bytes(digest(whole, 0)[:4], "little")


def digest128(data: bytes, seed: int) -> bytes:
    h1, h2 = hash128(data, (seed, seed))
    return h1.to_bytes(8, "little") + h2.to_bytes(8, "little")


def test_verification_values_of_smhasher() -> None:
    assert verification(lambda data, seed: hash32(data, seed).to_bytes(4, "little")) == 0xB0F57EE3
    assert verification(digest128) == 0x6384BA69
    assert verification(lambda data, seed: checksum(data, seed).to_bytes(8, "little")) == 0x024B7CF4


@pytest.mark.parametrize(
    ("data", "seed", "expected"),
    [
        (b"", 0, 0),
        (b"", 1, 0x514E28B7),
        (b"", 0xFFFFFFFF, 0x81F16F39),
        (b"\xff\xff\xff\xff", 0, 0x76293B50),
        (b"\x21\x43\x65\x87", 0, 0xF55B516B),
        (b"\x21\x43\x65\x87", 0x5082EDEE, 0x2362F9DE),
        (b"test", 0x9747B28C, 0x704B81DC),
        (b"Hello, world!", 0x9747B28C, 0x24884CBA),
        (FOX.encode(), 0x9747B28C, 0x2FA826CD),
    ],
)
def test_published_murmur3_32(data: bytes, seed: int, expected: int) -> None:
    assert hash32(data, seed) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0)),
        ("hello", (0xCBD8A7B341BD9B02, 0x5B1E906A48AE1D19)),
        ("hello, world", (0x342FAC623A5EBC8E, 0x4CDCBC079642414D)),
        (FOX, (0xE34BBC7BBC071B6C, 0x7A433CA9C49A9347)),
    ],
)
def test_published_murmur3_128(text: str, expected: tuple[int, int]) -> None:
    assert hash128(text) == expected


@pytest.mark.parametrize(
    ("data", "seed", "expected"),
    [
        (b"", 0, 0xEF46DB3751D8E999),
        (b"a", 0, 0xD24EC4F1A98C6E5B),
        (b"abc", 0, 0x44BC2CF5AD770999),
        (b"Call me Ishmael. Some years ago--never mind how long precisely-", 0, 0x02A2E85470D6FD96),
    ],
)
def test_published_xxh64(data: bytes, seed: int, expected: int) -> None:
    assert checksum(data, seed) == expected


def operator(seed: int) -> onnxruntime.InferenceSession:
    node = onnx.helper.make_node("MurmurHash3", ["x"], ["y"], domain="com.microsoft", seed=seed, positive=1)
    graph = onnx.helper.make_graph(
        [node],
        "g",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.STRING, [None])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.UINT32, [None])],
    )
    domains = [onnx.helper.make_opsetid("", 20), onnx.helper.make_opsetid("com.microsoft", 1)]
    model = onnx.helper.make_model(graph, opset_imports=domains, ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


SESSIONS = {seed: operator(seed) for seed in (0, 1, 0x7FFFFFFF)}


@settings(deadline=None, max_examples=300)
@given(texts=st.lists(st.text().filter(lambda text: "\0" not in text), min_size=1, max_size=8))
def test_the_operator_of_onnxruntime(texts: list[str]) -> None:
    for seed, session in SESSIONS.items():
        found = session.run(None, {"x": np.array(texts, object)})[0]
        assert found.tolist() == [hash32(text, seed) for text in texts]


@settings(deadline=None)
@given(pieces=st.lists(st.binary(max_size=20)), seed=st.integers(0, 2**32 - 1))
def test_many_are_the_same_as_one_by_one(pieces: list[bytes], seed: int) -> None:
    data = np.frombuffer(b"".join(pieces), np.uint8)
    offsets = np.cumsum([0, *map(len, pieces)]).astype(np.uint32)
    out = np.empty(len(pieces), np.uint32)
    murmur3_32_many(data, offsets, seed, out)
    assert out.tolist() == [hash32(piece, seed) for piece in pieces]


def test_a_chain_of_parts_is_not_the_hash_of_their_sum() -> None:
    assert hash128("b", hash128("a")) != hash128("ab")
    assert hash128("", hash128("a")) != hash128("a")
