"""A report's section: a table under a heading, as words ready to lay out.

A report made of such sections is laid out by `html.py`, `pdf.py` and `text.py`, which do not know what it is about.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from onset.reports.day import DayPaper


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its share of the page's width.

    Attributes:
        long: holds sentences; plain text sets it on lines of its own, after `lead` in place of the heading.
    """

    heading: str
    share: float
    long: bool = False
    lead: str = ""


Facts = tuple[tuple[str, str], ...]  # label and value, in the order they are printed
UNKNOWN = "?"  # what cannot be told now, as where a disk is away; rows of it alone stand for a table that is not known
SMALL = (64.0, 42.0)  # room for a picture in a table of many


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, and rows of cells; a cell is some texts below one another.

    Attributes:
        empty: said instead of a table where there are no rows.
        bold: columns that stand out.
        things: how many things the heading speaks of, where that is not the number of rows.
        pictures: of each row a JPEG, or None; they stand in the first column, plain text goes without.
        keys: of each row what it speaks of, the same in every printing of the report (a take's id, a roll): by them two
            printings are compared row by row; where there are none, by what stands out in it.
        about: lines of label and value between heading and table.
        new_page: it begins a sheet of its own.
        verbatim: its heading holds a label (`10aA`), which plain text must not set in capitals.
        circled: rows whose cell `circle_in` has a circle round it: circled takes.
        room: for a picture, points across and up; it is never stretched.
        compared: rows in place of these where two printings are compared: without what is true of the moment
            of printing alone, as which disk is connected.
        marked: cells (row, column) that say something else than in the revision before.
    """

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    empty: str
    bold: tuple[int, ...] = (0,)
    things: int | None = None
    pictures: tuple[bytes | None, ...] = ()
    keys: tuple[str, ...] = ()
    about: tuple[Facts, ...] = ()
    new_page: bool = False
    verbatim: bool = False
    circled: frozenset[int] = frozenset()
    circle_in: int = 0
    room: tuple[float, float] = SMALL
    compared: tuple[tuple[tuple[str, ...], ...], ...] = ()
    marked: frozenset[tuple[int, int]] = frozenset()

    @property
    def title(self) -> str:
        """The heading, and how many there are."""
        number = len(self.rows) if self.things is None else self.things
        return f"{self.heading} ({number})" if number else self.heading

    def picture(self, row: int) -> bytes | None:
        """The JPEG of a row."""
        return self.pictures[row] if row < len(self.pictures) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPaper(DayPaper, ABC):
    """A report of sections.

    Attributes:
        kind: what it is called on paper; `mark` what the file says of itself, `name` what its file is called.
        legend: at the foot of each page.
        wide: its sheets are printed across.
        as_of: the moment of the newest edit that it rests on; not of its printing, which changes nothing.
    """

    kind: ClassVar[str]
    mark: ClassVar[str]
    name: ClassVar[str]
    legend: ClassVar[str] = ""
    wide: ClassVar[bool] = False

    as_of: str

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        return {}

    @property
    @abstractmethod
    def sections(self) -> tuple[Section, ...]:
        """Its tables, in order."""
