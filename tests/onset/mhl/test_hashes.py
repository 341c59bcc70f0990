"""Digests: expected values come from the published test vectors and from files that other tools hashed."""

from __future__ import annotations

import pytest

from onset.mhl.hashes import Digester, HashFormat, raw_bytes, same_digest, spell

# Of no bytes at all: md5 and sha1 from RFC 1321 and RFC 3174, xxHash from its reference implementation, C4 from the ID
# specification's "empty" example.
EMPTY = {
    HashFormat.MD5: "d41d8cd98f00b204e9800998ecf8427e",
    HashFormat.SHA1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    HashFormat.XXH64: "ef46db3751d8e999",
    HashFormat.XXH3: "2d06800538d394c2",
    HashFormat.XXH128: "99aa06d3014798d86001c324468d497f",
    HashFormat.C4: "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT",
}


@pytest.mark.parametrize("name", HashFormat)
def test_digest_is_spelled_otherwise_than_by_everybody_else(name: HashFormat) -> None:
    assert spell(name, b"") == EMPTY[name]


def test_formats_in_one_read_influence_each_other() -> None:
    together = Digester(list(HashFormat))
    together.update(b"roll")
    together.update(b"ing")
    assert together.digests() == {name: spell(name, b"rolling") for name in HashFormat}


@pytest.mark.parametrize("name", HashFormat)
def test_bytes_of_a_digest_have_the_wrong_length(name: HashFormat) -> None:
    lengths = {"c4": 64, "md5": 16, "sha1": 20, "xxh128": 16, "xxh3": 8, "xxh64": 8}
    assert len(raw_bytes(name, EMPTY[name])) == lengths[name]


def test_c4_with_leading_ones_loses_them() -> None:
    assert raw_bytes(HashFormat.C4, "c4" + "1" * 87 + "2") == bytes(63) + b"\1"


def test_upper_case_hex_counts_as_a_mismatch() -> None:
    assert same_digest("EF46DB3751D8E999", "ef46db3751d8e999", HashFormat.XXH64)
    assert not same_digest("c4A", "c4a", HashFormat.C4)


def test_something_else_is_taken_for_a_c4() -> None:
    with pytest.raises(ValueError, match="C4"):
        raw_bytes(HashFormat.C4, "c4tooshort")
