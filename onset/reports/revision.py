"""How a printing stands to what was issued: its revision, the cells that changed since the one before, a list of them.

Used by the command line, which gives a report its `Revision`, and by `pdf.py`, `html.py` and `text.py`, which mark the
cells: by a star, and by more where there is room for it; never by a colour alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from onset.domain.issue import Issue
from onset.reports.cells import (
    EDITOR_COLUMNS,
    SETUPS,
    TAKES,
    WARNINGS,
    Cells,
    Row,
    Table,
    above,
    block_keys,
    column_names,
    distinct,
    row_keys,
    section_headings,
    take_keys,
)
from onset.reports.day import DayPaper, local
from onset.reports.editor import EditorLog
from onset.reports.section import UNKNOWN, Column, Section, SectionPaper
from onset.text import safe_text

STAR = "*"
_HEAD = "Head of the report"
_NEW, _GONE, _PLACE = "new", "taken out", "place"
_FIRST = "first"
_NOTHING = "(nothing)"
# Facts above a table that are read from files while it is printed, where their disk is connected (camera_day.py,
# sound_day.py).
_OF_FILES = ("Codec", "Recorder", "Bit depth")
_COLUMNS = (
    Column("Where", 0.22),
    Column("What", 0.14),
    Column("Was", 0.32, long=True, lead="was: "),
    Column("Is", 0.32, long=True, lead="is: "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A cell that says something else than before; a row that came or went is one.

    Attributes:
        table: heading of its table; empty for a fact of the head.
        key: what its row speaks of, `label` what people call that.
        column: its name; `new`, `taken out` or `place` (in the order of the rows) for a row.
        row: it is about a whole row.
    """

    table: str
    key: str
    label: str
    column: str
    was: str
    now: str
    row: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How a printing stands to what was issued.

    Attributes:
        number: of the newest issue; `draft`: this printing says something else.
        label: `Revision 2`, or `Draft, differs from revision 1`.
        line: the same as a sentence, with who issued it and when.
        since: the revision that it is compared with, in words; empty: it is compared with none.
        differences: from that one; `marked` the cells (table, key, column) that a reader has to look at.
        said: what was issued, where this is a printing of that and not a draft.
    """

    number: int
    draft: bool
    label: str
    line: str
    since: str = ""
    differences: tuple[Difference, ...] = ()
    marked: frozenset[tuple[str, str, str]] = frozenset()
    said: Cells | None = None


def compare(before: Cells, after: Cells) -> tuple[Difference, ...]:
    """What `after` says otherwise than `before`.

    Columns that only one of them has are not compared; nor is a fact that cannot be told now because a disk is not
    connected, as the codec of clips. Of rows that stand in another order the fewest are told that make one of the
    other.
    """
    return (*_facts(before.facts, after.facts), *_tables(before.tables, after.tables))


def _facts(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> Iterator[Difference]:
    was, now = _named(before), _named(after)
    for label in (*now, *(each for each in was if each not in now)):
        if was.get(label, "") != now.get(label, ""):
            yield Difference(
                table="", key=label, label=label, column=label, was=was.get(label, ""), now=now.get(label, "")
            )


def _named(facts: Sequence[tuple[str, str]]) -> dict[str, str]:
    labels = distinct(label for label, _ in facts)
    return dict(zip(labels, (value for _, value in facts), strict=True))


def _tables(before: Sequence[Table], after: Sequence[Table]) -> Iterator[Difference]:
    was, now = ({each.heading: each for each in tables} for tables in (before, after))
    for heading in (*now, *(each for each in was if each not in now)):
        old, new = was.get(heading), now.get(heading)
        yield from _rows(heading, old or Table(heading, (), ()), new or Table(heading, (), ()))


def _rows(heading: str, old: Table, new: Table) -> Iterator[Difference]:
    was = {row.key: row for row in old.rows}
    facts = new.columns == ("",)
    # Setups stand as their takes do.
    moved = frozenset[str]() if facts or heading in (SETUPS, WARNINGS) else _moved(old.rows, new.rows)
    for row in new.rows:
        then = was.pop(row.key, None)
        if then is None:
            if row.cells != (UNKNOWN,):  # a fact that nobody knows
                yield Difference(
                    table=heading, key=row.key, label=row.label, column=_NEW, was="", now=_summed(row), row=True
                )
            continue
        then_cells = dict(zip(old.columns, then.cells, strict=False))
        for column, now in zip(new.columns, row.cells, strict=False):
            said = then_cells.get(column, now)
            if said != now and (column or now != UNKNOWN or row.label not in _OF_FILES):
                yield Difference(table=heading, key=row.key, label=row.label, column=column, was=said, now=now)
        if row.key in moved:
            places = (_place(rows, row.key) for rows in (old.rows, new.rows))
            yield Difference(
                table=heading, key=row.key, label=row.label, column=_PLACE, was=next(places), now=next(places), row=True
            )
    if any(row.cells == (UNKNOWN,) for row in new.rows) and not facts:
        return  # what it said then cannot be read now
    for row in was.values():
        if row.cells == (UNKNOWN,):
            continue
        yield Difference(table=heading, key=row.key, label=row.label, column=_GONE, was=_summed(row), now="", row=True)


def _moved(before: Sequence[Row], after: Sequence[Row]) -> frozenset[str]:
    """Rows that stand elsewhere among those of both: all but a longest run that kept its order (patience sorting)."""
    place = {row.key: number for number, row in enumerate(before)}
    common = [row.key for row in after if row.key in place]
    ends: list[str] = []  # of the runs of each length, where the one ends that ends first
    previous: dict[str, str | None] = {}
    for key in common:
        length = bisect_left(ends, place[key], key=place.__getitem__)
        previous[key] = ends[length - 1] if length else None
        ends[length : length + 1] = [key]
    kept: set[str] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = previous[last]
    return frozenset(common) - kept


def _place(rows: Sequence[Row], key: str) -> str:
    number = next(number for number, row in enumerate(rows) if row.key == key)
    return f"after {rows[number - 1].label}" if number else _FIRST


def _summed(row: Row) -> str:
    return " · ".join(cell.replace("\n", ", ") for cell in row.cells if cell)


def _marked(differences: Iterable[Difference], after: Cells) -> Iterator[tuple[str, str, str]]:
    new = {(each.table, each.key) for each in differences if each.row and each.column == _NEW}
    moved = {(each.table, each.key) for each in differences if each.row and each.column == _PLACE}
    for each in differences:
        if not each.row:
            yield each.table, each.key, each.column
    for table in after.tables:
        for row in table.rows:
            if (table.heading, row.key) in moved:  # what names it
                yield next(
                    (table.heading, row.key, column)
                    for column, cell in zip(table.columns, row.cells, strict=False)
                    if cell or column == table.columns[-1]
                )
            if (table.heading, row.key) in new:
                yield from (
                    (table.heading, row.key, column)
                    for column, cell in zip(table.columns, row.cells, strict=False)
                    if cell
                )


def issued_as(issue: Issue, said: Cells, before: tuple[Issue, Cells | None] | None, *, timezone: str = "") -> Revision:
    """A printing that says what was issued.

    Args:
        issue: as what.
        said: what was issued.
        before: the revision before it; None as the cells: what that one said cannot be read.
        timezone: by which it tells when; as in `onset.reports.day.local`.
    """
    line = (
        f"Revision {issue.revision}, issued {_by(issue, timezone)}{f': {safe_text(issue.note)}' if issue.note else ''}"
    )
    plain = Revision(number=issue.revision, draft=False, label=f"Revision {issue.revision}", line=line, said=said)
    if before is None:
        return plain
    return _compared(plain, said, *before, timezone)


def draft_after(issue: Issue, said: Cells | None, cells: Cells, *, timezone: str = "") -> Revision:
    """A printing that says something else than the newest issue; `timezone` as for `issued_as`."""
    label = f"Draft, differs from revision {issue.revision}"
    line = f"{label} (issued {_by(issue, timezone)})"
    plain = Revision(number=issue.revision, draft=True, label=label, line=line)
    return _compared(plain, cells, issue, said, timezone)


def _compared(revision: Revision, cells: Cells, since: Issue, said: Cells | None, timezone: str) -> Revision:
    if said is None:
        line = f"{revision.line}. What revision {since.revision} said cannot be read, so nothing is marked"
        return replace(revision, line=line)
    differences = compare(said, cells)
    return replace(
        revision,
        line=f"{revision.line}. What changed since revision {since.revision} is marked {STAR} and listed at the end",
        since=f"revision {since.revision} (issued {_by(since, timezone)})",
        differences=differences,
        marked=frozenset(_marked(differences, cells)),
    )


def _by(issue: Issue, timezone: str) -> str:
    return f"{local(issue.wall_ns, timezone):%Y-%m-%d %H:%M} by {safe_text(issue.author)}"


# -- for the layouts --------------------------------------------------------------------------------------------------


def label_of(paper: DayPaper) -> tuple[str, ...]:
    """The revision, for the head of every page; empty for a report that was never issued."""
    return (paper.revision.label,) if paper.revision else ()


def line_of(paper: DayPaper) -> tuple[str, ...]:
    """The same as a sentence, for the first page."""
    return (f"{paper.revision.line}.",) if paper.revision else ()


def facts_of(paper: DayPaper) -> tuple[tuple[str, str], ...]:
    """The head's numbers, a star at those that changed."""
    return _starred(paper.facts, paper, "")


