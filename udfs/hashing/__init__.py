"""Seeded hashes: MurmurHash3 for slots and identities, XXH64 to check frames."""

from udfs.hashing.murmur3 import hash32, hash128, murmur3_32, murmur3_32_many, murmur3_128
from udfs.hashing.xxh64 import checksum

__all__ = ["checksum", "hash32", "hash128", "murmur3_32", "murmur3_32_many", "murmur3_128"]
