"""One service a production: what a lock must not be fooled by."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from onset.capture.lock import LOCK_NAME, CaptureLock, lock_holder, service_running, settled_holder
from onset.clock import ManualClock
from onset.errors import CaptureError

HOLDER = """
import sys
from pathlib import Path
from onset.capture.lock import CaptureLock
from onset.clock import SystemClock
lock = CaptureLock(Path(sys.argv[1]), SystemClock())
print("held", flush=True)
sys.stdin.read()
"""


def test_folder_of_a_held_lock_is_deleted_moved_or_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "Harbour"
    folder.mkdir()
    with CaptureLock(folder, ManualClock()) as lock:
        assert lock.in_place()
        folder.rename(tmp_path / "moved")
        assert not lock.in_place()
        folder.mkdir()
        (folder / LOCK_NAME).write_bytes((tmp_path / "moved" / LOCK_NAME).read_bytes())
        assert not lock.in_place(), "another file of the same name"
        shutil.rmtree(folder)
        (tmp_path / "moved").rename(folder)
        assert lock.in_place()


def test_second_service_is_refused_and_the_first_named(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(CaptureError, match=rf"runs already for .*\(process {first.pid}\); stop it with"):
            CaptureLock(tmp_path, ManualClock())
        assert service_running(tmp_path)
        first.kill()
    assert not service_running(tmp_path), "a lock must end with its process"
    assert (tmp_path / LOCK_NAME).exists()
    CaptureLock(tmp_path, ManualClock()).close()


def test_looking_does_not_keep_a_service_from_starting(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    path.write_text("")
    with path.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)  # as `lock_holder` does for a moment

        class LetGo(ManualClock):
            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                if self.monotonic_ns() > 50_000_000:
                    fcntl.flock(looking, fcntl.LOCK_UN)

        CaptureLock(tmp_path, LetGo()).close()


def test_where_the_service_can_be_asked_is_known_once_it_can_be(tmp_path: Path) -> None:
    with CaptureLock(tmp_path, ManualClock(wall_ns=77)) as lock:
        starting = lock_holder(tmp_path)
        assert starting is not None
        assert (starting.pid, starting.started_ns, starting.folder) == (os.getpid(), 77, "")
        lock.announce(tmp_path / "sockets")
        ready = lock_holder(tmp_path)
        assert ready is not None
        assert ready.folder == str(tmp_path / "sockets")
    assert lock_holder(tmp_path) is None


def test_lock_file_of_a_killed_service_with_a_longer_text(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("x" * 500)
    with CaptureLock(tmp_path, ManualClock()):
        held = lock_holder(tmp_path)
        assert held is not None
        assert held.pid == os.getpid()


def test_a_service_that_never_gets_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    clock = ManualClock()
    with CaptureLock(tmp_path, clock) as lock:
        with pytest.raises(CaptureError, match=rf"\(process {os.getpid()}\) is not ready after 3 s"):
            settled_holder(tmp_path, clock, 3)
        assert clock.monotonic_ns() >= 3_000_000_000
        lock.announce(tmp_path)
        held = settled_holder(tmp_path, clock, 3)
        assert held is not None
        assert held.folder == str(tmp_path)


def test_no_production_no_service(tmp_path: Path) -> None:
    assert lock_holder(tmp_path / "none") is None
    assert lock_holder(tmp_path) is None


def test_a_lock_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("dear")
    (tmp_path / LOCK_NAME).symlink_to(victim)
    with pytest.raises(CaptureError, match=r"capture\.lock cannot be written"):
        CaptureLock(tmp_path, ManualClock())
    assert victim.read_text() == "dear"


def test_a_production_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"capture\.lock cannot be written: No such file or directory"):
        CaptureLock(tmp_path / "none", ManualClock())
