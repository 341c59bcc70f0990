"""Read Fountain, with fountain-py for its grammar. What a production adds to it is read here: OMITTED, headings of
other languages, and those after a comment, which the library takes for action.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fountain.elements import ElementType, FountainElement
from fountain.parser import FountainParser

from onset.errors import ScriptError
from onset.script.heading import looks_like_heading, omitted_numbers, scenes_of
from onset.script.screenplay import DUAL, DraftScene, Kind, Paragraph, Screenplay, character_of, speeches

_KINDS = {
    ElementType.ACTION: Kind.ACTION,
    ElementType.CHARACTER: Kind.CHARACTER,
    ElementType.DIALOGUE: Kind.DIALOGUE,
    ElementType.PARENTHETICAL: Kind.PARENTHETICAL,
    ElementType.TRANSITION: Kind.TRANSITION,
    ElementType.LYRICS: Kind.LYRICS,
    ElementType.CENTERED: Kind.CENTERED,
}
# What text that was printed has: the number before the heading, and often behind it too.
_PRINTED = re.compile(r"([A-Z]{0,2}\d{1,4}[A-Za-z]{0,3})[ \t.]+(\S.*?)(?:[ \t]+\1)?")
_COLOURS = ("white", "blue", "pink", "yellow", "green", "goldenrod", "buff", "salmon", "cherry", "tan")


def read_fountain(text: str, name: str) -> Screenplay:
    """Read a script.

    Args:
        text: of the file, with line feeds as line ends.
        name: of the file, for sentences, safe to show.

    Raises:
        ScriptError: it cannot be read; names the file.
    """
    try:
        document = FountainParser().parse(text)
    except (ValueError, IndexError, KeyError, RecursionError) as error:  # of a young library, on text from anywhere
        raise ScriptError(f"{name} cannot be read as Fountain ({type(error).__name__}); export it anew.") from error
    said = {key.lower(): value for key, value in document.metadata.items()}
    words = " ".join(said.get(key, "") for key in ("revision", "draft", "colour", "color")).lower().split()
    return Screenplay(
        scenes=tuple(_scenes(document.elements)),
        colour=next((colour for colour in reversed(_COLOURS) if colour in words), ""),
        date=" ".join((said.get("draft date") or said.get("date") or "").split()),
    )


def _scenes(elements: list[FountainElement]) -> Iterator[DraftScene]:
    ahead: tuple[Paragraph, ...] = ()
    heading: FountainElement | None = None
    below: list[Paragraph] = []
    new_page = False
    for element in elements:
        if element.type is ElementType.PAGE_BREAK:
            new_page = True
            continue
        omitted = _omitted(element)
        if omitted is None and not _is_heading(element):
            for paragraph in _paragraphs(element):
                below.append(Paragraph(paragraph.kind, paragraph.text, paragraph.character, paragraph.line, new_page))
                new_page = False
            continue
        if heading is not None:
            yield _scene(heading, below, ahead)
            ahead = ()
        else:
            ahead = (*ahead, *speeches(below))
        below = []
        heading = element
        if omitted is not None:
            for number in omitted or (None,):
                yield DraftScene("", number, line=element.line_number, omitted=True, ahead=ahead)
                ahead = ()
            heading = None
    if heading is not None:
        yield _scene(heading, below, ahead)


def _omitted(element: FountainElement) -> tuple[str, ...] | None:
    """OMITTED as a heading, or as a line of its own, which is action or a cue to the library."""
    number = element.metadata.get("scene_number")
    if element.type not in (ElementType.SCENE_HEADING, ElementType.ACTION) or element.metadata.get("centered"):
        return None
    found = omitted_numbers(element.text)
    return scenes_of(str(number)) if found == () and number else found


def _is_heading(element: FountainElement) -> bool:
    if element.type is ElementType.SCENE_HEADING:
        return True
    if element.type is not ElementType.ACTION or element.metadata.get("forced"):
        return False
    printed = _PRINTED.fullmatch(element.text.strip())
    return looks_like_heading(printed[2] if printed else element.text)


def _scene(heading: FountainElement, below: list[Paragraph], ahead: tuple[Paragraph, ...]) -> DraftScene:
    text, number = " ".join(heading.text.split()), heading.metadata.get("scene_number")
    if number is None and text.endswith("#") and "#" in text[:-1]:  # a heading that the library took for action
        text, _, number = text[:-1].rpartition("#")
    printed = _PRINTED.fullmatch(text)
    if number is None and printed is not None and looks_like_heading(printed[2]):
        number, text = printed[1], printed[2]
    return DraftScene(
        text.strip(),
        str(number).strip() or None if number is not None else None,
        tuple(speeches(below)),
        heading.line_number,
        ahead=ahead,
    )


def _paragraphs(element: FountainElement) -> Iterator[Paragraph]:
    if element.type is ElementType.DUAL_DIALOGUE:
        for column in element.dual_dialogue_columns():
            for one in column:
                for paragraph in _paragraphs(one):
                    yield Paragraph(
                        DUAL.get(paragraph.kind, paragraph.kind), paragraph.text, paragraph.character, paragraph.line
                    )
        return
    kind = _KINDS.get(element.type)
    text = element.text.rstrip()
    if kind is None or not (text or kind is Kind.DIALOGUE):  # notes, comments, sections and synopses are not shot
        return
    who = ""
    if kind is Kind.CHARACTER:
        extension = element.metadata.get("extension")
        who = character_of(text)
        text = f"{text} ({extension})" if extension else text
    yield Paragraph(kind, text, who, element.line_number)
