"""Letters that join, stack or run from right to left: their order on a line, and their glyphs.

Used by `fonts.py` for what is more than one glyph a character from left to right. The order is that of the Unicode
bidirectional algorithm (UAX #9, python-bidi); the glyphs are HarfBuzz's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz
from bidi import algorithm
from reportlab.pdfbase.ttfonts import ShapeData, ShapedStr, TTFont

# Arabic, Hebrew and their kin; what stands on the letter before it; joiners; variation selectors; emoji.
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
_STACKED = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_SHAPED = re.compile(rf"[{_RIGHT_TO_LEFT}{_STACKED}\u200c\u200d\ufe00-\ufe0f\U00010000-\U0010ffff]")
_TURNED = re.compile(f"[{_RIGHT_TO_LEFT}]")
_FORMS = range(0xFB1D, 0xFEFD)  # letters as they stand within a word
# Where glyphs without a character of their own are found by ReportLab, which prints characters: no font is that full,
# and plane 16 is for private use. What a person types from there has no glyph.
PRIVATE = 0x100000


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one face; `width` in thousandths of the type size.

    Attributes:
        text: as ReportLab prints it; of a shaped run characters that stand for glyphs.
        said: what it says, for who copies or searches it; empty: what its characters say one by one.
    """

    face: str
    text: str
    width: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters of a line that run one way, in the order in which they are read."""

    text: str
    backwards: bool


def needs_shaping(text: str) -> bool:
    """Whether it is more than a glyph a character from left to right."""
    return _SHAPED.search(text) is not None


def is_backwards(text: str) -> bool:
    """Whether a paragraph runs from right to left: its first letter does (UAX #9, P2 and P3)."""
    return _TURNED.search(text) is not None and algorithm.get_base_level(text) == 1


def in_visual_order(line: str, *, backwards: bool) -> list[Stretch]:
    """A set line from left to right, as stretches; `backwards`: its paragraph runs from right to left."""
    if not backwards and _TURNED.search(line) is None:
        return [Stretch(line, False)]
    level = int(backwards)
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = level, "LR"[level]
    algorithm.get_embedding_levels(line, storage)
    chars = storage["chars"]
    for at, char in enumerate(chars):
        char["at"] = at
    # Joiners have no direction, and rule X9 takes them out; the letters about them need them (they stay with the
    # letter before, 5.2).
    joiners = {char["at"] for char in chars if char["type"] == "BN"}
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    algorithm.reorder_resolved_levels(storage, False)
    return list(_stretches(line, [(char["at"], char["level"] % 2 == 1) for char in storage["chars"]], joiners))


def _stretches(line: str, visual: list[tuple[int, bool]], joiners: set[int]) -> Iterator[Stretch]:
    """Neighbours that run the same way, together."""
    places: list[int] = []
    turned = False
    for at, backwards in [*visual, (-1, False)]:
        if places and (backwards is not turned or at < 0):
            places.sort()
            whole = [n for place in places for n in _with_joiners(place, joiners)]
            yield Stretch("".join(line[n] for n in whole), turned)
            places = []
        turned = backwards
        places.append(at)


def _with_joiners(place: int, joiners: set[int]) -> Iterator[int]:
    yield place
    while (place := place + 1) in joiners:
        yield place


class Font(TTFont):  # type: ignore[misc]  # ReportLab has no types
    """A TrueType font of which any glyph can be printed, also one that no character has."""

    def __init__(self, name: str, path: Path) -> None:
        """Load it.

        Raises:
            TTFError, OSError: it is missing or damaged.
        """
        super().__init__(name, str(path))
        self._path = str(path)
        self._said: dict[int, str] = {}  # of glyphs that no character has
        self._shaper = None
        self._scale = 1000 / self.face.unitsPerEm

    def has(self, code: int) -> bool:
        """Whether it has a glyph for a character."""
        return code < PRIVATE and code in self.face.charToGlyph

    def width_of(self, code: int) -> float:
        """In thousandths of the type size."""
        return float(self.face.charWidths.get(code, 600))

    def shaped(self, text: str, *, backwards: bool) -> Run:
        """Set characters that all run one way.

        Readers of a PDF turn round by themselves what runs from right to left, glyph by glyph with what each says; only
        a sequence that runs from left to right is told as a whole.
        """
        if self._shaper is None:
            self._shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(self._path)))
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if backwards else "ltr"
        buffer.cluster_level = uharfbuzz.BufferClusterLevel.MONOTONE_CHARACTERS  # a mark says itself, not its letter
        buffer.flags = uharfbuzz.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        uharfbuzz.shape(self._shaper, buffer)
        glyphs, places = [], []
        ends = _ends([info.cluster for info in buffer.glyph_infos], len(text))
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            code = self._code_of(info.codepoint, text[info.cluster : ends[info.cluster]])
            glyphs.append(chr(code))
            places.append(
                ShapeData(
                    info.cluster,
                    position.x_advance * self._scale,
                    position.y_advance * self._scale,
                    position.x_offset * self._scale,
                    position.y_offset * self._scale,
                    self.width_of(code),
                )
            )
        width = sum(place.x_advance for place in places)
        shaped = ShapedStr("".join(glyphs), shapeData=places)
        return Run(str(self.fontName), shaped, float(width), "" if backwards else text)

    def _code_of(self, glyph: int, said: str) -> int:
        """A character that prints a glyph, the same one in every run of the program."""
        known: list[int] = [code for code in self.face.glyphToChar.get(glyph, ()) if 32 <= code < 0x10000]
        if known:
            return min(known)
        code = PRIVATE + glyph
        self._said.setdefault(code, said)
        self.face.charToGlyph[code] = glyph
        self.face.charWidths[code] = self.face.hmetrics[glyph][0] * self._scale
        return code

    def addObjects(self, doc: object) -> None:  # noqa: N802 - the library's name
        """Embed what is used; ReportLab writes characters above U+FFFF with five digits where readers expect UTF-16."""
        subsets = list(self.state[doc].subsets)
        names = [self.getSubsetInternalName(number, doc)[1:] for number in range(len(subsets))]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict  # type: ignore[attr-defined]  # ReportLab has no types
        for name, subset in zip(names, subsets, strict=True):
            table = doc.idToObject[fonts[name].ToUnicode.name]  # type: ignore[attr-defined]  # likewise
            for code in subset:
                if code > 0xFFFF or code in _FORMS:
                    said = self._said.get(code) or _letter(chr(code))
                    table.content = table.content.replace(f"> <{code:04X}>", f"> <{said.encode('utf-16-be').hex()}>")


def _letter(form: str) -> str:
    """The letter of a form. A ligature is told as itself: readers that turn round a line would turn its letters too."""
    letter = unicodedata.normalize("NFKC", form)
    return letter if len(letter) == 1 else form


def _ends(clusters: list[int], length: int) -> dict[int, int]:
    """Where the characters end that a glyph stands for, by where they begin."""
    starts = sorted(set(clusters))
    return dict(zip(starts, [*starts[1:], length], strict=False))  # joiners alone have no glyph at all
