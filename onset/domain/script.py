"""A version of the script as it is taken into the log, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptVersion:
    """A version of the script: white, blue, pink …

    Attributes:
        name: what people call it; `colour` and `date` as they stand on its title page.
        episode: whose script it is; None: the film's.
        file: where it came from, `digest` of that file; the same digest again is the same version.
        wall_ns: when it came into the log; 0 before.
    """

    name: str
    id: str = ""
    episode: str | None = None
    colour: str = ""
    date: str = ""
    file: str = ""
    note: str = ""
    digest: str = ""
    wall_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptScene:
    """A scene as a version of the script has it. What the script does not say is empty and stays as the log has it.

    Attributes:
        eighths: of a page; `eighths_estimated`: counted from a text without pages.
        was: the number it had in the version before, where the script says so.
    """

    number: str
    heading: str = ""
    int_ext: str = ""
    set: str = ""
    time_of_day: str = ""
    story_day: str = ""
    pages: str = ""
    characters: tuple[str, ...] = ()
    eighths: int | None = None
    eighths_estimated: bool = False
    estimate_s: int | None = None
    omitted: bool = False
    was: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptElement:
    """A paragraph of a scene: action, a character's name, dialogue …

    Attributes:
        key: of the element within its script; the same in every version in which it is the same element.
        scene: number of its scene.
        page: as printed, `line` on it, counted from 1; 0: unknown.
    """

    key: str
    scene: str
    kind: str
    text: str
    character: str = ""
    page: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneDiff:
    """What a version changes in a scene: field to what it was and what it is, as people write it."""

    number: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptDiff:
    """What a version of the script changes in the log; numbers of scenes, in the order of the script.

    Attributes:
        omitted: the script has them no more; `restored` are back.
        renumbered: old and new number.
        credited: those of the omitted, renumbered and changed scenes that were credited; their credits stay.
        elements_added: how many paragraphs; likewise changed and gone.
    """

    version: ScriptVersion
    added: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    renumbered: tuple[tuple[str, str], ...] = ()
    changed: tuple[SceneDiff, ...] = ()
    credited: tuple[str, ...] = ()
    elements_added: int = 0
    elements_changed: int = 0
    elements_gone: int = 0
