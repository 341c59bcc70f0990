"""One-row widgets: heading, status line, totals, and the footer of keys. All text is shown, never obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.text import safe_text

STATUS_ROWS = 3
_BETWEEN = "; "


def wrapped(text: str, width: int) -> list[str]:
    """Rows of `width` cells at most, broken at blanks where there are some.

    >>> wrapped("one two three", 8)
    ['one two', 'three']
    >>> wrapped("abcdefghij", 4)
    ['abcd', 'efgh', 'ij']
    """
    indent = text[: len(text) - len(text.lstrip())]
    rows = [indent]
    for word in text.split():
        joined = f"{rows[-1]} {word}" if rows[-1].strip() else rows[-1] + word
        if cell_len(joined) <= width:
            rows[-1] = joined
            continue
        parts = chop_cells(indent + word, width)
        rows[len(rows) - (not rows[-1].strip()) :] = parts
    return rows


def fitted(text: str, cells: int) -> str:
    """Text in exactly so many cells, with a sign where some of it is cut.

    >>> fitted("proposed", 6), fitted("NG", 4)
    ('propo…', 'NG  ')
    """
    return set_cell_size(text, cells) if cell_len(text) <= cells else f"{set_cell_size(text, cells - 1)}…"[:cells]


def shortened(text: str, cells: int) -> str:
    """Text in so many cells at most.

    >>> shortened("proposed", 6), shortened("NG", 4), shortened("NG", 0)
    ('propo…', 'NG', '')
    """
    return text if cell_len(text) <= cells else fitted(text, max(0, cells))


class Line(Widget):
    """One row of text with a plain part on the left and a faint one on the right.

    Where there is no room for all that stands on the right, its first words go, up to two blanks, and the last go last.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--left", "line--right"}

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._left = ""
        self._right = ""

    @property
    def text(self) -> str:
        """What stands on the left."""
        return self._left

    def show(self, left: str, right: str | None = None) -> None:
        """Show text from anywhere."""
        before = (self._left, self._right)
        self._left = safe_text(left)
        if right is not None:
            self._right = safe_text(right)
        if (self._left, self._right) != before:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        left = self.get_component_rich_style("line--left")
        right = self.get_component_rich_style("line--right")
        if y:
            return Strip.blank(width, left)
        beside = self._right
        while beside and cell_len(self._left) + 2 > width - cell_len(beside) - 1:  # what is said comes before it
            beside = beside.partition("  ")[2].lstrip()
        room = width - cell_len(beside) - bool(beside)
        return Strip([Segment(fitted(f" {self._left}", room), left), Segment(f"{beside} " if beside else "", right)])


class WrappedLine(Line):
    """A sentence; a long one gets a second and a third row while it stands there."""

    _rows = 1

    def say(self, sentence: str, *, alarm: bool = False) -> None:
        """Say a sentence; an alarm has a mark and a colour."""
        self.set_class(alarm, "alarm")
        self.show(f"! {sentence}" if alarm else sentence)
        self._make_room()

    def on_resize(self) -> None:
        self._make_room()  # what was said while nobody saw it is broken anew

    def _make_room(self) -> None:
        rows = min(STATUS_ROWS, len(self._wrapped()))
        if rows != self._rows:
            self._rows = rows
            self.styles.height = rows

    def _wrapped(self) -> list[str]:
        return wrapped(self.text, max(20, (self.size.width or 80) - 2))

    def render_line(self, y: int) -> Strip:
        rows = self._wrapped()
        style = self.get_component_rich_style("line--left")
        text = f" {rows[y]}" if y < len(rows) else ""
        if y == self.size.height - 1 and len(rows) > self.size.height:
            text = shortened(f"{text} …", self.size.width)
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)


@dataclass(frozen=True, slots=True)
class Hint:
    """A key in the footer: `C circles 42C/2`. `amber` marks a name that a person picked on purpose."""

    key: str
    text: str
    action: str
    amber: bool = False


_Placed = tuple[int, int, Hint]  # its first cell and the one after its last


