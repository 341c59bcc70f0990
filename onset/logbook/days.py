"""Shooting days of a unit. A person ends a day; midnight never does."""

from __future__ import annotations

from datetime import datetime

from onset.changes import derived_id
from onset.domain.take import Stamp
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.text import safe_text

_SECOND_NS = 1_000_000_000


def newest(tx: Transaction, unit: str) -> Row | None:
    """The day with the greatest number."""
    return max(tx.find("day", {"unit": unit}), key=lambda row: row.number("number"), default=None)


def for_roll(tx: Transaction, unit: str, stamp: Stamp) -> int:
    """The number of the day that is open; where none is, the next one is opened with the stamp's local date."""
    day = newest(tx, unit)
    if day is not None and day.maybe_number("wrapped_ns") is None:
        return day.number("number")
    number = day.number("number") + 1 if day is not None else 1
    open_day(tx, unit, number, local_date(stamp.wall_ns))
    return number


def opened(tx: Transaction, unit: str, number: int) -> int:
    """The day's number, when the unit has opened such a day."""
    if not any(row.number("number") == number for row in tx.find("day", {"unit": unit})):
        raise RefusedError(f"Unit {safe_text(unit)} has not opened day {number}.")
    return number


def local_date(wall_ns: int) -> str:
    """ISO date in the zone of this machine."""
    return datetime.fromtimestamp(wall_ns // _SECOND_NS).astimezone().date().isoformat()


def open_day(tx: Transaction, unit: str, number: int, date: str) -> str:
    """Open a day; returns its id."""
    try:
        datetime.strptime(date, "%Y-%m-%d")  # noqa: DTZ007 - a shooting day's date has no zone
    except ValueError:
        raise RefusedError(f'"{safe_text(date)}" is not a date; write it as 2026-05-14.') from None
    if number < 1:
        raise RefusedError("Shooting days are numbered from 1.")
    if any(row.number("number") == number for row in tx.find("day", {"unit": unit})):
        raise RefusedError(f"Day {number} of unit {safe_text(unit)} is open already, or was shot.")
    return tx.add("day", {"unit": unit, "number": number, "date": date}, derived_id("day", unit, str(number)).hex())


def wrap_day(tx: Transaction, unit: str, stamp: Stamp) -> str:
    """End the open day; returns its id."""
    day = newest(tx, unit)
    if day is None or day.maybe_number("wrapped_ns") is not None:
        raise RefusedError(f"No shooting day of unit {safe_text(unit)} is open.")
    going = tx.newest("take", {"unit": unit, "state": "rolling"})
    if going is not None:
        sentence = (
            f"{safe_text(going.text('slate') + '/' + going.text('take'))} still rolls; cut it before the day ends."
        )
        raise RefusedError(sentence, going.id)
    tx.set("day", day.id, {"wrapped_ns": stamp.wall_ns})
    return day.id
