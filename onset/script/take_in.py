"""From a script as it was read to what the log takes: numbers, pages, keys, and what became of the version before.

Used by `onset import script`. Nothing here writes; the log's own `take_script` says what changes, and does it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from onset.domain.script import ScriptElement, ScriptScene
from onset.errors import ScriptError
from onset.script.demoting import demote
from onset.script.heading import part_heading
from onset.script.identity import KnownScene, give_keys, pair_scenes
from onset.script.numbers import check_numbers, clean_number, number_scenes
from onset.script.pages import LaidOut, Place, lay_out
from onset.script.screenplay import DraftScene, Kind, Paragraph, Screenplay
from onset.text import safe_text

_TOLD = 5  # scenes in one sentence
_LONGEST = 20_000  # characters that the log takes in one field
_MOST_SCENES, _MOST_PARAGRAPHS = 3_000, 40_000  # a season in one file has half of that


@dataclass(frozen=True, slots=True)
class TextChange:
    """What became of the text of a scene that both versions have: how many paragraphs."""

    number: str
    added: int
    changed: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A version, ready for the log.

    Attributes:
        estimated: numbers of the scenes whose pages were counted here.
        numbered: numbers that the file does not have.
        demoted: headings that begin no scene.
        moved: numbers of the fewest scenes that stand elsewhere in the order now.
        text: scenes of both versions whose text is another.
        doubts: sentences for the person who takes it in.
    """

    scenes: tuple[ScriptScene, ...]
    elements: tuple[ScriptElement, ...] = ()
    estimated: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    demoted: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    text: tuple[TextChange, ...] = ()
    doubts: tuple[str, ...] = ()


def prepare(
    screenplay: Screenplay,
    known: Sequence[KnownScene],
    name: str,
    *,
    demoted: Sequence[str] = (),
    promoted: Sequence[str] = (),
) -> Incoming:
    """Make a version ready for a log.

    Args:
        screenplay: as read.
        known: the scenes of that script in the log, in their order.
        name: of the file, for sentences, safe to show.
        demoted: headings, lines of headings, or `#12`, that begin no scene.
        promoted: headings that were demoted in the version before and begin one now.

    Raises:
        ScriptError: it has no scene, or two of one number.
        UsageError: a heading that it does not have.
        SlateError: a number that cannot be.
    """
    doubts = list(screenplay.doubts)
    scenes, gone_headings = demote(screenplay.scenes, demoted, promoted, known)
    scenes = _numbered_as_written(scenes, doubts)
    if not any(not scene.omitted for scene in scenes):
        raise ScriptError(f"{name} has no scene heading such as INT. KITCHEN - DAY; nothing was taken in.")
    if len(scenes) > _MOST_SCENES or sum(len(scene.paragraphs) for scene in scenes) > _MOST_PARAGRAPHS:
        raise ScriptError(f"{name} has more scenes or paragraphs than any script; look what it is.")
    _refuse_endless(scenes, name)
    check_numbers(scenes, name)
    pairs = pair_scenes(scenes, known)
    numbers, numbered = number_scenes(scenes, pairs, known)
    doubts += _moved(scenes, pairs, known)
    laid_out = lay_out(scenes)
    paragraphs = [_paragraphs(scene) for scene in scenes]
    keys = give_keys(paragraphs, pairs, known)
    given = {key for scene_keys in keys for key in scene_keys}
    taken: list[tuple[ScriptScene, list[ScriptElement]]] = []
    for at, scene in enumerate(scenes):
        old = pairs[at]
        was = known[old].number if old is not None and known[old].number != numbers[at] else None
        place = laid_out[at]
        elements = _elements(scene, numbers[at], paragraphs[at], keys[at], place)
        if scene.omitted and not elements and old is not None:
            elements = _kept(known[old], given, numbers[at])
        taken.append((_scene(scene, numbers[at], place, was), elements))
    _keep_omitted(taken, pairs, known, given)
    own = dict(zip(numbers, scenes, strict=True))
    return Incoming(
        scenes=tuple(scene for scene, _ in taken),
        elements=tuple(one for _, elements in taken for one in elements),
        estimated=tuple(number for number, one in own.items() if one.eighths is None and not one.omitted),
        numbered=tuple(numbered),
        demoted=tuple(gone_headings),
        moved=tuple(_out_of_order(numbers, known)),
        text=tuple(_text_changes(taken, known)),
        doubts=tuple(doubts),
    )


def _refuse_endless(scenes: Sequence[DraftScene], name: str) -> None:
    """A text without empty lines is one paragraph to every reader of scripts."""
    for scene in scenes:
        for one in (*scene.ahead, *scene.paragraphs):
            if len(one.text) > _LONGEST:
                where = f"in line {one.line}" if one.line else f'of "{safe_text(scene.heading[:60])}"'
                raise ScriptError(
                    f"{name} has a paragraph {where} of more than {_LONGEST:,} characters; put empty lines between its "
                    "paragraphs."
                )


def _numbered_as_written(scenes: Sequence[DraftScene], doubts: list[str]) -> list[DraftScene]:
    """Numbers as the log takes them; a line that omits a scene which is there, or none, says nothing."""
    cleaned = [replace(scene, number=clean_number(scene.number)) for scene in scenes]
    standing = {scene.number for scene in cleaned if not scene.omitted and scene.number is not None}
    found: list[DraftScene] = []
    ahead: tuple[Paragraph, ...] = ()
    seen: set[str] = set()
    for scene in cleaned:
        if scene.omitted and scene.number is None and not scene.paragraphs:
            doubts.append("A line says OMITTED without a scene number; it was passed over")
        elif scene.omitted and scene.number is not None and scene.number in standing:
            doubts.append(f"Scene {safe_text(scene.number)} is said to be omitted and stands in the script; it stays")
        elif not (scene.omitted and scene.number in seen):
            found.append(replace(scene, ahead=(*ahead, *scene.ahead)))
            seen.update([scene.number] if scene.omitted and scene.number is not None else [])
            ahead = ()
            continue
        ahead = (*ahead, *scene.ahead)
    return found


