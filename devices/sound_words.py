"""What a Broadcast Wave file says of itself: format, bext and iXML chunks, as the field's programs read them.

Used by `sound_file.py`, at the roll and once more when the file is closed: what people say of a take until then
(circled, no good, notes) comes into room that was kept free. A finished file is never changed, because its hash may
stand in a manifest (docs/decisions/0078, 0086).
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from devices.adapter import NS
from devices.clip import Moment
from onset.capture.signals import Slated
from onset.domain.take import Kind
from onset.timecode import Timecode

_PCM = 1
BYTES = 3  # 24 bits
ROOM = 4096  # bytes of white space, for what is said until the file is closed
NO_USER_BITS = "00000000"


@dataclass(frozen=True, slots=True)
class SoundSlate:
    """What a sound file says of itself.

    Attributes:
        start: label of its first sample; `samples` is the same in samples since midnight.
        tracks: names of this file's tracks.
        origin_wall_ns: the day and time in UTC that stand in its description.
        utc_offset_s: the zone they are written in.
        family: the same for all files of one recording.
        column: the device's track that a file of a mono set holds, counted from 0; None where it holds all.
        files: how many files the recording has.
        name: the file's own name.
        pre_record: samples from the first one to the key.
        user_bits: of the timecode, eight hex digits.
    """

    slated: Slated
    device: str
    start: Timecode
    samples: int
    tracks: tuple[str, ...]
    sample_rate: int
    origin_wall_ns: int
    utc_offset_s: int
    family: str
    column: int | None = None
    files: int = 1
    name: str = ""
    pre_record: int = 0
    user_bits: str = NO_USER_BITS

    @property
    def uid(self) -> str:
        """Names this file, 32 hex digits."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{self.family} {self.column}").hex

    @property
    def family_name(self) -> str:
        """What a person calls the recording: `42CT3`."""
        return f"{self.slated.slate}T{self.slated.take}"


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a RIFF file."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def form(slate: SoundSlate) -> bytes:
    """The format chunk."""
    tracks, hertz = len(slate.tracks), slate.sample_rate
    return struct.pack("<HHIIHH", _PCM, tracks, hertz, hertz * tracks * BYTES, tracks * BYTES, BYTES * 8)


def bext(slate: SoundSlate) -> bytes:
    """The broadcast extension, version 1 (EBU Tech 3285): fields of fixed length, then the coding history."""
    slated, rate = slate.slated, slate.start.rate
    stamp = datetime.fromtimestamp((slate.origin_wall_ns + slate.utc_offset_s * NS) / NS, UTC)
    words = [
        ("SPEED", f"{float(rate.fps):07.3f}-{'DF' if rate.drop else 'ND'}"),
        ("UBITS", f"${slate.user_bits}"),
        ("PROJECT", slated.production),
        ("SCENE", slated.slate),
        ("TAKE", slated.take),
        ("TAPE", slated.roll or ""),
        ("FILENAME", slate.name),
        *((f"TRK{number}", name) for number, name in numbered_tracks(slate)),
        ("NOTE", slated.said.note),  # last: where the field ends, only a long note is cut off
    ]
    description = "\r\n".join(f"s{name}={_one_line(value)}" for name, value in words)
    mode = {1: "mono", 2: "stereo"}.get(len(slate.tracks), f"{len(slate.tracks)} channels")
    history = f"A=PCM,F={slate.sample_rate},W=24,M={mode},T=onset\r\n"
    return (
        _fixed(description, 256)
        + _fixed("onset", 32)
        + _fixed(slate.uid, 32)
        + _fixed(stamp.strftime("%Y-%m-%d"), 10)
        + _fixed(stamp.strftime("%H:%M:%S"), 8)
        + struct.pack("<QH", slate.samples, 1)
        + bytes(64 + 190)
        + history.encode()
    )


