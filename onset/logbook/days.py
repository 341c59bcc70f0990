"""Shooting days of a unit: opened, stamped, ended. A person ends a day; midnight never does."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from onset.changes import Value, derived_id, new_id
from onset.domain.production import Moment, OpenYesterday
from onset.domain.take import Stamp
from onset.errors import RefusedError, TimecodeError
from onset.logbook.engine import Row, Transaction
from onset.logbook.entities import FIELDS
from onset.logbook.fields import checked_fields, fitting
from onset.logbook.rolling import rolling
from onset.slate import check_label
from onset.text import safe_text
from onset.timecode import Timecode, rate

STALE_NS = 6 * 3600 * 1_000_000_000  # a day of an earlier date that was silent for so long was left open by mistake
_SECOND_NS = 1_000_000_000
_OF_A_DAY = tuple(kind for kind, fields in FIELDS.items() if {"unit", "day"} <= fields.keys())
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_LOCALTIME = "/etc/localtime"  # a link to the zone by its name, on Linux and macOS
_SEVERAL = frozenset((Moment.COMPANY_MOVE,))  # all others happen once a day


def newest(tx: Transaction, unit: str) -> Row | None:
    """The day with the greatest number."""
    return max(tx.find("day", {"unit": unit}), key=lambda row: row.number("number"), default=None)


def open_now(tx: Transaction, unit: str) -> Row | None:
    """The day that is open."""
    day = newest(tx, unit)
    return day if day is not None and day.maybe_number("wrapped_ns") is None else None


def for_roll(tx: Transaction, unit: str, stamp: Stamp, *, new_day: bool = False) -> int:
    """The number of the day that is open; where none is, the next one is opened with the stamp's local date.

    Args:
        tx: the edit.
        unit: whose day.
        stamp: of the roll.
        new_day: the day that is still open ended with its newest stamp or take, and the next one begins.
    """
    day = open_now(tx, unit)
    if day is not None and not new_day:
        return day.number("number")
    if day is not None:
        last_ns = newest_moment(tx, unit, day.number("number"))
        tx.set("day", day.id, {"wrapped_ns": stamp.wall_ns if last_ns is None else min(last_ns, stamp.wall_ns)})
    return _open_next(tx, unit, stamp.wall_ns)


def _open_next(tx: Transaction, unit: str, wall_ns: int) -> int:
    day = newest(tx, unit)
    number = day.number("number") + 1 if day is not None else 1
    open_day(tx, unit, number, local_date(wall_ns))
    return number


def newest_moment(tx: Transaction, unit: str, number: int) -> int | None:
    """When anything was last stamped or shot on a day; None where nothing was."""
    where: Mapping[str, Value] = {"unit": unit, "day": number}
    moments = [row.number(name) for row in tx.find("take", where) for name in ("rolled_ns", "cut_ns")]
    moments += [row.number("wall_ns") for kind in ("day_stamp", "jam") for row in tx.find(kind, where)]
    return max((moment for moment in moments if moment), default=None)


def numbered(tx: Transaction, unit: str, number: int) -> Row:
    """The day of that number.

    Raises:
        RefusedError: the unit has opened no such day.
    """
    for row in tx.find("day", {"unit": unit}):
        if row.number("number") == number:
            return row
    raise RefusedError(f"Unit {safe_text(unit)} has not opened day {number}.")


def opened(tx: Transaction, unit: str, number: int) -> int:
    """The day's number, when the unit has opened such a day."""
    return numbered(tx, unit, number).number("number")


