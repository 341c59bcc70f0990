"""Scenes of the script and the setups they are shot in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from onset.slate import sort_key


class Coverage(StrEnum):
    """How far a scene is shot, in the words of the person who credits it."""

    NOT_STARTED = "not started"
    PART = "part"
    COMPLETE = "complete"


class OwedKind(StrEnum):
    """What is owed to a scene until it is shot."""

    INSERT = "insert"
    PICKUP = "pickup"
    WILD_TRACK = "wild track"
    RETAKE = "retake"
    SHOT = "shot"  # anything else


def scene_label(number: str, episode: str | None) -> str:
    """`42`, or `101:42` of an episode."""
    return f"{episode}:{number}" if episode else number


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scene; its identity is (episode, number), the number kept as the script writes it.

    Attributes:
        heading: `INT. KITCHEN - NIGHT`, empty while no script is known.
        pages: where it stands in the script, as printed there (`22A-23`).
        eighths: length in eighths of a page; `eighths_estimated`: counted by a program from a text without pages.
        estimate_s: what the cut scene should run, seconds.
        rehearsal_ns: how long its newest rehearsal took, None before the first.
        omitted: the script has it no more; the number stays for ever, and what was shot and credited too.
        ordinal: place in the script of its episode; None: typed in by hand.
        version: id of the newest script version that has it; None: no script has.
        predecessor: id of the scene that it was before the script gave it another number.
    """

    id: str
    episode: str | None
    number: str
    heading: str = ""
    int_ext: str = ""
    set: str = ""
    time_of_day: str = ""
    story_day: str = ""
    pages: str = ""
    characters: tuple[str, ...] = ()
    note: str = ""
    eighths: int | None = None
    eighths_estimated: bool = False
    estimate_s: int | None = None
    rehearsal_ns: int | None = None
    omitted: bool = False
    ordinal: int | None = None
    version: str | None = None
    predecessor: str | None = None

    @property
    def label(self) -> str:
        """`42`, or `101:42` of an episode."""
        return scene_label(self.number, self.episode)


def in_script_order(scenes: Iterable[Scene]) -> list[Scene]:
    """As the script has them; one that was typed in by hand stands where its number would put it."""
    by_episode: dict[str, list[tuple[str, Scene]]] = {}
    for scene in scenes:
        by_episode.setdefault(scene.episode or "", []).append((sort_key(scene.number), scene))
    found: list[Scene] = []
    for _, own in sorted(by_episode.items(), key=lambda item: (bool(item[0]), sort_key(item[0]))):
        own.sort(key=lambda one: one[0])
        placed = sorted((one for one in own if one[1].ordinal is not None), key=lambda one: one[1].ordinal or 0)
        for loose in (one for one in own if one[1].ordinal is None):
            before = [place for place, (key, _) in enumerate(placed) if key <= loose[0]]
            placed.insert(before[-1] + 1 if before else 0, loose)
        found += [scene for _, scene in placed]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSetup:
    """How one camera stands in a setup; free text as people say it (`35mm`, `5'6"`, `-3°`).

    Attributes:
        characters: who is seen by this camera.
    """

    camera: str
    lens: str = ""
    height: str = ""
    tilt: str = ""
    filters: str = ""
    size: str = ""
    characters: tuple[str, ...] = ()
    description: str = ""
    stop: str = ""
    iso: str = ""
    shutter: str = ""
    white_balance: str = ""
    tint: str = ""
    fps: str = ""
    focus: str = ""
    nd: str = ""
    rig: str = ""
    operator: str = ""


_SAID_OF_CAMERA = tuple(field.name for field in fields(CameraSetup) if field.name != "camera")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A slate and how it is shot; or one that is planned, and has only a working name until it gets its slate.

    Attributes:
        slate: empty while it is planned under its working name `name`.
        begins: where in the script it begins, `ends` where: words, or the key of an element of the script.
        characters: who is on camera.
        planned: it is on a shot list; `planned_day` and `unit` where that says when and by whom.
        shot: it has takes.
        rehearsal_ns: how long its newest rehearsal took, None before the first.
    """

    id: str
    episode: str | None
    scene: str
    slate: str
    name: str = ""
    description: str = ""
    size: str = ""
    begins: str = ""
    ends: str = ""
    characters: tuple[str, ...] = ()
    vfx: bool = False
    vfx_note: str = ""
    mos: bool = False
    sound_note: str = ""
    note: str = ""
    storyboard: str = ""
    planned: bool = False
    planned_day: int | None = None
    unit: str = ""
    shot: bool = False
    rehearsal_ns: int | None = None
    cameras: tuple[CameraSetup, ...] = ()

    @property
    def label(self) -> str:
        """Its slate, or the working name in quotation marks."""
        return self.slate or f'"{self.name}"'

    def has_words(self, words: str) -> bool:
        """Whether every one of these words is in what is said of it and of its cameras, in any case."""
        said = [self.slate, self.scene, self.name, self.description, self.size, self.note, self.vfx_note]
        for camera in self.cameras:
            said += [value for value in map(camera.__getattribute__, _SAID_OF_CAMERA) if isinstance(value, str)]
        text = " ".join(said).casefold()
        return all(word in text for word in words.casefold().split())
