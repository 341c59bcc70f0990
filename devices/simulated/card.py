"""A camera card that never was in a camera: recorded clips, laid out as an ARRI camera lays out its ProRes cards.

Used by the rehearsal day and by tests of the offload. The same clips and seed give the same names and bytes.
"""

from __future__ import annotations

import os
import random
import shutil
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from devices.media_av import AvMediaReader
from onset.errors import MediumError
from onset.media import MediaInfo
from onset.text import safe_path

_THUMBNAIL = 320


@dataclass(frozen=True, slots=True)
class Card:
    """What was laid out.

    Attributes:
        reel: as the camera names it, `A001R2KD`.
        files: all of them, in the order they were written.
    """

    folder: Path
    reel: str
    files: tuple[Path, ...]


def make_card(folder: Path, clips: Sequence[Path], *, seed: int = 1, roll: str = "A001", date: str = "260321") -> Card:
    """Lay out a card in `folder` with copies of `clips`, a list for the editor and the camera's small files.

    Args:
        folder: the card's root; made, must be empty.
        clips: recorded pictures, in the order they were shot.
        seed: of the letters a camera adds to its reels, and of its serial number.
        roll: camera letter and roll.
        date: as it stands in clip names, YYMMDD.

    Raises:
        MediumError: the folder is not empty, or a clip cannot be read or copied.
    """
    dice = random.Random(seed)
    reel = f"{roll}R{dice.randrange(1, 10)}{''.join(dice.choices(string.ascii_uppercase + string.digits, k=2))}"
    serial = dice.randrange(20_000, 60_000)
    written: list[Path] = []
    reader = AvMediaReader()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise MediumError(f"{safe_path(folder)} is not empty; a card is laid out in an empty folder.")
        inside = folder / reel
        inside.mkdir()
        listed: list[tuple[str, MediaInfo]] = []
        for number, clip in enumerate(clips, 1):
            name = f"{roll}C{number:03d}_{date}_{reel[len(roll) :]}"
            target = inside / f"{name}.mov"
            shutil.copyfile(clip, target)
            stamp = clip.stat()
            os.utime(target, ns=(stamp.st_mtime_ns, stamp.st_mtime_ns))
            listed.append((name, reader.probe(target)))
            written.append(target)
            written.append(_write(inside / "THMB" / f"{name}.jpg", reader.jpeg(target, 0, _THUMBNAIL)))
            written.append(_write(inside / "META" / f"{name}.xml", _sidecar(name, listed[-1][1], serial).encode()))
        written.append(_write(inside / f"{reel}_AVID.ale", _list(listed, reel).encode()))
        about = f"REEL {reel}\r\nCAMERA {serial}\r\nCLIPS {len(listed)}\r\n"
        written.append(_write(folder / "CARDINFO.TXT", about.encode()))
    except OSError as error:
        raise MediumError(f"{safe_path(folder)}: a card cannot be laid out: {error.strerror}.") from error
    return Card(folder, reel, tuple(written))


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def _times(info: MediaInfo) -> tuple[str, str, int]:
    frames = info.duration_frames or 0
    if info.start is None:
        return "00:00:00:00", "00:00:00:00", frames
    return info.start.label, info.start.later(frames).label, frames


def _sidecar(name: str, info: MediaInfo, serial: int) -> str:
    start, end, frames = _times(info)
    tags = "".join(f"<{tag}>{escape(info.tags.get(tag, ''))}</{tag}>" for tag in ("scene", "take"))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<clip name={quoteattr(name)} camera="{serial}">'
        f"<start>{start}</start><end>{end}</end><frames>{frames}</frames>{tags}"
        f"<width>{info.width}</width><height>{info.height}</height></clip>\n"
    )


def _list(listed: Sequence[tuple[str, MediaInfo]], reel: str) -> str:
    """An Avid log: the head, the columns, the clips (tabs between, CR LF at the ends)."""
    fps = next((f"{float(info.fps):.3f}".rstrip("0").rstrip(".") for _, info in listed if info.fps), "24")
    lines = ["Heading", "FIELD_DELIM\tTABS", "VIDEO_FORMAT\t1080", f"FPS\t{fps}", "", "Column"]
    lines += ["Name\tTape\tStart\tEnd\tScene\tTake", "", "Data"]
    for name, info in listed:
        start, end, _ = _times(info)
        lines.append("\t".join((name, reel, start, end, info.tags.get("scene", ""), info.tags.get("take", ""))))
    return "\r\n".join([*lines, ""])
