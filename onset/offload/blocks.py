"""Buffers that one reader fills and several writers and hashers empty: how a card is read once for everybody.

Used by copy.py for big files. The number of buffers bounds the memory of a job and holds the reader back when a target
is slow. Buffers are page-aligned, so each side may use O_DIRECT.
"""

from __future__ import annotations

import queue
import threading

from onset.offload.pages import pages
from onset.offload.readback import BLOCK

COUNT = 6  # x 8 MiB; measured: more did not help, fewer made the reader wait


class Block:
    """One filled buffer; whoever took it says `release` once."""

    __slots__ = ("_free", "_lock", "_users", "buffer", "offset", "size")

    def __init__(self, free: queue.SimpleQueue[Block], size: int) -> None:
        self.buffer = pages(size)
        self.size = 0
        self.offset = 0
        self._users = 0
        self._lock = threading.Lock()
        self._free = free

    def filled(self) -> memoryview:
        return self.buffer[: self.size]

    def hand_to(self, users: int) -> None:
        """Say how many will release it. With none it is free at once."""
        self._users = users
        if not users:
            self._free.put(self)

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            last = self._users == 0
        if last:
            self._free.put(self)


class Ring:
    """The buffers of a job; `take` waits until one is free."""

    def __init__(self, count: int = COUNT, size: int = BLOCK) -> None:
        self._free: queue.SimpleQueue[Block] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(Block(self._free, size))

    def take(self) -> Block:
        return self._free.get()

    def put_back(self, block: Block) -> None:
        self._free.put(block)
