"""The small files that cameras lay beside a clip: start timecode, length, format, where the clip itself tells none.

Used by `original.py` and `onset/cards`. Sony's NonRealTimeMeta writes the label as eight hexadecimal digits, frames
first, and the rate beside it; others, such as Panasonic's P2, write it out. DJI writes subtitles with the exposure of
each frame. Files from a card are bounded and may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
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
# Compared without case and signs; ARRI, Sony, Blackmagic, DJI and Panasonic each spell it their own way.
ISO_NAMES = ("exposureindexasa", "exposureindex", "isosensitivity", "iso", "isovalue", "asa", "ei")
WHITE_BALANCE_NAMES = ("whitebalancekelvin", "whitebalance", "colortemperature", "lightingpreset", "wb", "ct")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_FPS = re.compile(r"(\d{2,3}(?:\.\d{1,3})?)\s*(?:[pi]|psf|fps)?", re.ASCII | re.IGNORECASE)
_FIRST_FRAME = 4096  # bytes of a subtitle file: its first entries
_SUBTITLE = re.compile(r"\[?\s*(iso|ct)\s*:\s*(\d{2,6})", re.ASCII | re.IGNORECASE)
_BCD = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_DROP = 0x40  # in the byte of frames, SMPTE ST 12-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What a side-car says; None and empty where it says nothing.

    Attributes:
        duration_frames: at `fps` where that is known.
        fps: of the picture as it plays, exact.
        codec, iso, white_balance: as the camera spells them.
    """

    start: Timecode | None = None
    duration_frames: int | None = None
    fps: Fraction | None = None
    width: int | None = None
    height: int | None = None
    codec: str = ""
    iso: str = ""
    white_balance: str = ""
    scene: str = ""
    take: str = ""
    reel: str = ""
    made: str = ""


def read_sidecar(path: Path, rate: Rate) -> Sidecar | None:
    """Read one; None when it is none that is understood.

    Args:
        path: an XML or subtitle file.
        rate: of the clip, for labels that do not carry theirs.
    """
    if path.suffix.lower() == ".srt":
        return _read_subtitles(path)
    root = read_xml(path)
    if root is None:
        return None
    texts: dict[str, str] = {}
    changes: list[str] = []
    table: etree._Element | None = None
    frames: int | None = None
    for element in root.iter(etree.Element):
        name = str(etree.QName(element).localname).lower()
        value = str(element.get("value") or element.text or "").strip()[:_LONGEST]
        if name == "item":
            name = str(element.get("name") or "").lower()[:_LONGEST]
        for key, written in element.attrib.items():
            texts.setdefault(f"{name}@{str(key).lower()[:_LONGEST]}", str(written).strip()[:_LONGEST])
        if name == "ltcchangetable" and table is None:
            table = element
        elif name == "ltcchange" and element.get("frameCount") == "0":
            changes.append(str(element.get("value") or ""))
        elif name in ("duration", "frames") and value.isdecimal() and frames is None:
            frames = int(value[:12])
        elif value:
            texts.setdefault(name, value)
    fps = _first_fps(texts)
    labels = _labels(table, fps, rate)
    start = next((label for value in changes if (label := _sony(value, labels))), None)
    if start is None:
        dropped = texts.get("framerate@dropframeflag", "").lower() == "true"  # P2 says so, and writes `:` all the same
        written = [texts.get(name, "") for name in _STARTS]
        starts = [";".join(each.rsplit(":", 1)) if dropped else each for each in written]
        start = next((label for each in starts if (label := label_of(each, labels))), None)
    width, height = _size(texts)
    found = Sidecar(
        start=start,
        duration_frames=frames,
        fps=fps,
        width=width,
        height=height,
        codec=texts.get("videoframe@videocodec", "") or texts.get("codec", ""),
        iso=said(texts, ISO_NAMES),
        white_balance=said(texts, WHITE_BALANCE_NAMES),
        scene=_first(texts, _SCENES),
        take=_first(texts, _TAKES),
        reel=_first(texts, _REELS),
        made=_first(texts, _DATES),
    )
    return None if found == Sidecar() else found


def read_xml(path: Path) -> etree._Element | None:
    """The root of a small XML file from a card; None where it is too large, no XML, or brings a document type."""
    try:
        if is_too_large(path):
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
        root = etree.fromstring(path.read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError, ValueError):
        return None
    return None if root is None or root.getroottree().docinfo.internalDTD is not None else root


