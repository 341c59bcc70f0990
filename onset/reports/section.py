"""A report's section: a table under a heading, as words ready to lay out.

A report made of such sections is laid out by `html.py`, `pdf.py` and `text.py`, which do not know what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, and rows of cells; a cell is some texts below one another.

    Attributes:
        empty: said instead of a table where there are no rows.
        bold: columns that stand out.
        things: how many things the heading speaks of, where that is not the number of rows.
    """

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    empty: str
    bold: tuple[int, ...] = (0,)
    things: int | None = None

    @property
    def title(self) -> str:
        """The heading, and how many there are."""
        number = len(self.rows) if self.things is None else self.things
        return f"{self.heading} ({number})" if number else self.heading
