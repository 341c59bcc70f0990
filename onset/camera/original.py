"""A camera's original clip as the log keeps it: what the file says, else its side-cars, else unknown.

Used by the record of an offload and by `onset import clips`. Formats that no decoder here opens (camera raw) still come
in, with their name, size and what the side-cars tell; a file that is damaged says so and is never an exception.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from onset.camera.clips import RAW, OnCard
from onset.camera.sidecar import Sidecar, read_sidecar
from onset.domain.camera import Clip, Source
from onset.errors import MediumError
from onset.media import MediaInfo, MediaReader
from onset.text import safe_text
from onset.timecode import RATES, Rate

_RAW_IN_A_BOX = frozenset((".braw", ".crm"))  # the box around them tells timecode and length all the same
_BOXED = frozenset((".mov", ".mp4", ".m4v", ".qt"))
_BOXES = 100_000  # of one file; crash-safe ones have a few for each second
_SCENES = ("slate", "scene", "com.apple.proapps.scene", "com.arri.camera.scene")
_TAKES = ("take", "com.apple.proapps.take", "com.arri.camera.take")
_REELS = ("reel", "reel_name", "com.apple.proapps.reel", "tape")
_DATES = ("creation_time", "com.apple.quicktime.creationdate", "modification_date")
_LONGEST = 200  # characters; what stands on a slate is shorter
_NS = 1_000_000_000


def read_clip(
    clip: OnCard,
    root: Path,
    reader: MediaReader,
    *,
    shown: str,
    camera: str,
    reel: str,
    unit: str,
    day: int | None,
    rate: Rate,
    source: Source,
    card: str | None = None,
    digest: str | None = None,
    unreadable: str = "",
) -> Clip:
    """Read what a clip says of itself.

    Args:
        clip: as `clips_on` found it.
        root: the folder that its paths are relative to: a copy of the card, never the card.
        reader: opens pictures.
        shown: path of its first file, as the log shall keep it.
        camera: letter of the camera, where the clip's name has none.
        reel: the roll, likewise.
        unit: whose day it is brought in for.
        day: its number.
        rate: of labels, for a clip that tells none.
        source: how it came here.
        card: id of the card.
        digest: of the bytes of its first file.
        unreadable: why it could not be copied; then nothing is opened.
    """
    path = root / clip.path
    info: MediaInfo | None = None
    if clip.empty and not unreadable:
        unreadable = f"{safe_text(clip.name)} holds no byte."
    if not unreadable:
        info, unreadable = _opened(path, reader)
    own = _rate(info, rate)
    side = _sidecars(root, clip.beside, own)
    start = info.start if info is not None and info.start is not None else None
    said_by = "file" if start is not None else None
    if start is None and side is not None and side.start is not None:
        start, said_by = side.start, "side-car"
    labels = start.rate if start is not None else own
    tags = dict(info.tags) if info is not None else {}
    fps = info.fps if info is not None and info.fps else side.fps if side is not None else None
    return Clip(
        id="",
        name=clip.name,
        path=shown,
        camera=clip.said.camera or camera,
        tc_in=str(start) if start is not None else None,
        tc_source=said_by,
        rate=labels.name,
        duration_frames=_frames(info, side, labels),
        source=source,
        card=card,
        unit=unit,
        day=day,
        fps=_fraction(fps) if fps else None,
        reel=clip.said.reel or _tag(tags, _REELS) or (side.reel if side else "") or reel,
        number=clip.said.number,
        created_ns=_moment(_tag(tags, _DATES) or (side.made if side else "")) or clip.mtime_ns or None,
        size=clip.size,
        digest=digest,
        unreadable=unreadable,
        named_scene=_tag(tags, _SCENES) or (side.scene if side else ""),
        named_take=_tag(tags, _TAKES) or (side.take if side else ""),
    )


def probe_clip(path: Path, reader: MediaReader) -> MediaInfo | None:
    """What a clip's file says; None for camera raw of which nothing here opens anything.

    Raises:
        MediumError: it is damaged, or cannot be read at all.
    """
    suffix = path.suffix.lower()
    if suffix not in RAW:
        return reader.probe(path)
    if not os.access(path, os.R_OK):
        raise MediumError(f"{safe_text(path.name)} cannot be read.")
    if suffix in _RAW_IN_A_BOX:
        with suppress(MediumError):
            return reader.probe(path)
    return None


def _opened(path: Path, reader: MediaReader) -> tuple[MediaInfo | None, str]:
    """What the file says, and why it cannot be opened."""
    try:
        return probe_clip(path, reader), _cut_short(path)
    except MediumError as error:
        return None, str(error)


def _cut_short(path: Path) -> str:
    """Why a MOV or MP4 is not whole: a head that comes first opens and promises pictures that are not there any more.

    Only the boxes of the top level are looked at, each by its own first bytes.
    """
    if path.suffix.lower() not in _BOXED:
        return ""
    try:
        with path.open("rb") as file:
            size, place = os.fstat(file.fileno()).st_size, 0
            for _ in range(_BOXES):
                file.seek(place)
                head = file.read(16)
                length, kind = int.from_bytes(head[:4], "big"), head[4:8]
                if length == 1:
                    length = int.from_bytes(head[8:16], "big")
                if length < 8 or len(head) < 8:
                    break  # to the end of the file, or not a box
                place += length
                if place > size and kind in (b"mdat", b"moov", b"moof"):
                    return f"{safe_text(path.name)} ends {place - size} bytes before its last picture."
                if place >= size:
                    break
    except OSError as error:
        return f"{safe_text(path.name)} cannot be read: {error.strerror}."
    return ""


def _rate(info: MediaInfo | None, otherwise: Rate) -> Rate:
    """The rate of the clip's labels: its own, else one with its frames a second, drop-frame as the production's."""
    if info is None or info.fps is None:
        return otherwise
    if info.start is not None:
        return info.start.rate
    if info.fps == otherwise.fps:
        return otherwise
    near = [rate for rate in RATES.values() if abs(rate.fps - info.fps) < Fraction(1, 500) and not rate.sensor_only]
    return next((rate for rate in near if rate.drop == otherwise.drop), near[0] if near else otherwise)


def _sidecars(root: Path, beside: Sequence[str], rate: Rate) -> Sidecar | None:
    for name in beside:
        if name.lower().endswith((".xml", ".xmp")):
            found = read_sidecar(root / name, rate)
            if found is not None:
                return found
    return None


def _frames(info: MediaInfo | None, side: Sidecar | None, labels: Rate) -> int | None:
    if info is not None and info.duration_s > 0:
        if info.duration_frames is not None and info.fps == labels.fps:
            return info.duration_frames
        return round(info.duration_s * labels.fps)
    if side is None or side.duration_frames is None or side.fps is None:
        return side.duration_frames if side is not None else None
    return round(side.duration_frames / side.fps * labels.fps)


def _fraction(fps: Fraction) -> str:
    return f"{fps.numerator}/{fps.denominator}"


def _tag(tags: dict[str, str], names: Sequence[str]) -> str:
    return next((tags[name].strip()[:_LONGEST] for name in names if tags.get(name, "").strip()), "")


def _moment(written: str) -> int | None:
    """`2026-09-30T09:15:00.000000Z`, with a zone or without (then it is this machine's); None where it is no date."""
    try:
        moment = datetime.fromisoformat(written.strip())
        if not 1980 <= moment.year < 2200:  # clocks that were never set
            return None
        return int(moment.astimezone(UTC).timestamp()) * _NS
    except (ValueError, OverflowError, OSError):
        return None