def cues(marks: Sequence[Moment], sample_rate: int, samples: int) -> bytes:
    """Marks as a cue chunk and their names as labels (Multimedia Programming Interface 1.0, "Cue-Points Chunk").

    Args:
        marks: in any order; those beyond the sound, or beyond what 32 bits can count, are left out.
        sample_rate: samples a second.
        samples: of the file.
    """
    named = ((mark.at_ns * sample_rate // NS, mark.text or f"Mark {n}") for n, mark in enumerate(marks, 1))
    inside = sorted((at, text) for at, text in named if at < min(samples, 1 << 32))
    if not inside:
        return b""
    points, labels = struct.pack("<I", len(inside)), b"adtl"
    for number, (at, text) in enumerate(inside, 1):
        points += struct.pack("<II4sIII", number, at, b"data", 0, 0, at)
        labels += chunk(b"labl", struct.pack("<I", number) + _one_line(text).encode(errors="replace") + b"\0")
    return chunk(b"cue ", points) + chunk(b"LIST", labels)


def numbered_tracks(slate: SoundSlate) -> list[tuple[int, str]]:
    """The file's tracks with their channels at the mixer, counted from 1."""
    return list(enumerate(slate.tracks, 1 if slate.column is None else slate.column + 1))


def _one_line(text: str) -> str:
    return "".join(c if c >= " " else " " for c in text)


def _fixed(text: str, length: int) -> bytes:
    return text.encode("ascii", "replace")[:length].ljust(length, b"\0")


def ixml(slate: SoundSlate, room: int | None = None) -> bytes:
    """The iXML chunk's body, as the field's recorders write it (gallery.co.uk, iXML specification 2.0).

    White space stands between its last two tags, where readers pass over it ("Usage Guidelines" there).

    Args:
        slate: its words.
        room: how many bytes it must have, at least those of a file without a note; a longer note is cut off. None
            where it may have as many as it needs, and `ROOM` more.
    """
    note = _allowed(slate.slated.said.note)
    while room is not None and note and (over := len(_encoded(slate, note)) - room) > 0:
        note = note[: -max(1, over // _LONGEST_CHARACTER)]
    whole = _encoded(slate, note)
    free = ROOM if room is None else room - len(whole)
    front, end = whole.removesuffix(_END), _END
    return front + b" " * free + end


_END = b"</BWFXML>\n"
_LONGEST_CHARACTER = 5  # bytes: "&amp;"


def _encoded(slate: SoundSlate, note: str) -> bytes:
    return _ixml(slate, note).encode(errors="replace")


def _ixml(slate: SoundSlate, note: str) -> str:
    slated, rate = slate.slated, slate.start.rate
    speed = f"{rate.fps.numerator}/{rate.fps.denominator}"
    tracks = "".join(
        _element("TRACK", CHANNEL_INDEX=channel, INTERLEAVE_INDEX=place, NAME=name, FUNCTION=name.upper())
        for place, (channel, name) in enumerate(numbered_tracks(slate), 1)
    )
    pre_record = _element(
        "SYNC_POINT",
        SYNC_POINT_TYPE="RELATIVE",
        SYNC_POINT_FUNCTION="PRE_RECORD_SAMPLECOUNT",
        SYNC_POINT_COMMENT="",
        SYNC_POINT_LOW=slate.pre_record & 0xFFFFFFFF,
        SYNC_POINT_HIGH=slate.pre_record >> 32,
        SYNC_POINT_EVENT_DURATION=0,
    )
    said = slated.said
    flags = {
        "NO_GOOD": said.no_good,
        "FALSE_START": said.kind == Kind.FALSE_START,
        "WILD_TRACK": said.kind == Kind.WILD_TRACK,
    }
    of_kind = [name for name, holds in {**flags, "PICKUP": said.kind == Kind.PICKUP}.items() if holds]
    parts = [
        _words(
            IXML_VERSION="2.0",
            PROJECT=slated.production,
            SCENE=slated.slate,
            TAKE=slated.take,
            TAPE=slated.roll or "",
            CIRCLED=_truth(said.circled),
            **{name: _truth(holds) for name, holds in flags.items()},  # superseded by the next in 2.0, and still read
            TAKE_TYPE=",".join(of_kind) or "DEFAULT",
            UBITS=slate.user_bits,
            FILE_UID=slate.uid,
            NOTE=note,
        ),
        _element(
            "SPEED",
            MASTER_SPEED=speed,
            CURRENT_SPEED=speed,
            TIMECODE_FLAG="DF" if rate.drop else "NDF",
            TIMECODE_RATE=speed,
            FILE_SAMPLE_RATE=slate.sample_rate,
            AUDIO_BIT_DEPTH=BYTES * 8,
            DIGITIZER_SAMPLE_RATE=slate.sample_rate,
            TIMESTAMP_SAMPLE_RATE=slate.sample_rate,
            TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI=slate.samples >> 32,
            TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO=slate.samples & 0xFFFFFFFF,
        ),
        f"<SYNC_POINT_LIST><SYNC_POINT_COUNT>1</SYNC_POINT_COUNT>{pre_record}</SYNC_POINT_LIST>",
        _element("HISTORY", ORIGINAL_FILENAME=slate.name, CURRENT_FILENAME=slate.name),
        _element(
            "FILE_SET",
            TOTAL_FILES=slate.files,
            FAMILY_UID=slate.family,
            FAMILY_NAME=slate.family_name,
            FILE_SET_INDEX=1 if slate.column is None else slate.column + 1,
        ),
        f"<TRACK_LIST>{_words(TRACK_COUNT=len(slate.tracks))}{tracks}</TRACK_LIST>",
    ]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML>{"".join(parts)}</BWFXML>\n'


def _truth(holds: bool) -> str:
    return "TRUE" if holds else "FALSE"


def _element(tag: str, /, **words: str | int) -> str:
    return f"<{tag}>{_words(**words)}</{tag}>"


def _words(**words: str | int) -> str:
    return "".join(f"<{name}>{_xml(str(value))}</{name}>" for name, value in words.items())


def _xml(text: str) -> str:
    return escape(_allowed(text))


def _allowed(text: str) -> str:
    """Text for XML 1.0, which has no control characters."""
    return "".join(c for c in text if (c >= " " or c in "\t\n\r") and c not in "\ufffe\uffff")
