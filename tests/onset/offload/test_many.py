"""Many reads with one call: what comes back is what each file holds, whether the kernel takes a list or not."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onset.offload import many
from onset.offload.many import ManyReads
from onset.offload.pages import pages
from tests.needs import require

ROOM = 8192
SIZES = (0, 1, 4095, 4096, 5000, 8191)


@pytest.fixture(params=["at once", "one by one"])
def reads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManyReads]:
    if request.param == "one by one":
        monkeypatch.setattr(many, "_NUMBERS", {})
    made = ManyReads(pages(ROOM * len(SIZES)), len(SIZES))
    require(made.at_once or request.param == "one by one", "this kernel takes no list of reads")
    yield made
    made.close()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[list[int]]:
    """Files of several sizes, open for reading."""
    found = []
    for size in SIZES:
        path = tmp_path / str(size)
        path.write_bytes(os.urandom(size))
        found.append(os.open(path, os.O_RDONLY))
    yield found
    for fd in found:
        os.close(fd)


def asked(held: list[int]) -> list[tuple[int, int, int]]:
    return [(fd, number * ROOM, ROOM) for number, fd in enumerate(held)]


def agree(reads: ManyReads, held: list[int], answers: list[int]) -> None:
    assert answers == list(SIZES)
    for number, (fd, size) in enumerate(zip(held, SIZES, strict=True)):
        assert reads.memory[number * ROOM : number * ROOM + size] == os.pread(fd, size, 0)


def test_bytes_of_one_file_are_taken_for_those_of_another(reads: ManyReads, held: list[int]) -> None:
    for _ in range(3):  # what it is asked with is used again
        agree(reads, held, reads.read(asked(held)))
    assert reads.read([]) == []


@pytest.mark.parametrize("bad", [0, 3, len(SIZES) - 1])
def test_one_that_cannot_be_read_takes_others_along(bad: int, reads: ManyReads, held: list[int]) -> None:
    unreadable = [*held[:bad], 1 << 20, *held[bad + 1 :]]  # no such descriptor
    answers = reads.read(asked(unreadable))
    assert answers[bad] == -errno.EBADF
    assert answers[:bad] + answers[bad + 1 :] == [*SIZES[:bad], *SIZES[bad + 1 :]]


@pytest.mark.parametrize("taken", [0, 1, 4])
@pytest.mark.parametrize("reads", ["at once"], indirect=True)
def test_kernel_that_takes_only_some_is_believed_to_have_taken_all(
    taken: int, reads: ManyReads, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., int] = reads._call
    left = [taken]

    def stingy(number: Any, context: Any, *more: Any) -> int:
        if number is not reads._submit:
            return real(number, context, *more)
        some = min(left[0], 2)
        left[0] -= some
        if not some:
            ctypes.set_errno(errno.EAGAIN)
            return -1
        return real(number, context, ctypes.c_long(some), *more[1:])

    monkeypatch.setattr(reads, "_call", stingy)
    agree(reads, held, reads.read(asked(held)))


@pytest.mark.parametrize("reads", ["at once"], indirect=True)
def test_signal_while_it_waits_leaves_the_disk_writing_into_memory(
    reads: ManyReads, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., int] = reads._call
    interrupted: list[bool] = []

    def woken(number: Any, *more: Any) -> int:
        if number is reads._wait and len(interrupted) < 2:
            interrupted.append(True)
            ctypes.set_errno(errno.EINTR)
            return -1
        return real(number, *more)

    monkeypatch.setattr(reads, "_call", woken)
    agree(reads, held, reads.read(asked(held)))
    assert len(interrupted) == 2


@pytest.mark.parametrize("reads", ["at once"], indirect=True)
def test_kernel_that_does_not_say_how_reads_ended_goes_on_writing_into_memory(
    reads: ManyReads, held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., int] = reads._call
    calls: list[Any] = []

    def mute(number: Any, *more: Any) -> int:
        calls.append(number)
        if number is reads._wait:
            ctypes.set_errno(errno.EPERM)
            return -1
        return real(number, *more)

    monkeypatch.setattr(reads, "_call", mute)
    agree(reads, held, reads.read(asked(held)))
    assert calls == [reads._submit, reads._wait, reads._destroy]  # which waits until the last one has ended
    agree(reads, held, reads.read(asked(held)))
    assert not reads.at_once


def test_closed_twice(reads: ManyReads, held: list[int]) -> None:
    reads.close()
    reads.close()
    agree(reads, held, reads.read(asked(held)))


def test_kernel_that_forbids_lists(monkeypatch: pytest.MonkeyPatch, held: list[int]) -> None:
    """As containers may, or where other programs have taken all there is room for."""
    monkeypatch.setattr(many, "_NUMBERS", {os.uname().machine: (9_999,) * 4})
    reads = ManyReads(pages(ROOM * len(SIZES)), len(SIZES))
    assert not reads.at_once
    agree(reads, held, reads.read(asked(held)))
