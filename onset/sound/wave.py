"""Read what a Broadcast Wave file says of itself: format, length, time reference, and the recorder's own words.

Used by `devices/media_av.py` and by the reader of a folder of sound. Everything in a file from outside is bounded and
may be wrong or cut short. The words stand in an iXML chunk (Gallery's object list; every field optional), and again in
the bext description with a letter of the maker before them (`sSCENE=`, `gTAKE=`), read where there is no iXML.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from onset.errors import MediumError
from onset.text import safe_path
from onset.timecode import RATES, Rate, Timecode

_LARGEST_CHUNK = 4 * 1024 * 1024  # of those that are read whole; a bext or iXML has some kilobytes
_LONGEST_NUMBER = 20  # digits; Python refuses to read thousands of them
_LONGEST_WORDS = 4000  # characters of a note
_FASTEST = 10_000_000  # samples a second; no recorder comes near
_MOST_CHUNKS = 4096  # some recorders write a dozen; a damaged file may seem to hold millions
_TIME_REFERENCE_AT = 338  # in the bext chunk, EBU Tech 3285 2.3
_IN_IXML = {"PROJECT": "project", "SCENE": "scene", "TAKE": "take", "TAPE": "reel", "NOTE": "note"}
_DESCRIBED = re.compile(r"^[a-z]?([A-Z]+[A-Z0-9]*)=(.*)$", re.ASCII | re.MULTILINE)
_SPEED = re.compile(r"0*(\d+(?:\.\d+)?)-?(ND|DF|D|NDF)?", re.ASCII)
_PLAIN = re.compile(r"\d+(?:/\d+|\.\d+)?", re.ASCII)
_SPELLED = {"23.97": "23.976", "23.98": "23.976"}


@dataclass(slots=True)
class Wave:
    """What the chunks say.

    Attributes:
        time_reference: samples since midnight of the first sample, counted at `timestamp_rate`.
        timestamp_rate: samples a second of that count; None: the file's own.
        rate: of the timecode.
        names: of tracks by their place in the file, from 1.
        tags: `project`, `scene`, `take`, `reel`, `note`, as they are written.
        family: the iXML FAMILY_UID, the same in all files of a mono set.
        family_files: how many files the set has, as the file says.
        pre_record: samples from the first one to the moment when the record key was pressed.
        circled, no_good, false_start, wild: None where the file says nothing.
        made: `2018-12-31 12:40:06`, the recorder's own clock; a weak hint (it may be seconds from the timecode).
        maker: the originator's name (`Sound Dev: 702T`).
        data_at: where the first sample lies in the file, in bytes.
        cut_short: the head promises more sound than the file holds.
    """

    sample_rate: int = 0
    channels: int = 0
    bits: int = 0
    data_at: int = 0
    data_bytes: int = 0
    time_reference: int | None = None
    timestamp_rate: int | None = None
    rate: Rate | None = None
    names: dict[int, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    family: str = ""
    family_files: int = 0
    pre_record: int | None = None
    circled: bool | None = None
    no_good: bool | None = None
    false_start: bool | None = None
    wild: bool | None = None
    made: str = ""
    maker: str = ""
    cut_short: bool = False

    @property
    def samples(self) -> int:
        """Length of each track."""
        frame = self.channels * self.bits // 8
        return self.data_bytes // frame if frame else 0

    @property
    def tracks(self) -> tuple[str, ...]:
        """Names in the order of the channels, empty text where one has none; () where the file names none."""
        return tuple(self.names.get(n, "") for n in range(1, min(self.channels, 256) + 1)) if self.names else ()

    @property
    def start(self) -> Timecode | None:
        """Label of the first sample; None where the file tells no time or no rate.

        The reference counts real samples: frames = samples / sample rate x rate, labelled at the nominal count, as
        recorders' own reports have it; dividing alone is 45 s wrong at midday at 23.976.
        """
        samples_a_second = self.timestamp_rate or self.sample_rate
        if self.time_reference is None or self.rate is None or not samples_a_second:
            return None
        # Half a sample's tolerance: the reference of a label is rounded to whole samples.
        seconds = (Fraction(self.time_reference) + Fraction(1, 2)) / samples_a_second
        return Timecode.at(seconds, self.rate)


def read_wave(path: Path) -> Wave:
    """Read the head of a RIFF or RF64 file.

    Raises:
        MediumError: it cannot be read or is no such file.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path)
    except OSError as error:
        raise MediumError(f"{safe_path(path)} cannot be read: {error.strerror}.") from error


