"""A small moving picture in half blocks: for framing and for seeing that it runs. It is not a monitor.

Used by the Devices screen; pictures of takes are drawn by the same rows (`tui/stills.py`). Colours keep 5 bits a
channel, because the cost is the count of distinct cells (measured: 38 against 59 % of a core). NumPy is loaded when the
first picture comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from onset.capture.signals import Picture
from onset.media import MediaFrame

COLUMNS = 48
PIXEL_ROWS = 27
_HALF = "▀"
_SHADES = " ░▒▓█"

Pixel = tuple[int, int, int]


class PictureView(Widget):
    """The newest picture of one device, 48 x 27 pixels at most, two to a cell."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[list[tuple[Pixel, Pixel, int]]] = []
        self._frame: tuple[str, int, Size] | None = None
        self._words = ""

    def show(self, picture: Picture) -> None:
        """Draw this picture, unless it is drawn already."""
        this = (picture.device, picture.frame, self.size)
        if this != self._frame:
            self._frame = this
            self._rows = half_blocks(picture, min(COLUMNS, self.size.width), min(PIXEL_ROWS + 1, 2 * self.size.height))
            self._words = ""
            self.refresh()

    def clear(self, words: str) -> None:
        """Say why there is no picture."""
        if words != self._words:
            self._words = words
            self._rows, self._frame = [], None
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._words and y == self.size.height // 2:
            return Strip([Segment(self._words.center(width), self.rich_style)]).adjust_cell_length(width)
        if y >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        if self.app.no_color:
            return row_shades(self._rows[y]).adjust_cell_length(width, self.rich_style)
        cells = [Segment(_HALF * run, _style(top, bottom)) for top, bottom, run in self._rows[y]]
        return Strip(cells).adjust_cell_length(width, self.rich_style)


def row_strip(row: Sequence[tuple[Pixel, Pixel, int]]) -> Strip:
    """A row of `half_blocks` as it is drawn once and kept: its styles stay out of the cache of moving pictures."""
    cells = [Segment(_HALF * run, Style.from_color(_color(*top), _color(*bottom))) for top, bottom, run in row]
    return Strip(cells, sum(run for *_, run in row))


def row_shades(row: Sequence[tuple[Pixel, Pixel, int]]) -> Strip:
    """A row of `half_blocks` for a terminal without colours: as bright as both pixels of a cell are together."""
    most = 2 * 3 * 256
    text = "".join(_SHADES[(sum(top) + sum(bottom)) * len(_SHADES) // most] * run for top, bottom, run in row)
    return Strip([Segment(text)], len(text))


def half_blocks(picture: Picture | MediaFrame, columns: int, pixel_rows: int) -> list[list[tuple[Pixel, Pixel, int]]]:
    """A picture as rows of (upper colour, lower colour, cells in a row that look so), its shape kept.

    Args:
        picture: height x width x 3 bytes; one whose size does not fit its bytes gives no rows.
        columns: cells a row at most.
        pixel_rows: rows of pixels at most; two make one row of cells.
    """
    import numpy as np

    if picture.width < 1 or picture.height < 1 or len(picture.rgb) != picture.width * picture.height * 3:
        return []
    pixels = np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)
    scale = min(columns / picture.width, pixel_rows / picture.height)
    wide, high = max(1, int(picture.width * scale)), max(2, int(picture.height * scale) & ~1)
    across = np.arange(wide) * picture.width // wide
    down = np.arange(high) * picture.height // high
    small = pixels[down][:, across] & 0xF8
    pairs = np.concatenate((small[0::2], small[1::2]), axis=2)
    rows: list[list[tuple[Pixel, Pixel, int]]] = []
    for row in pairs:
        starts = np.flatnonzero(np.any(row[1:] != row[:-1], axis=1)) + 1
        edges = [0, *starts.tolist(), wide]
        rows.append([])
        for start, end in pairwise(edges):
            r, g, b, r2, g2, b2 = row[start].tolist()
            rows[-1].append(((r, g, b), (r2, g2, b2), end - start))
    return rows


@lru_cache(maxsize=1 << 12)
def _color(red: int, green: int, blue: int) -> Color:
    return Color.from_rgb(red, green, blue)


@lru_cache(maxsize=1 << 15)
def _style(top: Pixel, bottom: Pixel) -> Style:
    return Style.from_color(Color.from_rgb(*top), Color.from_rgb(*bottom))
