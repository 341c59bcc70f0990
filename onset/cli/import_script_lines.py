"""What `onset import script` shows: the scenes, and what becomes of those that the log has."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onset.cli.log_script_lines import WIDTH, wrapped
from onset.domain.measures import in_eighths
from onset.domain.script import SceneDiff, ScriptDiff, ScriptElement, ScriptScene
from onset.logbook.as_json import Json
from onset.logbook.as_json_script import length_json, version_json
from onset.script.take_in import Incoming
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.sheet import Sheet

_LISTED = 60  # of each kind; all of them stand in --json


@dataclass(frozen=True, slots=True)
class Shown:
    """A version, and what it changes.

    Attributes:
        known: headings of the scenes that the log had, by their numbers.
        credited: numbers of all scenes that were credited; `shot`: that have takes.
        sheet: of a list of scenes.
        again: the log had this very file as the newest version.
        taken: it is in the log now.
    """

    incoming: Incoming
    diff: ScriptDiff
    known: Mapping[str, str]
    credited: frozenset[str]
    shot: frozenset[str]
    sheet: Sheet | None
    again: bool
    taken: bool
    dry_run: bool

    @property
    def changed(self) -> list[SceneDiff]:
        """What the version changes in scenes, without the pages they stand on: one new scene moves all behind it."""
        apart = ((one.number, tuple(field for field in one.fields if field[0] != "pages")) for one in self.diff.changed)
        return [SceneDiff(number=number, fields=fields) for number, fields in apart if fields]

    @property
    def pages(self) -> list[tuple[str, str, str]]:
        """Scene, old and new page of those that stand on another one."""
        return [(one.number, old, new) for one in self.diff.changed for name, old, new in one.fields if name == "pages"]

    @property
    def empty(self) -> bool:
        """Nothing changes in any scene."""
        diff = self.diff
        scenes = (diff.added, diff.omitted, diff.restored, diff.renumbered, diff.changed)
        return not (any(scenes) or diff.elements_added or diff.elements_changed or diff.elements_gone)


def lines(shown: Shown) -> list[str]:
    """For a person, in 80 columns."""
    return list(_lines(shown))


def _lines(shown: Shown) -> Iterator[str]:
    diff, incoming = shown.diff, shown.incoming
    version = diff.version
    of = f"{version.episode}: " if version.episode else ""
    said = ", ".join(part for part in (version.colour, version.date, version.file) if part)
    standing = [scene for scene in incoming.scenes if not scene.omitted]
    count = f"{len(standing)} scene{'s' * (len(standing) != 1)}"
    yield from wrapped(f"{of}{version.name} ({said}): {count}, {_pages(standing)}.", "")
    if shown.sheet is not None:
        yield from wrapped(f"columns: {', '.join(f'{name} = {one}' for name, one in shown.sheet.columns.items())}")
        if shown.sheet.unused:
            yield from wrapped(f"not used: {', '.join(shown.sheet.unused)}")
    yield from _changes(shown)
    if incoming.numbered and len(incoming.numbered) == len(standing):
        yield "The file has no scene numbers; they were numbered by onset."
    elif incoming.numbered:
        yield from wrapped(
            f"Without a number in the file, numbered by onset: {_some(incoming.numbered)}.",
            "",
        )
    if incoming.estimated:
        yield from wrapped("Pages with ~ are an estimate: the file does not say them.", "")
    if incoming.demoted:
        yield from wrapped(f"Demoted, no scenes: {_some(incoming.demoted)}.", "")
    for doubt in incoming.doubts:
        yield from wrapped(f"! {doubt}.", "")


def end(shown: Shown) -> str:
    """What came of it, in a sentence."""
    if shown.again and shown.empty:
        return "The log has this version already; nothing changed."
    if shown.taken:
        return 'It is in the log; "onset log undo" takes it back.'
    return "Nothing was written." if shown.dry_run else "Nothing was taken in."


def _pages(scenes: list[ScriptScene]) -> str:
    counted = [scene.eighths for scene in scenes if scene.eighths is not None]
    estimated = "~" if any(scene.eighths_estimated for scene in scenes) else ""
    return f"{estimated}{in_eighths(sum(counted))} pages" if counted else "no pages"


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


def _changes(shown: Shown) -> Iterator[str]:
    diff = shown.diff
    scenes = {scene.number: scene for scene in shown.incoming.scenes}
    rows = [("added", number, _line_of(scenes[number])) for number in diff.added]
    rows += [("omitted", number, _words(shown, number, shown.known.get(number, ""))) for number in diff.omitted]
    rows += [("restored", number, _words(shown, number, scenes[number].heading)) for number in diff.restored]
    rows += [
        ("renumbered", old, _words(shown, old, f"is {new}: {scenes[new].heading}")) for old, new in diff.renumbered
    ]
    for change in shown.changed:
        new_heading = any(name == "heading" for name, _, _ in change.fields)
        fields = (
            f"{name.replace('_', ' ')} {old or '?'} → {new}"
            for name, old, new in change.fields
            if not (new_heading and name in ("int_ext", "set", "time_of_day"))
        )
        rows.append(("changed", change.number, _words(shown, change.number, *fields)))
    for one in shown.incoming.text:
        parts = [(one.changed, "changed"), (one.added, "new"), (one.gone, "gone")]
        said = ", ".join(f"{count} {what}" for count, what in parts if count)
        rows.append(("text", one.number, _words(shown, one.number, f"paragraphs: {said}")))
    moved = [number for number, old, _ in shown.pages if old]
    if not (rows or moved or shown.incoming.moved):
        yield "  Nothing changes in the scenes of the log."
    told: dict[str, int] = {}
    for what, number, words in rows:
        told[what] = told.get(what, 0) + 1
        if told[what] <= _LISTED:
            yield from textwrap.wrap(safe_text(f"  {what:<10} {number:<7} {words}"), WIDTH, subsequent_indent=" " * 21)
    for what, count in told.items():
        if count > _LISTED:
            yield f"  and {count - _LISTED} more {what}; --json lists them all"
    if shown.incoming.moved:
        yield from wrapped(f"stand elsewhere in the order now: {_some(shown.incoming.moved)}")
    if moved:
        yield f"  {len(moved)} scene{'s stand' if len(moved) > 1 else ' stands'} on other pages than before"


def _words(shown: Shown, number: str, *parts: str) -> str:
    """With what was done of the scene already, which stays."""
    done = [word for word, of in (("shot", shown.shot), ("credited", shown.credited)) if number in of]
    return "; ".join([*(part for part in parts if part), *([f"{' and '.join(done)}, which stays"] if done else [])])


def _line_of(scene: ScriptScene) -> str:
    length = "" if scene.eighths is None else f"{'~' * scene.eighths_estimated}{in_eighths(scene.eighths)}"
    return f"{length:>6}  {'OMITTED' if scene.omitted else scene.heading or scene.set}"


def document(shown: Shown) -> dict[str, Json]:
    """For a program: absent is null, never left out."""
    diff, incoming = shown.diff, shown.incoming
    sheet = shown.sheet
    return {
        "version": version_json(diff.version) | ({} if shown.taken else {"taken_in_at": None}),
        "scenes": [_scene(scene) for scene in incoming.scenes],
        "elements": [_element(one) for one in incoming.elements],
        "diff": {
            "added": list(diff.added),
            "omitted": list(diff.omitted),
            "restored": list(diff.restored),
            "renumbered": [{"old": old, "new": new} for old, new in diff.renumbered],
            "moved": list(incoming.moved),
            "changed": [
                {
                    "scene": change.number,
                    "fields": [{"field": name, "old": old or None, "new": new} for name, old, new in change.fields],
                }
                for change in shown.changed
            ],
            "pages": [{"scene": number, "old": old or None, "new": new} for number, old, new in shown.pages],
            "text": [
                {"scene": one.number, "added": one.added, "changed": one.changed, "gone": one.gone}
                for one in incoming.text
            ],
            "credited": _touched(shown, shown.credited),
            "shot": _touched(shown, shown.shot),
            "elements": {
                "added": diff.elements_added,
                "changed": diff.elements_changed,
                "gone": diff.elements_gone,
            },
        },
        "estimated": list(incoming.estimated),
        "numbered_by_us": list(incoming.numbered),
        "demoted": list(incoming.demoted),
        "doubts": list(incoming.doubts),
        "columns": _named(sheet.columns) if sheet is not None else None,
        "taken": shown.taken,
        "dry_run": shown.dry_run,
    }


def _named(columns: Mapping[str, str]) -> dict[str, Json]:
    return {name: safe_text(heading) for name, heading in columns.items()}


def _touched(shown: Shown, of: frozenset[str]) -> list[Json]:
    """Those of the scenes that the version omits, brings back, renumbers or changes."""
    diff = shown.diff
    renumbered, changed = (old for old, _ in diff.renumbered), (one.number for one in shown.changed)
    text = (one.number for one in shown.incoming.text)
    touched = (*diff.omitted, *diff.restored, *renumbered, *changed, *text)
    return [number for number in dict.fromkeys(touched) if number in of]


def _scene(scene: ScriptScene) -> dict[str, Json]:
    return {
        "number": scene.number,
        "heading": scene.heading or None,
        "int_ext": scene.int_ext or None,
        "set": scene.set or None,
        "time_of_day": scene.time_of_day or None,
        "story_day": scene.story_day or None,
        "pages": scene.pages or None,
        "eighths": scene.eighths,
        "length": length_json(scene.eighths),
        "eighths_estimated": scene.eighths_estimated,
        "estimate_s": scene.estimate_s,
        "characters": list(scene.characters),
        "omitted": scene.omitted,
        "was": scene.was,
    }


def _element(one: ScriptElement) -> dict[str, Json]:
    return {
        "key": one.key,
        "scene": one.scene,
        "kind": one.kind,
        "character": one.character or None,
        "text": one.text,
        "page": one.page or None,
        "line": one.line or None,
    }
