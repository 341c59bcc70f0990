"""The typefaces of printed reports, and which characters they have.

DejaVu Sans Condensed ships with onset (a report must look the same on every laptop, and the standard PDF fonts lack
most of the world's letters). Han comes from Droid Sans Fallback where the machine has it. A character that no face has
is printed as its code point, so that a reader sees that something stood there: never an empty box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from onset.errors import ReportError

_FOLDER = Path(__file__).parent / "fonts"
# Debian's fonts-droid-fallback; other systems keep the file in one of the other folders when it is there at all.
_HAN = (
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
    Path("/usr/share/fonts/google-droid/DroidSansFallbackFull.ttf"),
    Path("/usr/share/fonts/droid/DroidSansFallbackFull.ttf"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one face; `width` in thousandths of the type size."""

    face: str
    text: str
    width: float


class Typeface:
    """A face with those that stand in for it; widths in thousandths of the type size."""

    def __init__(self, fonts: tuple[TTFont, ...]) -> None:
        self._fonts = [(str(font.fontName), font.face.charToGlyph, font.face.charWidths) for font in fonts]
        self._known: dict[str, tuple[str, str, float]] = {}

    def width(self, text: str) -> float:
        """How wide `text` sets."""
        return sum(self._glyph(char)[2] for char in text)

    def runs(self, text: str) -> list[Run]:
        """`text` as runs of one face each, code points standing for what no face has."""
        runs: list[Run] = []
        for char in in_reading_order(text):
            face, shown, width = self._glyph(char)
            if runs and runs[-1].face == face:
                runs[-1] = Run(face, runs[-1].text + shown, runs[-1].width + width)
            else:
                runs.append(Run(face, shown, width))
        return runs

    def wrap(self, text: str, measure: float) -> Iterator[str]:
        """Lines of `text` no wider than `measure` (thousandths); a word that is too long is cut."""
        # File names from macOS come decomposed; composed letters have glyphs of their own.
        for paragraph in unicodedata.normalize("NFC", text).split("\n"):
            line, used = "", 0.0
            for word in _words(paragraph):
                width = self.width(word.rstrip())
                if line and used + width > measure:
                    yield line.rstrip()
                    line, used = "", 0.0
                while width > measure:
                    head = self._head(word, measure)
                    yield head
                    word = word[len(head) :]
                    width = self.width(word.rstrip())
                line += word
                used += self.width(word)
            yield line.rstrip()

    def _head(self, word: str, measure: float) -> str:
        used = 0.0
        for place, char in enumerate(word):
            used += self._glyph(char)[2]
            if used > measure:
                return word[: max(place, 1)]
        return word

    def _glyph(self, char: str) -> tuple[str, str, float]:
        known = self._known.get(char)
        if known is None:
            known = self._known[char] = self._find(char)
        return known

    def _find(self, char: str) -> tuple[str, str, float]:
        code = ord(char)
        for name, glyphs, widths in self._fonts:
            if code in glyphs:
                return name, char, float(widths.get(code, 600))
        name, _, widths = self._fonts[0]
        # Joiners and variation selectors only ask for a shape that is not there; alone they say nothing.
        shown = "" if unicodedata.category(char) in ("Cf", "Mn", "Me") else f"[U+{code:04X}]"
        return name, shown, float(sum(widths.get(ord(each), 600) for each in shown))


# A stretch of right-to-left letters (Hebrew, Arabic) with what stands between them.
_TURNED = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_RIGHT_TO_LEFT = re.compile(rf"[{_TURNED}](?:[\W\d_{_TURNED}]*[{_TURNED}])?")
# What keeps its own order within it: numbers, and a letter with its marks.
_UNTURNED = re.compile(r"[0-9]+(?:[.,:/][0-9]+)*|.[\u0300-\u036f\u0591-\u05bd\u064b-\u065f]*", re.S)


def in_reading_order(line: str) -> str:
    """A set line with its right-to-left stretches turned round, as paper needs them.

    The simple part of the Unicode bidirectional algorithm: no nested directions, no mirrored brackets.

    >>> in_reading_order("take 3: שלום 12 לך end") == "take 3: ךל 12 םולש end"
    True
    """
    return _RIGHT_TO_LEFT.sub(lambda found: "".join(reversed(_UNTURNED.findall(found[0]))), line)


def _words(paragraph: str) -> Iterator[str]:
    """Words with the spaces after them; Han may break after any character."""
    word = ""
    for char in paragraph:
        if word and (word[-1] == " " != char or "\u2e80" <= word[-1] <= "\ud7ff"):
            yield word
            word = ""
        word += char
    if word:
        yield word


@cache
def typefaces() -> tuple[Typeface, Typeface]:
    """Regular and bold, loaded once a process.

    Raises:
        ReportError: onset's own fonts are missing or damaged.
    """
    try:
        regular = _load("Onset", _FOLDER / "DejaVuSansCondensed.ttf")
        bold = _load("OnsetBold", _FOLDER / "DejaVuSansCondensed-Bold.ttf")
    except (TTFError, OSError):
        raise ReportError(f"The fonts of onset in {_FOLDER} are missing or damaged; install onset again.") from None
    han = _han()
    return Typeface((regular, *han)), Typeface((bold, *han))


def _han() -> tuple[TTFont, ...]:
    for path in _HAN:
        try:
            return (_load("OnsetHan", path),)
        except (TTFError, OSError):
            continue
    return ()


def _load(name: str, path: Path) -> TTFont:
    font = TTFont(name, str(path))
    pdfmetrics.registerFont(font)
    return font
