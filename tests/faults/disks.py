"""Small disks for tests: a tmpfs of a given size that is unmounted afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.needs import require


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[Path]:
    """A tmpfs of `size_kb` at `folder`, which is made."""
    folder.mkdir()
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a small tmpfs needs root")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)]
    require(subprocess.run(mount, check=False).returncode == 0, "this machine does not let tests mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk to its last page; removing the file that is returned makes room again."""
    filler = folder / "footage.mov"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass
    return filler
