"""What was said around a take, of its scene and its setup, in the words of those who said it.

The log finds takes by it (`searched` in entities_script.py); this is for those who show why, or look through a few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from onset.domain.scene import Scene, Setup
from onset.domain.take import Take
from onset.logbook.terms import Unset
from onset.logbook.words import spaced


class KnowsTheScript(Protocol):
    """What is asked of a log."""

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...

    def setup(self, slate: str, *, episode: str | Unset | None = ...) -> Setup | None: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...


def said_around(log: KnowsTheScript, takes: Iterable[Take]) -> Mapping[str, tuple[str, ...]]:
    """What was said of each take's scene, setup and cameras, by its id; each text once, the heading first."""
    scenes: dict[tuple[str | None, str], Scene | None] = {}
    setups: dict[tuple[str | None, str], Setup | None] = {}
    found: dict[str, tuple[str, ...]] = {}
    for take in takes:
        of_scene, of_setup = (take.episode, take.scene), (take.episode, take.slate)
        if of_scene not in scenes:
            scenes[of_scene] = log.scene(take.scene, episode=take.episode) if take.scene else None
            for one in log.setups(scene=take.scene):
                setups.setdefault((one.episode, one.slate), one)
        if of_setup not in setups:  # the take was put under another scene
            setups[of_setup] = log.setup(take.slate, episode=take.episode)
        found[take.id] = tuple(dict.fromkeys(filter(None, _said(scenes[of_scene], setups[of_setup]))))
    return found


def _said(scene: Scene | None, setup: Setup | None) -> Iterator[str]:
    if scene is not None:
        yield scene.heading
        yield from (one for one in (scene.int_ext, scene.set, scene.time_of_day) if one not in scene.heading)
        yield scene.story_day
        yield from (*scene.characters, scene.note)
    if setup is not None:
        yield from (setup.name, setup.description, setup.size, *setup.characters, "VFX" if setup.vfx else "")
        yield from (setup.vfx_note, setup.begins, setup.ends, setup.sound_note, setup.note)
        for camera in setup.cameras:
            said = (camera.lens, camera.filters, camera.size, camera.description, camera.rig, camera.operator)
            yield from (f"{camera.camera} {one}" for one in (*said, *camera.characters) if one)


def folded(text: str) -> str:
    """Text as it is compared here: without accents, in one case.

    >>> folded("Küche, EXT.")
    'kuche, ext.'
    """
    return spaced(text).casefold()


def words_typed(text: str) -> list[str]:
    """The words of what somebody typed, as they are compared here.

    >>> words_typed("Wide #12A-3")
    ['wide', '12a', '3']
    """
    return re.findall(r"\w+", folded(text))
