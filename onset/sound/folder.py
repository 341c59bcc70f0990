"""Sound files of a recorder, from a folder or a card, as the log keeps them.

Used by `onset import sound` and by the record of an offload. Each file of a mono set stays a file of its own with the
set's `family`, so that the log names every file that exists.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from onset.domain.camera import Source
from onset.domain.sound import SoundFile
from onset.errors import MediumError
from onset.sound.wave import Wave, read_wave
from onset.text import safe_path
from onset.timecode import Rate, Timecode

ENDINGS = frozenset((".wav", ".bwf", ".rf64"))
_MOST = 20_000  # files; a feature's whole sound has fewer
_NS = 1_000_000_000
# EBU Tech 3285 leaves the signs between the numbers to the recorder: 2018-12-31, 2018:12:31, 2018_12_31.
_MADE = re.compile(r"(\d{4})[-_:. ](\d\d)[-_:. ](\d\d) (\d\d)[-_:. ](\d\d)[-_:. ](\d\d)", re.ASCII)


def is_sound(path: str) -> bool:
    """Whether a path names a wave file, by its ending; not what a Mac leaves beside it (`._T1.WAV`)."""
    name = path.rpartition("/")[2]
    return os.path.splitext(name)[1].lower() in ENDINGS and not name.startswith(".")


def wave_files(folder: Path) -> Sequence[Path]:
    """All wave files in and below a folder, in order of path; symbolic links are not followed.

    Raises:
        MediumError: the folder cannot be read, or holds far more files than any sound folder.
    """
    found: list[Path] = []

    def refuse(error: OSError) -> None:
        raise MediumError(f"{safe_path(error.filename or folder)} cannot be read: {error.strerror}.") from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if is_sound(name) and not path.is_symlink() and path.is_file():  # a pipe would hold us up for ever
                found.append(path)
        if len(found) > _MOST:
            raise MediumError(f"{safe_path(folder)} holds more than {_MOST} wave files; give a day's folder.")
    return found


def read_sound(
    path: Path,
    *,
    shown: str,
    device: str,
    unit: str,
    day: int | None,
    rate: Rate,
    source: Source = Source.FOLDER,
    card: str | None = None,
    digest: str | None = None,
) -> SoundFile:
    """A wave file as the log keeps it; one that cannot be read says why in `unreadable`.

    Args:
        path: where it lies.
        shown: the path that the log shall keep.
        device: the recorder, as the log calls it.
        unit: whose day it is brought in for.
        day: its number.
        rate: of labels, for a file that does not name its own.
        source: how it came here.
        card: id of the card it was copied from.
        digest: of its bytes, where known.
    """
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    try:
        wave, unreadable = read_wave(path), ""
    except MediumError as error:
        wave, unreadable = Wave(), str(error)
    if not unreadable and wave.cut_short:
        unreadable = "" if wave.samples else f"{safe_path(path.name)} holds no sound; it was cut short."
    return sound_file(
        wave,
        name=path.name,
        shown=shown,
        device=device,
        unit=unit,
        day=day,
        rate=rate,
        source=source,
        card=card,
        digest=digest,
        size=size,
        unreadable=unreadable,
    )


def sound_file(
    wave: Wave,
    *,
    name: str,
    shown: str,
    device: str,
    unit: str,
    day: int | None,
    rate: Rate,
    source: Source,
    card: str | None,
    digest: str | None,
    size: int | None,
    unreadable: str,
) -> SoundFile:
    """What a file says, in the log's words. Arguments as for `read_sound`."""
    own = wave.rate or rate
    start, said_by = _start(wave, own)
    known = bool(wave.sample_rate) and not unreadable
    return SoundFile(
        id="",
        name=name,
        path=shown,
        device=device,
        tc_in=str(start) if start is not None else None,
        tc_source=said_by,
        rate=own.name,
        duration_frames=own.frames_in(Fraction(wave.samples, wave.sample_rate)) if known else None,
        samples=wave.samples if known else None,
        sample_rate=wave.sample_rate if known else None,
        tracks=wave.tracks,
        interrupted=wave.cut_short,
        source=source,
        card=card,
        unit=unit,
        day=day,
        roll=wave.tags.get("reel", ""),
        family=wave.family,
        pre_record=wave.pre_record,
        circled=wave.circled,
        wild=wave.wild,
        note=wave.tags.get("note", ""),
        created_ns=made_ns(wave),
        size=size,
        digest=digest,
        unreadable=unreadable,
        named_scene=wave.tags.get("scene", ""),
        named_take=wave.tags.get("take", ""),
    )


def _start(wave: Wave, own: Rate) -> tuple[Timecode | None, str | None]:
    if wave.start is not None:
        return wave.start, "file"
    if wave.time_reference is None or not wave.sample_rate or not wave.time_reference:
        return None, None  # zero without a rate is what a recorder without a clock writes
    seconds = Fraction(wave.time_reference, wave.timestamp_rate or wave.sample_rate)
    return Timecode.at(seconds + Fraction(1, 2 * wave.sample_rate), own), "file, rate assumed"


def made_ns(wave: Wave) -> int | None:
    """When the recorder says the file was made, by its own clock in this machine's zone; a weak hint."""
    found = _MADE.fullmatch(wave.made)
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # zone unknown
        return int(moment.timestamp()) * _NS if 1980 <= moment.year < 2200 else None  # else it was never set
    except (ValueError, OverflowError, OSError):
        return None
