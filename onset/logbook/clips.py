"""What the recorders write into the log: clips, sound files, their links, and what happened to a device."""

from __future__ import annotations

import json
from collections.abc import Sequence

from onset.changes import Value, checked, derived_id, new_id
from onset.domain.camera import Clip, LinkState
from onset.domain.sound import SoundFile
from onset.errors import RefusedError
from onset.logbook.engine import Transaction
from onset.logbook.takes import named, set_angle
from onset.logbook.terms import Event

OURS = "recorder"  # the method of a link that needs no evidence: our own recorder wrote the file for that take


def clip_opened(tx: Transaction, take_id: str, clip: Clip) -> str:
    """A recorder of ours writes this file for that take; returns the clip's id."""
    set_angle(tx, take_id, clip.camera, {})
    fields: dict[str, Value] = {
        "take": take_id,
        "name": checked(clip.name, "The clip's name"),
        "path": checked(clip.path, "The clip's path"),
        "camera": clip.camera,
        "tc_in": clip.tc_in,
        "tc_source": clip.tc_source,
        "rate": clip.rate,
        "duration_frames": clip.duration_frames,
        "dropped": clip.dropped,
        "interrupted": int(clip.interrupted),
    }
    clip_id = tx.add("clip", fields, clip.id or new_id(tx.wall_ns).hex())
    _link(tx, take_id, clip_id, clip.method)
    return clip_id


def clip_closed(tx: Transaction, clip_id: str, *, duration_frames: int | None, dropped: int, interrupted: bool) -> None:
    """The file is complete; without a length only whether it was interrupted is known."""
    _media(tx, "clip", clip_id)
    fields: dict[str, Value] = {"interrupted": int(interrupted)}
    if duration_frames is not None:
        fields |= {"duration_frames": duration_frames, "dropped": dropped}
    tx.set("clip", clip_id, fields)


def sound_opened(tx: Transaction, take_id: str, sound: SoundFile) -> str:
    """As `clip_opened`, for a sound file."""
    take = named(tx, take_id)
    on_device: dict[str, Value] = {"take": take_id, "device": sound.device, "roll": take.maybe_text("sound_roll")}
    tx.add("sound_take", on_device, derived_id("sound_take", take_id, sound.device).hex())
    fields: dict[str, Value] = {
        "take": take_id,
        "name": checked(sound.name, "The sound file's name"),
        "path": checked(sound.path, "The sound file's path"),
        "device": sound.device,
        "tc_in": sound.tc_in,
        "tc_source": sound.tc_source,
        "rate": sound.rate,
        "duration_frames": sound.duration_frames,
        "samples": sound.samples,
        "sample_rate": sound.sample_rate,
        "tracks": json.dumps(sound.tracks, ensure_ascii=False),
        "interrupted": int(sound.interrupted),
    }
    if sound.family:
        fields["family"] = checked(sound.family, "The family of a mono set")
    sound_id = tx.add("sound", fields, sound.id or new_id(tx.wall_ns).hex())
    _link(tx, take_id, sound_id, sound.method)
    return sound_id


def sound_closed(
    tx: Transaction,
    sound_id: str,
    *,
    duration_frames: int | None,
    samples: int,
    sample_rate: int,
    interrupted: bool,
    peak_db: Sequence[float] = (),
    rms_db: Sequence[float] = (),
) -> None:
    """As `clip_closed`, for a sound file; levels where they were measured."""
    _media(tx, "sound", sound_id)
    fields: dict[str, Value] = {"interrupted": int(interrupted)}
    if duration_frames is not None:
        fields |= {"duration_frames": duration_frames, "samples": samples, "sample_rate": sample_rate}
    if peak_db:
        fields |= {"peak_db": _levels(peak_db), "rms_db": _levels(rms_db)}
    tx.set("sound", sound_id, fields)


def clip_proxy(tx: Transaction, clip_id: str, path: str) -> None:
    """A joined proxy was made of a clip."""
    _media(tx, "clip", clip_id)
    tx.set("clip", clip_id, {"proxy": checked(path, "The proxy's path")})


def event(tx: Transaction, event: Event) -> None:
    """Something happened to a device."""
    fields: dict[str, Value] = {
        "take": event.take_id,
        "wall_ns": event.wall_ns,
        "device": event.device,
        "what": checked(event.what, "The event"),
        "detail": checked(event.detail, "The event's detail"),
        "alarm": 1 if event.alarm else None,
    }
    tx.add("event", fields, event.id or new_id(tx.wall_ns).hex())


def alarm_raised(tx: Transaction, alarm: Event) -> str:
    """Something began that is told until it is over; returns its id."""
    fields: dict[str, Value] = {
        "take": alarm.take_id,
        "wall_ns": alarm.wall_ns,
        "device": alarm.device,
        "what": checked(alarm.what, "The alarm"),
        "detail": checked(alarm.detail, "The alarm's detail"),
        "alarm": 1 if alarm.alarm else None,
        "last_ns": alarm.wall_ns if alarm.last_ns is None else alarm.last_ns,
        "cleared_ns": alarm.cleared_ns,
        "count": alarm.count if alarm.count > 1 else None,
    }
    return tx.add("event", fields, alarm.id or new_id(tx.wall_ns).hex())


def alarm_again(
    tx: Transaction,
    alarm_id: str,
    *,
    last_ns: int,
    count: int,
    cleared_ns: int | None = None,
    detail: str | None = None,
) -> None:
    """It came back, and stands unless that is over already."""
    _media(tx, "event", alarm_id)
    fields: dict[str, Value] = {"last_ns": last_ns, "count": count, "cleared_ns": cleared_ns}
    if detail is not None:
        fields["detail"] = checked(detail, "The alarm's detail")
    tx.set("event", alarm_id, fields)


def alarm_cleared(
    tx: Transaction, alarm_id: str, *, cleared_ns: int, count: int | None = None, detail: str | None = None
) -> None:
    """It is over."""
    _media(tx, "event", alarm_id)
    fields: dict[str, Value] = {"cleared_ns": cleared_ns}
    if count is not None:
        fields["count"] = count
    if detail is not None:
        fields["detail"] = checked(detail, "The alarm's detail")
    tx.set("event", alarm_id, fields)


def _levels(of_tracks: Sequence[float]) -> str:
    return json.dumps([round(level, 1) for level in of_tracks])


def _link(tx: Transaction, take_id: str, media_id: str, method: str) -> None:
    fields: dict[str, Value] = {
        "take": take_id,
        "media": media_id,
        "state": str(LinkState.CONFIRMED),
        "method": method or OURS,
        "author": tx.author,
    }
    tx.add("link", fields, derived_id("link", take_id, media_id).hex())


def _media(tx: Transaction, entity: str, media_id: str) -> None:
    if tx.get(entity, media_id) is None:
        raise RefusedError(f"There is no {entity} with the id {media_id} in this log.")
