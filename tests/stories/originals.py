"""What other people's devices leave on a set: a camera's clips with timecode, and a mixer's mono sets with iXML.

Written without onset's own writers, so that a story about originals does not rest on what reads them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FPS = Fraction(24000, 1001)
HERTZ = 8000


def label_of(frames: int) -> str:
    """A non-drop label at 24 counted frames a second.

    >>> label_of(24 * 3600 * 10 + 5)
    '10:00:00:05'
    """
    seconds, frame = divmod(frames % (24 * 86_400), 24)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}"


def frames_of(label: str) -> int:
    """Frames since midnight of a label.

    >>> frames_of("10:00:00:05") - frames_of("09:59:59:23")
    6
    """
    hours, minutes, seconds, frame = (int(part) for part in label.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 24 + frame


def film(path: Path, start: int, frames: int) -> Path:
    """A camera's clip: a grey picture at 23.976 with its timecode on a track of its own.

    Args:
        path: where it goes.
        start: label of its first frame, as frames since midnight.
        frames: how many.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mov") as box:
        stream = box.add_stream("mjpeg", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
        stream.metadata["timecode"] = label_of(start)
        grey = np.full((48, 32), start % 200 + 20, np.uint8)
        (still,) = stream.encode(av.VideoFrame.from_ndarray(grey, format="yuvj420p"))
        for number in range(frames):  # every frame is whole, so one is encoded for all
            packet = av.Packet(bytes(still))
            packet.stream, packet.time_base = stream, 1 / FPS
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            box.mux(packet)
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Slated:
    """What the mixer typed for a take."""

    scene: str
    take: str
    roll: str
    circled: bool
    date: str


def mono_set(folder: Path, name: str, slated: Slated, start: int, frames: int, tracks: Sequence[str]) -> list[Path]:
    """A mixer's take: one mono file a track, tied together by their family.

    Args:
        folder: where they go.
        name: of the files, without number and ending.
        slated: what the mixer typed.
        start: label of the first sample, as frames since midnight; time runs at 23.976.
        frames: how long.
        tracks: names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    since = round(start / FPS * HERTZ)  # as recorders do: a sample less would be the frame before
    count = int(frames / FPS * HERTZ)
    paths = []
    for number, track in enumerate(tracks, 1):
        path = folder / f"{name}_{number}.WAV"
        path.write_bytes(_wave(slated, name, track, number, since, count))
        paths.append(path)
    return paths


def _wave(slated: Slated, name: str, track: str, number: int, since: int, count: int) -> bytes:
    about = f"sSCENE={slated.scene}\r\nsTAKE={slated.take}\r\nsTAPE={slated.roll}\r\n"
    bext = (
        about.encode().ljust(256, b"\0")
        + b"SoundDev: 664".ljust(32, b"\0")
        + name.encode().ljust(32, b"\0")
        + slated.date.encode()
        + b"10:00:00"
        + struct.pack("<QH", since, 1)
        + bytes(254)
    )
    ixml = (
        '<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>1.5</IXML_VERSION>'
        f"<PROJECT>Harbour Lights</PROJECT><SCENE>{slated.scene}</SCENE><TAKE>{slated.take}</TAKE>"
        f"<TAPE>{slated.roll}</TAPE>"
        f"<CIRCLED>{'TRUE' if slated.circled else 'FALSE'}</CIRCLED>"
        "<SPEED><MASTER_SPEED>24000/1001</MASTER_SPEED><CURRENT_SPEED>24000/1001</CURRENT_SPEED>"
        "<TIMECODE_RATE>24000/1001</TIMECODE_RATE><TIMECODE_FLAG>NDF</TIMECODE_FLAG>"
        f"<FILE_SAMPLE_RATE>{HERTZ}</FILE_SAMPLE_RATE><TIMESTAMP_SAMPLE_RATE>{HERTZ}</TIMESTAMP_SAMPLE_RATE>"
        "<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>0</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{since}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO></SPEED>"
        f"<FILE_SET><TOTAL_FILES>2</TOTAL_FILES><FAMILY_UID>{slated.roll}-{name}</FAMILY_UID>"
        f"<FILE_SET_INDEX>{number}</FILE_SET_INDEX></FILE_SET>"
        f"<TRACK_LIST><TRACK_COUNT>1</TRACK_COUNT><TRACK><CHANNEL_INDEX>{number}</CHANNEL_INDEX>"
        f"<INTERLEAVE_INDEX>1</INTERLEAVE_INDEX><NAME>{track}</NAME></TRACK></TRACK_LIST></BWFXML>"
    ).encode()
    fmt = struct.pack("<HHIIHH", 1, 1, HERTZ, HERTZ * 2, 2, 16)
    chunks = ((b"bext", bext), (b"fmt ", fmt), (b"iXML", ixml), (b"data", bytes(count * 2)))
    body = b"".join(key + struct.pack("<I", len(each)) + each + b"\0" * (len(each) % 2) for key, each in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body
