"""Times and lengths as a person types them, on the command line and in the app: `14:02`, a timecode, `45`, `1:30`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from onset.domain.production import Day, Moment
from onset.domain.take import Stamp, Take
from onset.errors import RefusedError, TimecodeError, UsageError
from onset.logbook.days import known_zone
from onset.logbook.terms import Shift, TakeFilter
from onset.text import safe_text
from onset.timecode import Rate, Timecode

if TYPE_CHECKING:
    from onset.logbook.protocol import Logbook

_TIME_OF_DAY = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_LENGTH = re.compile(r"(?:(\d+):)?(\d+(?:\.\d+)?)\s*s?", re.ASCII)
_NS = 1_000_000_000
_DAY_NS = 86_400 * _NS


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


def typed_on(
    log: Logbook, text: str, day: Day, now: Stamp, what: Moment | None = None, *, without: Take | None = None
) -> Stamp:
    """The moment of a day that was typed for a take, a jam, or the stamp `what`, which then tells nothing itself.

    Nor does the take `without`, which is put right.

    Raises:
        UsageError: as of `stamp_on_day`.
    """
    stamps = [one for one in log.day_stamps(day.number, unit=day.unit) if one.what is not what]
    known = [one.wall_ns for one in stamps]
    known += [one.wall_ns for one in log.jams(day.number, unit=day.unit)]
    for take in log.takes(TakeFilter(unit=day.unit, day=day.number, limit=None)):
        if without is None or take.id != without.id:
            known += [take.rolled_ns, take.cut_ns or take.rolled_ns]
    call_ns = next((one.wall_ns for one in stamps if one.what is Moment.CALL), 0) if what is not None else 0
    rate, first = log.production().rate, what is Moment.CALL
    return stamp_on_day(text, day, known, now, rate, first=first, call_ns=call_ns)


def shift_to(log: Logbook, take: Take, text: str, now: Stamp) -> Shift:
    """How far a take moves that was shot at the time typed, on its day.

    Raises:
        UsageError: as of `stamp_on_day`.
        RefusedError: the take's day is not in the log.
    """
    for day in log.days(take.unit):
        if day.number == take.day:
            stamp = typed_on(log, text, day, now, without=take)
            return Shift(ns=stamp.wall_ns - take.rolled_ns, tc_in=stamp.tc)
    raise RefusedError(f"Unit {safe_text(take.unit)} has not opened day {take.day}.", take.id)


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
    """`45`, `45 s`, `1:30` as frames: as many as last no shorter, so that the list says what was typed at 23.976 too.

    Raises:
        UsageError: not a length.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{safe_text(text)}" is not a length; write seconds (45) or M:SS (1:30).')
    return math.ceil((int(match[1] or 0) * 60 + Fraction(match[2])) * rate.fps)
