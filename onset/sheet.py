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
from datetime import date
from fractions import Fraction
from itertools import chain, islice, pairwise
from pathlib import Path

from onset.errors import ReportError, TimecodeError
from onset.foreign import read_text
from onset.text import safe_path, safe_text
from onset.timecode import RATES, Rate, Timecode, frame_number
from onset.timecode import rate as rate_named

_WIDEST = 2048  # columns; the widest list that was seen has 129
_LONGEST_LINE = 131_072  # characters, as many as the csv module takes in one cell
_LOOKED_AT = 200  # lines, for the row of headings
_LONGEST = 200_000  # rows; a file of empty lines alone would fill the memory
_SEPARATORS = ",;\t|"
_END = "\ue000"  # a line of our own behind the last one: it stands alone unless a quotation mark is open
_NAMED = 12  # headings that a sentence lists
_NOT_A_WORD = re.compile(r"[^0-9a-z#]+")
_YES = frozenset(("1", "y", "yes", "x", "true", "t", "circled", "circle", "print", "wild", "wt", "mos", "*", "✓", "✔"))
_NO = frozenset(("", "0", "n", "no", "false", "f", "-", "\u2013"))
_RATE = re.compile(
    r"(\d{2,3}(?:\.\d{1,9})?|\d{5,6}/1001)\s*(?:fps|p)?\s*(ndf?|non-?drop|df?|drop)?", re.ASCII | re.IGNORECASE
)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d\d)(?:([:;])(\d{1,3})|\.(\d{1,6}))?", re.ASCII)
_SECONDS = re.compile(r"\d{1,5}(?:\.\d{1,6})?\s*s?", re.ASCII)
_DATE = re.compile(r"(20\d\d)([-./]?)(\d\d)\2(\d\d)(?!\d)", re.ASCII)
_DATE_OF_PEOPLE = re.compile(r"(\d\d?)([./])(\d\d?)\2((?:20)?\d\d)(?!\d)", re.ASCII)  # dots are European
_SPELLED = {"23.970": "23.976", "23.980": "23.976"}


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
        answered=frozenset(name for _, row in rows for name, cell in row.items() if cell.lower() in _YES),
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
        if word in _YES:
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
