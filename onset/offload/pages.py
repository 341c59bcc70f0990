"""Memory that a disk can fill in one go: page-aligned, in huge pages where the system gives them.

Used by blocks.py and readback.py. Around the cache the kernel hands our own pages to the device: 4 KiB pages make
requests of half a MiB, huge ones of as much as the device takes. Measured on a virtual disk: 1.2 GB/s with small
pages, 3.7 with huge ones, whatever the number of readers; docs/benchmarks.md.
"""

from __future__ import annotations

import mmap
import sys
from contextlib import suppress

_HUGE = 2 << 20


def pages(size: int) -> memoryview:
    """Zeroed memory of `size` bytes that O_DIRECT may read and write.

    Private, because huge pages of shared memory are off nearly everywhere. A process that is forked meanwhile gets none
    of it: shared, what a disk is just filling in could end up in the wrong one.
    """
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON)
    if sys.platform == "linux":
        if size >= _HUGE:  # less stays small, and is only taken as far as it is filled
            with suppress(OSError):  # a kernel without them
                memory.madvise(mmap.MADV_HUGEPAGE)
        with suppress(OSError):
            memory.madvise(mmap.MADV_DONTFORK)
    return memoryview(memory)
