"""Lay a script out as it would be printed, for formats that have no pages: what comes of it is an estimate.

Courier 12, 55 lines a page, action in 60 columns, dialogue in 35; blank lines and the column of parentheticals as Final
Draft's own template has them (tests/data/scripts). Two scenes whose length Final Draft counted come out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from onset.script.screenplay import CUES, DraftScene, Kind, Paragraph

LINES = 55
_DUAL_COLUMNS = 28
_COLUMNS = {
    Kind.DIALOGUE: 35,
    Kind.LYRICS: 35,
    Kind.PARENTHETICAL: 20,
    Kind.CHARACTER: 38,
    Kind.DUAL_CHARACTER: _DUAL_COLUMNS,
    Kind.DUAL_PARENTHETICAL: 20,
    Kind.DUAL_DIALOGUE: _DUAL_COLUMNS,
}
_ELSE = 60
_BLANKS = {Kind.HEADING: 2, Kind.DIALOGUE: 0, Kind.PARENTHETICAL: 0, Kind.DUAL_DIALOGUE: 0, Kind.DUAL_PARENTHETICAL: 0}
_ELSE_BLANKS = 1
_KEPT = 2  # lines of what follows stay on the page of a heading or a cue


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paragraph begins.

    Attributes:
        page: from 1; `line` of its first line on it, from 1.
        last_page: where it ends.
    """

    page: int
    line: int
    last_page: int


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A scene on paper.

    Attributes:
        places: of its heading, then of its paragraphs.
        ahead: of what stands before the heading.
        lines: from the heading to the last line, with the blank ones between.
    """

    places: tuple[Place, ...]
    ahead: tuple[Place, ...]
    lines: int

    @property
    def eighths(self) -> int:
        """Strips of an eighth of a page: one that is begun counts, and no scene has none."""
        return max(1, -(-self.lines * 8 // LINES))

    @property
    def pages(self) -> str:
        """`3`, or `3-4`."""
        first, last = self.places[0].page, self.places[-1].last_page
        return str(first) if first == last else f"{first}-{last}"


def lay_out(scenes: Sequence[DraftScene]) -> list[LaidOut]:
    """Place every scene; an omitted one takes the lines of its number and OMITTED."""
    sheet = _Sheet()
    found = []
    for scene in scenes:
        ahead = tuple(place for block in _blocks(scene.ahead) for place in sheet.place(block))
        heading = Paragraph(Kind.HEADING, "OMITTED" if scene.omitted else scene.heading)
        blocks = _blocks((heading, *(() if scene.omitted else scene.paragraphs)))
        places = tuple(place for block in blocks for place in sheet.place(block))
        lines = sum(_blanks(block) * bool(at) + _height(block) for at, block in enumerate(blocks))
        found.append(LaidOut(places, ahead, lines))
    return found


_Column = list[Paragraph]
_Block = list[_Column]  # columns side by side: one of one paragraph, or the speeches of two who speak at once


def _blocks(paragraphs: Sequence[Paragraph]) -> list[_Block]:
    blocks: list[_Block] = []
    for one in paragraphs:
        last = blocks[-1] if blocks else [[one]]
        speaking = last[-1][0].kind is Kind.DUAL_CHARACTER
        if one.kind is Kind.DUAL_CHARACTER:
            if blocks and speaking and len(last) == 1:
                last.append([one])
            else:
                blocks.append([[one]])
        elif blocks and speaking and one.kind in (Kind.DUAL_DIALOGUE, Kind.DUAL_PARENTHETICAL):
            last[-1].append(one)
        else:
            blocks.append([[one]])
    return blocks


def _blanks(block: _Block) -> int:
    return _BLANKS.get(block[0][0].kind, _ELSE_BLANKS)


def _height(block: _Block) -> int:
    return max(sum(map(lines_of, column)) for column in block)


class _Sheet:
    """Where the next line goes."""

    def __init__(self) -> None:
        self._page = 1
        self._used = 0

    def place(self, block: _Block) -> Iterator[Place]:
        first, height = block[0][0], _height(block)
        blanks = _blanks(block) if self._used else 0
        with_it = _KEPT if first.kind is Kind.HEADING or first.kind in CUES else 0
        whole = height if len(block) > 1 else min(height, _KEPT)
        if first.new_page or (self._used and self._used + blanks + whole + with_it > LINES):
            self._page, self._used, blanks = self._page + bool(self._used), 0, 0
        begin = self._used + blanks
        for column in block:
            used = begin
            for one in column:
                end = used + lines_of(one)
                page, last = self._page + used // LINES, self._page + (end - 1) // LINES
                yield Place(page, used % LINES + 1, last)
                used = end
        end = begin + height
        self._page, self._used = self._page + (end - 1) // LINES, (end - 1) % LINES + 1


def lines_of(paragraph: Paragraph) -> int:
    """Lines of its text in its column, words kept whole.

    >>> lines_of(Paragraph(Kind.ACTION, "x" * 60)), lines_of(Paragraph(Kind.DIALOGUE, "word " * 8))
    (1, 2)
    """
    width = _COLUMNS.get(paragraph.kind, _ELSE)
    return sum(_wrapped(line, width) for line in paragraph.text.split("\n"))


def _wrapped(line: str, width: int) -> int:
    if len(line) <= width:
        return 1
    count, used = 1, 0
    for word in line.split():
        need = len(word)
        if used and used + 1 + need <= width:
            used += 1 + need
            continue
        if used:
            count += 1
        count += max(0, need - 1) // width  # a word that is longer than the column is broken
        used = (need - 1) % width + 1
    return count