def _read(file: BinaryIO, path: Path) -> Wave:
    magic = file.read(12)
    if magic[:4] not in (b"RIFF", b"RF64", b"BW64") or magic[8:] != b"WAVE":
        raise MediumError(f"{safe_path(path)} is no wave file.")
    wave = Wave()
    long_data: int | None = None
    description = ""
    length = path.stat().st_size
    for name, at, size in _chunks(file):
        if name == b"data":
            if size == 0xFFFFFFFF and long_data is not None:
                size = long_data
            there = length - at
            wave.data_at, wave.data_bytes = at, min(size, there)
            if size > there:
                wave.cut_short = True
                break
        elif size <= _LARGEST_CHUNK:
            body = file.read(size)
            if name == b"ds64" and len(body) >= 16:
                long_data = int.from_bytes(body[8:16], "little")
            elif name == b"fmt " and len(body) >= 16:
                _, wave.channels, wave.sample_rate, _, _, wave.bits = struct.unpack_from("<HHIIHH", body)
            elif name == b"bext" and len(body) >= _TIME_REFERENCE_AT + 8:
                description = _read_bext(body, wave)
            elif name == b"iXML":
                _read_ixml(body, wave)
        file.seek(at + size + size % 2)
    if not wave.channels or not 0 < wave.sample_rate <= _FASTEST:
        raise MediumError(f"{safe_path(path)} has no sound format; its head is damaged.")
    _read_description(description, wave)
    return wave


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Name, position of the body and size of each chunk; the caller seeks to the next one."""
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        yield head[:4], file.tell(), int.from_bytes(head[4:], "little")


# -- bext -------------------------------------------------------------------------------------------------------------


def _read_bext(body: bytes, wave: Wave) -> str:
    """Fields at fixed places (EBU Tech 3285 2.3); returns the description."""
    wave.time_reference = int.from_bytes(body[_TIME_REFERENCE_AT : _TIME_REFERENCE_AT + 8], "little")
    wave.maker = _ascii(body[256:288])
    wave.made = f"{_ascii(body[320:330])} {_ascii(body[330:338])}".strip().replace("/", "-")
    return body[:256].partition(b"\0")[0].decode("utf-8", "replace").replace("\r", "\n")


def _ascii(field_: bytes) -> str:
    return field_.partition(b"\0")[0].decode("ascii", "replace").strip()


def _read_description(text: str, wave: Wave) -> None:
    """Words that no iXML has said."""
    said = {name: value.strip() for name, value in _DESCRIBED.findall(text)}
    for name, tag in _IN_IXML.items():
        if said.get(name):
            wave.tags.setdefault(tag, said[name])
    if wave.rate is None and (speed := _SPEED.fullmatch(said.get("SPEED", ""))):
        number = _SPELLED.get(speed[1], speed[1])
        if "." in number:
            number = number.rstrip("0").rstrip(".")
        wave.rate = RATES.get(number + ("df" if speed[2] in ("D", "DF") else ""))
    if not wave.names:
        for name, value in said.items():
            if name.startswith("TRK") and name[3:].isdecimal() and value:
                wave.names[int(name[3:])] = value
    if said.get("CIRCLED"):
        wave.circled = _yes(said["CIRCLED"]) if wave.circled is None else wave.circled


# -- iXML -------------------------------------------------------------------------------------------------------------


def _read_ixml(body: bytes, wave: Wave) -> None:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(body.rstrip(b"\0 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return

    def said(where: str) -> str:
        return str(root.findtext(where) or "").strip()[:_LONGEST_WORDS]

    for element, name in _IN_IXML.items():
        if said(element):
            wave.tags[name] = said(element)
    drop = said("SPEED/TIMECODE_FLAG").upper() == "DF"
    wave.rate = _rate(said("SPEED/TIMECODE_RATE"), drop) or wave.rate
    stamped = said("SPEED/TIMESTAMP_SAMPLE_RATE")
    if stamped.isdecimal() and len(stamped) <= _LONGEST_NUMBER and 0 < int(stamped) <= _FASTEST:
        wave.timestamp_rate = int(stamped)
    high, low = said("SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI"), said("SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO")
    if wave.time_reference is None and low.isdecimal():
        wave.time_reference = (int(high[:10]) if high.isdecimal() else 0) * (1 << 32) + int(low[:10])
    wave.family = said("FILE_SET/FAMILY_UID") or wave.family
    files = said("FILE_SET/TOTAL_FILES")
    wave.family_files = int(files[:4]) if files.isdecimal() else 0
    wave.circled = _yes(said("CIRCLED"))
    wave.no_good = _yes(said("NO_GOOD"))
    wave.false_start = _yes(said("FALSE_START"))
    wave.wild = _yes(said("WILD_TRACK"))
    for kind in said("TAKE_TYPE").upper().split(","):  # iXML 2.0 has one list for what were four flags
        wave.wild = True if kind.strip() == "WILD_TRACK" else wave.wild
        wave.no_good = True if kind.strip() == "NO_GOOD" else wave.no_good
        wave.false_start = True if kind.strip() == "FALSE_START" else wave.false_start
    _read_sync_points(root, wave)
    for track in root.iterfind("TRACK_LIST/TRACK"):
        index = str(track.findtext("INTERLEAVE_INDEX") or "").strip()
        if index.isdecimal():
            wave.names[int(index[:4])] = str(track.findtext("NAME") or "").strip()


def _read_sync_points(root: etree._Element, wave: Wave) -> None:
    for point in root.iterfind("SYNC_POINT_LIST/SYNC_POINT"):
        kind = str(point.findtext("SYNC_POINT_FUNCTION") or "").strip()
        low = str(point.findtext("SYNC_POINT_LOW") or "").strip()
        if kind == "PRE_RECORD_SAMPLECOUNT" and low.isdecimal():
            wave.pre_record = int(low[:10])


def _yes(written: str) -> bool | None:
    return {"TRUE": True, "YES": True, "Y": True, "1": True, "FALSE": False, "NO": False, "N": False, "0": False}.get(
        written.upper()
    )


def _rate(written: str, drop: bool) -> Rate | None:
    """`24000/1001` and a drop flag as a rate; None where no timecode runs at it."""
    if len(written) > _LONGEST_NUMBER or not _PLAIN.fullmatch(written):  # Fraction("1e999999999") would never return
        return None
    try:
        fps = Fraction(written)
    except (ValueError, ZeroDivisionError):
        return None
    return next((r for r in RATES.values() if r.fps == fps and r.drop == drop and not r.sensor_only), None)
