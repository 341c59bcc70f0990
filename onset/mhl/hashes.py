"""The digests of ASC MHL v2.0, computed side by side in one read and spelled as the standard spells them.

Used by the manifests, by the offload engine and by verify. xxHash objects release the GIL above 64 KiB an update, so
feed blocks of 1 MiB or more where there are that many bytes.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Protocol

import xxhash

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_C4_LENGTH = 90
_SHA512_BYTES = 64

Block = bytes | bytearray | memoryview


class HashFormat(StrEnum):
    """Formats of ASC MHL v2.0, in the order its schema wants them inside a record."""

    C4 = "c4"
    MD5 = "md5"
    SHA1 = "sha1"
    XXH128 = "xxh128"
    XXH3 = "xxh3"
    XXH64 = "xxh64"


# Measured on one core: xxh above 20 GB/s, sha1 2.1, c4 1.2, md5 0.9. The slow ones get threads of their own.
FASTEST_FIRST = (
    HashFormat.XXH128,
    HashFormat.XXH3,
    HashFormat.XXH64,
    HashFormat.SHA1,
    HashFormat.C4,
    HashFormat.MD5,
)
SLOW = frozenset({HashFormat.C4, HashFormat.MD5, HashFormat.SHA1})

Digests = Mapping[HashFormat, str]


class DigestSet(Digests):
    """The digests of one file. A card has a hundred thousand of these: a dictionary each would be 230 bytes more.

    >>> DigestSet((HashFormat.MD5,), ("ab",))[HashFormat.MD5]
    'ab'
    """

    __slots__ = ("_digests", "_formats")

    def __init__(self, formats: tuple[HashFormat, ...], digests: tuple[str, ...]) -> None:
        self._formats = formats
        self._digests = digests

    def __getitem__(self, name: HashFormat) -> str:
        try:
            return self._digests[self._formats.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[HashFormat]:
        return iter(self._formats)

    def __len__(self) -> int:
        return len(self._formats)

    def __repr__(self) -> str:
        return f"DigestSet({dict(self)})"


class Hasher(Protocol):
    """One running digest."""

    def update(self, block: Block, /) -> None: ...

    def spell(self) -> str:
        """The digest so far, as a manifest spells it."""
        ...


class _Running(Protocol):
    def update(self, block: Block, /) -> None: ...
    def hexdigest(self) -> str: ...


_XXHASH: Mapping[HashFormat, Callable[[], _Running]] = {
    HashFormat.XXH128: xxhash.xxh3_128,
    HashFormat.XXH3: xxhash.xxh3_64,
    HashFormat.XXH64: xxhash.xxh64,
}

_AT_ONCE: Mapping[HashFormat, Callable[[Block], str]] = {
    HashFormat.XXH128: xxhash.xxh3_128_hexdigest,
    HashFormat.XXH3: xxhash.xxh3_64_hexdigest,
    HashFormat.XXH64: xxhash.xxh64_hexdigest,
}


class _Hex:
    """md5, sha1 and the xxHash family: lower-case hex, xxHash canonical (big-endian), seed 0."""

    def __init__(self, name: HashFormat) -> None:
        make = _XXHASH.get(name)
        running: _Running = make() if make else hashlib.new(name.value, usedforsecurity=False)
        self._hexdigest = running.hexdigest
        self.update = running.update

    def spell(self) -> str:
        return self._hexdigest()


class _C4:
    """SHA-512 as one big number in base 58, 88 digits, after "c4"."""

    def __init__(self) -> None:
        self._hash = hashlib.sha512()
        self.update = self._hash.update

    def spell(self) -> str:
        return _spell_c4(self._hash.digest())


def _spell_c4(sha512: bytes) -> str:
    number = int.from_bytes(sha512, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_BASE58[digit])
    return "c4" + "".join(reversed(digits)).rjust(_C4_LENGTH - 2, "1")


def new_hasher(name: HashFormat) -> Hasher:
    """A fresh digest of that format."""
    return _C4() if name is HashFormat.C4 else _Hex(name)


def spell(name: HashFormat, data: Block) -> str:
    """The digest of `data`, as a manifest spells it.

    >>> spell(HashFormat.XXH64, b"")
    'ef46db3751d8e999'
    >>> len(spell(HashFormat.C4, b""))
    90
    """
    return speller(name)(data)


def speller(name: HashFormat) -> Callable[[Block], str]:
    """The function from bytes to their digest, for whoever has many short ones."""
    return _AT_ONCE.get(name) or functools.partial(_spell_running, name)


def _spell_running(name: HashFormat, data: Block) -> str:
    running = new_hasher(name)
    running.update(data)
    return running.spell()


def xxh128(data: Block) -> str:
    """The digest that is made of everything, without a hasher around it.

    >>> xxh128(b"") == spell(HashFormat.XXH128, b"")
    True
    """
    return xxhash.xxh3_128_hexdigest(data)


def raw_bytes(name: HashFormat, digest: str) -> bytes:
    """The digest as bytes: what directory hashes are made of.

    Raises:
        ValueError: `digest` is not a digest of that format.
    """
    if name is not HashFormat.C4:
        return bytes.fromhex(digest)
    if len(digest) != _C4_LENGTH or not digest.startswith("c4"):
        raise ValueError("not a C4 digest")
    number = 0
    for char in digest[2:]:
        number = number * 58 + _BASE58.index(char)
    return number.to_bytes(_SHA512_BYTES, "big")


def raw_list(name: HashFormat, digests: Iterable[str]) -> bytes:
    """Digests made here as bytes, one behind the other: unlike in `raw_bytes`, not each is looked at."""
    if name is not HashFormat.C4:
        return bytes.fromhex("".join(digests))
    return b"".join([raw_bytes(name, digest) for digest in digests])


class Digester:
    """Several digests of one stream, from one read."""

    __slots__ = ("_hashers",)

    def __init__(self, formats: Collection[HashFormat]) -> None:
        self._hashers = [(name, new_hasher(name)) for name in formats]

    def update(self, block: Block) -> None:
        for _, running in self._hashers:
            running.update(block)

    def digests(self) -> Digests:
        return digest_set({name: running.spell() for name, running in self._hashers})


def digest_set(digests: Digests) -> DigestSet:
    """The same digests in their small form."""
    return DigestSet(_shared(tuple(digests)), tuple(digests.values()))


@functools.cache
def _shared(formats: tuple[HashFormat, ...]) -> tuple[HashFormat, ...]:
    return formats


def same_digest(one: str, other: str, name: HashFormat) -> bool:
    """Whether two spellings mean one digest: hex may be upper-case in other people's files, C4 may not."""
    return one == other if name is HashFormat.C4 else one.lower() == other.lower()
