"""Folders in memory, where a disk is only a delay: the home of every test, and `tmp_path` of many.

That `tmp_path` is for the conftest of folders whose tests make logs: every edit waits for the medium twice, and that
wait was half of the time these tests took. The code under test makes the same calls; memory answers at once. What is
about the medium stays on a disk: tests/faults, tests/onset/offload, tests/stories, and here the files whose tests copy
cards, because a copy in memory can only be read back through the cache, and a card is then not called safe.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

MEMORY = Path("/dev/shm")  # Linux; elsewhere, and where a container gives it next to nothing, a disk does
COPIES = ("test_card.py", "test_labels.py", "test_offload", "test_wrap.py")
ENOUGH = 512 << 20  # bytes; tests of the command line hold 6 MB at most, one folder a worker
# Variable: folder in the home, and its mode. That of the sockets is short, because a socket's path may have 107 bytes.
ROOMS = {
    "XDG_CONFIG_HOME": ("config", 0o755),
    "XDG_STATE_HOME": ("state", 0o755),
    "XDG_DATA_HOME": ("data", 0o755),
    "XDG_CACHE_HOME": ("cache", 0o755),
    "XDG_RUNTIME_DIR": ("run", 0o700),
}


class Memory:
    """Makes a folder for each test, one at a time."""

    def __init__(self, disk: pytest.TempPathFactory, *, keep: bool, on_disk: bool = False) -> None:
        """`keep`: somebody wants to look at the folders afterwards."""
        there = not on_disk and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH
        self._where = MEMORY if there else disk.getbasetemp()
        self._disk = disk if keep else None
        self._last: TemporaryDirectory[str] | None = None

    def folder(self) -> Path:
        """A new folder; that of the test before goes now, when nothing stands in the place of `os` any more."""
        self.clear()
        if self._disk is not None:
            return self._disk.mktemp("test")
        self._last = TemporaryDirectory(prefix="onset-test-", dir=self._where, ignore_cleanup_errors=True)
        return Path(self._last.name)

    def clear(self) -> None:
        if self._last is not None:
            self._last.cleanup()
            self._last = None


class Homes:
    """A home for each test; the same again after one that left nothing there, which most do not even look at."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._home: Path | None = None

    def home(self) -> Path:
        """A home with empty `ROOMS`."""
        if self._home is None or not _as_made(self._home):
            self._home = self._memory.folder()
            for room, mode in ROOMS.values():
                (self._home / room).mkdir()
                (self._home / room).chmod(mode)
        return self._home


def _as_made(home: Path) -> bool:
    modes = {"": 0o700, **dict(ROOMS.values())}
    return (
        home.is_dir()
        and set(os.listdir(home)) == {room for room, _ in ROOMS.values()}
        and all(os.lstat(home / each).st_mode == stat.S_IFDIR | mode for each, mode in modes.items())
        and not any(os.listdir(home / room) for room, _ in ROOMS.values())
    )


def _kept(config: pytest.Config) -> bool:
    """Whether --basetemp was asked for; a worker of xdist is always given one, and knows what was typed."""
    worker: Mapping[str, Sequence[str]] | None = getattr(config, "workerinput", None)
    if worker is None:
        return config.getoption("basetemp") is not None
    return any(word.startswith("--basetemp") for word in worker["mainargv"])


@pytest.fixture(scope="session")
def memory(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Where folders in memory come from; `--basetemp` asks to keep them there instead."""
    memory = Memory(tmp_path_factory, keep=_kept(pytestconfig))
    yield memory
    memory.clear()


@pytest.fixture(scope="session")
def homes(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """Where the homes of tests come from; on a disk as `memory` is."""
    memory = Memory(tmp_path_factory, keep=_kept(pytestconfig))
    yield Homes(memory)
    memory.clear()


@pytest.fixture(scope="session")
def disk(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Folders of tests that need a disk, removed as those in memory are: a run of the tests left 58,000 files, 4 GB."""
    disk = Memory(tmp_path_factory, keep=_kept(pytestconfig), on_disk=True)
    yield disk
    disk.clear()


@pytest.fixture
def tmp_path(memory: Memory, disk: Memory, request: pytest.FixtureRequest) -> Path:
    """A folder of this test."""
    return (disk if request.path.name.startswith(COPIES) else memory).folder()
