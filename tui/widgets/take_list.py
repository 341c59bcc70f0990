"""The takes as they were shot, newest at the bottom, on Textual's line API: fetched in pages, drawn once and kept.

Used by the Log screen. The cursor stands on a take, not on a row: the one that a person put it on, else the one that
the keys mean (docs/decisions/0070); where that is not in the list, on none. A DataTable redraws every visible cell for
each change (measured: 65 to 101 ms against 3 to 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from onset.domain.take import Kind, State, Status, Take
from onset.logbook.terms import LoggedChange
from tui.take_marks import Mark
from tui.take_pages import TakePages, placed
from tui.widgets.lines import fitted
from tui.widgets.take_row import Column, cell_text, columns


class TakeList(ScrollView, can_focus=True):
    """One row a take, one cell under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "take-list--row",
        "take-list--head",
        "take-list--cursor",
        "take-list--cell",
        "take-list--circled",
        "take-list--faint",
        "take-list--rolling",
        "take-list--mark",
    }

    @dataclass
    class Picked(Message):
        """The cursor stands on another take. `on_purpose`: a person put it there; `again`: its cell was tapped."""

        take: Take | None
        on_purpose: bool
        again: bool = False

    @dataclass
    class Missing(Message):
        """Rows are in view that were not fetched; `page` is the page that holds them."""

        page: int

    @dataclass
    class Sought(Message):
        """The cursor belongs on this take (id), whose row was not fetched."""

        take_id: str

    @dataclass
    class Gone(Message):
        """The take that a person put the cursor on was deleted; `near` has the cursor now."""

        take: Take
        near: Take | None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pages = TakePages()
        self.cameras: tuple[str, ...] = ("A",)
        self.cursor_row = -1
        self.cursor_column = 0
        self.on_purpose = False
        self.meant: str | None = None  # the take (id) that keys mean while nobody moved the cursor
        self._picked: str | None = None  # the take (id) that the cursor was put on; None while it is not fetched
        self._marks: Mapping[str, Mark] = {}
        self._strips: dict[tuple[str, bool, int], Strip] = {}
        self._laid = 80  # cells that the columns were made for
        self._columns: tuple[Column, ...] = columns(self.cameras, self._laid)

    # -- what it shows --------------------------------------------------------------------------------------------

    @property
    def take(self) -> Take | None:
        """The take under the cursor, when it was fetched."""
        return self.pages.at(self.cursor_row)

    def newest(self, take: Take) -> Take:
        """A take as the list has it by now."""
        row = self.pages.row_of(take.id)
        return (self.pages.at(row) if row is not None else None) or take

    @property
    def held(self) -> str | None:
        """The take (id) that the cursor belongs on."""
        return self._picked if self.on_purpose else self.meant

    @property
    def column(self) -> Column:
        """The column under the cursor."""
        return self._columns[min(self.cursor_column, len(self._columns) - 1)]

    def begin(self, newest: Sequence[Take], count: int, row: int | None = None) -> None:
        """Show another list of takes: its newest page (newest first), how many there are.

        The take that the cursor belongs on is now in `row`; one that it was put on stays where it is on the screen.
        None: the take is not in this list, and the cursor is let go.
        """
        self.pages.begin(newest, count)
        self._strips.clear()
        self._resize()
        self.refresh()
        if row is not None and self.on_purpose:
            self._keep(row)
        elif row is not None:
            self._move(row)
        else:
            self.scroll_to(y=max(0, count - self.page_rows()), animate=False, force=True)
            self.let_go()

    def add_page(self, page: int, takes: Sequence[Take]) -> None:
        """Put in a page that was missing, newest first."""
        self.pages.add(page, takes)
        self._resize()
        self.refresh()
        if self.held is None:  # the cursor was put on a row that was not fetched, and may have waited there
            self._picked = self.take.id if self.on_purpose and self.take is not None else None
        elif self.pages.row_of(self.held) is not None or self.take is not None:
            self.stand()
        self.post_message(self.Picked(self.take, self.on_purpose))

    def change(self, takes: Mapping[str, Take], changes: Sequence[LoggedChange]) -> bool:
        """Show takes as they are now, each where it was shot. False when the list must be read anew."""
        came, moved = placed(changes)
        under = self.take if self.on_purpose else None
        near = self._near(len(takes)) if under is not None and under.id in takes else []
        count, shifts, fits = self.pages.count, self.pages.shifts, True
        for take in takes.values():
            for cursor in (False, True):
                self._strips.pop((take.id, cursor, self.scrollable_size.width), None)
            fits = fits and self.pages.put(take, came=take.id in came, moved=take.id in moved)
            self._refresh_row(self.pages.row_of(take.id))
        if self.pages.count != count:
            self._resize()
        if self.pages.shifts != shifts:
            self.refresh()
        if under is not None and under.id in takes and takes[under.id].deleted:
            self._leave(under, [each for each in near if self.pages.row_of(each.id) is not None])
        elif fits or not self.on_purpose:
            self.stand()
        return fits

    def _near(self, many: int) -> list[Take]:
        """Takes around the cursor, the nearest first, of two as near the later one."""
        rows = (self.cursor_row + step * side for step in range(1, many + 1) for side in (1, -1))
        return [take for row in rows if (take := self.pages.at(row)) is not None]

    def _leave(self, gone: Take, near: Sequence[Take]) -> None:
        """The take that the cursor was put on was deleted: the place where a person works is beside it."""
        if near:
            self._picked = near[0].id
            self.stand()
        else:
            self.let_go()
        self.post_message(self.Gone(gone, near[0] if near else None))

    def stand(self) -> None:
        """Put the cursor on the take that it belongs on, in view; where its row is not known, it is asked for."""
        held = self.held
        row = self.pages.row_of(held) if held is not None else None
        if held is None:
            if not self.on_purpose:
                self._move(-1)
        elif row is None:
            self._move(-1)
            self.post_message(self.Sought(held))
        elif self.on_purpose and self.cursor_row >= 0:
            self._keep(row)
        else:
            self._move(row)

    def stand_in(self, row: int) -> None:
        """The take that the cursor belongs on is in this row, which may not be fetched yet."""
        self._move(row)

    def _keep(self, row: int) -> None:
        """The take that the cursor was put on is in `row`: it stays where it is on the screen."""
        if row != self.cursor_row:
            top = max(0, self.scroll_offset.y + row - self.cursor_row)
            self.scroll_to(y=top, animate=False, force=True)
            self._move(row)

    def mark(self, marks: Mapping[str, Mark]) -> None:
        """Show these signs beside the takes (by id), and no others."""
        moved = [each for each in {*marks, *self._marks} if marks.get(each) != self._marks.get(each)]
        self._marks = marks
        for take_id in moved:
            for cursor in (False, True):
                self._strips.pop((take_id, cursor, self.scrollable_size.width), None)
            self._refresh_row(self.pages.row_of(take_id))

    def show_cameras(self, cameras: Sequence[str]) -> None:
        """One column for each of these cameras."""
        if tuple(cameras) != self.cameras:
            self.cameras = tuple(cameras)
            self._lay_out()

    def let_go(self) -> None:
        """The cursor stands on the take that the keys mean again."""
        self.on_purpose = False
        self._picked = None
        self.stand()

    # -- the cursor -----------------------------------------------------------------------------------------------

    def move(self, rows: int = 0, cells: int = 0) -> None:
        """Move the cursor on purpose."""
        if cells:
            self.cursor_column = max(0, min(len(self._columns) - 1, self.cursor_column + cells))
            self._forget_cursor_row()
        if rows and self.pages.count:
            start = self.cursor_row if self.cursor_row >= 0 else self.pages.count  # below the last, when on none
            self.pick(max(0, min(self.pages.count - 1, start + rows)))

    def _forget_cursor_row(self) -> None:
        """Rows are kept drawn with the column that was under the cursor."""
        self._strips = {key: strip for key, strip in self._strips.items() if not key[1]}
        self._refresh_row(self.cursor_row)

    def page_rows(self) -> int:
        """Rows that fit."""
        return max(1, self.size.height - 1)

    def pick(self, row: int) -> None:
        """Put the cursor on a row on purpose."""
        if 0 <= row < self.pages.count:
            take = self.pages.at(row)
            self.on_purpose = True
            self._picked = take.id if take is not None else None
            self._move(row)

    def pick_take(self, take_id: str) -> None:
        """Put the cursor on a take on purpose; it may come into the list only now."""
        self.on_purpose = True
        self._picked = take_id
        self._refresh_row(self.cursor_row)
        self.cursor_row = -1
        self.stand()

    def cell_region(self) -> Region:
        """Where on the screen the cell under the cursor lies."""
        left = 2 + sum(column.width + 1 for column in self._columns[: self.cursor_column])
        top = self.cursor_row - self.scroll_offset.y + 1
        return Region(self.region.x + left, self.region.y + top, self.column.width, 1)

    def _refresh_row(self, row: int | None) -> None:
        """Draw one row again: the whole list would be ten kilobytes on the wire."""
        line = -1 if row is None else row - self.scroll_offset.y + 1
        if 1 <= line < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))

    def _move(self, row: int) -> None:
        self._refresh_row(self.cursor_row)
        self.cursor_row = row
        top = self.scroll_offset.y
        if row >= 0:
            if row < top:
                self.scroll_to(y=row, animate=False, force=True)
            elif row >= top + self.page_rows():
                self.scroll_to(y=row - self.page_rows() + 1, animate=False, force=True)
        self._refresh_row(row)
        self.post_message(self.Picked(self.take, self.on_purpose))

    # -- drawing --------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._lay_out()
        self._move(self.cursor_row)

    def _lay_out(self) -> None:
        self._laid = self.scrollable_size.width
        self._columns = columns(self.cameras, self._laid)
        self._strips.clear()
        self._resize()
        self.refresh()

    def _resize(self) -> None:
        wanted = Size(self.size.width, self.pages.count + 1)  # one more for the head, which stays in place
        scrolls = self.show_vertical_scrollbar and wanted.height > self.size.height
        if scrolls and wanted.width == self.virtual_size.width:
            # one take more where there are more than fit: only the bar moves, and the screen is not laid out anew
            self.set_reactive(ScrollView.virtual_size, wanted)
            self.vertical_scrollbar.window_virtual_size = wanted.height
        else:
            self.virtual_size = wanted

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows as they are kept: Textual would put each together anew, for a border and a margin that they have not."""
        background = self.background_colors[1]
        lines = [self.render_line(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            lines = [line.apply_filter(line_filter, background) for line in lines]
        return [line.crop(*crop.column_span) for line in lines] if crop.width < self.region.width else lines

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_size.width
        if width != self._laid:  # a scrollbar came or went
            self._laid, self._columns = width, columns(self.cameras, width)
        if y == 0:
            return self._head()
        row = self.scroll_offset.y + y - 1
        if row >= self.pages.count:
            return Strip.blank(self.size.width, self.get_component_rich_style("take-list--row"))
        take = self.pages.at(row)
        if take is None:
            self.post_message(self.Missing(self.pages.page_of(row)))
            return self._filled([Segment("  …", self.get_component_rich_style("take-list--faint"))], None)
        under = row == self.cursor_row
        key = (take.id, under, width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > 2_000:
                self._strips.clear()
            strip = self._strips[key] = self._draw(take, under)
        return strip

    def _filled(self, pieces: Sequence[Segment], style: Style | None) -> Strip:
        """A row from edge to edge, under the scrollbar too."""
        return Strip(pieces).adjust_cell_length(self.size.width, style)

    def _head(self) -> Strip:
        style = self.get_component_rich_style("take-list--head")
        text = "  " + " ".join(column.title.ljust(column.width)[: column.width] for column in self._columns)
        return self._filled([Segment(text, style)], style)

    def _draw(self, take: Take, under: bool) -> Strip:
        base = self._style(take)
        if under:
            base += self.get_component_rich_style("take-list--cursor", partial=True)
        mark = self._marks.get(take.id, Mark(" "))
        marked = base + self.get_component_rich_style("take-list--mark") if mark.sign != " " else base
        cells = [(">" if under else " ", base), (mark.sign, marked)]
        for number, column in enumerate(self._columns):
            style = base
            if under and number == self.cursor_column:
                style = base + self.get_component_rich_style("take-list--cell")
            text = cell_text(take, column)
            if mark.words and column.key == "notes":
                text = " · ".join(part for part in (f"{mark.sign} {mark.words}", text) if part)
            cells += [(fitted(text, column.width), style), (" ", base)]
        # one piece of text for what looks alike: a page of rows is drawn and sent in half the time
        pieces = [
            Segment("".join(text for text, _ in alike), style) for style, alike in groupby(cells, key=itemgetter(1))
        ]
        return self._filled(pieces, base)

    def _style(self, take: Take) -> Style:
        row = self.get_component_rich_style("take-list--row")
        if take.state is State.ROLLING:
            return row + self.get_component_rich_style("take-list--rolling")
        if take.status is Status.CIRCLED:
            return row + self.get_component_rich_style("take-list--circled")
        if take.status is Status.NG or take.kind is Kind.FALSE_START:
            return row + self.get_component_rich_style("take-list--faint")
        return row

    # -- the mouse ------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        row = self.scroll_offset.y + event.y - 1
        if event.y == 0 or not 0 <= row < self.pages.count:
            return
        before, left = (self.on_purpose, self.cursor_row, self.cursor_column), 2
        for number, column in enumerate(self._columns):
            left += column.width + 1
            if event.x < left:
                self.cursor_column = number
                self._forget_cursor_row()
                break
        self.pick(row)
        if before == (True, self.cursor_row, self.cursor_column):
            self.post_message(self.Picked(self.take, self.on_purpose, again=True))
