"""The typefaces of printed reports, which characters they have, and lines of them.

All of them ship with onset and none is the machine's: a report must look the same on every laptop. DejaVu Sans
Condensed has the alphabets, Droid Sans Fallback Han, kana and hangul, Noto Emoji the small pictures. A character that
no face has is printed as its code point, so that a reader sees that something stood there: never an empty box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError

from onset.errors import ReportError
from onset.reports.shaping import Font, Run, in_visual_order, needs_shaping

_FOLDER = Path(__file__).parent / "fonts"
_HAN = "DroidSansFallback.ttf"
_EMOJI = "NotoEmoji-Regular.ttf"
_LONGEST = 400  # characters of a word; a line holds fewer, and joined ones are measured together
_AS_EMOJI = "\ufe0f"  # asks for the picture of the character before it
_SKINS = range(0x1F3FB, 0x1F400)  # colour the picture before them
# These do not begin a line (JIS X 4051, 4.3: closing brackets, stops, small kana).
_NEVER_FIRST = frozenset("、。，．・：；？！）］｝」』】〉》〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ")  # noqa: RUF001 - wide ones


class Typeface:
    """A face with those that stand in for it; widths in thousandths of the type size."""

    def __init__(self, own: Font) -> None:
        self._own = own
        self._known: dict[str, tuple[str, str, float]] = {}
        self._measured = lru_cache(maxsize=4096)(self._measure)

    def width(self, text: str) -> float:
        """How wide `text` sets."""
        if needs_shaping(text):
            return self._measured(text)
        return sum(self._glyph(char)[2] for char in text)

    def _measure(self, text: str) -> float:
        return sum(run.width for run in self.runs(text))

    def runs(self, text: str, *, backwards: bool = False) -> list[Run]:
        """A line as runs of one face each, from left to right, code points standing for what no face has.

        Args:
            text: in the order in which it is read.
            backwards: its paragraph runs from right to left.
        """
        if not backwards and not needs_shaping(text):
            return self._simple(text)
        runs: list[Run] = []
        for stretch in in_visual_order(text, backwards=backwards):
            if not stretch.backwards and not needs_shaping(stretch.text):
                runs += self._simple(stretch.text)
                continue
            parts = list(self._by_face(stretch.text))
            for font, part in reversed(parts) if stretch.backwards else parts:
                if font is None or not (stretch.backwards or needs_shaping(part)):
                    runs += self._simple(part)
                else:
                    runs.append(font.shaped(part, backwards=stretch.backwards))
        return runs

    def _simple(self, text: str) -> list[Run]:
        """A glyph a character, from left to right."""
        runs: list[Run] = []
        for char in text:
            face, shown, width = self._glyph(char)
            if runs and runs[-1].face == face:
                runs[-1] = Run(face, runs[-1].text + shown, runs[-1].width + width)
            else:
                runs.append(Run(face, shown, width))
        return runs

    def _by_face(self, text: str) -> Iterator[tuple[Font | None, str]]:
        """Characters of one face together, in the order in which they are read; None has those that no face has."""
        part, face = "", None
        for char, after in pairwise([*text, ""]):
            follows = unicodedata.category(char) in ("Cf", "Mn", "Me") or ord(char) in _SKINS
            if part and follows and face is not None:
                part += char  # it belongs to the letter before, and a face that lacks it leaves it out
                continue
            found = self._face_of(char, as_emoji=after == _AS_EMOJI)
            if part and found is not face:
                yield face, part
                part = ""
            face = found
            part += char
        if part:
            yield face, part

    def _face_of(self, char: str, *, as_emoji: bool) -> Font | None:
        code = ord(char)
        if as_emoji and _emoji().has(code):
            return _emoji()
        return next((font for font in self._fonts(code) if font.has(code)), None)

    def _fonts(self, code: int) -> Iterator[Font]:
        """The own face, and what stands in for it; big faces are opened when a character asks for them."""
        yield self._own
        if 0x1100 <= code <= 0xFFFF:
            yield _han()
        if code >= 0x2000:
            yield _emoji()

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
        """As many characters as fit; joined letters are taken for as wide as they stand alone."""
        used = 0.0
        for place, char in enumerate(word):
            used += self._glyph(char)[2]
            if used > measure:
                return word[: max(place, 1)]
        return word if self.width(word) <= measure else word[: max(len(word) - 1, 1)]

    def _glyph(self, char: str) -> tuple[str, str, float]:
        known = self._known.get(char)
        if known is None:
            known = self._known[char] = self._find(char)
        return known

    def _find(self, char: str) -> tuple[str, str, float]:
        code = ord(char)
        for font in self._fonts(code):
            if font.has(code):
                return str(font.fontName), char, font.width_of(code)
        # Joiners and variation selectors only ask for a shape that is not there; alone they say nothing.
        shown = "" if unicodedata.category(char) in ("Cf", "Mn", "Me") else f"[U+{code:04X}]"
        return str(self._own.fontName), shown, sum(self._own.width_of(ord(each)) for each in shown)


def _words(paragraph: str) -> Iterator[str]:
    """Words with the spaces after them; Han may break after any character, but for what never begins a line."""
    word = ""
    for char in paragraph:
        after_han = (word and "\u2e80" <= word[-1] <= "\ud7ff") or word[-1:] in _NEVER_FIRST
        ends = word[-1:] == " " or (after_han and char not in _NEVER_FIRST)
        if word and char != " " and (ends or len(word) >= _LONGEST):
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
    regular = _load("Onset", "DejaVuSansCondensed.ttf")
    bold = _load("OnsetBold", "DejaVuSansCondensed-Bold.ttf")
    return Typeface(regular), Typeface(bold)


@cache
def _han() -> Font:
    return _load("OnsetHan", _HAN)


@cache
def _emoji() -> Font:
    return _load("OnsetEmoji", _EMOJI)


def _load(name: str, file: str) -> Font:
    try:
        font = Font(name, _FOLDER / file)
    except (TTFError, OSError):
        raise ReportError(f"The fonts of onset in {_FOLDER} are missing or damaged; install onset again.") from None
    pdfmetrics.registerFont(font)
    return font
