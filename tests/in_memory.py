"""`tmp_path` in memory, for the tests to which a disk is only a delay.

Used by the conftest of folders whose tests make logs: every edit waits for the medium twice, and that wait was half of
the time these tests took. The code under test makes the same calls; memory answers at once. What is about the medium
stays on a disk: tests/faults, tests/onset/offload, tests/stories, and here the files whose tests copy cards, because a
copy in memory can only be read back through the cache, and a card is then not called safe.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

MEMORY = Path("/dev/shm")  # Linux; elsewhere, and where a container gives it next to nothing, a disk does
COPIES = ("test_card.py", "test_labels.py", "test_offload", "test_wrap.py")
ENOUGH = 512 << 20  # bytes; tests of the command line hold 6 MB at most, one folder a worker


class Memory:
    """Makes a folder for each test, one at a time."""

    def __init__(self, disk: pytest.TempPathFactory, *, keep: bool) -> None:
        """`keep`: somebody wants to look at the folders afterwards."""
        there = not keep and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH
        self._memory = MEMORY if there else None
        self._disk = disk
        self._last: TemporaryDirectory[str] | None = None

    def folder(self) -> Path:
        """A new folder; that of the test before goes now, when nothing stands in the place of `os` any more."""
        self.clear()
        if self._memory is None:
            return self._disk.mktemp("test")
        self._last = TemporaryDirectory(prefix="onset-test-", dir=self._memory, ignore_cleanup_errors=True)
        return Path(self._last.name)

    def clear(self) -> None:
        if self._last is not None:
            self._last.cleanup()
            self._last = None


@pytest.fixture(scope="session")
def memory(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Where folders in memory come from; `--basetemp` asks to keep them there instead."""
    memory = Memory(tmp_path_factory, keep=pytestconfig.getoption("basetemp") is not None)
    yield memory
    memory.clear()


@pytest.fixture
def tmp_path(memory: Memory, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this test."""
    if request.path.name.startswith(COPIES):
        return tmp_path_factory.mktemp("test")
    return memory.folder()
