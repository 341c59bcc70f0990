"""Reading around the cache: the digest is right at every size, and the method told is the one used."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from pathlib import Path

import pytest

from onset.errors import MediumError
from onset.mhl.hashes import HashFormat, spell
from onset.offload import readback
from onset.offload.disks import CacheReach, Mount, cache_reach, mount_of, mounts, whole_disks
from onset.offload.readback import MIB, Method, read_back, read_medium, reads_held, weakest
from tests.needs import require
from tests.onset.offload.cards import make_card, make_targets, offload


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, MIB - 1, MIB, MIB + 1, 3 * MIB])
@pytest.mark.parametrize("expected", [True, False])
def test_size_that_is_no_multiple_of_a_block(size: int, expected: bool, tmp_path: Path) -> None:
    data = os.urandom(size)
    (tmp_path / "f").write_bytes(data)
    got = bytearray()
    read, _ = read_medium(tmp_path / "f", got.extend, block=MIB, expected=size if expected else None)
    assert (read, bytes(got)) == (size, data)
    back = read_back(tmp_path / "f", [HashFormat.XXH128, HashFormat.MD5], block=MIB)
    assert back.digests == {form: spell(form, data) for form in (HashFormat.XXH128, HashFormat.MD5)}


@pytest.mark.parametrize("wrong", [-1, 1, 4096])
def test_file_is_longer_or_shorter_than_it_should_be(wrong: int, tmp_path: Path) -> None:
    """The digest must tell: an expected size is a hint where to stop, never a reason to stop early."""
    data = os.urandom(8192)
    (tmp_path / "f").write_bytes(data)
    got = bytearray()
    read_medium(tmp_path / "f", got.extend, expected=len(data) + wrong)
    assert bytes(got) == data


@pytest.mark.parametrize(
    ("reach", "method"),
    [(CacheReach.LOCAL, Method.DIRECT), (CacheReach.REMOTE, Method.EVICTED), (CacheReach.BEYOND, Method.CACHE)],
)
def test_method_is_called_stronger_than_it_was(reach: CacheReach, method: Method, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    assert read_medium(tmp_path / "f", lambda block: None, reach=reach)[1] is method


def test_file_system_without_o_direct(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    real = os.open

    def refusing(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_DIRECT:
            raise OSError(22, "Invalid argument")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    monkeypatch.setattr(readback, "cache_reach", lambda device: CacheReach.LOCAL)
    back = read_back(tmp_path / "f", [HashFormat.MD5])
    assert back.method is Method.EVICTED
    assert back.digests[HashFormat.MD5] == "900150983cd24fb0d6963f7d28e17f72"


def test_held_file_is_read_from_where_it_was_written_to(tmp_path: Path) -> None:
    require(reads_held(cache_reach(tmp_path.stat().st_dev)), "temporary files lie in memory")
    data = bytes(range(256)) * 40
    got = bytearray()
    with (tmp_path / "f").open("wb+", buffering=0) as file:
        file.write(data)
        os.fsync(file.fileno())
        size, method = read_medium("f", got.extend, expected=len(data), held=file.fileno())
        assert os.fstat(file.fileno()).st_size == len(data)  # still open
    assert (bytes(got), size, method) == (data, len(data), Method.DIRECT)


@pytest.mark.parametrize(
    ("refused", "method"),
    [
        ({os.O_NOATIME: errno.EPERM}, Method.DIRECT),
        ({os.O_DIRECT: errno.EINVAL}, Method.EVICTED),
        ({os.O_NOATIME: errno.EPERM, os.O_DIRECT: errno.EINVAL}, Method.EVICTED),
    ],
)
def test_held_file_refuses_a_flag(
    refused: dict[int, int], method: Method, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.fcntl

    def refusing(fd: int, command: int, flags: int = 0) -> int:
        for flag, number in refused.items():
            if command == fcntl.F_SETFL and flags & flag:
                raise OSError(number, os.strerror(number))
        return real(fd, command, flags)

    monkeypatch.setattr(fcntl, "fcntl", refusing)
    monkeypatch.setattr(readback, "cache_reach", lambda device: CacheReach.LOCAL)
    with (tmp_path / "f").open("wb+", buffering=0) as file:
        file.write(b"abc")
        assert read_medium("f", lambda block: None, held=file.fileno()) == (3, method)


def test_descriptors_are_trusted_where_the_kernel_does_not_look_again() -> None:
    assert [reads_held(reach) for reach in CacheReach] == [sys.platform == "linux", False, False]


def test_link_is_read_through(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "l").symlink_to("f")
    with pytest.raises(MediumError, match="cannot be read back"):
        read_back(tmp_path / "l", [HashFormat.MD5])


def test_offset_of_a_bad_sector_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(bytes(3 * MIB))
    real = os.readv
    reads = 0

    def dying(fd: int, buffers: list[memoryview]) -> int:
        nonlocal reads
        reads += 1
        if reads == 3:
            raise OSError(5, "Input/output error")
        return real(fd, buffers)

    monkeypatch.setattr(os, "readv", dying)
    with pytest.raises(MediumError, match="byte 2097152") as caught:
        read_back(tmp_path / "f", [HashFormat.MD5], block=MIB)
    assert caught.value.offset == 2 * MIB


def test_weakest_method_is_the_strongest() -> None:
    assert weakest([Method.DIRECT, Method.CACHE, Method.EVICTED]) is Method.CACHE
    assert weakest([]) is None


def test_mounts_are_misread() -> None:
    require(Path("/proc/self/mountinfo").exists(), "this system has no /proc")
    root = mount_of(Path("/"))
    assert isinstance(root, Mount)
    assert root.point == "/"
    assert {mount.point for mount in mounts()} >= {"/", "/proc"}
    assert whole_disks(Path("/proc")) == frozenset()


def test_reading_a_card_writes_access_times(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    (target,) = make_targets(tmp_path, 1)
    files = [path for path in card.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, ns=(1, path.stat().st_mtime_ns))  # older than the change: even "relatime" would touch it
    offload(card, [target], tmp_path / "state")
    assert {path.stat().st_atime_ns for path in files} == {1}


def test_file_of_another_owner_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    real = os.open

    def owned(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_NOATIME:
            raise PermissionError(1, "Operation not permitted")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", owned)
    assert read_back(tmp_path / "f", [HashFormat.MD5]).size == 3
