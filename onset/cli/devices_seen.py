"""What can be said of a device at this moment: from the service's own word and from what lies on the live bus.

Used by devices.py for its list and by devices_watch.py for its table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.text import safe_text

if TYPE_CHECKING:
    from onset.capture.bus import Watcher
    from onset.capture.health import DeviceNow
    from onset.capture.signals import AlarmNow, ClockNow, DeckNow, Delivers, Health, Levels, Medium, TimecodeNow

_FRESH_NS = 3_000_000_000  # a slot older than this says nothing of now
_LTC = ".ltc"


@dataclass(frozen=True, slots=True)
class Seen:
    """A device, as a row of the answer.

    Attributes:
        state: one of `signals.State`, or `unchecked` when nobody has opened it.
        recording: paths, below the media folder, of the files it is writing.
        dropped: frames or samples lost since its worker started; None when nobody counts.
        free_minutes: how long the disk of the recordings lasts at what this device delivers.
    """

    name: str
    kind: str
    state: str
    detail: str
    medium: Medium | None = None
    delivers: Delivers | None = None
    recording: tuple[str, ...] = ()
    dropped: int | None = None
    free_minutes: float | None = None
    restarts: int = 0
    pid: int | None = None
    levels: Levels | None = None
    timecode: TimecodeNow | None = None
    deck: DeckNow | None = None


def see(now: DeviceNow, watcher: Watcher, mono_ns: int) -> Seen:
    """Bring together what the service says of a device and what its worker published lately."""
    from onset.capture.signals import DeckNow, Health, Levels, TimecodeNow

    health: Health | None = watcher.newest(now.name, Health)
    if health is not None and mono_ns - health.mono_ns > _FRESH_NS:
        health = None
    levels = watcher.newest(now.name, Levels) if now.medium == "sound" else None
    deck = watcher.newest(now.name, DeckNow) if now.medium == "deck" else None
    source = now.name if now.medium == "deck" else f"{now.name}{_LTC}"
    timecode = None if now.medium == "picture" else watcher.newest(source, TimecodeNow)
    return Seen(
        name=now.name,
        kind=now.kind,
        state=now.state,
        detail=now.detail,
        medium=now.medium,
        delivers=now.delivers,
        recording=tuple(now.recording),
        dropped=None if health is None else health.dropped,
        free_minutes=None if health is None else health.free_minutes,
        restarts=now.restarts,
        pid=now.pid,
        levels=levels if levels is not None and mono_ns - levels.mono_ns < _FRESH_NS else None,
        timecode=timecode if timecode is not None and mono_ns - timecode.mono_ns < _FRESH_NS else None,
        deck=deck if deck is not None and mono_ns - deck.mono_ns < _FRESH_NS else None,
    )


def alarm_row(alarm: AlarmNow, at: Callable[[int], str]) -> str:
    """`! since 14:03:10 x3  B: the picture is frozen …`; `at` tells a wall stamp as people read it."""
    often = f" x{alarm.count}" if alarm.count > 1 else ""
    words = alarm.detail or f"{alarm.device}: {alarm.what}"
    return f"! since {at(alarm.since_ns)}{often}  {safe_text(words)}"


def alarm_json(alarm: AlarmNow) -> dict[str, object]:
    """An alarm that stands, as the JSON documents have it."""
    from onset.logbook.as_json import iso

    return {
        "device": alarm.device,
        "what": alarm.what,
        "detail": alarm.detail,
        "from": iso(alarm.since_ns),
        "count": alarm.count,
        "take": alarm.take_id,
    }


def clock_row(clock: ClockNow, label: str, rate: str) -> str:
    """A clock of the set: what it shows, and how it stands to the master.

    >>> from onset.capture.signals import ClockNow
    >>> clock_row(ClockNow(source="MIX.ltc", state="master", rate="25", ppm=1.2), "10:00:00:00", "25")
    'MIX.ltc    timecode       10:00:00:00  master  +1.2 ppm'
    """
    from onset.capture.clock_words import clock_words

    return f"{safe_text(clock.source):<10} {'timecode':<14} {label or '-':<11}  {clock_words(clock, rate)}"


def clock_json(clock: ClockNow) -> dict[str, object]:
    """A clock of the set, as the JSON documents have it."""
    from onset.logbook.as_json import iso

    return {
        "source": clock.source,
        "state": clock.state,
        "tc": clock.tc,
        "rate": clock.rate,
        "apart_frames": clock.apart_frames,
        "drift_ppm": clock.drift_ppm,
        "ppm": clock.ppm,
        "jammed_at": None if clock.jammed_ns is None else iso(clock.jammed_ns),
        "heard_at": None if clock.heard_ns is None else iso(clock.heard_ns),
        "user_bits": clock.user or None,
    }


def as_json(seen: Seen) -> dict[str, object]:
    """The device as the JSON document has it; what is not known is null."""
    given, free = seen.delivers, seen.free_minutes
    deck = seen.deck
    return {
        "name": seen.name,
        "kind": seen.kind,
        "state": seen.state,
        "detail": seen.detail,
        "medium": seen.medium,
        "width": None if given is None else given.width,
        "height": None if given is None else given.height,
        "rate": None if given is None else given.fps,
        "copied": None if given is None else given.copied,
        "sample_rate": None if given is None else given.sample_rate,
        "tracks": [] if given is None else given.tracks,
        "model": None if given is None else given.model,
        "recording": list(seen.recording),
        "dropped": seen.dropped,
        "free_minutes": None if free is None else round(free, 1),
        "restarts": seen.restarts,
        "pid": seen.pid,
        "transport": None if deck is None else deck.transport,
        "lamp": None if deck is None else deck.recording,
        "clip": None if deck is None else deck.clip,
    }


def delivered(given: Delivers | None) -> str:
    """What a device delivers, in a few words.

    >>> from onset.capture.signals import Delivers
    >>> delivered(Delivers(width=1280, height=720, fps=23.976, copied=False))
    '1280 x 720 at 23.976'
    >>> delivered(Delivers(sample_rate=48000, tracks=["boom", "ltc"]))
    '48 kHz: boom ltc'
    """
    if given is None:
        return ""
    if given.width is not None:
        copied = ", copied" if given.copied else ""
        return f"{given.width} x {given.height} at {given.fps:g}{copied}"
    if given.sample_rate is not None:
        return f"{given.sample_rate / 1000:g} kHz: {safe_text(' '.join(given.tracks))}"
    return safe_text(given.model or "")


def row_of(seen: Seen) -> str:
    """The device on one line for a person: how it is, what it delivers, and what a person has to know of it."""
    parts = [delivered(seen.delivers)]
    if seen.deck is not None:
        lamp = {True: "its lamp is on", False: "its lamp is off", None: ""}[seen.deck.recording]
        parts += [safe_text(seen.deck.transport), lamp, safe_text(seen.deck.clip)]
    if seen.recording:
        parts.append("REC " + ", ".join(safe_text(Path(path).name) for path in seen.recording))
    if seen.dropped:
        parts.append(f"{seen.dropped} {'samples' if seen.medium == 'sound' else 'frames'} lost")
    if seen.free_minutes is not None:
        parts.append(f"{length_of(seen.free_minutes)} free")
    if seen.restarts:
        parts.append(f"worker restarted {seen.restarts}x")
    if seen.state != "live":
        parts.append(safe_text(seen.detail))
    told = "; ".join(part for part in parts if part) or safe_text(seen.detail)
    return f"{seen.name:<10} {safe_text(seen.kind):<14} {seen.state:<11} {told}"


def length_of(minutes: float) -> str:
    """How long a disk lasts.

    >>> length_of(7.6), length_of(312.0), length_of(99999.0)
    ('7 min', '5 h 12 min', 'over 4 days')
    """
    if minutes < 120:
        return f"{int(minutes)} min"
    if minutes < 4 * 24 * 60:
        return f"{int(minutes) // 60} h {int(minutes) % 60} min"
    return "over 4 days"
