"""Read Final Draft's FDX: XML whose paragraphs hold several runs of text, and whose scenes say their own length.

A document type is refused whatever it declares: Final Draft writes none, and what they can do to a reader is not worth
finding out. Facts on the format: files that Final Draft saved (tests/data/scripts).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from onset.domain.measures import eighths_of
from onset.errors import RefusedError, ScriptError
from onset.script.heading import omitted_numbers, scenes_of
from onset.script.screenplay import DUAL, DraftScene, Kind, Paragraph, Screenplay, character_of, speeches
from onset.text import safe_text

_KINDS = {
    "scene heading": Kind.HEADING,
    "action": Kind.ACTION,
    "character": Kind.CHARACTER,
    "parenthetical": Kind.PARENTHETICAL,
    "dialogue": Kind.DIALOGUE,
    "transition": Kind.TRANSITION,
    "shot": Kind.SHOT,
    "singing": Kind.LYRICS,
    "lyrics": Kind.LYRICS,
}
_NOT_SHOT = frozenset(("cast list", "note", "outline 1", "outline 2", "outline 3", "outline body"))
_DEEPEST = 64  # elements; Final Draft's own files reach 9


def read_final_draft(raw: bytes, name: str) -> Screenplay:
    """Read a script.

    Args:
        raw: the file.
        name: of the file, for sentences, safe to show.

    Raises:
        ScriptError: it is no FDX, is cut short, or has a document type; names the file.
    """
    reader = _Reader(name)
    try:
        for event, element in iterparse(io.BytesIO(raw), events=("start", "end"), forbid_dtd=True):
            reader.take(event, element)
    except DefusedXmlException as error:
        raise ScriptError(
            f"{name} has a document type, which Final Draft never writes; nothing was taken from it."
        ) from error
    except (ParseError, LookupError, ValueError) as error:
        line = f" at line {error.position[0]}" if isinstance(error, ParseError) else ""
        raise ScriptError(f"{name} is cut short or damaged{line}; save it anew in Final Draft.") from error
    return reader.screenplay()


class _Reader:
    """Takes one element after the other and keeps no more of the file than its scenes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[Element] = []
        self._scenes: list[DraftScene] = []
        self._heading: DraftScene | None = None
        self._below: list[Paragraph] = []
        self._ahead: tuple[Paragraph, ...] = ()
        self._newest = 0
        self._colours: dict[int, str] = {}
        self._doubts: list[str] = []

    def take(self, event: str, element: Element) -> None:
        if event == "start":
            if not self._open and element.tag != "FinalDraft":
                shown = safe_text(element.tag[:40])
                raise ScriptError(f"{self._name} is no script of Final Draft: it begins with <{shown}>.")
            self._open.append(element)
            if len(self._open) > _DEEPEST:
                raise ScriptError(f"{self._name} is nested deeper than any script; look what it is.")
            return
        self._open.pop()
        depth = len(self._open)
        if depth == 2 and self._open[1].tag == "Content" and element.tag == "Paragraph":
            self._paragraph(element)
        elif depth == 2 and element.tag == "Revision":
            number = element.get("ID", "")
            if number.isascii() and number.isdigit() and len(number) < 4:
                self._colours[int(number)] = element.get("Name", "").strip()
        if depth <= 2:
            element.clear()
            if self._open:
                self._open[-1].remove(element)

    def screenplay(self) -> Screenplay:
        self._close()
        return Screenplay(tuple(self._scenes), colour=self._colours.get(self._newest, ""), doubts=tuple(self._doubts))

    def _paragraph(self, element: Element) -> None:
        if _kind(element) is Kind.HEADING:
            self._begin(element)
            return
        self._below += self._of(element)

    def _begin(self, element: Element) -> None:
        """A heading: the scene before is complete."""
        text, number = self._text(element), _number(element)
        if not text.strip() and number is None and element.find("OmittedScene") is None:
            return  # an empty line that has the style of a heading
        self._close()
        hidden = element.find("OmittedScene")
        omitted = omitted_numbers(text)
        if hidden is None and omitted is None:
            self._heading = self._scene(element, " ".join(text.split()), number)
            return
        inner = [] if hidden is None else hidden.findall("Paragraph")
        if sum(_kind(one) is Kind.HEADING for one in inner) <= 1:
            numbers: tuple[str | None, ...] = scenes_of(number or "") or omitted or (None,)
            self._omit(numbers, inner)
            return
        parts = list(_by_heading(inner))  # a run of scenes that were omitted together
        named = scenes_of(number or "") or omitted or ()
        for place, part in enumerate(parts):
            own = _number(part[0])
            of_card = named[place] if len(named) == len(parts) or place < len(named) == 1 else None
            self._omit((own or of_card,), part)

    def _omit(self, numbers: tuple[str | None, ...], inner: list[Element]) -> None:
        """A scene that was omitted keeps its heading and its text, so that it can come back."""
        if len(numbers) == 1 and inner and _kind(inner[0]) is Kind.HEADING:
            scene = self._scene(inner[0], " ".join(self._text(inner[0]).split()), numbers[0])
            below = [one for element in inner[1:] for one in self._of(element)]
            self._scenes.append(_whole(scene, below, self._ahead, omitted=True))
        else:
            for number in numbers:
                self._scenes.append(DraftScene("", number, omitted=True, ahead=self._ahead))
                self._ahead = ()
        self._ahead = ()

    def _close(self) -> None:
        if self._heading is not None:
            self._scenes.append(_whole(self._heading, self._below, self._ahead))
            self._ahead = ()
        else:
            self._ahead = (*self._ahead, *speeches(self._below))
        self._heading, self._below = None, []

    def _scene(self, element: Element, heading: str, number: str | None) -> DraftScene:
        properties = element.find("SceneProperties")
        length = page = ""
        also: tuple[str, ...] = ()
        if properties is not None:
            length, page = properties.get("Length", "").strip(), properties.get("Page", "").strip()
            beats = (beat.get("Name", "").strip() for beat in properties.iter("CharacterArcBeat"))
            also = tuple(character_of(beat) for beat in beats if beat)
        eighths = None
        if length:
            try:
                eighths = _length(length)
            except RefusedError:
                self._doubts.append(f'{safe_text(heading)} has a length of "{safe_text(length[:20])}", which is none')
        return DraftScene(heading, number, eighths=eighths, page=page[:20], also=also)

    def _of(self, element: Element) -> list[Paragraph]:
        """The paragraph, or those of a dual dialogue within it."""
        dual = element.find("DualDialogue")
        if dual is not None:
            inner = [one for each in dual.findall("Paragraph") for one in self._of(each)]
            return [Paragraph(DUAL.get(one.kind, one.kind), one.text, one.character) for one in inner]
        kind = _kind(element)
        text = self._text(element).strip()
        if kind is None or not text:
            return []
        if kind is Kind.ACTION and element.get("Alignment") == "Center":
            kind = Kind.CENTERED
        who = character_of(text) if kind is Kind.CHARACTER else ""
        return [Paragraph(kind, text, who, new_page=element.get("StartsNewPage") == "Yes")]

    def _text(self, element: Element) -> str:
        """All runs of a paragraph; Final Draft keeps what was typed and shouts by its style."""
        runs = []
        for run in element.findall("Text"):
            revision = run.get("RevisionID", "")
            if revision.isascii() and revision.isdigit() and len(revision) < 4:
                self._newest = max(self._newest, int(revision))
            text = run.text or ""
            runs.append(text.upper() if "AllCaps" in run.get("Style", "").split("+") else text)
        return "".join(runs)


