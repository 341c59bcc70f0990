"""What a report says, in no format: facts of its head, and tables of cells. By these two printings are compared.

Used by `revision.py`. When a report is issued its cells go into the log, packed; docs/log-format.md describes the form.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from onset.reports.editor import EditorLog, SetupBlock, TakeLine
from onset.reports.section import Section, SectionPaper

EDITOR_COLUMNS = ("Take", "Status", "Timing", "Camera rolls", "Sound", "TC in", "Clips", "Comment")
TAKES, SETUPS, WARNINGS = "Takes", "Setups", "Warnings"
_SETUP_COLUMNS = ("Slate", "Scene", "Heading", "Description", "Size", "Cameras", "VFX")
_LARGEST = 64 << 20  # bytes of JSON that a log of others may make us read


@dataclass(frozen=True, slots=True)
class Row:
    """A row: `key` is what it speaks of, `label` what people call that."""

    key: str
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; no two of a report have one heading, no two rows one key, no two columns one name."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """All that a report says; not when it was printed, nor as of what edit."""

    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]

    @property
    def _json(self) -> bytes:
        tables = [
            [each.heading, each.columns, [[row.key, row.label, row.cells] for row in each.rows]] for each in self.tables
        ]
        return json.dumps([self.facts, tables], separators=(",", ":")).encode("ascii")

    @property
    def digest(self) -> str:
        """SHA-256, in hex: equal for two printings that say the same."""
        return hashlib.sha256(self._json).hexdigest()

    def packed(self) -> str:
        """As the log keeps it."""
        return base64.b64encode(zlib.compress(self._json, 9)).decode("ascii")


def unpacked(packed: str) -> Cells | None:
    """What `Cells.packed` made; None for what it cannot have made."""
    try:
        stream = zlib.decompressobj()
        told = stream.decompress(base64.b64decode(packed, validate=True), _LARGEST)
        if not stream.eof:
            return None
        facts, tables = json.loads(told)
        return Cells(
            tuple((str(label), str(value)) for label, value in facts),
            tuple(
                Table(
                    str(heading),
                    tuple(map(str, columns)),
                    tuple(Row(str(key), str(label), tuple(map(str, cells))) for key, label, cells in rows),
                )
                for heading, columns, rows in tables
            ),
        )
    except (
        ValueError,
        TypeError,
        zlib.error,
        RecursionError,
    ):  # it came from a log that somebody else may have written
        return None


def cells_of(paper: EditorLog | SectionPaper) -> Cells:
    """What a report says."""
    head = (("Production", paper.title), ("Date", paper.date), ("Rate", paper.rate), *paper.names)
    tables = _of_editor(paper) if isinstance(paper, EditorLog) else _of_sections(paper.sections)
    warnings = Table(WARNINGS, ("Warning",), tuple(Row(each, "", (each,)) for each in dict.fromkeys(paper.warnings)))
    return Cells((*head, *paper.facts), (*tables, *([warnings] if warnings.rows else [])))


def distinct(names: Iterable[str]) -> list[str]:
    """The same names, the second of one name numbered.

    >>> distinct(["A", "B", "A", "A"])
    ['A', 'B', 'A #2', 'A #3']
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return found


def section_headings(sections: Sequence[Section]) -> list[str]:
    """What the sections' tables are called; what stands above one (`about`) is a table `HEADING, head`."""
    return distinct(section.heading for section in sections)


def above(heading: str) -> str:
    """What the facts between a section's heading and its table are called."""
    return f"{heading}, head"


def row_keys(section: Section) -> list[str]:
    """What each row of a section speaks of."""
    return distinct(
        section.keys[place] if place < len(section.keys) else _label(section, [" ".join(texts[:1]) for texts in row])
        for place, row in enumerate(section.rows)
    )


def column_names(section: Section) -> list[str]:
    """Names of a section's columns."""
    return distinct(column.heading for column in section.columns)


def _of_sections(sections: Sequence[Section]) -> Iterator[Table]:
    for heading, section in zip(section_headings(sections), sections, strict=True):
        about = [fact for facts in section.about for fact in facts]
        if about:
            labels = distinct(label for label, _ in about)
            rows = tuple(Row(label, label, (value,)) for label, (_, value) in zip(labels, about, strict=True))
            yield Table(above(heading), ("",), rows)
        yield Table(heading, tuple(column_names(section)), tuple(_rows(section)))


def _rows(section: Section) -> Iterator[Row]:
    for place, (key, row) in enumerate(zip(row_keys(section), section.compared or section.rows, strict=True)):
        cells = ["\n".join(texts) for texts in row]
        if place in section.circled:  # a circle is drawn, and says something all the same
            cells[section.circle_in] = f"({cells[section.circle_in]})"
        yield Row(key, _label(section, cells), tuple(cells))


def _label(section: Section, cells: Sequence[str]) -> str:
    """What stands in the first column that stands out, or in the first that says anything.

    A first column without a heading has the names of the rows.
    """
    named = cells[:1] if not section.columns[0].heading else ()
    bold = (cells[place] for place in section.bold if place < len(cells))
    return next((cell.replace("\n", " ") for cell in (*named, *bold, *cells) if cell), "")


def block_keys(log: EditorLog) -> list[str]:
    """What each block of the editor's log speaks of; a slate that is up again is the same setup."""
    return [f"{block.scene}/{block.slate}" for block in log.blocks]


def take_keys(log: EditorLog) -> list[list[str]]:
    """The same of each block's takes."""
    keys = iter(distinct(take.key for block in log.blocks for take in block.takes))
    return [[next(keys) for _ in block.takes] for block in log.blocks]


def _of_editor(log: EditorLog) -> tuple[Table, Table]:
    setups = {
        key: Row(key, block.slate, _setup_cells(block)) for key, block in zip(block_keys(log), log.blocks, strict=True)
    }
    takes = tuple(
        Row(key, f"{block.slate}/{take.number}", _take_cells(block, take))
        for keys, block in zip(take_keys(log), log.blocks, strict=True)
        for key, take in zip(keys, block.takes, strict=True)
    )
    return Table(TAKES, EDITOR_COLUMNS, takes), Table(SETUPS, _SETUP_COLUMNS, tuple(setups.values()))


def _setup_cells(block: SetupBlock) -> tuple[str, ...]:
    cameras = "\n".join(f"{each.camera} {each.lens}".rstrip() for each in block.cameras)
    vfx = "VFX" if block.vfx else ""
    return (block.slate, block.scene, block.heading, block.description, block.size, cameras, vfx)


def _take_cells(block: SetupBlock, take: TakeLine) -> tuple[str, ...]:
    return (
        f"{block.slate}/{take.number}",
        "\n".join(filter(None, (take.status, *take.flags))),
        take.timing,
        "\n".join(take.camera_rolls),
        "\n".join(take.sound_rolls),
        "\n".join(filter(None, (take.tc_in, take.tc_note))),
        "\n".join(take.clips),
        "\n".join((*take.comments, *(f"#{tag}" for tag in take.tags))),
    )
