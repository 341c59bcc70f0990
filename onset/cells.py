"""What the cells of somebody else's table mean: yes and no, rates, timecode, lengths, dates, takes.

Used by the readers of reports, lists and schedules, on the rows that sheet.py finds. A cell that nobody understands is
told and left out; its row is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from onset.errors import TimecodeError
from onset.text import safe_text
from onset.timecode import RATES, Rate, Timecode, frame_number
from onset.timecode import rate as rate_named

YES = frozenset(("1", "y", "yes", "x", "true", "t", "circled", "circle", "print", "wild", "wt", "mos", "*", "✓", "✔"))
_NO = frozenset(("", "0", "n", "no", "false", "f", "-", "\u2013"))
_RATE = re.compile(
    r"(\d{2,3}(?:\.\d{1,9})?|\d{5,6}/1001)\s*(?:fps|p)?\s*(ndf?|non-?drop|df?|drop)?", re.ASCII | re.IGNORECASE
)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d\d)(?:([:;])(\d{1,3})|\.(\d{1,6}))?", re.ASCII)
_SECONDS = re.compile(r"\d{1,5}(?:\.\d{1,6})?\s*s?", re.ASCII)
_DATE = re.compile(r"(20\d\d)([-./]?)(\d\d)\2(\d\d)(?!\d)", re.ASCII)
_DATE_OF_PEOPLE = re.compile(r"(\d\d?)([./])(\d\d?)\2((?:20)?\d\d)(?!\d)", re.ASCII)  # dots are European
_SPELLED = {"23.970": "23.976", "23.980": "23.976"}


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row, read as what they mean; what cannot be understood is told in `doubts` and left out."""

    row: int
    by_name: Mapping[str, str]
    doubts: list[str]

    def text(self, name: str) -> str:
        """As it is written; empty where there is no such column."""
        return self.by_name.get(name, "")

    def answer(self, name: str, *, used: bool = True) -> bool | None:
        """Yes or no; None where there is no such column, or its cell is neither.

        Args:
            name: of the column.
            used: any row has a yes there. An empty cell says no only then: an empty column says nothing.
        """
        cell = self.by_name.get(name)
        if cell is None or (not cell and not used):
            return None
        word = cell.strip().lower()
        if word in YES:
            return True
        if word in _NO:
            return False
        self._doubt(name, cell, "yes or no")
        return None

    def take(self, *, used: bool) -> tuple[str, bool | None]:
        """The take, and whether it is circled: a star behind the number (`3*`) says so too.

        Args:
            used: as for `answer`, of the column `circled`.
        """
        number = self.text("take")
        circled = self.answer("circled", used=used)
        starred = number.endswith("*")
        return number.rstrip("* "), True if starred and circled is None else circled

    def rate(self, name: str, otherwise: Rate) -> Rate:
        """`23.97 ND`, `29.97 DF`, `25`: the rate of the row's labels."""
        cell = self.text(name)
        found = read_rate(cell)
        if found is None and cell:
            self._doubt(name, cell, "a frame rate")
        return found or otherwise

    def label(self, name: str, rate: Rate) -> str | None:
        """A timecode, with the separator that its rate wants."""
        cell = self.text(name)
        if not cell:
            return None
        for spelled in (cell, _with_separator(cell, rate)):
            try:
                return str(Timecode.parse(spelled, rate))
            except TimecodeError:
                continue
        self._doubt(name, cell, f"a timecode at {rate.name}")
        return None

    def length(self, name: str, rate: Rate) -> int | None:
        """Frames: of `00:00:12` (hours, minutes, seconds), `0:12`, `00:00:12:05`, `12.5`."""
        cell = self.text(name)
        found = _CLOCK.fullmatch(cell)
        if found is not None:
            seconds = (int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3])
            if found[5]:  # a length in frames is counted as labels are: an hour at 23.976 is 86,400 frames
                return frame_number(seconds * rate.nominal + int(found[5]), rate)
            return rate.frames_in(seconds + (Fraction(f"0.{found[6]}") if found[6] else Fraction(0)))
        if _SECONDS.fullmatch(cell):
            return rate.frames_in(Fraction(cell.rstrip(" s")))
        if cell:
            self._doubt(name, cell, "a length")
        return None

    def _doubt(self, name: str, cell: str, wanted: str) -> None:
        self.doubts.append(f'row {self.row}: {name} "{safe_text(cell[:40])}" is not {wanted}')


def read_rate(cell: str) -> Rate | None:
    """The rate that a cell names: `23.97 ND`, `29.97 DF`, `25`, `23.98 fps`, `24p`, `24000/1001`; None: none.

    >>> [str(read_rate(cell)) for cell in ("23.98", "29.970 DF", "24.00 fps", "brown")]
    ['23.976', '29.97df', '24', 'None']
    """
    found = _RATE.fullmatch(cell.strip())
    if found is None:
        return None
    try:
        number = f"{float(Fraction(found[1])):.3f}"
        number = _SPELLED.get(number, number).rstrip("0").rstrip(".")
        return rate_named(number + ("df" if (found[2] or "").lower() in ("d", "df", "drop") else ""))
    except (TimecodeError, ZeroDivisionError):
        return None


def read_date(cell: str) -> str:
    """The ISO date that a cell begins with, empty where it tells none; month first, as American recorders write.

    >>> read_date("20260529"), read_date("2026-05-29 10:00"), read_date("05/29/26"), read_date("29.05.2026")
    ('2026-05-29', '2026-05-29', '2026-05-29', '2026-05-29')
    >>> read_date("05.06.26"), read_date("31/31/26"), read_date("today")
    ('2026-06-05', '', '')
    """
    if found := _DATE.match(cell):
        year, month, day = found[1], found[3], found[4]
    elif found := _DATE_OF_PEOPLE.match(cell):
        year = f"20{found[4][-2:]}"
        month, day = (found[3], found[1]) if found[2] == "." or int(found[1]) > 12 else (found[1], found[3])
    else:
        return ""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def as_labelled(label: str, rate: Rate) -> Rate:
    """The drop-frame rate where a label is written with `;` and its rate has one; else the rate as it is.

    >>> as_labelled("10:00:00;02", RATES["29.97"]).name, as_labelled("10:00:00:02", RATES["29.97"]).name
    ('29.97df', '29.97')
    """
    return RATES.get(f"{rate.name}df", rate) if ";" in label else rate


def _with_separator(cell: str, rate: Rate) -> str:
    """Reports write drop-frame labels with colons too."""
    plain = re.sub(r"[;.,]", ":", cell.strip())
    head, _, frames = plain.rpartition(":")
    return f"{head}{rate.separator}{frames}"