def _starred(
    facts: Sequence[tuple[str, str]], paper: DayPaper, table: str, keys: Sequence[str] | None = None
) -> tuple[tuple[str, str], ...]:
    marked = paper.revision.marked if paper.revision else frozenset()
    if not marked:
        return tuple(facts)
    names = distinct(label for label, _ in facts) if keys is None else keys
    return tuple(
        (label, f"{STAR}{value}" if (table, key, "" if table else key) in marked else value)
        for key, (label, value) in zip(names, facts, strict=True)
    )


def sections_of(paper: SectionPaper) -> tuple[Section, ...]:
    """The report's sections, changed cells marked, and at the end what changed."""
    if paper.revision is None:
        return paper.sections
    headings = section_headings(paper.sections)
    sections = paper.sections
    if paper.revision.said is not None:
        facts = {table.heading: table for table in paper.revision.said.tables}
        sections = tuple(
            _as_issued(each, facts.get(above(heading)), facts.get(heading))
            for each, heading in zip(sections, headings, strict=True)
        )
    marked = paper.revision.marked
    told = tuple(
        _marked_section(each, name, paper) if marked else each for each, name in zip(sections, headings, strict=True)
    )
    return (*told, *changes_of(paper))


def _as_issued(section: Section, head: Table | None, said: Table | None) -> Section:
    """As it went out: without what is true of the moment alone, and with facts of files that cannot be read now."""
    known = {row.key: row.cells[0] for row in head.rows if row.cells} if head is not None else {}
    labels = iter(distinct(label for facts in section.about for label, _ in facts))
    about = tuple(
        tuple(
            (label, known.get(key, value) if value == UNKNOWN else value)
            for (label, value), key in zip(facts, labels, strict=False)
        )
        for facts in section.about
    )
    rows = section.compared or section.rows
    if said is not None and said.rows and set(rows) == {((UNKNOWN,),)}:
        rows = tuple(tuple(tuple(cell.split("\n")) for cell in row.cells) for row in said.rows)
    return replace(section, rows=rows, about=about)


