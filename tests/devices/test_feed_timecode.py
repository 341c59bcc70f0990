"""The timecode inside picture feeds: ffmpeg's MPEG-2 groups read whole, SMPTE words by the published layout."""

from __future__ import annotations

import struct
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from devices.adapter import Surroundings
from devices.camera_av import AVFeed
from devices.feed_timecode import _from_word
from onset.clock import SystemClock
from onset.timecode import Timecode, rate
from tests.needs import require


def word(label: str, *, drop: bool = False, second: int = 0) -> bytes:
    """As SMPTE ST 12-1 packs it, in FFmpeg's order of bytes; `second`: bits that mark the second frame of a pair."""
    hours, minutes, seconds, frames = (int(part) for part in label.split(":"))
    bits = 0
    for value, at in ((hours, 0), (minutes, 8), (seconds, 16), (frames, 24)):
        bits |= (value // 10 << 4 | value % 10) << at
    return struct.pack("<4I", 1, bits | drop << 30 | second, 0, 0)


@pytest.mark.parametrize(
    ("data", "name", "label"),
    [
        (word("10:59:59:24"), "25", "10:59:59:24"),
        (word("23:59:59:29", drop=True), "29.97df", "23:59:59;29"),
        (word("10:00:00:12", second=1 << 7), "50", "10:00:00:25"),
        (word("10:00:00:29", second=1 << 23), "60", "10:00:00:59"),
        (word("10:00:00:12"), "50", "10:00:00:24"),
        (word("10:00:00:23"), "23.976", "10:00:00:23"),
    ],
)
def test_a_word_of_an_h264_feed_is_misread(data: bytes, name: str, label: str) -> None:
    assert _from_word(data, rate(name).fps) == Timecode.parse(label, rate(name))


@pytest.mark.parametrize(
    ("data", "fps"),
    [
        (word("10:00:00:25"), 25),
        (word("25:00:00:00"), 25),
        (word("10:01:00:00", drop=True), Fraction(30000, 1001)),
        (word("10:00:00:00", drop=True), 25),
        (bytes(16), 25),
        (b"", 25),
        (word("10:00:00:00"), 15),
    ],
)
def test_a_word_that_cannot_be_becomes_a_label(data: bytes, fps: Fraction | int) -> None:
    assert _from_word(data, Fraction(fps)) is None


def time_code(label: Timecode) -> bytes:
    """A prefix SEI message of HEVC with one full time stamp (ITU-T H.265, D.2.27), before its frame."""
    hours, minutes, seconds, frames = (int(part) for part in label.label.replace(";", ":").split(":"))
    fields = ((1, 2), (1, 1), (0, 1), (4 if label.rate.drop else 0, 5), (1, 1), (0, 1), (0, 1), (frames, 9),
              (seconds, 6), (minutes, 6), (hours, 5), (0, 5))  # fmt: skip
    bits = "".join(f"{value:0{wide}b}" for value, wide in fields)
    bits += "1" if len(bits) % 8 else ""
    payload = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    body = bytes((136, len(payload))) + payload + b"\x80"
    guarded = bytearray()
    for byte in body:  # a start code must not stand inside
        if guarded[-2:] == b"\0\0" and byte <= 3:
            guarded.append(3)
        guarded.append(byte)
    return b"\0\0\1" + bytes((39 << 1, 1)) + bytes(guarded)


@pytest.mark.real
@pytest.mark.parametrize(("name", "first"), [("25", "10:59:59:20"), ("29.97df", "11:00:59;20"), ("24", "23:59:59:20")])
def test_timecode_of_a_feed_is_not_heard(name: str, first: str, tmp_path: Path) -> None:
    """HEVC of another encoder, with a time stamp before each frame, read by FFmpeg's own decoder."""
    require("ffmpeg")
    fps = rate(name).fps
    ffmpeg = ["ffmpeg", "-v", "error", "-y"]
    source = f"testsrc=s=320x192:r={fps.numerator}/{fps.denominator}:d=1"
    plain, stamped, feed = (tmp_path / each for each in ("plain.hevc", "stamped.hevc", "feed.ts"))
    options = "log-level=none:bframes=0:keyint=10:slices=1:frame-threads=1:repeat-headers=1"
    subprocess.run(
        [*ffmpeg, "-f", "lavfi", "-i", source, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", options,
         "-f", "hevc", str(plain)], check=True,
    )  # fmt: skip
    start = Timecode.parse(first, rate(name))
    written, number = bytearray(), 0
    for unit in plain.read_bytes().split(b"\0\0\1")[1:]:
        if unit[0] >> 1 & 0x3F < 32:  # a slice
            written += time_code(start.later(number))
            number += 1
        written += b"\0\0\1" + unit
    stamped.write_bytes(written)
    pace = f"{fps.numerator}/{fps.denominator}"
    subprocess.run([*ffmpeg, "-r", pace, "-i", str(stamped), "-c", "copy", "-f", "mpegts", str(feed)], check=True)
    camera = AVFeed("A", {"url": str(feed), "fps": float(fps)}, Surroundings("A test", rate(name), SystemClock()))
    camera.open()
    shots = [camera.read() for _ in range(15)]
    camera.close()
    labelled = [(shot.number - shots[0].number, str(shot.label)) for shot in shots if shot.image is not None]
    assert len(labelled) >= 13
    assert labelled == [(number, str(start.later(number))) for number, _ in labelled]
