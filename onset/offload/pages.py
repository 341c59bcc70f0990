"""Memory that a disk can fill in one go: page-aligned, in huge pages where the system gives them.

Used by blocks.py and readback.py. Around the cache the kernel hands our own pages to the device: 4 KiB pages make
requests of half a MiB, huge ones of as much as the device takes. Measured on a virtual disk: 1.2 GB/s with small
pages, 3.7 with huge ones, whatever the number of readers; docs/benchmarks.md.
"""

from __future__ import annotations

import mmap
import sys
from contextlib import suppress


def pages(size: int) -> mmap.mmap:
    """Zeroed memory of `size` bytes that O_DIRECT may read and write.

    Private, because huge pages of shared memory are off nearly everywhere.
    """
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON)
    if sys.platform == "linux":
        with suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memory
