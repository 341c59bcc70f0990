"""What a person types on the command line of `onset log`, as values: fields, times, lengths, cameras."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from onset.domain.production import Day
from onset.domain.take import Stamp, Take
from onset.errors import RefusedError, TimecodeError, UsageError
from onset.logbook.days import known_zone
from onset.logbook.entities import ENTITIES, FIELDS
from onset.logbook.fields import from_text
from onset.logbook.terms import UNSET, Unset, Value
from onset.text import safe_text
from onset.timecode import Rate, Timecode

_TIME_OF_DAY = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_LENGTH = re.compile(r"(?:(\d+):)?(\d+(?:\.\d+)?)\s*s?", re.ASCII)
_NS = 1_000_000_000
_DAY_NS = 86_400 * _NS


def fields_of(
    words: Sequence[str], thing: str = "take", part: str | None = "angle"
) -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
    """`status=circled B.roll=B003`: the fields of a take (or another thing), and of each of its cameras.

    Args:
        words: as typed.
        thing: the entity they are of.
        part: the entity of a camera's fields; None where there are none.

    Raises:
        UsageError: a word without `=`.
        RefusedError: no such field, or a value it cannot hold.
    """
    fields: dict[str, Value] = {}
    cameras: dict[str, dict[str, Value]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            example = "status=circled" if thing == "take" else "note=raining"
            raise UsageError(f'"{safe_text(word)}" is not FIELD=VALUE, as in {example}.')
        camera, dot, field = name.rpartition(".")
        if dot and part is not None:
            cameras.setdefault(camera, {})[field] = from_text(part, field, value)
        else:
            fields[name] = from_text(thing, name, value)
    return fields, cameras


def values_of(entity: str, words: Sequence[str]) -> dict[str, Value]:
    """`director="Ana Reyes" paper=A4` as fields of a thing; a field that it has not is left for the log to refuse.

    Raises:
        UsageError: a word without `=`.
        RefusedError: a value that its field cannot hold.
    """
    fields: dict[str, Value] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f'"{safe_text(word)}" is not FIELD=VALUE, as in note="by the door".')
        known = FIELDS[entity].get(name)
        fields[name] = from_text(entity, name, value) if known is not None and known.open else value
    return fields


@dataclass(frozen=True, slots=True)
class OfATake:
    """What was said of takes: of themselves, of each camera, of each sound recorder."""

    fields: Mapping[str, Value]
    cameras: Mapping[str, Mapping[str, Value]]
    recorders: Mapping[str, Mapping[str, Value]]


def said_of_a_take(words: Sequence[str], recorders: Collection[str]) -> OfATake:
    """`status=circled B.stop=2.8 MIX.tracks="boom, lav 1"`.

    The name before the dot is a recorder's where only sound has such a field, or where it is one of `recorders`; else
    a camera's.

    Raises:
        UsageError: a word without `=`.
        RefusedError: no such field, or a value it cannot hold.
    """
    of_sound = {field.name for field in ENTITIES["sound_take"] if field.open}
    of_cameras = {field.name for field in ENTITIES["angle"] if field.open}

    def is_recorders(word: str) -> bool:
        device, dot, field = word.partition("=")[0].rpartition(".")
        return bool(dot) and field in of_sound and (device in recorders or field not in of_cameras)

    fields, cameras = fields_of([word for word in words if not is_recorders(word)])
    _, sound = fields_of([word for word in words if is_recorders(word)], part="sound_take")
    return OfATake(fields, cameras, sound)


def pairs_of(words: Sequence[str]) -> dict[str, str]:
    """`A=A014` as camera and roll."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise UsageError(f'"{safe_text(word)}" is not CAMERA=VALUE, as in A=A014.')
        found[name] = value
    return found


def switches_of(words: Sequence[str]) -> dict[str, bool]:
    """`B=off` as camera and whether it is in the next take."""
    found = pairs_of(words)
    for camera, value in found.items():
        if value not in ("on", "off"):
            raise UsageError(f'Camera {safe_text(camera)} is on or off, not "{safe_text(value)}".')
    return {camera: value == "on" for camera, value in found.items()}


def slate_of(text: str) -> tuple[str, str | Unset]:
    """`42C`, and of which episode where that was typed with it.

    >>> slate_of("101:42C"), slate_of("42C")[0]
    (('42C', '101'), '42C')
    """
    episode, colon, slate = text.rpartition(":")
    return (slate, episode) if colon and episode.strip() else (text, UNSET)


def stamp_at(text: str, now: Stamp, rate: Rate) -> Stamp:
    """The latest moment up to `now` at which a clock of this place showed the time, or its timecode.

    Args:
        text: `14:02`, `14:02:30`, or a timecode `14:02:30:12`.
        now: for the date; a time that is still to come today was yesterday.
        rate: the project's.

    Raises:
        UsageError: not a time.
    """
    typed = _typed_time(text, rate)
    return typed.stamp(_latest(typed.since_midnight, now.wall_ns))


