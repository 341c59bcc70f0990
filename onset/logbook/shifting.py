"""A whole take at another moment: roll, runs, cut, and the labels that the clock gave them. Part of one edit.

For takes that were entered at the wrong time, and for those that rolled while this machine's clock was wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction

from onset.changes import Value
from onset.domain.take import State
from onset.errors import RefusedError
from onset.logbook import days
from onset.logbook.engine import Row, Transaction
from onset.logbook.takes import label, named
from onset.logbook.terms import Shift
from onset.text import safe_text
from onset.timecode import Timecode, rate

_SECOND_NS = 1_000_000_000
_LONGEST_NS = 366 * 86_400 * _SECOND_NS  # a clock may have lost its year; more no log holds
_CLOCK = "clock"  # `tc_source` of a label that is the time of day of this machine
# Where it is written which label came from where; an older log has none, and a take's source spoke for all.
_SOURCES = {"tc_out": "tc_out_source", "action": "action_source", "cut": "cut_source", "tc": "tc_source"}
_RUN = ("action", "cut")
_ANGLE = ("start", "end")


def shift(tx: Transaction, take_ids: Sequence[str], by: Shift) -> None:
    """Move takes as they are: lengths, the distance from roll to action, and marks stay, and so does the day.

    What the clock said of the take (`tc_source` "clock") moves with it; timecode that a device gave, or that was typed,
    was right all along and stays.

    Raises:
        RefusedError: a take rolls or is deleted, or would be more than a day away from the date of its shooting day.
    """
    for take_id in take_ids:
        take = named(tx, take_id)
        if take.text("state") == State.ROLLING:
            raise RefusedError(f"{label(take)} rolls; cut it before it is moved in time.", take_id)
        if take.flag("deleted"):
            raise RefusedError(f"{label(take)} is deleted; restore it first.", take_id)
        _refuse_far(tx, take, by.ns)
        _shift(tx, take, by)


def _refuse_far(tx: Transaction, take: Row, by_ns: int) -> None:
    """A take is of the date of its day, or of the night that follows or precedes it."""
    day = next((row for row in tx.find("day", {"unit": take.text("unit")}) if row.number("number") == _day(take)), None)
    if abs(by_ns) > _LONGEST_NS:
        raise RefusedError(f"{label(take)} cannot be moved by more than a year.", take.id)
    if day is None:
        return
    zone = days.known_zone(day.text("timezone"))
    shown = datetime.fromtimestamp((take.number("rolled_ns") + by_ns) // _SECOND_NS).astimezone(zone)
    of_day = date.fromisoformat(day.text("date"))
    if abs((shown.date() - of_day).days) > 1:
        where = f"{shown:%Y-%m-%d %H:%M}, and day {_day(take)} is {safe_text(day.text('date'))}"
        raise RefusedError(f"{label(take)} would be at {where}; that is more than a day away.", take.id)


def _day(take: Row) -> int:
    return take.number("day")


def _shift(tx: Transaction, take: Row, by: Shift) -> None:
    cut_ns = take.maybe_number("cut_ns")
    moved: dict[str, Value] = {"rolled_ns": take.number("rolled_ns") + by.ns}
    if cut_ns is not None:
        moved["cut_ns"] = cut_ns + by.ns
    frames = _frames(take, by)
    tx.set("take", take.id, moved | _labels(take, ("tc_in", "tc_out"), take, frames))
    for run in tx.find("run", {"take": take.id}):
        stamps: dict[str, Value] = {}
        for name in ("action_ns", "cut_ns"):
            at_ns = run.maybe_number(name)
            if at_ns is not None:
                stamps[name] = at_ns + by.ns
        tx.set("run", run.id, stamps | _labels(run, _RUN, take, frames))
    for angle in tx.find("angle", {"take": take.id}):
        tx.set("angle", angle.id, _labels(angle, _ANGLE, take, frames))
    for note in tx.find("note", {"take": take.id}):
        if note.maybe_number("offset_ns") is not None:
            tx.set("note", note.id, _labels(note, ("tc",), take, frames))


def _frames(take: Row, by: Shift) -> int:
    """How far labels move; 0 where no clock of this machine made them."""
    if take.text("tc_source") != _CLOCK:
        return 0
    project = rate(take.text("rate"))
    now = take.maybe_text("tc_in")
    if by.tc_in is not None and now is not None:
        return Timecode.parse(by.tc_in, project).since(Timecode.parse(now, project))
    frames = project.frames_in(Fraction(abs(by.ns), _SECOND_NS))
    return frames if by.ns > 0 else -frames


def _labels(row: Row, names: Sequence[str], take: Row, frames: int) -> dict[str, Value]:
    project = rate(take.text("rate"))
    found: dict[str, Value] = {}
    for name in names:
        text = row.maybe_text(name)
        source = row.maybe_text(_SOURCES[name]) if name in _SOURCES else None
        if frames and text and source in (None, _CLOCK):
            found[name] = Timecode.parse(text, project).later(frames).label
    return found
