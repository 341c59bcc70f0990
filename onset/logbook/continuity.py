"""Continuity entries: which scene comes before which, what is carried over, and what a person writes.

A character keeps the costume within a story day; the next story day is another one. Script order is the order of the
script where it is known, else of the scenes' numbers.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from onset.changes import Value, derived_id
from onset.domain.continuity import LOOKS, Continuity
from onset.domain.still import Still
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields
from onset.slate import check_label, sort_key
from onset.text import safe_text

_LONGEST_NAME = 80
_Place = tuple[str, int, str]  # episode, place in the script, number: empty for a scene that stands there itself


class Pages:
    """All entries of a log and where their scenes stand in the script."""

    def __init__(self, entries: Iterable[Row], scenes: Iterable[Row], stills: Iterable[Still] = ()) -> None:
        """Take in the rows of `continuity` and of `scene` that are not deleted, and stills in their order."""
        self._stills: dict[str | None, list[Still]] = {}
        for still in stills:
            self._stills.setdefault(still.continuity_id, []).append(still)
        self._scenes = {(row.text("episode"), sort_key(row.text("number"))): row for row in scenes}
        self._placed: dict[str, list[tuple[str, int]]] = {}  # episode to numbers in their order, each with its place
        for (there, number), row in sorted(self._scenes.items(), key=lambda one: one[0]):
            if row.maybe_number("ordinal") is not None:
                self._placed.setdefault(there, []).append((number, row.number("ordinal")))
        self.entries: Sequence[Continuity] = sorted(
            (self._entry(row) for row in entries),
            key=lambda one: (same_name(one.character), self._place(one.episode, one.scene)),
        )

    def look(self, character: str, scene: str, *, episode: str | None, story_day: str | None) -> Continuity | None:
        """See `ContinuityDepartment.look`."""
        own = [one for one in self.entries if same_name(one.character) == same_name(character)]
        place = self._place(episode, scene)
        for one in own:
            if self._place(one.episode, one.scene) == place and (one.episode or "") == (episode or ""):
                return one
        day = (story_day or "").strip() or self.story_day(scene, episode)
        before = [
            one
            for one in own
            if (one.episode or "") == (episode or "")
            and same_name(one.story_day) == same_name(day)
            and self._place(one.episode, one.scene) < place
        ]
        if not day or not before:
            return None
        last = before[-1]
        carried = {name: last.scene for name, value in last.looks.items() if value}
        return replace(last, id=None, scene=scene.strip(), story_day=day, carried=carried)

    def story_day(self, scene: str, episode: str | None) -> str:
        """As the script has it; empty where it does not say."""
        row = self._scenes.get((episode or "", sort_key(scene)))
        return row.text("story_day") if row is not None else ""

    def _place(self, episode: str | None, scene: str) -> _Place:
        """A scene that the script does not place stands behind the one before it by number; all do without a script."""
        key = sort_key(scene)
        row = self._scenes.get((episode or "", key))
        if row is not None and row.maybe_number("ordinal") is not None:
            return episode or "", row.number("ordinal"), ""
        placed = self._placed.get(episode or "", [])
        before = bisect_left(placed, (key,))
        return episode or "", placed[before - 1][1] if before else -1, key

    def _entry(self, row: Row) -> Continuity:
        scene, episode = row.text("scene"), row.maybe_text("episode")
        return Continuity(
            id=row.id,
            episode=episode,
            scene=scene,
            character=row.text("character"),
            story_day=row.text("story_day") or self.story_day(scene, episode),
            wardrobe=row.text("wardrobe"),
            hair_makeup=row.text("hair_makeup"),
            props=row.text("props"),
            action=row.text("action"),
            note=row.text("note"),
            stills=tuple(self._stills.get(row.id, ())),
        )


def matching(
    entries: Iterable[Continuity],
    *,
    character: str | None,
    scene: str | None,
    episode: str | None,
    story_day: str | None,
    text: str | None,
) -> list[Continuity]:
    """Those that are asked for, in their order."""
    words = _words(text or "")
    return [
        one
        for one in entries
        if (character is None or same_name(one.character) == same_name(character))
        and (scene is None or sort_key(one.scene) == sort_key(scene))
        and (episode is None or one.episode == episode)
        and (story_day is None or same_name(one.story_day) == same_name(story_day))
        and _says(one, words)
    ]


def _says(entry: Continuity, words: Sequence[str]) -> bool:
    said = _words(" ".join((entry.character, entry.scene, entry.story_day, *entry.looks.values())))
    return all(any(one.startswith(word) for one in said) for word in words)


def _words(text: str) -> list[str]:
    """Words without accents, in small letters.

    >>> _words("Zoë's navy-blue COAT")
    ['zoe', 's', 'navy', 'blue', 'coat']
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    return "".join(c if c.isalnum() else " " for c in bare).split()


