"""The small XML files that cameras lay beside a clip: start timecode, length, date, where the clip itself tells none.

Used by `original.py`. Sony's NonRealTimeMeta writes the label as eight hexadecimal digits, frames first; others, such
as Panasonic's P2, write it out. Files from a card are bounded and may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from onset.errors import TimecodeError
from onset.timecode import RATES, Rate, Timecode

_LARGEST = 4 * 1024 * 1024
_LONGEST = 200  # characters; what stands on a slate is shorter
# The plainest name first: a file may have several of them that say different things.
_STARTS = ("starttimecode", "timecodestart", "starttc", "start")
_SCENES = ("scene", "sceneno", "scenenumber")
_TAKES = ("take", "takeno", "takenumber")
_REELS = ("reel", "reelname", "tape", "cameraroll")
_DATES = ("creationdate", "startdate", "shootdate")
_BCD = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_DROP = 0x40  # in the byte of frames, SMPTE ST 12-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What a side-car says; None and empty where it says nothing."""

    start: Timecode | None = None
    duration_frames: int | None = None
    scene: str = ""
    take: str = ""
    reel: str = ""
    made: str = ""


def read_sidecar(path: Path, rate: Rate) -> Sidecar | None:
    """Read one; None when it is none that is understood.

    Args:
        path: an XML file.
        rate: of the clip, for labels that do not carry theirs.
    """
    try:
        if path.stat().st_size > _LARGEST:
            return None
        raw = path.read_bytes()
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
        root = etree.fromstring(raw, parser)
    except (OSError, etree.XMLSyntaxError, ValueError):
        return None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        return None
    texts: dict[str, str] = {}
    start: Timecode | None = None
    frames: int | None = None
    for element in root.iter(etree.Element):
        name = str(etree.QName(element).localname).lower()
        value = str(element.get("value") or element.text or "").strip()[:_LONGEST]
        if name == "ltcchange" and element.get("frameCount") == "0" and start is None:
            start = _sony(str(element.get("value") or ""), rate)
        elif name in ("duration", "frames") and value.isdecimal() and frames is None:
            frames = int(value[:12])
        elif value:
            texts.setdefault(name, value)
    if start is None:
        start = next((label for name in _STARTS if (label := _label(texts.get(name, ""), rate))), None)
    found = Sidecar(
        start=start,
        duration_frames=frames,
        scene=_first(texts, _SCENES),
        take=_first(texts, _TAKES),
        reel=_first(texts, _REELS),
        made=_first(texts, _DATES),
    )
    return None if found == Sidecar() else found


def _first(texts: dict[str, str], names: Sequence[str]) -> str:
    return next((texts[name] for name in names if name in texts), "")


def _sony(written: str, rate: Rate) -> Timecode | None:
    """`14150810`: frames, seconds, minutes, hours, two digits each; a bit of the frames says drop-frame."""
    if not _BCD.fullmatch(written):
        return None
    frames, seconds, minutes, hours = (int(written[at : at + 2], 16) for at in (0, 2, 4, 6))
    drop = bool(frames & _DROP)
    digits = (hours & 0x3F, minutes & 0x7F, seconds & 0x7F, frames & 0x3F)
    text = ":".join(f"{each >> 4}{each & 15}" for each in digits[:3])
    return _label(f"{text}{';' if drop else ':'}{digits[3] >> 4}{digits[3] & 15}", rate)


def _label(written: str, rate: Rate) -> Timecode | None:
    if not written:
        return None
    like = rate
    if ";" in written and not rate.drop:
        like = RATES.get(f"{rate.name}df", rate)
    elif ";" not in written and rate.drop:
        like = RATES.get(rate.name.removesuffix("df"), rate)
    try:
        return Timecode.parse(written, like)
    except TimecodeError:
        return None
