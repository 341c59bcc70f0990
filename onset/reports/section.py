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
        count: how many things the heading speaks of; a section that has none says `empty` instead of a table.
        bold: columns that stand out.
    """

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    empty: str
    bold: tuple[int, ...] = (0,)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def title(self) -> str:
        """The heading with the number of rows."""
        return f"{self.heading} ({self.count})" if self.rows else self.heading
