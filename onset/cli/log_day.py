"""Verbs of `onset log` on shooting days: stamp, jam, day, days. Also what a roll says of a day that nobody ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count
from onset.errors import RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.domain.production import Day, DayStamp, Moment, OpenYesterday
    from onset.domain.take import Stamp


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    stamp = verb("stamp", "a moment of the day: call, lunch out, lunch in, company move, camera wrap …", _stamp, "WHAT")
    jam = verb("jam", "a device's clock was set to the master's", _jam, "DEVICE")
    jam.add_argument("--tc", metavar="LABEL", help="the timecode it was set to")
    for each in (stamp, jam):
        each.add_argument("--at", metavar="TIME", help="HH:MM or HH:MM:SS at the place of the day (default: now)")
        each.add_argument("--day", type=count, metavar="N", help="of this day, even an ended one (default: the newest)")
        each.add_argument("--note", default="", metavar="TEXT", help="beside it")
        each.add_argument("--remove", action="store_true", help="take it out again; of several the one at --at")
    day = verb("day", "one day on a page; with fields, change what is said of it", _day)
    day.add_argument("words", nargs="*", metavar="N | FIELD=VALUE", help="date, location, weather, timezone, note")
    day.add_argument("--reopen", action="store_true", help="the day that ended last goes on")
    verb("days", "the days of the unit", _days)


def say_still_open(found: OpenYesterday, then: str) -> None:
    """Say on standard error that the open day is an earlier one's, and what follows; nothing is held up by it."""
    from onset.logbook.days import still_open

    print(f"onset: {still_open(found)}; {safe_text(then)}.", file=sys.stderr)


def meant_day(desk: Desk, number: int | None) -> Day | None:
    """The day of that number; without one the newest, None where there is none yet.

    Raises:
        RefusedError: the unit has opened no such day.
    """
    known = desk.log.days(desk.unit)
    if number is None:
        return known[-1] if known else None
    for day in known:
        if day.number == number:
            return day
    raise RefusedError(f"Unit {safe_text(desk.unit)} has not opened day {number}.")


