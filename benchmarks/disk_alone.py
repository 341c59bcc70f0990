"""What the disk alone takes for the bytes of an offload of big files: nothing checked, nothing written down.

    python -m benchmarks.disk_alone CARD FOLDER FOLDER [once]

Writes as many bytes as the card has into both folders at once, anew and around the cache, and makes them durable; then
reads, around the cache and through the hash that copies are compared by, what the job reads: the card, each copy, and
(not with `once`) the card again. Used by offload.py: a job that takes little longer is held up by nothing of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from onset.mhl.hashes import HashFormat, new_hasher
from onset.offload.files import go_around_cache
from onset.offload.pages import pages
from onset.offload.readback import BLOCK


def write_anew(sizes: Sequence[int], folder: Path) -> list[Path]:
    """Files of these sizes, whole blocks of one content."""
    block = pages(BLOCK)
    block[:] = os.urandom(BLOCK)
    made = []
    for number, size in enumerate(sizes):
        path = folder / str(number)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        go_around_cache(fd)
        for _ in range(0, size, BLOCK):
            os.write(fd, block)
        os.fsync(fd)
        os.close(fd)
        made.append(path)
    return made


def read_all(paths: Sequence[Path]) -> None:
    block = pages(BLOCK)
    for path in paths:
        running = new_hasher(HashFormat.XXH128)
        fd = os.open(path, os.O_RDONLY)
        go_around_cache(fd)
        while got := os.readv(fd, [block]):
            running.update(block[:got])
        os.close(fd)


def reads_of(card: Sequence[Path], copies: Sequence[Sequence[Path]], *, once: bool) -> Iterator[Sequence[Path]]:
    """Who reads what at the same time as the others."""
    yield from copies
    yield card
    if not once:
        yield card


def main() -> int:
    card = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file())
    sizes = [path.stat().st_size for path in card]
    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(lambda folder: write_anew(sizes, Path(folder)), sys.argv[2:4]))
        list(pool.map(read_all, reads_of(card, copies, once="once" in sys.argv[4:])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
