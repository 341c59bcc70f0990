"""Stills on demand and the small pictures of a take: JPEG files below the media folder.

Used by `desk_picture.py`. A still gets a name of its own and never takes another's; small pictures lie beside their
clip (`onset.media.thumbnails`), and a clip that is made again may replace them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import xxhash

FOLDER = "stills"
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A still that is on the disk: its path below the media folder, and `xxh128:…` of its bytes."""

    path: str
    digest: str


def keep_still(media: Path, name: str, content: bytes) -> Kept:
    """Write a still, durably, under a name that is free: `A_10.00.12.05.jpg`, `A_10.00.12.05_2.jpg`.

    Args:
        media: absolute; where it is missing its disk may be, so it is never made.
        name: without its ending.
        content: a JPEG file.

    Raises:
        OSError: the disk refused, or there is no media folder.
    """
    folder = media / FOLDER
    folder.mkdir(exist_ok=True)
    for number in range(1, _MOST):
        path = folder / f"{name}{'' if number == 1 else f'_{number}'}.jpg"
        part = path.with_name(f"{path.name}.part")
        try:
            claimed = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            continue
        os.close(claimed)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
        return Kept(f"{FOLDER}/{path.name}", f"xxh128:{xxhash.xxh3_128(content).hexdigest()}")
    raise FileExistsError(17, "there are too many stills of that name")


def write_small(path: Path, content: bytes) -> None:
    """Write a small picture; one that is lost with the power is made again by nobody, and costs nothing.

    Raises:
        OSError: the disk refused.
    """
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