def local_date(wall_ns: int) -> str:
    """ISO date in the zone of this machine."""
    return datetime.fromtimestamp(wall_ns // _SECOND_NS).astimezone().date().isoformat()


def open_day(tx: Transaction, unit: str, number: int, date: str) -> str:
    """Open a day; returns its id."""
    _check_date(date)
    if number < 1:
        raise RefusedError("Shooting days are numbered from 1.")
    if any(row.number("number") == number for row in tx.find("day", {"unit": unit})):
        raise RefusedError(f"Day {number} of unit {safe_text(unit)} is open already, or was shot.")
    fields: dict[str, Value] = {"unit": unit, "number": number, "date": date, "deleted": 0}
    return tx.add("day", fields, derived_id("day", unit, str(number)).hex())


def keep_opened(tx: Transaction, day_id: str, *, opened: bool) -> None:
    """A day that an edit opened: with the edit it comes again; it goes too, unless something else is of that day."""
    day = tx.get("day", day_id)
    if day is None:
        return
    where: Mapping[str, Value] = {"unit": day.text("unit"), "day": day.number("number")}
    used = any(tx.newest(kind, where) is not None for kind in _OF_A_DAY)
    tx.set("day", day_id, {"deleted": int(not opened and not used)})


def _check_date(date: str) -> None:
    try:
        datetime.strptime(date, "%Y-%m-%d")  # noqa: DTZ007 - a shooting day's date has no zone
    except ValueError:
        raise RefusedError(f'"{safe_text(date)}" is not a date; write it as 2026-05-14.') from None


def wrap_day(tx: Transaction, unit: str, stamp: Stamp) -> str:
    """End the open day; returns its id."""
    day = open_now(tx, unit)
    if day is None:
        raise RefusedError(f"No shooting day of unit {safe_text(unit)} is open.")
    going = rolling(tx, unit)
    if going is not None:
        sentence = (
            f"{safe_text(going.text('slate') + '/' + going.text('take'))} still rolls; cut it before the day ends."
        )
        raise RefusedError(sentence, going.id)
    last_ns = newest_moment(tx, unit, day.number("number"))
    left_open = last_ns is not None and stamp.wall_ns - last_ns > STALE_NS
    if last_ns is not None and left_open and day.text("date") < local_date(stamp.wall_ns):
        tx.set("day", day.id, {"wrapped_ns": last_ns})  # nobody worked through the night
    else:
        tx.set("day", day.id, {"wrapped_ns": stamp.wall_ns})
    return day.id


def reopen_day(tx: Transaction, unit: str) -> int:
    """The day that ended last goes on, as if nobody had ended it; returns its number."""
    day = newest(tx, unit)
    if day is None:
        raise RefusedError(f"Unit {safe_text(unit)} has no day yet; the first roll or call opens one.")
    number = day.number("number")
    if day.maybe_number("wrapped_ns") is None:
        raise RefusedError(f"Day {number} of unit {safe_text(unit)} is open.")
    tx.set("day", day.id, {"wrapped_ns": None})
    return number


def set_day(tx: Transaction, unit: str, number: int, fields: Mapping[str, Value]) -> None:
    """Change what is said of a day, whether it is open or ended."""
    day = numbered(tx, unit, number)
    values = checked_fields("day", fields)
    if "date" in values:
        _check_date(str(values["date"] or ""))
    if isinstance(values.get("timezone"), str):
        zone_of(str(values["timezone"]))
    tx.set("day", day.id, values)


def zone_of(name: str) -> tzinfo | None:
    """The zone of a place (`Europe/Oslo`), of an offset from UTC (`+02:00`), or None, this machine's, for no name.

    Raises:
        RefusedError: there is no such zone.
    """
    if not name:
        return None
    offset = _OFFSET.fullmatch(name)
    if offset is not None and int(offset[2]) < 15 and int(offset[3]) < 60:
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(ahead if offset[1] == "+" else -ahead)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder of zones, a path, nothing of that name
        sentence = f'There is no time zone "{safe_text(name)}"; write a place (Europe/Oslo) or an offset (+02:00).'
        raise RefusedError(sentence) from None


def place(tx: Transaction, unit: str, number: int) -> None:
    """Say of a day whose zone nobody said, and whose times were all told by this machine's, that it is that zone."""
    day = tx.newest("day", {"unit": unit, "number": number})
    if day is not None and not day.text("timezone"):
        tx.set("day", day.id, {"timezone": _own_zone(tx.wall_ns)})


def _own_zone(wall_ns: int) -> str:
    """This machine's zone as `zone_of` reads it: by its name where one is known, else what it is ahead of UTC now."""
    for name in (os.environ.get("TZ", "").removeprefix(":"), os.path.realpath(_LOCALTIME).rpartition("zoneinfo/")[2]):
        try:
            zone = zone_of(name)
        except RefusedError:
            continue
        if zone is not None and clock_time(wall_ns, zone) == clock_time(wall_ns, None):
            return name
    ahead = f"{datetime.fromtimestamp(wall_ns // _SECOND_NS).astimezone():%z}"
    return f"{ahead[:3]}:{ahead[3:5]}"


def stamp_day(tx: Transaction, unit: str, what: Moment, wall_ns: int, *, day: int | None, note: str) -> tuple[int, str]:
    """Stamp a moment of a day; one that happens once a day is moved where it was stamped already.

    Without `day` it is of the open one. Where none is open, a call after the last day's end opens the next; anything
    else is of the day that has ended.

    Returns:
        The day's number and the stamp's id.
    """
    number = opened(tx, unit, day) if day is not None else _day_of_stamp(tx, unit, what, wall_ns)
    stamp_id = derived_id("day_stamp", unit, str(number), what).hex()
    if what in _SEVERAL:
        stamp_id = new_id(tx.wall_ns).hex()
    fields: dict[str, Value] = {"unit": unit, "day": number, "what": what, "wall_ns": wall_ns, "note": note or None}
    tx.add("day_stamp", {**fitting("day_stamp", fields), "deleted": 0}, stamp_id)
    return number, stamp_id


def _day_of_stamp(tx: Transaction, unit: str, what: Moment, wall_ns: int) -> int:
    day = newest(tx, unit)
    if day is None:
        return _open_next(tx, unit, wall_ns)
    ended_ns = day.maybe_number("wrapped_ns")
    if what is Moment.CALL and ended_ns is not None and wall_ns > ended_ns:
        return _open_next(tx, unit, wall_ns)
    return day.number("number")


def remove_stamp(tx: Transaction, stamp_id: str) -> None:
    """Take a stamp out again."""
    if tx.get("day_stamp", stamp_id) is None:
        raise RefusedError(f"There is no stamp with the id {safe_text(stamp_id)} in this log.")
    tx.set("day_stamp", stamp_id, {"deleted": 1})


def jam(
    tx: Transaction, unit: str, device: str, wall_ns: int, *, tc: str | None, day: int | None, note: str
) -> tuple[int, str]:
    """A device's clock was set to the master's; returns the day's number and the jam's id."""
    number = opened(tx, unit, day) if day is not None else _day_of_jam(tx, unit, wall_ns)
    if tc is not None:
        production = tx.newest("production", {})
        try:
            tc = Timecode.parse(tc, rate(production.text("rate") if production else "24")).label
        except TimecodeError as error:
            raise RefusedError(str(error)) from error
    fields: dict[str, Value] = {
        "unit": unit,
        "day": number,
        "device": check_label(device, "device"),
        "wall_ns": wall_ns,
        "tc": tc,
        "note": note or None,
    }
    return number, tx.add("jam", fitting("jam", fields))


def _day_of_jam(tx: Transaction, unit: str, wall_ns: int) -> int:
    """As for a call: clocks are jammed before the first roll."""
    return _day_of_stamp(tx, unit, Moment.CALL, wall_ns)


def remove_jam(tx: Transaction, jam_id: str) -> None:
    """Take a jam out again."""
    if tx.get("jam", jam_id) is None:
        raise RefusedError(f"There is no jam with the id {safe_text(jam_id)} in this log.")
    tx.set("jam", jam_id, {"deleted": 1})


def clock_time(wall_ns: int, zone: tzinfo | None, *, seconds: bool = False) -> str:
    """`21:40` on a clock of that zone, with `seconds` `21:40:05`; None is this machine's."""
    shown = datetime.fromtimestamp(wall_ns // _SECOND_NS).astimezone(zone)
    return f"{shown:%H:%M:%S}" if seconds else f"{shown:%H:%M}"


def time_on(tx: Transaction, stamped: Row, wall_ns: int, *, seconds: bool = False) -> str:
    """`13:05` on a clock at the place of the day that a stamp, a jam or a take is of."""
    where: Mapping[str, Value] = {"unit": stamped.text("unit"), "number": stamped.number("day")}
    day = tx.newest("day", where)
    return clock_time(wall_ns, known_zone(day.text("timezone") if day else ""), seconds=seconds)


def known_zone(name: str) -> tzinfo | None:
    """As `zone_of`; this machine's where no such zone is known here."""
    try:
        return zone_of(name)
    except RefusedError:
        return None


def still_open(found: OpenYesterday) -> str:
    """`Day 3 of 2026-05-29 is still open, last at 21:40`."""
    day = found.day
    last = ""
    if found.newest_ns is not None:
        last = f", last at {clock_time(found.newest_ns, known_zone(day.timezone))}"
    return f"Day {day.number} of {safe_text(day.date)} is still open{last}"
