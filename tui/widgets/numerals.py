"""Slate, take and timecode in three rows, to be read at arm's length."""

from __future__ import annotations

from rich.cells import cell_len

from onset.text import safe_text

_FONT = """
0 ┏━┓|┃·┃|┗━┛
1 ╺┓·|·┃·|╺┻╸
2 ╺━┓|┏━┛|┗━╸
3 ╺━┓|·━┫|╺━┛
4 ╻·╻|┗━┫|··╹
5 ┏━╸|┗━┓|╺━┛
6 ┏━╸|┣━┓|┗━┛
7 ╺━┓|··┃|··╹
8 ┏━┓|┣━┫|┗━┛
9 ┏━┓|┗━┫|╺━┛
A ┏━┓|┣━┫|╹·╹
B ┳━┓|┣━┫|┻━┛
C ┏━╸|┃··|┗━╸
D ┳━┓|┃·┃|┻━┛
E ┏━╸|┣━·|┗━╸
F ┏━╸|┣━·|╹··
G ┏━╸|┃╺┓|┗━┛
H ╻·╻|┣━┫|╹·╹
I ╺┳╸|·┃·|╺┻╸
J ··╻|··┃|┗━┛
K ╻┏╸|┣┫·|╹┗╸
L ╻··|┃··|┗━╸
M ┏┳┓|┃┃┃|╹·╹
N ┏━┓|┃·┃|╹·╹
O ┏━┓|┃·┃|┗━┛
P ┏━┓|┣━┛|╹··
Q ┏━┓|┃·┃|┗━╋
R ┏━┓|┣┳┛|╹┗╸
S ┏━╸|┗━┓|╺━┛
T ╺┳╸|·┃·|·╹·
U ╻·╻|┃·┃|┗━┛
V ╻·╻|┃┏┛|┗┛·
W ╻·╻|┃┃┃|┗┻┛
X ╻·╻|┣╋┫|╹·╹
Y ╻·╻|┗┳┛|·╹·
Z ╺━┓|╺╋╸|┗━╸
+ ···|╺╋╸|···
- ···|╺━╸|···
/ ··╻|·╱·|╹··
. ···|···|·╹·
"""  # noqa: RUF001
_NARROW = {":": (" ", "╏", " "), ";": (" ", "╏", "╹"), " ": (" ", " ", " ")}
_GLYPHS = {line[0]: tuple(line[2:].replace("·", " ").split("|")) for line in _FONT.strip().split("\n")}


def numerals(text: str) -> tuple[str, str, str] | None:
    r"""Three lines that draw `text`; None when it holds a character that has no drawing.

    >>> print("\n".join(numerals("42:C") or ()))
    ╻ ╻ ╺━┓   ┏━╸
    ┗━┫ ┏━┛ ╏ ┃
      ╹ ┗━╸   ┗━╸
    """
    glyphs = [_NARROW.get(each) or _GLYPHS.get(each.upper()) for each in text]
    if not all(glyphs):
        return None
    top, middle, bottom = (" ".join(glyph[row] for glyph in glyphs if glyph) for row in range(3))
    return top.rstrip(), middle.rstrip(), bottom.rstrip()


def drawn(text: str, width: int) -> tuple[str, str, str]:
    """Three lines of exactly `width` cells: numerals where they fit, else the text itself on the middle line."""
    lines = numerals(text)
    if lines is None or max(map(cell_len, lines)) > width:
        plain = safe_text(text)
        while cell_len(plain) > width:
            plain = plain[:-1]
        lines = ("", plain, "")
    top, middle, bottom = (line + " " * (width - cell_len(line)) for line in lines)
    return top, middle, bottom
