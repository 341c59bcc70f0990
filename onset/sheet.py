"""Read a table that somebody else's program wrote: a CSV of unknown separator, with words above its headings.

Used by the readers of sound and camera reports, of lists of scenes, schedules and shot lists. The row of headings is
found by the words in it, because reports carry a block of words above their table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, pairwise
from pathlib import Path

from onset.cells import YES
from onset.errors import ReportError
from onset.foreign import read_text
from onset.text import safe_path, safe_text

_WIDEST = 2048  # columns; the widest list that was seen has 129
_LONGEST_LINE = 131_072  # characters, as many as the csv module takes in one cell
_LOOKED_AT = 200  # lines, for the row of headings
_LONGEST = 200_000  # rows; a file of empty lines alone would fill the memory
_SEPARATORS = ",;\t|"
_END = "\ue000"  # a line of our own behind the last one: it stands alone unless a quotation mark is open
_NAMED = 12  # headings that a sentence lists
_NOT_A_WORD = re.compile(r"[^0-9a-z#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with named columns.

    Attributes:
        name: of the file, as it is written.
        headings: as they are written, in order.
        rows: number of the row below the headings (from 1), and its cells by the names that were asked for.
        columns: which heading stands for which of these names.
        unused: headings that stand for none of them.
        answered: names in whose column any row says yes.
        above: what stands above the headings, `Roll:` and the cell behind it, by the word in small letters alone.
    """

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...] = ()
    answered: frozenset[str] = frozenset()
    above: Mapping[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> str:
        """Which column was taken for what, for a sentence."""
        return ", ".join(f'{name} from "{safe_text(heading)}"' for name, heading in self.columns.items())


def read_sheet(
    path: Path,
    synonyms: Mapping[str, Sequence[str]],
    needed: Sequence[Sequence[str]],
    chosen: Mapping[str, str] | None = None,
    *,
    example: str = 'take="Take #"',
    whole: str = "",
) -> Sheet:
    """Read the table of a file.

    Args:
        path: the file.
        synonyms: for each name that is looked for, the headings that mean it; case, blanks and signs do not matter.
        needed: groups of names; of each group at least one must have a column.
        chosen: headings that a person chose for a name; they come before the synonyms.
        example: of such a choice, for a sentence.
        whole: a name under which each row also has all its cells, with blanks between; none where it is empty.

    Raises:
        ReportError: it cannot be read, is no table, has no such headings, or has no row; names the file and what to do.
    """
    shown = safe_path(path.name)
    text = read_text(path)
    chosen = dict(chosen or {})
    for name in chosen:
        if name not in synonyms:
            raise ReportError(f'There is no field "{safe_text(name)}" to map; there are {", ".join(synonyms)}.')
    table, place, columns = _table(text, shown, synonyms, needed, chosen, example)
    sheet = sheet_of(path.name, table[place], table[place + 1 :], columns, whole=whole, ended=text.endswith("\n"))
    pairs = (pair for row in table[:place] for pair in pairwise(row) if pair[0].rstrip().endswith(":"))
    return replace(sheet, above={_plain(word): said.strip() for word, said in pairs})


def sheet_of(
    name: str,
    headings: Sequence[str],
    lines: Sequence[Sequence[str]],
    columns: Mapping[str, int],
    *,
    whole: str = "",
    ended: bool = True,
) -> Sheet:
    """The sheet of lines that are cells already.

    Args:
        name: of the file.
        headings: of its columns.
        lines: below them; those without anything in the columns that are used are left out.
        columns: the place of each field that is used.
        whole: as for `read_sheet`.
        ended: the last line has its end; one that has none and breaks off before its last columns was cut.

    Raises:
        ReportError: there is no row, or the last one is cut.
    """
    shown = safe_path(name)
    titles = tuple(cell.strip() for cell in headings)
    rows = []
    for number, cells in enumerate(lines, 1):
        row = {title: cells[at].strip() if at < len(cells) else "" for title, at in columns.items()}
        if whole:
            row[whole] = " ".join(filter(None, (cell.strip() for cell in cells)))
        if any(row.values()):
            rows.append((number, row))
    if not rows:
        raise ReportError(f"{shown} has headings but not one row under them; nothing was taken from it.")
    if not ended and len(lines) > 1 and len(lines[-1]) < min(map(len, lines[:-1])):
        raise ReportError(f"{shown} breaks off in its last line, row {len(lines)}; nothing was taken, export it anew.")
    used = set(columns.values())
    return Sheet(
        name=name,
        headings=titles,
        rows=tuple(rows),
        columns={title: titles[at] for title, at in columns.items()},
        unused=tuple(title for at, title in enumerate(titles) if title and at not in used),
        answered=frozenset(name for _, row in rows for name, cell in row.items() if cell.lower() in YES),
    )


Table = tuple[list[list[str]], int, dict[str, int]]


def _table(
    text: str,
    shown: str,
    synonyms: Mapping[str, Sequence[str]],
    needed: Sequence[Sequence[str]],
    chosen: Mapping[str, str],
    example: str,
) -> Table:
    """Rows, the place of the headings among them, and the column of each name; the separator that finds most names."""
    best: tuple[str, int, dict[str, int]] | None = None
    widest: list[str] = []
    trouble: ReportError | None = None
    for separator in _SEPARATORS:
        try:
            for place, row in enumerate(_lines(text, separator, shown, _LOOKED_AT)):
                columns = find_columns(row, synonyms, chosen)
                if all(any(name in columns for name in group) for group in needed) and (
                    best is None or len(columns) > len(best[2])
                ):
                    best = separator, place, columns
                widest = max(widest, [cell.strip() for cell in row if cell.strip()], key=len)
        except ReportError as error:  # of a separator that is another file's it says nothing
            trouble = trouble or error
    if best is None and trouble is not None and len(widest) < 2:
        raise trouble
    if best is None:
        wanted = "; ".join(" or ".join(group) for group in needed)
        raise ReportError(
            f"{shown} has no row of headings with {wanted}{_found(widest)}; nothing was taken from it. "
            f"Say which column is which with --map, as in --map {example}."
        )
    separator, place, columns = best
    missing = [heading for name, heading in chosen.items() if name not in columns]
    if missing:
        raise ReportError(f'{shown} has no column "{safe_text(missing[0])}".')
    table = list(_lines(text, separator, shown, _LONGEST + 1))
    if len(table) > _LONGEST:
        raise ReportError(f"{shown} has more than {_LONGEST:,} lines, which no report has; look what it is.")
    return table, place, columns


def _found(widest: Sequence[str]) -> str:
    """What may have been meant as headings, for a sentence."""
    if len(widest) < 2:
        return ""
    more = ", …" if len(widest) > _NAMED else ""
    return f" (found: {', '.join(safe_text(cell[:40]) for cell in widest[:_NAMED])}{more})"


def _lines(text: str, separator: str, shown: str, most: int) -> Iterator[list[str]]:
    """The cells of each line, at most so many lines.

    Raises:
        ReportError: there are more columns than any report has, a cell is longer than any note, or a quotation mark is
            open at the end: the rows behind it would be one cell of a row above, and be lost without a word.
    """
    reader = csv.reader(chain(_short(text, shown), (f"{_END}\n",)), delimiter=separator)
    begun = 1
    try:
        for row in islice(reader, most):
            if row == [_END]:
                return
            if row and row[-1].endswith(f"{_END}\n"):
                raise ReportError(f"{shown} has a quotation mark in line {begun} that is never closed; export it anew.")
            if len(row) > _WIDEST:
                raise ReportError(f"{shown} has more than {_WIDEST:,} columns, which no report has; look what it is.")
            begun = reader.line_num + 1
            yield row
    except csv.Error as error:
        raise ReportError(f"{shown} is no table ({error}, line {begun}); look what it is.") from error


def _short(text: str, shown: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text), 1):
        if len(line) > _LONGEST_LINE:
            raise ReportError(
                f"{shown} has {len(line):,} characters in line {number}, which no report has; look what it is."
            )
        yield line


def find_columns(
    row: Sequence[str], synonyms: Mapping[str, Sequence[str]], chosen: Mapping[str, str]
) -> dict[str, int]:
    """Which place of a row of headings stands for which name; what a person chose comes first."""
    plain = [_plain(cell) for cell in row]
    found: dict[str, int] = {}
    for name, heading in chosen.items():
        if _plain(heading) in plain:
            found[name] = plain.index(_plain(heading))
    for name, words in synonyms.items():
        if name in chosen:
            continue
        places = [plain.index(_plain(word)) for word in words if _plain(word) in plain]
        free = [place for place in places if place not in found.values()]
        if free:
            found[name] = free[0]
    return found


def _plain(cell: str) -> str:
    """`Start TC:` and `start_tc` are one heading."""
    return _NOT_A_WORD.sub("", cell.lower()) if len(cell) < 200 else ""