def _moment_named(text: str) -> Moment:
    from onset.domain.production import Moment

    wanted = " ".join(text.replace("-", " ").replace("_", " ").lower().split())
    names = [str(moment) for moment in Moment]
    if wanted in names:
        return Moment(wanted)
    near = get_close_matches(wanted, names, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there is {', '.join(names)}."
    raise UsageError(f'A day has no moment "{safe_text(text)}"; {hint}')


def _moment(desk: Desk, day: Day | None, what: Moment | None) -> Stamp:
    """When it was: now, or as `--at` says of the day that is meant."""
    from onset.domain.production import Moment
    from onset.logbook.typed_times import stamp_at, typed_on

    now = desk.stamp()
    if desk.args.at is None:
        return now
    before_it = what in (None, Moment.CALL)
    if day is None or (before_it and desk.args.day is None and day.wrapped_ns is not None):
        return stamp_at(desk.args.at, now, desk.log.production().rate)  # perhaps the next day's
    return typed_on(desk.log, desk.args.at, day, now, what)


def _stamp(desk: Desk) -> Printed:
    from onset.cli.log_day_lines import stamp_line
    from onset.logbook.as_json_set import day_stamp_json

    what, args = _moment_named(desk.args.what), desk.args
    day = meant_day(desk, args.day)
    _refuse_now_on_an_ended_day(desk, day)
    at = _moment(desk, day, what) if args.at or not args.remove else None
    if args.remove:
        return {"stamp": None}, [_removed(desk, day, what, at)]
    _say_open_yesterday(desk, what)
    stamp = desk.log.stamp_day(what, at or desk.stamp(), day=args.day, unit=desk.unit, note=args.note)
    day = meant_day(desk, stamp.day)
    return {"stamp": day_stamp_json(stamp)}, [f"Day {stamp.day}: {stamp_line(stamp, day).strip()}."]


def _say_open_yesterday(desk: Desk, what: Moment | None) -> None:
    """A call would rewrite yesterday's; anything else may well be of the night that goes on."""
    from onset.domain.production import Moment
    from onset.logbook.days import still_open

    found = desk.log.open_yesterday(now_ns=desk.clock.wall_ns(), unit=desk.unit) if desk.args.day is None else None
    if found is None:
        return
    number = found.day.number
    if what is Moment.CALL:
        ends = f'"onset wrap" ends the day before another has its call; --day {number} means that day'
        raise RefusedError(f"{still_open(found)}; {ends}.")
    say_still_open(found, 'this is of that day. "onset wrap" ends it')


def _refuse_now_on_an_ended_day(desk: Desk, day: Day | None) -> None:
    if desk.args.day is not None and not desk.args.at and not desk.args.remove and day and day.wrapped_ns is not None:
        raise UsageError(f"Day {day.number} has ended; say when it was with --at HH:MM.")


def _removed(desk: Desk, day: Day | None, what: Moment, at: Stamp | None) -> str:
    found = desk.log.day_stamps(day.number, unit=desk.unit) if day is not None else []
    mine = [one for one in found if one.what is what and not one.derived]
    chosen = mine if at is None else [one for one in mine if _minute(one) == at.wall_ns // 60_000_000_000]
    if day is None or not chosen:
        raise RefusedError(f'No such "{what}" is stamped; "onset log day" shows what is.')
    if len(chosen) > 1:
        raise RefusedError(f'There are {len(chosen)} of "{what}" on day {day.number}; say which with --at HH:MM.')
    desk.log.remove_stamp(chosen[0].id)
    return f"Day {day.number}: {what} is not stamped any more."


def _minute(stamp: DayStamp) -> int:
    return stamp.wall_ns // 60_000_000_000


def _jam(desk: Desk) -> Printed:
    from onset.capture.master import CLOCK_SOURCE
    from onset.cli.log_day_lines import jam_line
    from onset.logbook.as_json_set import jam_json

    args = desk.args
    day = meant_day(desk, args.day)
    _refuse_now_on_an_ended_day(desk, day)
    if args.remove:
        return {"jam": None}, [_unjammed(desk, day)]
    _say_open_yesterday(desk, None)
    at = _moment(desk, day, None)
    running = at.tc if at.tc_source not in (CLOCK_SOURCE, "typed") else None  # what the master showed just now
    jam = desk.log.jam(args.device, at, tc=args.tc or running, day=args.day, unit=desk.unit, note=args.note)
    return {"jam": jam_json(jam)}, [f"Day {jam.day}: {jam_line(jam, meant_day(desk, jam.day)).strip()}."]


def _unjammed(desk: Desk, day: Day | None) -> str:
    args = desk.args
    found = [one for one in desk.log.jams(day.number, unit=desk.unit) if one.device == args.device] if day else []
    if args.at and day is not None:
        minute = _moment(desk, day, None).wall_ns // 60_000_000_000
        found = [one for one in found if one.wall_ns // 60_000_000_000 == minute]
    if day is None or not found:
        raise RefusedError(f'No such jam of {safe_text(args.device)} is noted; "onset log day" shows what is.')
    if len(found) > 1:
        raise RefusedError(f"There are {len(found)} jams of {safe_text(args.device)}; say which with --at HH:MM.")
    desk.log.remove_jam(found[0].id)
    return f"Day {day.number}: that jam of {args.device} is taken out."


def _day(desk: Desk) -> Printed:
    from onset.cli.log_day_lines import day_lines
    from onset.cli.log_typed import values_of
    from onset.logbook.as_json_set import day_json, day_stamp_json, jam_json
    from onset.logbook.terms import TakeFilter

    number, words = _number_and_fields(desk.args.words)
    day = meant_day(desk, number)
    if day is None:
        raise RefusedError(f"Unit {safe_text(desk.unit)} has no day yet; the first roll or call opens one.")
    if desk.args.reopen:
        if words or day.number != desk.log.days(desk.unit)[-1].number:
            raise UsageError("--reopen stands alone, for the day that ended last: nothing shot later is of it.")
        day = desk.log.reopen_day(desk.unit)
    if words:
        day = desk.log.set_day(day.number, values_of("day", words), unit=desk.unit)
    stamps = desk.log.day_stamps(day.number, unit=desk.unit)
    jams = desk.log.jams(day.number, unit=desk.unit)
    takes = desk.log.takes(TakeFilter(unit=desk.unit, day=day.number, limit=None))
    document = day_json(day)
    document["stamps"] = [day_stamp_json(one) for one in stamps]
    document["jams"] = [jam_json(one) for one in jams]
    return {"day": document}, day_lines(day, stamps, jams, takes)


def _number_and_fields(words: Sequence[str]) -> tuple[int | None, Sequence[str]]:
    if not words or "=" in words[0]:
        return None, words
    if not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 9:
        raise UsageError(f'"{safe_text(words[0])}" is neither a day\'s number nor FIELD=VALUE.')
    return int(words[0]), words[1:]


def _days(desk: Desk) -> Printed:
    from onset.cli.log_day_lines import days_lines
    from onset.logbook.as_json_set import day_json

    found = desk.log.days(desk.unit)
    return {"days": [day_json(day) for day in found]}, days_lines(found)
