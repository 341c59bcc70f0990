"""Power cuts: a file system on a loop device that stops as if the plug had been pulled.

The shutdown ioctl of ext4 and XFS drops everything that was not made durable, the file system's own journal included,
exactly like a machine that goes dark. Used by the tests here and by benchmarks/soak/power_cuts.py.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from logging_db.logbook import LOG_NAME, open_log
from onset.clock import SystemClock
from tests.faults.writers import Acknowledged, Writer, endless_day, now, told
from tests.needs import require

FILE_SYSTEMS = ("ext4", "xfs")
_MAKE = {"ext4": ["mkfs.ext4", "-q"], "xfs": ["mkfs.xfs", "-q"]}
_MIB = {"ext4": 64, "xfs": 300}  # mkfs.xfs makes none below 300
_GOING_DOWN = 0x8004587D  # _IOR('X', 125, __u32): XFS_IOC_GOINGDOWN, which ext4 knows too
_WITHOUT_A_FLUSH = 2  # neither data nor the journal: what a power cut leaves


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system whose plug can be pulled."""

    image: Path
    folder: Path

    def pull_the_plug(self) -> None:
        """From now on nothing reaches the medium any more."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _GOING_DOWN, struct.pack("I", _WITHOUT_A_FLUSH))
        finally:
            os.close(descriptor)

    def power_up(self) -> None:
        """The machine starts again: what the medium holds is there, and nothing else. Nobody has a file open."""
        subprocess.run(["umount", self.folder], check=True)
        self.mount()

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.image, self.folder], check=True)


@contextmanager
def volume(folder: Path, file_system: str) -> Iterator[Volume]:
    """A fresh file system, mounted under `folder`."""
    require(_MAKE[file_system][0], f"{_MAKE[file_system][0]} is not installed")
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a mount on a loop device needs root")
    made = Volume(folder / f"{file_system}.image", folder / file_system)
    made.folder.mkdir()
    with made.image.open("wb") as image:
        image.truncate(_MIB[file_system] << 20)
    subprocess.run([*_MAKE[file_system], made.image], check=True)
    tried = subprocess.run(["mount", "-o", "loop", made.image, made.folder], capture_output=True, check=False)
    require(tried.returncode == 0, "this machine does not let tests mount a loop device")
    try:
        yield made
    finally:
        subprocess.run(["umount", made.folder], check=True)


def cut_while_logging(
    where: Volume, library: str, *, after: int, journal: tuple[str, str] | None = None
) -> list[Acknowledged]:
    """A seat logs takes on the volume; the power goes after `after` acknowledgements, and comes back.

    Returns:
        What had been acknowledged when the power went.
    """
    writer = Writer(endless_day, where.folder, library, journal=journal)
    acknowledged = []
    try:
        writer.go()
        for _ in range(after):
            one = writer.next()
            assert one is not None
            acknowledged.append(one)
        writer.stop()
        acknowledged += writer.said()
        where.pull_the_plug()
    finally:
        writer.kill()
    where.power_up()
    return acknowledged


def lost(where: Volume, acknowledged: list[Acknowledged]) -> int:
    """How many acknowledged edits the log lacks. Those that it has are as they were acknowledged, and it logs on.

    The edit after the last acknowledgement may be there too: it was on its way when the power went.
    """
    newest = acknowledged[-1]
    with closing(open_log(where.folder / LOG_NAME, user="Maya")) as log:
        missing = max(0, newest.arrival - log.arrival())
        there = told(log)
        if not missing:
            assert log.arrival() <= newest.arrival + 1
            by_label = {one.split()[0]: one for said in acknowledged for one in said.told}
            moving = newest.told[0].split()[0] if newest.told else None
            assert set(by_label) <= {one.split()[0] for one in there}
            assert {one for label, one in by_label.items() if label != moving} <= set(there)
        for going in log.rolling():
            log.cut(going.id, now(SystemClock()))
        if log.board().slate:
            assert log.roll(now(SystemClock())).take == str(len(there) + 1)
    return missing
