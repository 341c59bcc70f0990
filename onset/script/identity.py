"""Which scene and which paragraph of a new version is which of the version before.

Used by take_in.py. Lines drawn through a script, the beginnings and ends of setups, hold on to a paragraph's key: the
same text keeps its key wherever it went, changed text keeps it where it stands between the same neighbours. The answer
depends on the file and the log alone: two seats that take in the same file give the same keys.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from onset.domain.script import ScriptElement
from onset.script.screenplay import CUES, DraftScene, Kind, Paragraph, plain

_TELLING = 12  # characters; shorter lines stand in many scenes
_SAME_SCENE = 0.3  # of the text of both is common
_SAME_HEADING, _SAME_NUMBER = 0.25, 0.15  # count beside it
_COMMON = 50  # scenes; a line or a heading that stands in more tells nothing
_ALIKE = 0.5  # of the words of two paragraphs, in their order
_COMPARED = 400  # words of each
_WIDEST = 60  # paragraphs of a changed stretch that are compared one with the other
_MATRIX = 250_000  # pairs that are aligned one with the other; a scene has a few hundred paragraphs at most
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class KnownScene:
    """A scene as the log has it.

    Attributes:
        from_script: a version of the script had it; else somebody typed it in.
        elements: its paragraphs, in their order.
    """

    number: str
    heading: str
    omitted: bool
    from_script: bool
    elements: tuple[ScriptElement, ...] = ()


def pair_scenes(scenes: Sequence[DraftScene], known: Sequence[KnownScene]) -> list[int | None]:
    """For each scene the place of the known one that it is: by its text, by its heading between two that are found, or
    by its number. No known one is taken twice.
    """
    pairs: list[int | None] = [None] * len(scenes)
    taken: set[int] = set()
    for _, _, new, old in sorted(_candidates(scenes, known)):
        if pairs[new] is None and old not in taken:
            pairs[new] = old
            taken.add(old)
    _pair_by_heading(scenes, known, pairs, taken)
    by_number = {one.number: place for place, one in enumerate(known) if place not in taken}
    for new, scene in enumerate(scenes):
        if pairs[new] is None and scene.number in by_number:
            pairs[new] = by_number.pop(scene.number)
    return pairs


def _candidates(scenes: Sequence[DraftScene], known: Sequence[KnownScene]) -> Iterator[tuple[float, float, int, int]]:
    """How unlike they are, how far apart, and their places; only those that could be one."""
    theirs = [_telling((one.kind, one.text) for one in scene.elements) for scene in known]
    where: dict[str, list[int]] = defaultdict(list)
    for old, texts in enumerate(theirs):
        for text in texts:
            where[text].append(old)
    headings, numbers = defaultdict(list), {scene.number: old for old, scene in enumerate(known)}
    for old, one in enumerate(known):
        headings[plain(one.heading)].append(old)
    for new, scene in enumerate(scenes):
        own = _telling((one.kind, one.text) for one in scene.paragraphs)
        heading = plain(scene.heading)
        shared: Counter[int] = Counter()
        for text, count in own.items():
            for old in where[text] if len(where.get(text, ())) <= _COMMON else ():
                shared[old] += len(text) * min(count, theirs[old][text])
        alike = headings.get(heading, ()) if heading else ()
        maybe = {*shared, *(alike if len(alike) <= _COMMON else ())}
        if scene.number in numbers:
            maybe.add(numbers[scene.number])
        for old in maybe:
            both = _length(own) + _length(theirs[old])
            part = 2 * shared[old] / both if both else 0.0
            same_heading = heading != "" and heading == plain(known[old].heading)
            same_number = scene.number == known[old].number
            if part >= _SAME_SCENE or (same_heading and same_number):
                score = part + _SAME_HEADING * same_heading + _SAME_NUMBER * same_number
                yield -score, abs(new / len(scenes) - old / len(known)), new, old


def _telling(texts: Iterable[tuple[str, str]]) -> Counter[str]:
    return Counter(
        text
        for kind, words in texts
        if kind not in CUES and kind != Kind.HEADING and len(text := plain(words)) >= _TELLING
    )


def _length(texts: Counter[str]) -> int:
    return sum(len(text) * count for text, count in texts.items())


def _pair_by_heading(
    scenes: Sequence[DraftScene], known: Sequence[KnownScene], pairs: list[int | None], taken: set[int]
) -> None:
    """Scenes of the same heading between the same two neighbours are one, whatever was written into them."""
    anchors = [-1, *(new for new, old in enumerate(pairs) if old is not None), len(scenes)]
    for before, after in pairwise(anchors):
        first = -1 if before < 0 else pairs[before]
        last = len(known) if after == len(scenes) else pairs[after]
        if first is None or last is None:
            continue
        new = [place for place in range(before + 1, after) if scenes[place].heading]
        old = [place for place in range(first + 1, last) if place not in taken and known[place].heading]
        theirs, own = [plain(known[at].heading) for at in old], [plain(scenes[at].heading) for at in new]
        for tag, a, _, b, b_end in _aligned(theirs, own):
            for step in range(b_end - b if tag == "equal" else 0):
                pairs[new[b + step]] = old[a + step]
                taken.add(old[a + step])


_Stretch = tuple[str, int, int, int, int]  # equal or replaced: from and to in the old, from and to in the new


def _aligned(before: Sequence[object], after: Sequence[object]) -> Iterator[_Stretch]:
    """Equal and changed stretches, in order; of sequences that no script has, only what both begin and end with."""
    start, a_end, b_end = 0, len(before), len(after)
    while start < min(a_end, b_end) and before[start] == after[start]:
        start += 1
    while min(a_end, b_end) > start and before[a_end - 1] == after[b_end - 1]:
        a_end, b_end = a_end - 1, b_end - 1
    yield "equal", 0, start, 0, start
    if (a_end - start) * (b_end - start) <= _MATRIX:
        matcher = SequenceMatcher(None, before[start:a_end], after[start:b_end], autojunk=False)
        for tag, a, a_to, b, b_to in matcher.get_opcodes():
            yield tag, start + a, start + a_to, start + b, start + b_to
    yield "equal", a_end, len(before), b_end, len(after)


_Same = tuple[str, str, str]


def _same(kind: str, character: str, text: str) -> _Same:
    return str(kind), character, plain(text)


def give_keys(
    scenes: Sequence[Sequence[Paragraph]], pairs: Sequence[int | None], known: Sequence[KnownScene]
) -> list[list[str]]:
    """A key for each paragraph of each scene, its heading included.

    Args:
        scenes: their paragraphs.
        pairs: the place of each scene among the known ones.
        known: the scenes of the log.
    """
    keys: list[list[str]] = [[""] * len(scene) for scene in scenes]
    own = [[_same(one.kind, one.character, one.text) for one in scene] for scene in scenes]
    theirs = [[_same(one.kind, one.character, one.text) for one in scene.elements] for scene in known]
    given: set[str] = set()

    def give(scene: int, place: int, key: str) -> None:
        keys[scene][place] = key
        given.add(key)

    for scene, old in enumerate(pairs):
        if old is None:
            continue
        elements = known[old].elements
        for tag, a, a_end, b, b_end in _aligned(theirs[old], own[scene]):
            if tag == "equal":
                for step in range(b_end - b):
                    give(scene, b + step, elements[a + step].key)
            elif tag == "replace":
                for place, at in _alike(theirs[old][a:a_end], own[scene][b:b_end]):
                    give(scene, b + at, elements[a + place].key)
    for scene, place, key in _moved(own, theirs, keys, known, given):
        give(scene, place, key)
    paired = {old for old, scene in zip(pairs, own, strict=True) if scene}  # others keep their text, omitted
    given.update(one.key for old, scene in enumerate(known) if old not in paired for one in scene.elements)
    counts: dict[str, int] = {}
    for scene, paragraphs in enumerate(own):
        for place, same in enumerate(paragraphs):
            if not keys[scene][place]:
                give(scene, place, _fresh(same, given, counts))
    return keys


def _alike(before: Sequence[_Same], after: Sequence[_Same]) -> Iterator[tuple[int, int]]:
    """Pairs of places in a changed stretch, in order: of one kind and speaker, and half of the words stayed."""
    if len(before) > _WIDEST or len(after) > _WIDEST:
        return
    words = [_WORD.findall(text)[:_COMPARED] for _, _, text in before]
    start = 0
    for at, (kind, character, text) in enumerate(after):
        own = _WORD.findall(text)[:_COMPARED]
        for place in range(start, len(before)):
            if before[place][:2] != (kind, character):
                continue
            matcher = SequenceMatcher(None, words[place], own, autojunk=False)
            if kind == Kind.HEADING or (matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE):
                yield place, at
                start = place + 1
                break


def _moved(
    own: Sequence[Sequence[_Same]],
    theirs: Sequence[Sequence[_Same]],
    keys: Sequence[Sequence[str]],
    known: Sequence[KnownScene],
    given: set[str],
) -> Iterator[tuple[int, int, str]]:
    """Text that went to another scene, where it stood once and stands once."""
    left: dict[_Same, list[str]] = defaultdict(list)
    for old, paragraphs in enumerate(theirs):
        for place, same in enumerate(paragraphs):
            if known[old].elements[place].key not in given and len(same[2]) >= _TELLING:
                left[same].append(known[old].elements[place].key)
    found: dict[_Same, list[tuple[int, int]]] = defaultdict(list)
    for scene, paragraphs in enumerate(own):
        for place, same in enumerate(paragraphs):
            if not keys[scene][place] and same in left:
                found[same].append((scene, place))
    for same, places in found.items():
        if len(places) == len(left[same]) == 1:
            yield *places[0], left[same][0]


def _fresh(same: _Same, given: set[str], counts: dict[str, int]) -> str:
    """Made of the text, so that text which comes back after a version without it has its old key again."""
    base = hashlib.sha256("\0".join(same).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    key, count = base, counts.get(base, 1)
    while key in given:
        count += 1
        key = f"{base}-{count}"
    counts[base] = count
    return key
