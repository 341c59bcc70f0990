"""The production and who works on it: people, units, episodes, shooting days, seats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from onset.slate import Overflow, Slating
from onset.timecode import Rate

SlatingSystem = Literal["us", "eu", "none"]


class Moment(StrEnum):
    """A stamp of a shooting day, as it stands on the progress report."""

    CALL = "call"
    FIRST_SHOT = "first shot"
    LUNCH_OUT = "lunch out"
    LUNCH_IN = "lunch in"
    FIRST_AFTER_LUNCH = "first shot after lunch"
    COMPANY_MOVE = "company move"
    SECOND_MEAL = "second meal"
    CAMERA_WRAP = "camera wrap"
    COMPANY_WRAP = "company wrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """What the log is the log of. `id` is 32 hex digits, as every id outside the database.

    Attributes:
        rate, slating, skip_letters: fixed when the production is made; every take is logged by them.
        overflow: what follows slate Z.
        false_start_counts: a false start uses up a take number.
        focus_units: `ft` or `m`; empty: nobody said.
        paper: `A4` or `Letter`; empty: nobody said.
    """

    id: str
    title: str
    rate: Rate
    slating: SlatingSystem
    skip_letters: str = "IO"
    code: str = ""
    company: str = ""
    director: str = ""
    dp: str = ""
    mixer: str = ""
    script_supervisor: str = ""
    editor: str = ""
    overflow: Overflow = Overflow.AA_AB
    false_start_counts: bool = True
    focus_units: str = ""
    paper: str = ""

    def numbering(self, prefix: str = "") -> Slating:
        """How a unit with that slate prefix numbers its setups."""
        return Slating(self.slating, self.skip_letters, self.overflow, prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works on the production. `unit` is empty for who works for all of them."""

    id: str
    name: str
    role: str = ""
    department: str = ""
    unit: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An episode of a series: a scene is its episode and its number."""

    number: str
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Main, second, splinter: a crew with its own days, board and rolls."""

    id: str
    name: str
    slate_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A shooting day of a unit. It ends when a person ends it (`wrapped_ns`), never at midnight.

    Attributes:
        number: 1, 2, 3 … as on the call sheet.
        date: ISO date of its first take or of its opening.
        timezone: of the place, `Europe/Oslo` or `+02:00`: its times are typed and shown by it; empty: this machine's.
    """

    id: str
    unit: str
    number: int
    date: str
    wrapped_ns: int | None = None
    location: str = ""
    weather: str = ""
    timezone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStamp:
    """A moment of a shooting day.

    Attributes:
        id: empty where nobody stamped it.
        derived: nobody stamped it; it is proposed from the takes.
    """

    id: str
    unit: str
    day: int
    what: Moment
    wall_ns: int
    note: str = ""
    derived: bool = False


_IN_ORDER = tuple(moment for moment in Moment if moment not in (Moment.COMPANY_MOVE, Moment.SECOND_MEAL))


def out_of_order(stamps: Sequence[DayStamp]) -> Iterator[tuple[Moment, Moment]]:
    """Moments that stand before one they follow, with that one: most likely a slip of the hand."""
    at = {stamp.what: stamp.wall_ns for stamp in stamps}
    for before, after in pairwise(moment for moment in _IN_ORDER if moment in at):
        if at[after] < at[before]:
            yield after, before


@dataclass(frozen=True, slots=True, kw_only=True)
class Jam:
    """A device's clock was set to the master's. `tc` is the label it was set to, None where nobody wrote it down."""

    id: str
    unit: str
    day: int
    device: str
    wall_ns: int
    tc: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenYesterday:
    """A day of an earlier date that nobody ended. `newest_ns` is its last stamp or take, None where it has none."""

    day: Day
    newest_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One log opened by one user on one machine at one path in one role.

    Attributes:
        name: what other seats see ("Maya, script").
        role: `script`, `dit`, `assistant`, `capture` or what the person typed.
    """

    id: str
    name: str
    role: str
