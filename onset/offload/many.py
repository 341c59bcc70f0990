"""Ask the kernel for many small reads with one call, so that the disk has all of them before it.

Used by small.py. A thread that reads a file of 64 KiB around the cache waits half a millisecond for it, and a disk that
is asked for few at a time gives a fraction of what it could. Linux takes a list (io_submit, `man 2 io_submit`; the
structures are those of linux/aio_abi.h), merges what lies side by side, and answers when all of it is there. Where
there is no such call, or it is forbidden, each read is a call of its own: slower, and the same otherwise.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence

_Numbers = tuple[int, int, int, int]  # of io_setup, io_destroy, io_submit, io_getevents
_GENERIC: _Numbers = (0, 1, 2, 4)
_NUMBERS = {"x86_64": (206, 207, 209, 208), "aarch64": _GENERIC, "riscv64": _GENERIC}
_REQUEST = struct.Struct("=QIIHhIQQqQII")  # struct iocb, little-endian
_ANSWER = struct.Struct("=QQqq")  # struct io_event
_READ = 0  # IOCB_CMD_PREAD

Asked = tuple[int, int, int]


class ManyReads:
    """One thread's way to read many files into its memory; close it when none is read any more.

    Attributes:
        memory: where to; page-aligned for files that are turned around the cache. It is held until the end.
        at_once: whether the kernel takes many with one call.

    Args:
        most: files at a time.
    """

    def __init__(self, memory: memoryview, most: int) -> None:
        self.memory = memory
        self._context: ctypes.c_ulong | None = None
        numbers = _NUMBERS.get(os.uname().machine) if sys.platform == "linux" and sys.maxsize > 1 << 32 else None
        if numbers is None:
            return
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        self._call.restype = ctypes.c_long
        setup, self._destroy, self._submit, self._wait = map(ctypes.c_long, numbers)
        self._start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        self._requests = ctypes.create_string_buffer(most * _REQUEST.size)
        self._answers = ctypes.create_string_buffer(most * _ANSWER.size)
        first = ctypes.addressof(self._requests)
        self._pointers = (ctypes.c_void_p * most)(*range(first, first + most * _REQUEST.size, _REQUEST.size))
        context = ctypes.c_ulong(0)
        if self._call(setup, ctypes.c_long(most), ctypes.byref(context)) == 0:
            self._context = context

    @property
    def at_once(self) -> bool:
        """Whether the kernel takes many with one call."""
        return self._context is not None

    def read(self, asked: Sequence[Asked]) -> list[int]:
        """Read each file from its beginning; waits until all are read.

        Args:
            asked: descriptor, where in the memory, and bytes at most; for as many files as `most`.

        Returns:
            for each the bytes that were read, or the error's number, negative. Nothing is tried twice.
        """
        answers: list[int | None] = [None] * len(asked)
        if self._context is not None:
            for number, (fd, start, size) in enumerate(asked):
                _REQUEST.pack_into(
                    self._requests, number * _REQUEST.size, number, 0, 0, _READ, 0, fd, self._start + start, size,
                    0, 0, 0, 0,
                )  # fmt: skip
            self._take(len(asked), answers)
        return [
            answer if answer is not None else self._read_one(*each) for each, answer in zip(asked, answers, strict=True)
        ]

    def _take(self, count: int, answers: list[int | None]) -> None:
        """Hand the requests over and wait for what was taken; the kernel writes into our memory until then."""
        taken = 0
        while taken < count:
            pointers = ctypes.byref(self._pointers, taken * ctypes.sizeof(ctypes.c_void_p))
            got = self._call(self._submit, self._context, ctypes.c_long(count - taken), pointers)
            if got <= 0:  # what is left is read one by one, which finds out why
                break
            taken += got
        while taken:
            got = self._call(self._wait, self._context, ctypes.c_long(taken), ctypes.c_long(taken), self._answers, None)
            if got < 0:
                if ctypes.get_errno() == errno.EINTR:
                    continue
                self.close()  # waits for what was taken, without saying how it ended: all of it is read one by one
                break
            for number, _, result, _ in _ANSWER.iter_unpack(self._answers.raw[: got * _ANSWER.size]):
                answers[number] = result
            taken -= got

    def _read_one(self, fd: int, start: int, size: int) -> int:
        try:
            return os.preadv(fd, [self.memory[start : start + size]], 0)
        except OSError as error:
            return -(error.errno or errno.EIO)

    def close(self) -> None:
        """Give the kernel its list back, once what it took is read; from then on each read is a call of its own."""
        if self._context is not None:
            self._call(self._destroy, self._context)
            self._context = None
