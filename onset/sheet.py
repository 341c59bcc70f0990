"""Read a table that somebody else's program wrote: a CSV of unknown encoding, line ends and separator.

Used by the readers of sound and camera reports. The row of headings is found by the words in it, because reports carry
a block of words above their table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path

from onset.errors import ReportError, TimecodeError
from onset.text import safe_path, safe_text
from onset.timecode import Rate, Timecode
from onset.timecode import rate as rate_named

_LARGEST = 32 * 1024 * 1024  # bytes; a season's reports in one file have a tenth of it
_WIDEST = 256  # columns
_LONGEST = 200_000  # rows; a file of empty lines alone would fill the memory
_SEPARATORS = ",;\t|"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ESCAPED = 0.1  # of the beginning may be escape characters, which a terminal or an app leaves in pasted notes
_NOT_A_WORD = re.compile(r"[^0-9a-z#]+")
_YES = frozenset(("1", "y", "yes", "x", "true", "t", "circled", "circle", "print", "wild", "wt", "mos", "*", "✓", "✔"))
_NO = frozenset(("", "0", "n", "no", "false", "f", "-", "\u2013"))
_RATE = re.compile(r"(\d{2,3}(?:\.\d{1,3})?)\s*(?:fps)?\s*(ndf?|non-?drop|df?|drop)?", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d\d)(?:([:;])(\d{1,3})|\.(\d{1,6}))?", re.ASCII)
_SECONDS = re.compile(r"\d{1,5}(?:\.\d{1,6})?\s*s?", re.ASCII)
_SPELLED = {"23.97": "23.976", "29.970": "29.97"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with named columns.

    Attributes:
        name: of the file, as it is written.
        headings: as they are written, in order.
        rows: number of the row below the headings (from 1), and its cells by the names that were asked for.
        columns: which heading stands for which of these names.
        unused: headings that stand for none of them.
    """

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...] = field(default=())

    def uses(self, name: str) -> bool:
        """Whether any row says yes in that column."""
        return any(row.get(name, "").lower() in _YES for _, row in self.rows)


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
    text = _text(path, shown)
    chosen = dict(chosen or {})
    for name in chosen:
        if name not in synonyms:
            raise ReportError(f'There is no field "{safe_text(name)}" to map; there are {", ".join(synonyms)}.')
    table, place, columns = _table(text, shown, synonyms, needed, chosen, example)
    headings = tuple(cell.strip() for cell in table[place])
    rows = []
    for number, cells in enumerate(table[place + 1 :], 1):
        row = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        if whole:
            row[whole] = " ".join(filter(None, (cell.strip() for cell in cells)))
        if any(row.values()):
            rows.append((number, row))
    if not rows:
        raise ReportError(f"{shown} has headings but not one row under them; nothing was taken from it.")
    used = set(columns.values())
    return Sheet(
        name=path.name,
        headings=headings,
        rows=tuple(rows),
        columns={name: headings[at] for name, at in columns.items()},
        unused=tuple(heading for at, heading in enumerate(headings) if heading and at not in used),
    )


def _text(path: Path, shown: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise ReportError(f"{shown} cannot be read ({error.strerror}).") from error
    if len(raw) > _LARGEST:
        raise ReportError(f"{shown} is larger than {_LARGEST >> 20} MiB, which no report is; look what it is.")
    if not raw.strip(b"\0 \t\r\n"):
        raise ReportError(f"{shown} is empty; nothing was taken from it.")
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    if encoding is None and raw[:400].count(b"\0") > len(raw[:400]) // 3:
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        text = raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding is not None:
            raise ReportError(f"{shown} is cut short or no text; export it anew.") from None
        text = raw.decode("cp1252", errors="replace")  # what spreadsheets on Windows write
    head = text[:4096]
    if len(_CONTROL.findall(head)) > 4 or head.count("\x1b") > max(4, _ESCAPED * len(head)):
        raise ReportError(f"{shown} is no table of text; export the report as CSV.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


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
    best: Table | None = None
    trouble = ""
    for separator in _SEPARATORS:
        try:
            lines = csv.reader(io.StringIO(text), delimiter=separator)
            table = [row[:_WIDEST] for row in islice(lines, _LONGEST + 1)]
        except csv.Error as error:
            trouble = str(error)
            continue
        if len(table) > _LONGEST:
            raise ReportError(f"{shown} has more than {_LONGEST:,} lines, which no report has; look what it is.")
        for place, row in enumerate(table[:200]):
            columns = _columns(row, synonyms, chosen)
            if all(any(name in columns for name in group) for group in needed) and (
                best is None or len(columns) > len(best[2])
            ):
                best = table, place, columns
    if best is None:
        wanted = "; ".join(" or ".join(group) for group in needed)
        more = f" ({safe_text(trouble)})" if trouble else ""
        raise ReportError(
            f"{shown} has no row of headings with {wanted}{more}; nothing was taken from it. "
            f"Say which column is which with --map, as in --map {example}."
        )
    missing = [heading for name, heading in chosen.items() if name not in best[2]]
    if missing:
        raise ReportError(f'{shown} has no column "{safe_text(missing[0])}".')
    return best


def _columns(row: Sequence[str], synonyms: Mapping[str, Sequence[str]], chosen: Mapping[str, str]) -> dict[str, int]:
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

    def rate(self, name: str, otherwise: Rate) -> Rate:
        """`23.97 ND`, `29.97 DF`, `25`: the rate of the row's labels."""
        cell = self.text(name)
        found = _RATE.fullmatch(cell)
        if not cell:
            return otherwise
        if found is not None:
            number = _SPELLED.get(found[1], found[1])
            if "." in number:
                number = number.rstrip("0").rstrip(".")
            drop = "df" if (found[2] or "").lower() in ("d", "df", "drop") else ""
            try:
                return rate_named(number + drop)
            except TimecodeError:
                pass
        self._doubt(name, cell, "a frame rate")
        return otherwise

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
            hours, minutes, seconds = int(found[1] or 0), int(found[2]), int(found[3])
            part = Fraction(f"0.{found[6]}") if found[6] else Fraction(0)
            return rate.frames_in((hours * 60 + minutes) * 60 + seconds + part) + int(found[5] or 0)
        if _SECONDS.fullmatch(cell):
            return rate.frames_in(Fraction(cell.rstrip(" s")))
        if cell:
            self._doubt(name, cell, "a length")
        return None

    def _doubt(self, name: str, cell: str, wanted: str) -> None:
        self.doubts.append(f'row {self.row}: {name} "{safe_text(cell[:40])}" is not {wanted}')


def _with_separator(cell: str, rate: Rate) -> str:
    """Reports write drop-frame labels with colons too."""
    plain = re.sub(r"[;.,]", ":", cell.strip())
    head, _, frames = plain.rpartition(":")
    return f"{head}{rate.separator}{frames}"
