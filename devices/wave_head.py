"""Read what a Broadcast Wave file says of itself: format, length, time reference, iXML.

Used by `media_av.py`. Everything in a file from outside is bounded and may be wrong or cut short.
"""

from __future__ import annotations

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
_TIME_REFERENCE_AT = 338  # in the bext chunk, EBU Tech 3285 2.3
_IN_IXML = {"PROJECT": "project", "SCENE": "scene", "TAKE": "take", "TAPE": "reel", "NOTE": "note"}


@dataclass(slots=True)
class WaveHead:
    """What the chunks say.

    Attributes:
        time_reference: samples since midnight of the first sample.
        rate: of the timecode, from the iXML.
    """

    sample_rate: int = 0
    channels: int = 0
    bits: int = 0
    data_bytes: int = 0
    time_reference: int | None = None
    rate: Rate | None = None
    tracks: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def samples(self) -> int:
        """Length of each track."""
        frame = self.channels * self.bits // 8
        return self.data_bytes // frame if frame else 0

    @property
    def start(self) -> Timecode | None:
        """Label of the first sample; None where the file tells no time or no rate."""
        if self.time_reference is None or self.rate is None or not self.sample_rate:
            return None
        # Half a sample's tolerance: the reference of a label is rounded to whole samples.
        seconds = (Fraction(self.time_reference) + Fraction(1, 2)) / self.sample_rate
        return Timecode.at(seconds, self.rate)


def read_wave_head(path: Path) -> WaveHead:
    """Read the head of a RIFF or RF64 file.

    Raises:
        MediumError: it cannot be read or is no such file.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path)
    except OSError as error:
        raise MediumError(f"{safe_path(path)} cannot be read: {error.strerror}.") from error


def _read(file: BinaryIO, path: Path) -> WaveHead:
    magic = file.read(12)
    if magic[:4] not in (b"RIFF", b"RF64", b"BW64") or magic[8:] != b"WAVE":
        raise MediumError(f"{safe_path(path)} is no wave file.")
    head = WaveHead()
    long_data: int | None = None
    for name, at, size in _chunks(file):
        if name == b"data":
            if size == 0xFFFFFFFF and long_data is not None:
                size = long_data
            there = path.stat().st_size - at
            head.data_bytes = min(size, there)
            if size > there:
                break
            file.seek(at + size + size % 2)
            continue
        if size > _LARGEST_CHUNK:
            file.seek(at + size + size % 2)
            continue
        body = file.read(size)
        if name == b"ds64" and len(body) >= 16:
            long_data = int.from_bytes(body[8:16], "little")
        elif name == b"fmt " and len(body) >= 16:
            _, head.channels, head.sample_rate, _, _, head.bits = struct.unpack_from("<HHIIHH", body)
        elif name == b"bext" and len(body) >= _TIME_REFERENCE_AT + 8:
            head.time_reference = int.from_bytes(body[_TIME_REFERENCE_AT : _TIME_REFERENCE_AT + 8], "little")
        elif name == b"iXML":
            _read_ixml(body, head)
        file.seek(at + size + size % 2)
    if not head.channels or not head.sample_rate:
        raise MediumError(f"{safe_path(path)} has no sound format; its head is damaged.")
    return head


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Name, position of the body and size of each chunk; the caller seeks to the next one."""
    while len(head := file.read(8)) == 8:
        yield head[:4], file.tell(), int.from_bytes(head[4:], "little")


def _read_ixml(body: bytes, head: WaveHead) -> None:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body.rstrip(b"\0 \r\n"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return
    for element, name in _IN_IXML.items():
        value = root.findtext(element)
        if value:
            head.tags[name] = str(value).strip()
    drop = (root.findtext("SPEED/TIMECODE_FLAG") or "").strip() == "DF"
    head.rate = _rate(str(root.findtext("SPEED/TIMECODE_RATE") or ""), drop)
    names = [
        (track.findtext("INTERLEAVE_INDEX"), track.findtext("NAME")) for track in root.iterfind("TRACK_LIST/TRACK")
    ]
    by_index = {int(index): str(name or "") for index, name in names if index and str(index).strip().isdecimal()}
    head.tracks = tuple(by_index.get(i + 1, "") for i in range(min(head.channels, 256)))


def _rate(written: str, drop: bool) -> Rate | None:
    """`24000/1001` and a drop flag as a rate; None where no timecode runs at it."""
    try:
        fps = Fraction(written.strip())
    except (ValueError, ZeroDivisionError):
        return None
    return next((r for r in RATES.values() if r.fps == fps and r.drop == drop and not r.sensor_only), None)
