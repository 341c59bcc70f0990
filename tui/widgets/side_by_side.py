"""The takes of a setup beside each other, a column each: picture, status, ratings, timing, notes, marks, files.

Used by the Review screen. What is alike stands on the same row in every column, so that the eye compares along it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.domain.camera import LinkState
from onset.domain.take import Kind, Status, Take
from onset.text import safe_text
from tui.stills import SILENT, Album, Drawn, Shot, picture_of
from tui.widgets.claims_row import LINKED
from tui.widgets.lines import wrapped
from tui.widgets.stills import REST_S, picture_row
from tui.widgets.take_row import duration_text, status_text

WHERE = ("middle", "end", "start")
_NARROW, _WIDE = 24, 48  # cells of a column
_GAP = 2


class SideBySide(Widget, can_focus=True):
    """As many columns as fit; the others are reached with the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"beside--text", "beside--faint", "beside--head", "beside--cursor"}

    @dataclass
    class Picked(Message):
        """The cursor stands on another column; `again`: the one under it was tapped."""

        again: bool = False

    def __init__(self, album: Album, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._album = album
        self.takes: tuple[Take, ...] = ()
        self.cursor = 0
        self.where = WHERE[0]
        self._first = 0  # the column on the left
        self._top = 0  # rows of text that are scrolled away
        self._shots: dict[str, tuple[Shot, ...]] = {}  # by take
        self._drawn: dict[str, Drawn] = {}
        self._text: dict[str, list[tuple[str, bool]]] = {}  # of each take in view: rows, and whether they are faint

    # -- what it shows ----------------------------------------------------------------------------------------------

    @property
    def take(self) -> Take | None:
        """The take under the cursor."""
        return self.takes[self.cursor] if self.cursor < len(self.takes) else None

    @property
    def in_view(self) -> tuple[Take, ...]:
        """The takes whose columns are seen."""
        return self.takes[self._first : self._first + self._fit]

    @property
    def position(self) -> str:
        """`takes 2-4 of 9, pictures of their middle`."""
        last = self._first + len(self.in_view)
        return f"takes {self._first + 1}-{last} of {len(self.takes)}, pictures of their {self.where}"

    def show(self, takes: Sequence[Take], on: str | None = None) -> None:
        """Show these; the cursor goes to the take `on`, else it stays on its own."""
        wanted = on or (self.take.id if self.take is not None else None)
        changed = {take.id for take in self.takes} ^ {take.id for take in takes} | {
            new.id for old, new in zip(self.takes, takes, strict=False) if old != new
        }
        self._shots = {key: shots for key, shots in self._shots.items() if key not in changed}
        self.takes = tuple(takes)
        ids = [take.id for take in takes]
        self.cursor = ids.index(wanted) if wanted in ids else max(0, min(self.cursor, len(ids) - 1))
        self._look()

    def move(self, step: int) -> None:
        """Move the cursor by columns."""
        self.pick(self.cursor + step)

    def pick(self, number: int) -> None:
        """Put the cursor on a column."""
        self.cursor = max(0, min(number, len(self.takes) - 1))
        self._look()
        self.post_message(self.Picked())

    def scroll_text(self, step: int) -> None:
        """Read on below, or above, in all columns."""
        longest = max((len(text) for text in self._text.values()), default=0)
        self._top = max(0, min(self._top + step, longest - self._text_rows))
        self.refresh()

    def turn(self) -> None:
        """Another picture of each take: its middle, its end, its start."""
        self.where = WHERE[(WHERE.index(self.where) + 1) % len(WHERE)]
        self._look()

    # -- room -------------------------------------------------------------------------------------------------------

    @property
    def _fit(self) -> int:
        return max(1, (self.size.width + _GAP) // (_NARROW + _GAP))

    @property
    def columns(self) -> int:
        """Cells of a column: all the room where there are few."""
        shared = max(1, min(self._fit, len(self.takes)))
        return max(1, min(_WIDE, (self.size.width + _GAP) // shared - _GAP))

    @property
    def picture_rows(self) -> int:
        """Rows of a picture of 16:9."""
        return max(1, min(self.size.height // 3, round(self.columns * 9 / 32)))

    @property
    def _text_rows(self) -> int:
        return max(0, self.size.height - self.picture_rows - 1)

    def _look(self) -> None:
        self._first = max(self.cursor - self._fit + 1, min(self._first, self.cursor, len(self.takes) - self._fit))
        self._first = max(0, self._first)
        columns = _aligned([column_text(take, self.columns) for take in self.in_view])
        self._text = {take.id: column for take, column in zip(self.in_view, columns, strict=True)}
        self.scroll_text(0)
        size = (self.columns, self.picture_rows)
        self._drawn = {}
        for take in self.in_view:
            shot = picture_of(self._shots.get(take.id, ()), self.where)
            kept = self._album.at_hand(shot.path, *size) if shot is not None else None
            if kept is not None:
                self._drawn[take.id] = kept
        self.workers.cancel_node(self)  # what is not seen any more is not read
        if self.display and self.size.height > 1:
            self._read()
        self.refresh()

    @work
    async def _read(self) -> None:
        await asyncio.sleep(REST_S)
        for take in self.in_view:
            found = self._shots.get(take.id) or await self._album.shots(take)
            self._shots[take.id] = found or ()
            shot = picture_of(self._shots[take.id], self.where)
            words = SILENT if found is None else Drawn(words="no picture yet")
            drawn = await self._album.draw(shot.path, self.columns, self.picture_rows) if shot is not None else words
            if self._drawn.get(take.id) != drawn:
                self._drawn[take.id] = drawn
                self.refresh()
        self._shots = {take.id: self._shots[take.id] for take in self.takes if self._shots.get(take.id)}

    def on_show(self) -> None:
        self._look()

    def on_resize(self) -> None:
        self._first = 0  # else columns that were begun where there was less room
        self.pick(self.cursor)

    # -- drawing ----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, text = self.size.width, self.get_component_rich_style("beside--text")
        parts: list[Strip] = []
        for number, take in enumerate(self.in_view):
            under = self._first + number == self.cursor
            if y < self.picture_rows:
                faint = self.get_component_rich_style("beside--faint")
                parts.append(picture_row(self._drawn.get(take.id), y, self.columns, self.picture_rows, faint))
            elif y == self.picture_rows:
                style = self.get_component_rich_style("beside--cursor" if under else "beside--head")
                parts.append(self._cell(f"{'>' if under else ' '}{head_text(take)}", style))
            else:
                row = y - self.picture_rows - 1 + self._top
                said = self._text.get(take.id, [])  # none between a change of the room and its news
                words, faint_one = said[row] if row < len(said) else ("", False)
                style = self.get_component_rich_style("beside--faint") if faint_one else text
                more = y == self.size.height - 1 and row + 1 < len(said)
                parts.append(self._cell(f" {words}" if not more else " …", style))
            parts.append(Strip.blank(_GAP, text))
        return Strip.join(parts).adjust_cell_length(width, text)

    def _cell(self, words: str, style: Style) -> Strip:
        return Strip([Segment(words, style)]).adjust_cell_length(self.columns, style)

    # -- the mouse --------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        number = self._first + offset.x // (self.columns + _GAP) if offset is not None else len(self.takes)
        if number < self._first + len(self.in_view):
            if number == self.cursor:
                self.post_message(self.Picked(again=True))
            else:
                self.pick(number)


# -- a column, pure ---------------------------------------------------------------------------------------------------


def head_text(take: Take) -> str:
    """`42C/3  (C)`."""
    return safe_text(f"{take.label}  {status_text(take)}".rstrip())


def column_text(take: Take, width: int) -> list[list[tuple[str, bool]]]:
    """What is said of a take, section by section, as rows of at most `width` - 1 cells; the faint ones marked.

    Returns:
        Status and ratings; timing; notes; marks; cameras and sound with their files.
    """
    sections = (_judged(take), _timed(take), _notes(take), _marks(take), _files(take))
    return [
        [(row, faint) for words, faint in section for row in wrapped(safe_text(words), max(1, width - 1))]
        for section in sections
    ]


def _aligned(columns: Sequence[list[list[tuple[str, bool]]]]) -> list[list[tuple[str, bool]]]:
    """Sections as long as the longest of their kind, so that the next begin on one row."""
    lengths = [max(len(section) for section in each) for each in zip(*columns, strict=True)]
    blank = ("", False)
    return [
        [row for section, length in zip(each, lengths, strict=True) for row in (section + [blank] * length)[:length]]
        for each in columns
    ]


def _judged(take: Take) -> list[tuple[str, bool]]:
    said = [str(take.status)] if take.status is not Status.NONE else []
    said += [take.status_reason] if take.status_reason else []
    said += [str(take.kind)] if take.kind is not Kind.NORMAL else []
    said += [word for word, so in (("MOS", take.mos), ("tail slate", take.tail_slate)) if so]
    lines = [(", ".join(said) or "no status", not said)]
    return lines + [(f"{voter}: {value}", False) for voter, value in take.ratings.items() if value]


def _timed(take: Take) -> list[tuple[str, bool]]:
    return [(f"{duration_text(take):<6} {take.tc_in or 'no timecode'}", False)]


def _files(take: Take) -> list[tuple[str, bool]]:
    lines: list[tuple[str, bool]] = []
    for angle in take.angles:
        lines.append((f"{angle.camera} {angle.roll or ''} {angle.lens or ''}".rstrip(), False))
        clips = [clip for clip in angle.clips if clip.link is not LinkState.REFUSED]
        sure = {clip.id for clip in clips if clip.link is LinkState.CONFIRMED}
        lines += [(f"  {clip.name}{'' if clip.id in sure else f' {LINKED[clip.link]}'}", True) for clip in clips]
    for sound in take.sound:
        lines.append((f"{sound.device} {sound.roll or ''}".rstrip(), False))
        names = [file.name for file in sound.files if file.link is not LinkState.REFUSED]
        lines += [(f"  {name}", True) for name in names]
    return lines


def _marks(take: Take) -> list[tuple[str, bool]]:
    marks = [note for note in take.notes if note.mark and not note.deleted]
    return [(f"{note.tc or 'mark'} {note.text.strip() or 'mark'}", False) for note in marks]


def _notes(take: Take) -> list[tuple[str, bool]]:
    lines = [(f"slated as {take.slated_as}", False)] if take.slated_as else []
    lines += [(note.text, False) for note in take.notes if not note.mark and not note.deleted and note.text.strip()]
    lines += [(take.description, False)] if take.description else []
    return lines + ([(f"tags: {', '.join(take.tags)}", True)] if take.tags else [])
