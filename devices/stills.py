"""Stills on demand and the small pictures of a take: JPEG files below the media folder.

Used by `desk_picture.py` and, for clips of a worker that died, by `proxy.py`. A still gets a name of its own and never
takes another's; small pictures lie beside their clip (`onset.media.thumbnails`), and may be made again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xxhash

from devices.media_av import AvMediaReader
from onset.errors import MediumError
from onset.media import thumbnails
from onset.text import safe_path

FOLDER = "stills"
_MOST = 10_000
_WIDE = 320


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


def small_of_file(picture: Path) -> int:
    """Make the small pictures of a clip that has none, from its file: its worker died before it could.

    Args:
        picture: the clip; its pre-roll counts here, because nobody knows any more where the take began in it.

    Returns:
        How many were made; 0 where some are there.

    Raises:
        MediumError: the clip cannot be read.
        OSError: the disk refused.
    """
    paths = [Path(path) for path in thumbnails(str(picture))]
    if any(path.exists() for path in paths):
        return 0
    reader = AvMediaReader()
    count = reader.count_frames(picture)  # the index of a file that was cut off tells of its first second alone
    for path, at in zip(paths, (0, count // 2, max(0, count - 1)), strict=True):
        write_small(path, reader.jpeg(picture, at, _WIDE))
    return len(paths)


def small_of_whole(picture: Path, small: Sequence[Path]) -> int:
    """Make small pictures of a whole clip, where its index says that they are: nothing is read but what they need.

    Args:
        picture: a clip that was closed, of whatever camera.
        small: where start, middle and end go.

    Returns:
        How many were made.

    Raises:
        MediumError: the clip cannot be read, or the folder above that of the pictures is not there: one that is made in
            place of a disk that is not mounted would be recorded into.
        OSError: the disk refused.
    """
    media = small[0].parent.parent
    if not media.is_dir():
        raise MediumError(f"{safe_path(media)} is not there; is its disk mounted?")
    reader = AvMediaReader()
    count = reader.probe(picture).duration_frames or 1
    for path, at in zip(small, (0, count // 2, max(0, count - 1)), strict=True):
        write_small(path, reader.jpeg(picture, at, _WIDE))
    return len(small)


def write_small(path: Path, content: bytes) -> None:
    """Write a small picture; one that is lost with the power is made again by nobody, and costs nothing.

    Raises:
        OSError: the disk refused.
    """
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