def stamp_on_day(
    text: str, day: Day, known_ns: Sequence[int], now: Stamp, rate: Rate, *, first: bool = False, call_ns: int = 0
) -> Stamp:
    """The moment of a shooting day at which a clock at its place showed the time: on its date, or after midnight.

    Of the two the one that lies nearer to what is known of the day.

    Args:
        text: as for `stamp_at`.
        day: whose date and zone it is.
        known_ns: takes and stamps of the day, in any order.
        now: no later moment is meant.
        rate: the project's.
        first: nothing of the day comes before it (a call).
        call_ns: when the day was called, 0 where nobody stamped it; nothing else of it comes before that.

    Raises:
        UsageError: not a time, or one that is still to come.
    """
    typed = _typed_time(text, rate)
    whole, part = divmod(typed.since_midnight, 1)
    midnight = datetime.fromisoformat(day.date)
    zone = known_zone(day.timezone)
    found: list[int] = []
    for days_later in (0, 1):
        reading = midnight + timedelta(days=days_later, seconds=whole)
        placed = reading.astimezone() if zone is None else reading.replace(tzinfo=zone)
        found.append(int(placed.timestamp()) * _NS + int(part * _NS))
    past = [moment_ns for moment_ns in found if moment_ns <= now.wall_ns]
    if not past:
        raise UsageError(f"{safe_text(text)} of day {day.number} ({safe_text(day.date)}) is still to come.")
    past = [moment_ns for moment_ns in past if moment_ns >= call_ns] or past
    if not known_ns:
        return typed.stamp(past[0])
    begin_ns, end_ns = min(known_ns), max(known_ns)
    if first:
        return typed.stamp(max((moment_ns for moment_ns in past if moment_ns <= begin_ns), default=past[0]))
    return typed.stamp(min(past, key=lambda moment_ns: max(begin_ns - moment_ns, moment_ns - end_ns, 0)))


@dataclass(frozen=True, slots=True)
class _Typed:
    """A time of day as it was typed: real seconds since midnight, and the label that a clock of timecode shows."""

    since_midnight: Fraction
    label: str
    source: str

    def stamp(self, wall_ns: int) -> Stamp:
        return Stamp(wall_ns=wall_ns, mono_ns=0, boot=None, tc=self.label, tc_source=self.source)


def _typed_time(text: str, rate: Rate) -> _Typed:
    match = _TIME_OF_DAY.fullmatch(text.strip())
    if match is not None:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if hour > 23 or minute > 59 or second > 59:
            raise UsageError(f'"{safe_text(text)}" is not a time of day.')
        since_midnight = Fraction(hour * 3600 + minute * 60 + second)
        return _Typed(since_midnight, str(Timecode.at(since_midnight, rate)), "clock")
    try:
        label = Timecode.parse(text, rate)
    except TimecodeError as error:
        raise UsageError(f"{error} A time of day is HH:MM or HH:MM:SS.") from error
    return _Typed(label.seconds, str(label), "typed")


def _latest(since_midnight: Fraction, now_ns: int) -> int:
    """The latest moment up to `now_ns` at which a clock of this place stood so far past midnight, as it reads.

    By the calendar, not by counting seconds: a day on which the clocks change has 23 or 25 hours, and an hour that the
    clock shows twice, or never.
    """
    today = _reading(now_ns // _NS).replace(hour=0, minute=0, second=0, microsecond=0)
    whole, part = divmod(since_midnight, 1)
    found: list[int] = []
    for days_ago in range(3):  # yesterday's may be one that was never shown
        reading = today - timedelta(days=days_ago) + timedelta(seconds=whole)
        for fold in (1, 0):
            seconds = int(reading.replace(fold=fold).timestamp())
            moment_ns = seconds * _NS + int(part * _NS)
            if moment_ns <= now_ns and _reading(seconds) == reading:
                found.append(moment_ns)
    return max(found)


def _reading(seconds: int) -> datetime:
    """What a clock of this place shows, without its zone, so that sums are the calendar's."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().replace(tzinfo=None)


def frames_between(take: Take, text: str, now_ns: int) -> int:
    """From the roll of a take to its cut, as typed: by timecode where it is one, else the time of day after the roll.

    Raises:
        UsageError: not a time.
        RefusedError: the take rolled after it.
    """
    project = take.frame_rate
    cut = stamp_at(text, Stamp(wall_ns=min(now_ns, take.rolled_ns + _DAY_NS), mono_ns=0), project)
    if cut.tc_source == "typed" and cut.tc and take.tc_in:
        return Timecode.parse(cut.tc, project).since(Timecode.parse(take.tc_in, project), over_midnight=True)
    if cut.wall_ns < take.rolled_ns - take.rolled_ns % _NS:
        raise RefusedError(f"{take.label} rolled after {safe_text(text)}; give the time of its cut.", take.id)
    return project.frames_in(Fraction(max(0, cut.wall_ns - take.rolled_ns), _NS))


def frames_of(text: str, rate: Rate) -> int:
    """`45`, `45 s`, `1:30` as frames.

    Raises:
        UsageError: not a length.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{safe_text(text)}" is not a length; write seconds (45) or M:SS (1:30).')
    return rate.frames_in(int(match[1] or 0) * 60 + Fraction(match[2]))
