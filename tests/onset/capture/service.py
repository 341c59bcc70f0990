"""A real production with a real capture service, for tests: made, started, looked at from outside, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from logging_db.logbook import create_log, open_log
from onset.capture.asks import Status, status
from onset.capture.lock import lock_holder
from onset.cli.main import main
from onset.domain.take import Stamp, Take
from onset.logbook.protocol import Logbook

CONFIG = """
[production]
title = "Harbour Lights"
rate = "25"
slating = "us"

[capture]
timecode = ["MIX.ltc", "clock"]
preroll = "1 s"
postroll = "0.4 s"
"""

CAMERA = """
[[device]]
name = "A"
kind = "sim-camera"
width = 160
height = 96
"""

MIXER = """
[[device]]
name = "MIX"
kind = "sim-mixer"
"""

ONSET = [sys.executable, "-P", "-m", "onset"]


def make_production(folder: Path, devices: str = CAMERA + MIXER) -> Path:
    """A production folder, ready to capture."""
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG + devices)
    create_log(folder, title="Harbour Lights", rate="25")
    return folder


def onset(production: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [*ONSET, "-p", str(production), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def said(production: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, for what is known to be so in a program of its own too."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(["-p", str(production), *words])
    return subprocess.CompletedProcess(["onset", *words], code, out.getvalue(), err.getvalue())


def now() -> Stamp:
    return Stamp(wall_ns=time.time_ns(), mono_ns=time.monotonic_ns())


def seat(production: Path) -> Logbook:
    return open_log(production / "log.onset")


def wait_for(what: Callable[[], bool], why: str, timeout_s: float = 40.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


def service_status(production: Path) -> Status | None:
    held = lock_holder(production)
    return None if held is None or not held.folder else status(Path(held.folder), timeout_s=20)


def all_live(production: Path) -> bool:
    found = service_status(production)
    return found is not None and all(device.state == "live" for device in found.devices)


def lengths(take: Take | None) -> dict[str, int | None]:
    """The files of a take by name, with their lengths in frames; None while open."""
    if take is None:
        return {}
    clips = {clip.name: clip.duration_frames for angle in take.angles for clip in angle.clips}
    return clips | {file.name: file.duration_frames for sound in take.sound for file in sound.files}


def pid_of_worker(production: Path, device: str) -> int:
    found = service_status(production)
    assert found is not None
    pid = next(each.pid for each in found.devices if each.name == device)
    assert pid is not None
    return pid


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not _signalled(pid)


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc/self").exists()


def end_service(production: Path) -> None:
    """End what a failed test may have left: the service of this production and its workers, nothing else."""
    held = lock_holder(production)
    if held is None:
        return
    os.kill(held.pid, signal.SIGTERM)
    wait_for(lambda: lock_holder(production) is None, "the service did not end")