def _kind(element: Element) -> Kind | None:
    name = element.get("Type", "").strip().lower()
    return None if name in _NOT_SHOT else _KINDS.get(name, Kind.GENERAL)


def _number(heading: Element) -> str | None:
    """Final Draft has it in the paragraph; other programs that write FDX have it in the properties."""
    properties = heading.find("SceneProperties")
    of_scene = properties.get("Number", "") if properties is not None else ""
    return (heading.get("Number", "") or of_scene).strip() or None


def _length(text: str) -> int:
    """Eighths; Final Draft writes `8/8` for none, `1 0/8` for a page."""
    pages, _, part = text.rpartition(" ")
    if part.endswith("/8") and part[:-2] in ("0", "8"):
        return eighths_of(pages or "0") + int(part[:-2])
    return eighths_of(text)


def _by_heading(paragraphs: list[Element]) -> Iterator[list[Element]]:
    """Paragraphs parted before each heading; what stands before the first is dropped with nothing to belong to."""
    part: list[Element] = []
    for one in paragraphs:
        if _kind(one) is Kind.HEADING:
            if part:
                yield part
            part = [one]
        elif part:
            part.append(one)
    if part:
        yield part


def _whole(
    scene: DraftScene, below: list[Paragraph], ahead: tuple[Paragraph, ...], *, omitted: bool = False
) -> DraftScene:
    return DraftScene(
        scene.heading,
        scene.number,
        tuple(speeches(below)),
        eighths=scene.eighths,
        page=scene.page,
        omitted=omitted,
        also=scene.also,
        ahead=ahead,
    )
