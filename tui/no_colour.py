"""`NO_COLOR` (https://no-color.org): no colour is sent; what stood out by its background is reversed instead.

Used by `colours.py`. Bold and underlines stay; pictures are drawn in shades where they are drawn.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_STANDS_OUT = 0.25  # of brightness between a background and the screen's; the row under the cursor has its sign


class WithoutColour(LineFilter):
    """Takes colours out of what is drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Segments as a terminal without colours gets them."""
        ground = background.rich_color
        return [each if each.style is None else Segment(each.text, _plain(each.style, ground)) for each in segments]


@lru_cache(1024)
def _plain(style: Style, ground: RichColor) -> Style:
    apart = 0.0 if style.bgcolor is None else abs(_brightness(style.bgcolor) - _brightness(ground))
    return Style(
        bold=style.bold,
        underline=style.underline,
        reverse=bool(style.reverse) or apart > _STANDS_OUT,
        link=style.link,
        meta=style.meta,
    )


def _brightness(colour: RichColor) -> float:
    """0 to 1; a terminal's own colour counts as black."""
    return 0.0 if colour.is_default else Color.from_rich_color(colour).brightness


WITHOUT_COLOUR = WithoutColour()
