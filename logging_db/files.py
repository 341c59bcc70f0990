"""Cameras, recorders and their files of a take, and stills, made from rows of the log; columns stand in a fixed order.

Used by questions.py and others that read. By name the columns would cost twice as much (measured).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from onset.domain.camera import CAMERA_DATA, NOTHING_SAID, Angle, CameraData, Clip, LinkState, Source
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.still import Still, TakenBy

_Record = Sequence[Any]  # rows come from SQLAlchemy as tuples of Any; nothing of that leaves this module

LINKS = {str(link): link for link in LinkState}
SOURCES = {str(source): source for source in Source}
_TAKEN_BY = {str(clock): clock for clock in TakenBy}

ANGLE_COLUMNS = f"camera roll start end rating clip_name note {' '.join(CAMERA_DATA)}"
CLIP_COLUMNS = "uid name path camera tc_in tc_source rate duration_frames dropped interrupted reel proxy"
SOUND_COLUMNS = (
    "uid name path device tc_in tc_source rate duration_frames samples sample_rate tracks interrupted roll "
    "peak_db rms_db family"
)
STILL_COLUMNS = (
    *("uid", "path", "source_path", "digest", "unit", "day", "taken_ns", "taken_by", "camera", "width", "height"),
    *("caption", "of_take", "setup", "continuity", "state", "evidence", "decided_by"),
)


def angles(angles: Sequence[_Record], clips: Sequence[_Record]) -> tuple[Angle, ...]:
    """Of rows of `ANGLE_COLUMNS` and of linked clips."""
    by_camera: dict[str, list[Clip]] = {}
    for one in clips:
        clip = _clip(one)
        by_camera.setdefault(clip.camera, []).append(clip)
    found = []
    for row in angles:
        _, camera, roll, start, end, rating, clip_name, note = row[:8]
        found.append(
            Angle(
                camera=camera or "",
                roll=roll,
                start=start,
                end=end,
                rating=rating,
                data=_camera_data(row[8:]),
                clip_name=clip_name,
                note=note,
                clips=tuple(by_camera.pop(camera or "", ())),
            )
        )
    found += [Angle(camera=camera, clips=tuple(rest), logged=False) for camera, rest in by_camera.items()]
    return tuple(sorted(found, key=_CAMERA) if len(found) > 1 else found)


_CAMERA = attrgetter("camera")


@lru_cache(maxsize=4096)
def _camera_data(values: tuple[str | None, ...]) -> CameraData:
    return CameraData(**dict(zip(CAMERA_DATA, values, strict=True))) if any(values) else NOTHING_SAID


def _clip(row: _Record) -> Clip:
    (
        _, link, method, evidence, decided_by, uid, name, path, camera, tc_in, tc_source, rate, duration_frames,
        dropped, interrupted, reel, proxy, source, card, unreadable,
    ) = row  # fmt: skip
    return Clip(
        id=uid.hex(),
        name=name or "",
        path=path or "",
        camera=camera or "",
        tc_in=tc_in,
        tc_source=tc_source,
        rate=rate or "24",
        duration_frames=duration_frames,
        dropped=dropped or 0,
        interrupted=interrupted == 1,
        link=LINKS.get(link, LinkState.PROPOSED),
        method=method or "",
        evidence=evidence or "",
        decided_by=decided_by or "",
        source=SOURCES.get(source, Source.RECORDER),
        card=card.hex() if card else None,
        reel=reel or "",
        proxy=proxy,
        unreadable=unreadable or "",
    )


@lru_cache(maxsize=4096)
def still(row: _Record) -> Still:
    """A row of `STILL_COLUMNS`."""
    (
        uid, path, source_path, digest, unit, day, taken_ns, taken_by, camera, width, height, caption, of_take, setup,
        continuity, state, evidence, decided_by,
    ) = row  # fmt: skip
    return Still(
        id=uid.hex(),
        path=path or "",
        source_path=source_path or "",
        digest=digest or "",
        unit=unit or "",
        day=day,
        taken_ns=taken_ns,
        taken_by=_TAKEN_BY.get(taken_by),
        camera=camera or "",
        width=width,
        height=height,
        caption=caption or "",
        take_id=of_take.hex() if of_take else None,
        setup_id=setup.hex() if setup else None,
        continuity_id=continuity.hex() if continuity else None,
        state=LINKS.get(state, LinkState.PROPOSED),
        evidence=evidence or "",
        decided_by=decided_by or "",
    )


def sound(sound_takes: Sequence[_Record], sounds: Sequence[_Record], sound_roll: str | None) -> tuple[SoundTake, ...]:
    """Of what is known of each recorder and of linked sound files."""
    by_device: dict[str, list[SoundFile]] = {}
    for one in sounds:
        file = _sound_file(one)
        by_device.setdefault(file.device, []).append(file)
    found = [
        SoundTake(
            device=device or "",
            roll=roll,
            files=tuple(by_device.pop(device or "", ())),
            tracks=texts(tracks),
            circled=None if circled is None else circled == 1,
            note=note,
        )
        for _, device, roll, tracks, circled, note in sound_takes
    ]
    found += [SoundTake(device=device, roll=sound_roll, files=tuple(rest)) for device, rest in by_device.items()]
    return tuple(found)


def _sound_file(row: _Record) -> SoundFile:
    (
        _, link, method, evidence, decided_by, uid, name, path, device, tc_in, tc_source, rate, duration_frames,
        samples, sample_rate, tracks, interrupted, roll, peak_db, rms_db, family, source, card, unreadable,
    ) = row  # fmt: skip
    return SoundFile(
        id=uid.hex(),
        name=name or "",
        path=path or "",
        device=device or "",
        tc_in=tc_in,
        tc_source=tc_source,
        rate=rate or "24",
        duration_frames=duration_frames,
        samples=samples,
        sample_rate=sample_rate,
        tracks=texts(tracks),
        interrupted=interrupted == 1,
        link=LINKS.get(link, LinkState.PROPOSED),
        method=method or "",
        evidence=evidence or "",
        decided_by=decided_by or "",
        source=SOURCES.get(source, Source.RECORDER),
        card=card.hex() if card else None,
        roll=roll or "",
        peak_db=levels(peak_db),
        rms_db=levels(rms_db),
        family=family or "",
        unreadable=unreadable or "",
    )


@lru_cache(maxsize=1024)
def texts(encoded: str | None) -> tuple[str, ...]:
    """A list that was kept as JSON."""
    found = json.loads(encoded) if encoded else []
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def levels(encoded: str | None) -> tuple[float, ...]:
    """Levels in dBFS that were kept as JSON, one a track."""
    found = json.loads(encoded) if encoded else []
    return tuple(float(one) for one in found if isinstance(one, int | float)) if isinstance(found, list) else ()