def _marked_section(section: Section, heading: str, paper: SectionPaper) -> Section:
    marked = paper.revision.marked if paper.revision else frozenset()
    columns = column_names(section)
    cells = frozenset(
        (place, number)
        for place, key in enumerate(row_keys(section))
        for number, column in enumerate(columns)
        if (heading, key, column) in marked
    )
    labels = iter(distinct(label for facts in section.about for label, _ in facts))
    about = tuple(_starred(facts, paper, above(heading), [next(labels) for _ in facts]) for facts in section.about)
    return replace(section, marked=cells, about=about)


def changes_of(paper: DayPaper) -> tuple[Section, ...]:
    """What changed since the revision before, as a table; none where there is nothing to compare with."""
    revision = paper.revision
    if revision is None or not revision.since:
        return ()
    rows = tuple(
        (
            _where(each),
            (each.column,) if each.column else (),
            *_was_and_is(each),
        )
        for each in revision.differences
    )
    heading = f"What changed since {revision.since}"
    return (Section(heading=heading, columns=_COLUMNS, rows=rows, empty="Nothing that is printed here."),)


def _was_and_is(each: Difference) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of the cell that only one of the printings has; all, where they only changed places."""
    was, now = each.was.split("\n"), each.now.split("\n")
    gone, new = ([line for line in one if line and line not in other] for one, other in ((was, now), (now, was)))
    if not gone and not new:
        gone, new = was, now
    return tuple(gone) or (_NOTHING,), tuple(new) or (_NOTHING,)


def _where(each: Difference) -> tuple[str, ...]:
    if not each.table:
        return (_HEAD,)
    return (each.label or each.key, *([each.table] if each.table != TAKES else []))


@dataclass(frozen=True, slots=True)
class BlockMarks:
    """What changed of a block of the editor's log: its heading, and columns of each of its takes."""

    heading: bool
    takes: tuple[frozenset[int], ...]


def editor_marks(log: EditorLog) -> tuple[BlockMarks, ...]:
    """The marks of each block, in order."""
    by_row: dict[tuple[str, str], set[str]] = {}
    for table, key, column in log.revision.marked if log.revision else ():
        by_row.setdefault((table, key), set()).add(column)
    return tuple(
        BlockMarks((SETUPS, block) in by_row, tuple(_columns(by_row, (TAKES, take)) for take in takes))
        for block, takes in zip(block_keys(log), take_keys(log), strict=True)
    )


def _columns(by_row: Mapping[tuple[str, str], set[str]], row: tuple[str, str]) -> frozenset[int]:
    found = by_row.get(row, ())
    return frozenset(place for place, name in enumerate(EDITOR_COLUMNS) if name in found)