def is_too_large(path: Path) -> bool:
    """Whether a file is larger than a side-car can be; then it is not read.

    Raises:
        OSError: it cannot be looked at.
    """
    return path.stat().st_size > _LARGEST


def said(texts: Mapping[str, str], names: Sequence[str]) -> str:
    """The first of `names` that a file says, spelled in any way, with whatever stands before the last dot.

    >>> said({"com.arri.camera.WhiteBalanceKelvin": "5600"}, WHITE_BALANCE_NAMES)
    '5600'
    """
    plain = {_NOT_LETTERS.sub("", name.rpartition(".")[2].lower()): value for name, value in texts.items()}
    return next((value.strip()[:_LONGEST] for name in names if (value := plain.get(name, "")).strip()), "")


def fps_of(written: str) -> Fraction | None:
    """Exact frames a second of `23.98p`, `59.94i` (fields: 29.97 pictures), `25`, `29.970`.

    >>> fps_of("23.98p"), fps_of("59.94i"), fps_of("50i"), fps_of("25"), fps_of("fast")
    (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25, 1), Fraction(25, 1), None)
    """
    found = _FPS.fullmatch(written.strip())
    if found is None or not Fraction(found[1]):
        return None
    fps = Fraction(found[1])
    if written.strip()[-1:] in "iI" and fps > 30:
        fps /= 2
    near = min((rate.fps for rate in RATES.values()), key=lambda each: abs(each - fps))
    return near if abs(near - fps) <= fps / 2000 else fps


def _read_subtitles(path: Path) -> Sidecar | None:
    try:
        with path.open("rb") as file:
            head = file.read(_FIRST_FRAME).decode("utf-8", "replace")
    except OSError:
        return None
    texts: dict[str, str] = {}
    for name, value in _SUBTITLE.findall(head):
        texts.setdefault(name.lower(), value)
    return Sidecar(iso=texts.get("iso", ""), white_balance=texts.get("ct", "")) if texts else None


def _first_fps(texts: Mapping[str, str]) -> Fraction | None:
    names = ("videoframe@formatfps", "framerate", "videoframe@capturefps")
    return next((fps for name in names if (fps := fps_of(texts.get(name, "")))), None)


def _labels(table: etree._Element | None, fps: Fraction | None, rate: Rate) -> Rate:
    """The rate of a side-car's labels: what the table says, and whether it is pulled down; else that of its picture."""
    counted = str(table.get("tcFps") or "") if table is not None else ""
    nominal = int(counted) if counted.isdecimal() and len(counted) <= 3 else None
    if nominal is None and fps is None:
        return rate
    pulled = fps.denominator != 1 if fps is not None else rate.fps.denominator != 1
    near = [
        each
        for each in RATES.values()
        if not each.sensor_only
        and (each.nominal == nominal if nominal else abs(each.fps - (fps or 0)) < Fraction(1, 500))
        and (each.fps.denominator != 1) == pulled
    ]
    return next((each for each in near if each.drop == rate.drop), near[0] if near else rate)


def _size(texts: Mapping[str, str]) -> tuple[int | None, int | None]:
    width, height = texts.get("videolayout@pixel", ""), texts.get("videolayout@numofverticalline", "")
    if all(each.isascii() and each.isdecimal() and len(each) <= 5 for each in (width, height)):
        return int(width), int(height)
    return None, None


def _first(texts: Mapping[str, str], names: Sequence[str]) -> str:
    return next((texts[name] for name in names if name in texts), "")


def _sony(written: str, rate: Rate) -> Timecode | None:
    """`14150810`: frames, seconds, minutes, hours, two digits each; a bit of the frames says drop-frame."""
    if not _BCD.fullmatch(written):
        return None
    frames, seconds, minutes, hours = (int(written[at : at + 2], 16) for at in (0, 2, 4, 6))
    drop = bool(frames & _DROP)
    digits = (hours & 0x3F, minutes & 0x7F, seconds & 0x7F, frames & 0x3F)
    text = ":".join(f"{each >> 4}{each & 15}" for each in digits[:3])
    return label_of(f"{text}{';' if drop else ':'}{digits[3] >> 4}{digits[3] & 15}", rate)


def label_of(written: str, rate: Rate) -> Timecode | None:
    """The label that is written, at `rate` or its drop-frame sister where `;` says so; None where it is none."""
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
