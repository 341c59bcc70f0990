"""A script as it was read from a file, before it has numbers, pages and keys; take_in.py gives it these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

_EXTENSION = re.compile(r"\s*\(.*\)\s*\^?\s*$", re.DOTALL)


class Kind(StrEnum):
    """What a paragraph is; the log keeps the word."""

    HEADING = "heading"
    DEMOTED = "demoted heading"  # looks like a heading, and a person said that it begins no scene
    ACTION = "action"
    CHARACTER = "character"
    PARENTHETICAL = "parenthetical"
    DIALOGUE = "dialogue"
    DUAL_CHARACTER = "dual character"  # of two people who speak at once: the left one, all of it, then the right one
    DUAL_PARENTHETICAL = "dual parenthetical"
    DUAL_DIALOGUE = "dual dialogue"
    TRANSITION = "transition"
    SHOT = "shot"
    LYRICS = "lyrics"
    CENTERED = "centered"
    GENERAL = "general"


DUAL = {
    Kind.CHARACTER: Kind.DUAL_CHARACTER,
    Kind.PARENTHETICAL: Kind.DUAL_PARENTHETICAL,
    Kind.DIALOGUE: Kind.DUAL_DIALOGUE,
}
CUES = (Kind.CHARACTER, Kind.DUAL_CHARACTER)
SPOKEN = (Kind.DIALOGUE, Kind.PARENTHETICAL, Kind.LYRICS, Kind.DUAL_DIALOGUE, Kind.DUAL_PARENTHETICAL)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph.

    Attributes:
        character: who speaks it, of cues too; without extensions: `JIM` of `JIM (O.S.)`.
        line: of the file, from 1; 0: the format has no lines.
        new_page: a page begins with it because the writer said so.
    """

    kind: Kind
    text: str
    character: str = ""
    line: int = 0
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class DraftScene:
    """A scene as its file has it.

    Attributes:
        heading: without its number; empty where the script only says OMITTED.
        number: as written; None: the file gives none.
        paragraphs: without the heading.
        line: of the heading in the file, from 1; 0: the format has no lines.
        eighths: as the file says; None: it does not. `page` likewise, where the scene begins.
        also: who is in it without speaking, as the file says.
        ahead: what stands before the heading of the first scene, as in FADE IN.
    """

    heading: str
    number: str | None
    paragraphs: tuple[Paragraph, ...] = ()
    line: int = 0
    eighths: int | None = None
    page: str = ""
    omitted: bool = False
    also: tuple[str, ...] = ()
    ahead: tuple[Paragraph, ...] = ()

    @property
    def characters(self) -> tuple[str, ...]:
        """Who is in it, in the order in which they speak."""
        speaking = (one.character for one in self.paragraphs if one.kind in CUES and one.character)
        return tuple(dict.fromkeys((*speaking, *self.also)))


@dataclass(frozen=True, slots=True)
class Screenplay:
    """A script.

    Attributes:
        colour: of its newest revision, as the file says; `date` of the draft.
        doubts: what could not be understood, one sentence each.
    """

    scenes: tuple[DraftScene, ...]
    colour: str = ""
    date: str = ""
    doubts: tuple[str, ...] = ()


def character_of(cue: str) -> str:
    """Who speaks.

    >>> character_of("JIM (O.S.)"), character_of("STEEL (V.O.) (CONT'D)"), character_of("MARA ^")
    ('JIM', 'STEEL', 'MARA')
    """
    return " ".join(_EXTENSION.sub("", cue).rstrip(" ^").split()).upper()


def plain(text: str) -> str:
    r"""What makes two headings or paragraphs the same: not their case, blanks and line ends.

    >>> plain(" INT.  Kitchen\n")
    'int. kitchen'
    """
    return " ".join(text.split()).casefold()


def speeches(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Tell every line who speaks it, and make one paragraph of dialogue that a file has line by line."""
    told: list[Paragraph] = []
    speaker = ""
    for one in paragraphs:
        if one.kind in CUES:
            speaker = one.character or character_of(one.text)
        elif one.kind not in SPOKEN:
            speaker = ""
        told.append(Paragraph(one.kind, one.text, speaker, one.line, one.new_page))
    joined: list[Paragraph] = []
    for (kind, who), run in groupby(told, key=lambda one: (one.kind, one.character)):
        lines = list(run)
        if kind in (Kind.DIALOGUE, Kind.DUAL_DIALOGUE, Kind.LYRICS) and len(lines) > 1:
            text = "\n".join(one.text for one in lines)
            joined.append(Paragraph(kind, text, who, lines[0].line, lines[0].new_page))
        else:
            joined += lines
    return joined