@lru_cache(maxsize=64)
def _rows_of_hints(hints: tuple[Hint, ...], last: int, width: int, height: int) -> Sequence[Sequence[_Placed]]:
    """Hints row by row, as many as fit; those from `last` on are always there."""
    measured = [(hint, cell_len(hint.key) + cell_len(safe_text(hint.text)) + 1) for hint in hints]
    shown: list[tuple[Hint, int]] = []
    for each in measured[:last]:  # where one has no room, a shorter one may have
        if len(_laid([*shown, each], measured[last:], width)) <= height:
            shown.append(each)
    return _laid(shown, measured[last:], width)


def _laid(hints: Sequence[tuple[Hint, int]], always: Sequence[tuple[Hint, int]], width: int) -> list[list[_Placed]]:
    """Rows of hints and their lengths; those that are always there stay on one, where a row holds them."""
    together = sum(length + 2 for _, length in always) - 2
    rows: list[list[_Placed]] = [[]]
    left = 1
    for number, (hint, length) in enumerate((*hints, *always)):
        needed = together if number == len(hints) and together + 1 < width else length
        if left + needed >= width and rows[-1]:
            rows.append([])
            left = 1
        rows[-1].append((left, left + length, hint))
        left += length + 2
    return rows


class Footer(Widget):
    """The keys of this screen, as many as fit, those that are always there last; every one can be tapped."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key", "footer--text", "footer--amber"}

    @dataclass
    class Tapped(Message):
        """A hint was tapped; `action` is its action id."""

        action: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hints: tuple[Hint, ...] = ()
        self._always = 0

    def show(self, hints: Sequence[Hint], always: Sequence[Hint] = ()) -> None:
        """Show these keys, and after as many of them as there is room for those that are always there."""
        if (*hints, *always) != self.hints or len(always) != self._always:
            self.hints, self._always = (*hints, *always), len(always)
            self.refresh()

    def _rows(self) -> Sequence[Sequence[_Placed]]:
        width, height = self.size
        return _rows_of_hints(self.hints, len(self.hints) - self._always, width, height)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        plain = self.get_component_rich_style("footer--text")
        rows = self._rows()
        segments: list[Segment] = []
        reached = 0
        for start, end, hint in rows[y] if y < len(rows) else ():
            text = self.get_component_rich_style("footer--amber") if hint.amber else plain
            segments.append(Segment(" " * (start - reached), plain))
            segments.append(Segment(hint.key, self.get_component_rich_style("footer--key")))
            segments += [Segment(" ", plain), Segment(safe_text(hint.text), text)]
            reached = end
        return Strip(segments).adjust_cell_length(width, plain)

    def on_click(self, event: events.Click) -> None:
        rows = self._rows()
        for start, end, hint in rows[event.y] if event.y < len(rows) else ():
            if start <= event.x < end:
                self.post_message(self.Tapped(hint.action))


class StatusLine(WrappedLine):
    """The last thing that happened, in words; or what may follow a key, each to be tapped."""

    _offered: tuple[str, tuple[Hint, ...]] = ("", ())

    def offer(self, key: str, choices: Sequence[Hint]) -> None:
        """Show what may follow `key`."""
        sentence = f"{key}: {_BETWEEN.join(f'{each.key} {each.text}' for each in choices)}"
        self._offered = (safe_text(sentence), tuple(choices))
        self.say(sentence)

    @property
    def offers(self) -> bool:
        """Whether what may follow a key still stands here."""
        return bool(self.text) and self.text == self._offered[0]

    def _wrapped(self) -> list[str]:
        """Choices are broken between, not within; where that takes more rows than there are, anywhere."""
        anywhere = super()._wrapped()
        if not self.offers or len(anywhere) == 1:
            return anywhere
        room, rows = max(20, self.size.width - 2), [""]
        for choice in self.text.replace(_BETWEEN, f"{_BETWEEN.strip()}\n").split("\n"):
            joined = f"{rows[-1]} {choice}".lstrip()
            if cell_len(joined) <= room:
                rows[-1] = joined
            else:
                rows += wrapped(choice, room)
        return rows if len(rows) <= STATUS_ROWS else anywhere

    def on_click(self, event: events.Click) -> None:
        rows = self._wrapped()
        if self.offers and event.y < len(rows) and 0 < event.x <= len(rows[event.y]):
            before = " ".join([*rows[: event.y], rows[event.y][: event.x]])
            self.post_message(Footer.Tapped(self._offered[1][before.count(_BETWEEN.strip())].action))
