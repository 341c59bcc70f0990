"""A card some of whose sectors cannot be read any more, by whomever: the block device itself answers with EIO.

nbdkit serves the image of a card and refuses the sectors that a map of ddrescue calls bad, nbdfuse makes a file of what
it serves, and a loop device a disk of that. Used by test_offload_dying_card.py.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults.medium import place_of
from tests.independent import run
from tests.needs import require

SECTOR = 4096  # of the file system too: nothing else lies in a bad one


@contextmanager
def being_written(image: Path, mount: Path, mib: int) -> Iterator[Path]:
    """A new card in a camera: an empty ext4 of that size."""
    for program in ("nbdkit", "nbdfuse", "losetup", "mkfs.ext4"):
        require(program)
    require(os.geteuid() == 0, "mounting a loop device needs root")
    with image.open("wb") as file:
        file.truncate(mib << 20)
    made = run("mkfs.ext4", "-q", "-b", str(SECTOR), image)
    assert made.returncode == 0, made.stderr
    mount.mkdir()
    require(run("mount", "-o", "loop", image, mount).returncode == 0, "no loop device can be mounted here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", mount], check=True)


def sector_of(path: Path, at: int = 0) -> int:
    """Where on its card the sector begins that holds a byte of a file, or of a folder's list of names."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
        return place_of(file, at) // SECTOR * SECTOR
    finally:
        os.close(file)


@contextmanager
def in_the_reader(image: Path, mount: Path, bad: Collection[int]) -> Iterator[Path]:
    """The card in a reader: read only, and its bad sectors answer with EIO."""
    served = image.with_suffix(".served")
    served.mkdir(exist_ok=True)
    sectors = image.with_suffix(".map")
    sectors.write_text(_map(image.stat().st_size, bad))
    server = ["nbdkit", "--filter=ddrescue", "file", str(image), f"ddrescue-mapfile={sectors}"]
    with ExitStack() as stack, image.with_suffix(".log").open("wb") as told:
        nbdfuse = subprocess.Popen(["nbdfuse", "-r", str(served / "card"), "[", *server, "]"], stderr=told)
        stack.callback(nbdfuse.wait, 20)
        stack.callback(run, "umount", "--lazy", served)  # the loop device may let go of it a moment later
        while not (served / "card").exists():
            assert nbdfuse.poll() is None, image.with_suffix(".log").read_text()
            time.sleep(0.01)  # between two looks: it tells nobody when it is there
        device = run("losetup", "--read-only", "--find", "--show", served / "card").stdout.strip()
        require(bool(device), "no loop device can be set up here")
        stack.callback(run, "losetup", "--detach", device)
        mounted = run("mount", "-o", "ro,noload", device, mount)
        assert mounted.returncode == 0, mounted.stderr
        stack.callback(run, "umount", mount)
        yield mount


def _map(size: int, bad: Collection[int]) -> str:
    """As ddrescue writes it: after its own place, each range with its length and whether it was read."""
    lines, at = ["# Mapfile", "0x0 ? 1"], 0
    for place in sorted(bad):
        lines += [f"{at:#x} {place - at:#x} +", f"{place:#x} {SECTOR:#x} -"]
        at = place + SECTOR
    return "\n".join([*lines, f"{at:#x} {size - at:#x} +", ""])
