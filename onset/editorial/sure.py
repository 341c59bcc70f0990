"""Which files of a take are facts: what a cutting room may see of it, and what is left out by name.

Used by `day.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.note import Audience, Note
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Take
from onset.editorial.event import LeftOut

_F = TypeVar("_F", Clip, SoundFile)


def sure_files(files: Sequence[_F]) -> list[_F]:
    """Files that a cutting room may take for true: confirmed and readable.

    It works from the camera's originals; what our own recorders made of the same picture only stands in where no
    original is sure.
    """
    sure = [file for file in files if file.link is LinkState.CONFIRMED and not file.unreadable]
    return [file for file in sure if file.source is not Source.RECORDER] or sure


def sure_sound(take: Take) -> tuple[SoundTake, ...]:
    """Sound of a take with such files only.

    What our own recorder heard of it is the mixer's mix again, whatever the two devices are called: it gives way as
    soon as one original is sure.
    """
    heard = [replace(one, files=tuple(sure_files(one.files))) for one in take.sound]
    if all(file.source is Source.RECORDER for one in heard for file in one.files):
        return tuple(heard)
    return tuple(
        replace(one, files=tuple(file for file in one.files if file.source is not Source.RECORDER)) for one in heard
    )


def sure_of(take: Take) -> list[Clip | SoundFile]:
    """All such files of a take."""
    found: list[Clip | SoundFile] = [clip for angle in take.angles for clip in sure_files(angle.clips)]
    return found + [file for sound in sure_sound(take) for file in sound.files]


def for_the_editor(take: Take, where: Callable[[str], str]) -> Take:
    """The take with notes for the editor only, with files that are sure only, and with paths as `where` has them."""

    def readable(note: Note) -> bool:
        return note.audience is Audience.EDITOR and not note.deleted

    return replace(
        take,
        notes=tuple(sorted(filter(readable, take.notes), key=lambda note: (note.wall_ns, note.id))),
        angles=tuple(
            replace(angle, note=None, clips=tuple(_clip(clip, where) for clip in sure_files(angle.clips)))
            for angle in take.angles
        ),
        sound=tuple(
            replace(one, files=tuple(replace(file, path=where(file.path)) for file in one.files))
            for one in sure_sound(take)
        ),
        stills=(),
    )


def _clip(clip: Clip, where: Callable[[str], str]) -> Clip:
    return replace(clip, path=where(clip.path), proxy=where(clip.proxy) if clip.proxy else None)


def not_sure(take: Take, files: Sequence[Clip | SoundFile], whose: str) -> Iterable[LeftOut]:
    """What of these files is left out, and why; `whose` is the take with its camera or recorder."""
    for file in files:
        if file.link is LinkState.PROPOSED:
            yield LeftOut(f"{file.name} ({whose})", "its link to the take is only proposed")
        elif file.link is LinkState.CONFIRMED and file.unreadable:
            yield LeftOut(f"{file.name} ({whose})", f"it cannot be read: {file.unreadable}")
