"""Headings that begin no scene because a person said so. Used by take_in.py.

A demoted heading stays in the text as a paragraph of its own kind, in the log too, and that is how it is known in the
next version (docs/decisions/0270).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from onset.errors import UsageError
from onset.script.identity import KnownScene
from onset.script.screenplay import DraftScene, Kind, Paragraph, plain
from onset.text import safe_text
from onset.toml import nearest


def demote(
    scenes: Sequence[DraftScene],
    wanted: Sequence[str],
    kept: Sequence[str],
    known: Sequence[KnownScene],
) -> tuple[list[DraftScene], list[str]]:
    """Put demoted scenes into those before them.

    Args:
        scenes: as read.
        wanted: headings to be demoted, the lines they stand in, or their numbers (`#12`).
        kept: headings that were demoted before, and are to be scenes again.
        known: the scenes of the log; what is demoted there stays so.

    Returns:
        The scenes that are left, and the headings that were demoted.

    Raises:
        UsageError: a heading that the script does not have.
    """
    headings = [plain(scene.heading) for scene in scenes]
    for word in kept:
        if plain(word) not in headings:
            raise _unknown(word, scenes)
    back = {plain(word) for word in kept}
    places = {place for place in _remembered(scenes, known) if headings[place] not in back}
    for word in wanted:
        found = [place for place, heading in enumerate(headings) if heading and heading == plain(word)]
        if not found and word.strip().isdecimal():
            found = [place for place, scene in enumerate(scenes) if scene.line == int(word)]
        if not found and word.strip().startswith("#"):
            found = [place for place, scene in enumerate(scenes) if scene.number == word.strip().strip("#")]
        if not found:
            raise _unknown(word, scenes)
        places.update(found)
    left: list[DraftScene] = []
    ahead: tuple[Paragraph, ...] = ()
    for place, scene in enumerate(scenes):
        if place not in places:
            left.append(replace(scene, ahead=(*ahead, *scene.ahead)))
            ahead = ()
            continue
        text = (Paragraph(Kind.DEMOTED, scene.heading, line=scene.line), *scene.paragraphs)
        if not left:
            ahead = (*ahead, *scene.ahead, *text)
            continue
        into = left[-1]
        counted = into.eighths is not None and scene.eighths is not None
        left[-1] = replace(
            into,
            paragraphs=(*into.paragraphs, *text),
            eighths=(into.eighths or 0) + (scene.eighths or 0) if counted else None,
            also=tuple(dict.fromkeys((*into.also, *scene.also))),
        )
    return left, [scenes[place].heading for place in sorted(places)]


def _unknown(word: str, scenes: Sequence[DraftScene]) -> UsageError:
    shown = safe_text(word[:80])
    if word.strip().isdecimal():
        return UsageError(f"Line {shown} is no scene heading of this script; nothing was taken in.")
    near = nearest(word, [plain(scene.heading) for scene in scenes if scene.heading])
    return UsageError(f'There is no heading "{shown}" in this script{near or "."}')


def _remembered(scenes: Sequence[DraftScene], known: Sequence[KnownScene]) -> Iterator[int]:
    """Headings that the version before has as demoted. Where a scene had the same heading, by the paragraph below."""
    standing = {plain(one.heading) for one in known if not one.omitted}
    below: dict[str, set[str]] = {}
    for one in known:
        for element, following in zip_longest(one.elements, one.elements[1:]):
            if element is not None and element.kind == Kind.DEMOTED:
                below.setdefault(plain(element.text), set()).add(plain(following.text) if following else "")
    for place, scene in enumerate(scenes):
        heading = plain(scene.heading)
        first = plain(scene.paragraphs[0].text) if scene.paragraphs else ""
        if heading in below and (heading not in standing or first in below[heading]):
            yield place
