"""What the keys of the Day screen mean, as edits: moments, credits, owed shots, people."""

from __future__ import annotations

import re
from difflib import get_close_matches

from onset.domain.credit import Owed
from onset.domain.measures import eighths_of, in_eighths, in_screen_time, screen_time_of
from onset.domain.production import Day, DayStamp, Moment
from onset.domain.scene import Coverage, OwedKind
from onset.errors import RefusedError, UsageError
from onset.logbook.days import clock_time, known_zone, still_open
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Value
from onset.logbook.typed_times import stamp_at, typed_on
from tui.seen import Seen

_CREDIT = re.compile(
    r"(complete|part|not started|c|p|n)"
    r"(?:\s+(\d{1,4}(?:[ -]+[1-7]/8)?|[1-7]/8)(?=\s|$))?"
    r"(?:\s+((?:\d{1,2}:)?\d{1,3}:[0-5]\d)(?=\s|$))?"
    r"(?:\s+(.+))?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_STATES = {"c": Coverage.COMPLETE, "p": Coverage.PART, "n": Coverage.NOT_STARTED}
PERSON_FIELDS = ("role", "department", "unit", "phone", "email")


def stamp_now(log: Logbook, seen: Seen, *, what: Moment, day: Day | None) -> str:
    """Now is that moment of the day; one that is stamped already stays."""
    unit = seen.board.unit
    next_day = what is Moment.CALL and (day is None or day.wrapped_ns is not None)
    if what is Moment.CALL:
        left = log.open_yesterday(now_ns=seen.stamp.wall_ns, unit=unit)
        if left is not None:
            raise RefusedError(f"{still_open(left)}; wrap it before another day has its call.")
    if day is not None and not next_day and what is not Moment.COMPANY_MOVE:
        there = [one for one in log.day_stamps(day.number, unit=unit) if one.what is what and not one.derived]
        if there:
            raise RefusedError(f"{str(what).capitalize()} is stamped at {_clock(there[0], day)}; Enter changes it.")
    stamp = log.stamp_day(what, seen.stamp, unit=unit)
    return _said(log, stamp)


def stamp_typed(
    log: Logbook, seen: Seen, text: str, *, what: Moment, day: Day | None, instead: DayStamp | None = None
) -> str:
    """That moment was at the time typed; `instead`: of several the one that was meant."""
    unit = seen.board.unit
    try:
        if day is None:
            stamp = stamp_at(text, seen.stamp, log.production().rate)
            return _said(log, log.stamp_day(what, stamp, unit=unit))
        stamp = typed_on(log, text, day, seen.stamp, what)
    except UsageError as error:
        raise RefusedError(str(error)) from error
    if instead is not None:
        log.remove_stamp(instead.id)
    note = instead.note if instead is not None else ""
    return _said(log, log.stamp_day(what, stamp, day=day.number, unit=unit, note=note))


def unstamp(log: Logbook, seen: Seen, *, stamp: DayStamp) -> str:
    """Nobody stamped that."""
    log.remove_stamp(stamp.id)
    return f"Day {stamp.day}: {stamp.what} is not stamped any more."


def _said(log: Logbook, stamp: DayStamp) -> str:
    day = next((each for each in log.days(stamp.unit) if each.number == stamp.day), None)
    return f"Day {stamp.day}: {stamp.what} at {_clock(stamp, day)}."


def _clock(stamp: DayStamp, day: Day | None) -> str:
    return clock_time(stamp.wall_ns, known_zone(day.timezone if day is not None else ""))


def read_credit(text: str) -> tuple[Coverage, int | None, int | None, str | None]:
    """What a person means by `complete 1 4/8 1:20` or `p 2/8 rain came`: state, eighths, seconds, why.

    >>> read_credit("complete 1 4/8 1:20")
    (<Coverage.COMPLETE: 'complete'>, 12, 80, None)
    >>> read_credit("p 2/8 rain came"), read_credit("not started")
    ((<Coverage.PART: 'part'>, 2, None, 'rain came'), (<Coverage.NOT_STARTED: 'not started'>, None, None, None))

    Raises:
        RefusedError: it does not begin with a state.
    """
    found = _CREDIT.fullmatch(text.strip())
    if found is None:
        raise RefusedError("Begin with complete, part or not started; then pages and time, as in: complete 1 4/8 1:20.")
    state, pages, time, why = found.groups()
    eighths = eighths_of(pages) if pages else None
    seconds = screen_time_of(time) if time else None
    return _STATES[state[0].lower()], eighths, seconds, why


def credit(log: Logbook, seen: Seen, text: str, *, scene: tuple[str, str | None], day: int) -> str:
    """Credit a scene (number, episode) with what was typed, in place of what it had that day."""
    state, eighths, seconds, why = read_credit(text)
    number, episode = scene
    unit = seen.board.unit
    made = log.credit(number, state, episode=episode, unit=unit, day=day, eighths=eighths, seconds=seconds, note=why)
    left = log.propose_credit(number, episode=episode, unit=unit, day=day).eighths
    pages = [f"{in_eighths(eighths)} pages"] if eighths is not None else []
    time = [in_screen_time(seconds)] if seconds is not None else []
    over = "" if left is None or not eighths or eighths <= left else f" {in_eighths(eighths - left)} more than is left."
    return f"Scene {made.label}, day {day}: {', '.join([state, *pages, *time])}.{over}"


def uncredit(log: Logbook, seen: Seen, *, scene: tuple[str, str | None], day: int) -> str:
    """Nothing is credited of that scene on that day."""
    log.uncredit(scene[0], episode=scene[1], unit=seen.board.unit, day=day)
    return f"Scene {scene[0]} is not credited on day {day} any more."


def settle(log: Logbook, seen: Seen, text: str, *, owed: Owed) -> str:
    """The take that was typed is what was owed."""
    take = log.find_take(text.strip(), unit=seen.board.unit)
    log.settle_owed(owed.id, take.id)
    other = "" if take.scene == owed.scene else f" That take is of scene {take.scene}."
    return f"{owed.label}: {owed.text} is settled by {take.label}.{other}"


def drop_owed(log: Logbook, seen: Seen, *, owed: Owed) -> str:
    """Nobody waits for it any more."""
    log.drop_owed(owed.id)
    return f"{owed.label}: {owed.text} is dropped."


def owe(log: Logbook, seen: Seen, text: str) -> str:
    """A scene is owed a shot: `42 insert the letter`, `42 wild track the door`, `42 the letter`."""
    scene, _, rest = text.strip().partition(" ")
    kinds = sorted(map(str, OwedKind), key=len, reverse=True)
    kind = next((each for each in kinds if f"{rest} ".lower().startswith(f"{each} ")), "")
    words = rest[len(kind) :].strip()
    episode, colon, number = scene.rpartition(":")
    made = log.owe(
        OwedKind(kind or OwedKind.SHOT),
        words,
        scene=number,
        episode=episode if colon else seen.board.episode,
        unit=seen.board.unit,
    )
    return f"Owed to scene {made.scene}: {made.kind}, {made.text}."


def person(log: Logbook, seen: Seen, text: str, *, name: str = "") -> str:
    """`Maya Lind, script supervisor`, with `phone=…` and the like; somebody who is on the list is changed."""
    first, *rest = [part.strip() for part in text.split(",")]
    fields: dict[str, Value] = {}
    for part in rest:
        field, equals, value = part.partition("=")
        if not equals:
            fields["role"] = part or None
        elif field.strip().lower() in PERSON_FIELDS:
            fields[field.strip().lower()] = value.strip() or None
        else:
            near = get_close_matches(field.strip().lower(), PERSON_FIELDS, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there is {', '.join(PERSON_FIELDS)}."
            raise RefusedError(f'A person has no "{field.strip()}"; {hint}')
    if name and first != name:
        fields["name"] = first
    found = log.set_person(name or first, fields)
    return f"{found.name} is on the list{f': {found.role}' if found.role else ''}."


def remove_person(log: Logbook, seen: Seen, *, name: str) -> str:
    """Off the list."""
    log.remove_person(name)
    return f"{name} is off the list."