def _moved(scenes: Sequence[DraftScene], pairs: Sequence[int | None], known: Sequence[KnownScene]) -> list[str]:
    """Numbers that another scene had before: the sign of a script whose numbers were not locked."""
    there = {one.number for one in known if one.from_script}
    found = [
        f"{safe_text(scene.number)} (was {safe_text(known[old].number)})"
        for scene, old in zip(scenes, pairs, strict=True)
        if old is not None and scene.number is not None and scene.number != known[old].number and scene.number in there
    ]
    if not found:
        return []
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return [
        f"Numbers that another scene had before: {', '.join(found[:_TOLD])}{more}. Were the scene numbers locked? "
        "Takes and credits stay with the number"
    ]


def _out_of_order(numbers: Sequence[str], known: Sequence[KnownScene]) -> list[str]:
    """Those that are not in the longest run of scenes which kept their order."""
    places = {one.number: place for place, one in enumerate(known) if one.from_script}
    kept = [number for number in numbers if number in places]
    ends: list[int] = []  # place in the version before of the last scene of the best run of each length
    at: list[int] = []  # in `kept`
    before: list[int | None] = []
    for index, number in enumerate(kept):
        length = bisect_left(ends, places[number])
        before.append(at[length - 1] if length else None)
        ends[length : length + 1] = [places[number]]
        at[length : length + 1] = [index]
    run: set[int] = set()
    last = at[-1] if at else None
    while last is not None:
        run.add(last)
        last = before[last]
    return [number for index, number in enumerate(kept) if index not in run]


def _paragraphs(scene: DraftScene) -> tuple[Paragraph, ...]:
    """All of a scene, its heading in its place."""
    heading = (Paragraph(Kind.HEADING, scene.heading, line=scene.line),) if scene.heading else ()
    return (*scene.ahead, *heading, *scene.paragraphs)


def _scene(scene: DraftScene, number: str, place: LaidOut, was: str | None) -> ScriptScene:
    parts = part_heading(scene.heading)
    estimated = scene.eighths is None and not scene.omitted
    return ScriptScene(
        number=number,
        heading=scene.heading,
        int_ext=parts.int_ext,
        set=parts.set,
        time_of_day=parts.time_of_day,
        pages=scene.page or ("" if scene.omitted else place.pages),
        characters=scene.characters,
        eighths=place.eighths if estimated else scene.eighths,
        eighths_estimated=estimated,
        omitted=scene.omitted,
        was=was,
    )


def _elements(
    scene: DraftScene, number: str, paragraphs: Sequence[Paragraph], keys: Sequence[str], place: LaidOut
) -> list[ScriptElement]:
    """Paragraphs with their pages: ours where the file has none; where it has, only that of the heading is known."""
    places: list[Place | None] = [None] * len(paragraphs)
    if not scene.page and not scene.omitted:
        places = [*place.ahead, *place.places[0 if scene.heading else 1 :]]
    found = []
    for one, key, where in zip(paragraphs, keys, places, strict=True):
        page = str(where.page) if where else scene.page if one.kind is Kind.HEADING else ""
        found.append(
            ScriptElement(
                key=key,
                scene=number,
                kind=str(one.kind),
                text=one.text,
                character=one.character,
                page=page,
                line=where.line if where else 0,
            )
        )
    return found


def _keep_omitted(
    taken: list[tuple[ScriptScene, list[ScriptElement]]],
    pairs: Sequence[int | None],
    known: Sequence[KnownScene],
    given: Collection[str],
) -> None:
    """A scene that the file lacks stays where it was, omitted and with its text: setups may have been shot of it."""
    there = {scene.number for scene, _ in taken}
    gone = set(range(len(known))) - {old for old in pairs if old is not None}
    behind: dict[str, int] = {scene.number: at for at, (scene, _) in enumerate(taken)}
    now = {known[old].number: taken[new][0].number for new, old in enumerate(pairs) if old is not None}
    last: str | None = None
    for old, one in enumerate(known):
        if old not in gone or one.number in there or not one.from_script:
            last = now.get(one.number, last)
            continue
        at = behind[last] + 1 if last is not None else 0
        taken.insert(at, (ScriptScene(number=one.number, omitted=True), _kept(one, given, one.number)))
        behind = {scene.number: place for place, (scene, _) in enumerate(taken)}
        last = one.number


def _kept(scene: KnownScene, given: Collection[str], number: str) -> list[ScriptElement]:
    """Text of an omitted scene, without what went to another one."""
    return [replace(one, scene=number) for one in scene.elements if one.key not in given]


def _text_changes(
    taken: Sequence[tuple[ScriptScene, Sequence[ScriptElement]]], known: Sequence[KnownScene]
) -> list[TextChange]:
    """Of scenes that both versions have with text."""
    before = {
        one.number: {e.key: (e.kind, e.character, e.text) for e in one.elements if e.kind != Kind.HEADING}
        for one in known
    }
    found = []
    for scene, elements in taken:
        old = before.get(scene.number)
        if not old or scene.omitted:
            continue
        new = {one.key: (one.kind, one.character, one.text) for one in elements if one.kind != Kind.HEADING}
        change = TextChange(
            scene.number,
            added=len(new.keys() - old.keys()),
            changed=sum(old[key] != new[key] for key in new.keys() & old.keys()),
            gone=len(old.keys() - new.keys()),
        )
        if change.added or change.changed or change.gone:
            found.append(change)
    return found