def same_name(name: str) -> str:
    """Equal for two spellings of one name: capitals and blanks make no difference.

    >>> same_name(" Mara  Lind") == same_name("MARA LIND")
    True
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


# -- edits ------------------------------------------------------------------------------------------------------------


def write(
    tx: Transaction, character: str, scene: str, fields: Mapping[str, Value], *, episode: str | None
) -> tuple[str, dict[str, str]]:
    """Write how a character looks in a scene.

    Returns:
        The entry's id, and what a new one carried over: field to scene.
    """
    character, scene = _checked_name(character), check_label(scene, "scene")
    checked = checked_fields("continuity", fields)
    asked = checked.get("story_day")
    pages = Pages(tx.find("continuity", {}), tx.find("scene", {}))
    seen = pages.look(character, scene, episode=episode, story_day=asked if isinstance(asked, str) else None)
    if seen is not None and seen.id is not None:
        tx.set("continuity", seen.id, checked)
        return seen.id, {}
    carried = {name: value for name, value in (seen.carried if seen else {}).items() if name not in checked}
    if not carried and not any(checked.get(name) for name in LOOKS):
        raise RefusedError(
            f"Nothing is known of how {safe_text(character)} looks in scene {safe_text(scene)}; say it, as in "
            'wardrobe="navy coat".'
        )
    looks: dict[str, Value] = {name: seen.looks[name] if seen and name in carried else None for name in LOOKS}
    named: dict[str, Value] = {"episode": episode, "scene": scene, "character": character, "deleted": 0}
    entry_id = entry_key(episode, scene, character)
    if tx.get("continuity", entry_id) is None:
        named.pop("deleted")
        tx.add("continuity", named | looks | checked, entry_id)
    else:  # it was taken back or deleted: what it said then is not said now
        tx.set("continuity", entry_id, named | looks | {"story_day": None} | checked)
    return entry_id, carried


def delete(tx: Transaction, character: str, scene: str, *, episode: str | None) -> str:
    """Hide an entry; returns its id."""
    found = entry(tx, character, scene, episode=episode)
    tx.set("continuity", found.id, {"deleted": 1})
    return found.id


def entry(tx: Transaction, character: str, scene: str, *, episode: str | None) -> Row:
    """The entry of a character in a scene.

    Raises:
        RefusedError: nobody has written it.
    """
    found = tx.get("continuity", entry_key(episode, scene, character))
    if found is None or found.flag("deleted"):
        raise RefusedError(
            f"There is no continuity of {safe_text(character)} in scene {safe_text(scene)}; write it first with onset "
            "log continuity."
        )
    return found


def entry_key(episode: str | None, scene: str, character: str) -> str:
    """An entry is its scene and its character: two seats that write one meet in one row, whatever their spelling."""
    return derived_id("continuity", episode or "", sort_key(scene), same_name(character)).hex()


def _checked_name(character: str) -> str:
    name = " ".join(character.split())
    if not name:
        raise RefusedError("Say whose continuity it is: the character's name.")
    if len(name) > _LONGEST_NAME:
        raise RefusedError(f'The name "{safe_text(name[:_LONGEST_NAME])}…" is longer than {_LONGEST_NAME} characters.')
    if not name.isprintable():
        raise RefusedError(f'The name "{safe_text(name)}" holds characters that cannot be shown.')
    return name
