"""Clips that the log still takes for open although whoever wrote them is gone: a service was killed, or the power went.

Found when a capture service starts. Workers of a killed service finish their files by themselves, so a file is measured
only when it has not changed for a while; one that is not there (its disk is not mounted) is looked for all along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from onset.capture.aside import Aside, Begin
from onset.clock import Clock
from onset.domain.take import Take

METHOD = "recorder"  # how a link was found: our own recorder made the file for this take
_QUIET_NS = 3_000_000_000


@dataclass(frozen=True, slots=True)
class Leftover:
    """A clip or sound file of the log without a length.

    Attributes:
        id: the clip's in the log.
        path: of the file, absolute.
        rate: by name, of its timecode.
        interrupted: the log says already that it was cut off.
    """

    id: str
    device: str
    path: Path
    medium: Literal["picture", "sound"]
    rate: str
    interrupted: bool = False


_Look = tuple[int, int, int] | Literal["not there", "not looked"]  # inode, size and ns of the last change


@dataclass(slots=True)
class _Watched:
    seen: _Look = "not looked"
    given: _Look = "not looked"


class Leftovers:
    """Watches the leftovers until their files are quiet."""

    def __init__(self, found: Sequence[Leftover], clock: Clock, begin: Begin) -> None:
        """Nothing is looked at before `quiet`; their disk is asked aside, where `begin` says."""
        self._clock = clock
        self._aside: Aside[list[_Look]] = Aside(begin)
        self._watched = {leftover: _Watched() for leftover in found}
        self._since_ns = clock.monotonic_ns()

    def quiet(self) -> list[Leftover]:
        """Those whose file has not changed lately, or is not there; again only when that has changed."""
        now_ns = self._clock.monotonic_ns()
        if self._watched and not self._aside.out and now_ns - self._since_ns >= _QUIET_NS:
            self._since_ns = now_ns
            self._aside.ask(lambda: [_look(leftover.path) for leftover in self._watched])
        found = []
        for (leftover, watched), look in zip(self._watched.items(), self._aside.answer() or (), strict=False):
            if look == watched.seen and look != watched.given:
                watched.given = look
                found.append(leftover)
            watched.seen = look
        return found


def left_open(take: Take, folder: Path) -> list[Leftover]:
    """The files of a take without a length; `folder` is the production's, absolute."""
    return [
        Leftover(clip.id, clip.camera, folder / clip.path, "picture", clip.rate, clip.interrupted)
        for angle in take.angles
        for clip in angle.clips
        if clip.duration_frames is None and clip.method == METHOD
    ] + [
        Leftover(file.id, file.device, folder / file.path, "sound", file.rate, file.interrupted)
        for sound in take.sound
        for file in sound.files
        if file.duration_frames is None and file.method == METHOD
    ]


def _look(path: Path) -> _Look:
    try:
        found = path.stat()
    except OSError:
        return "not there"
    return found.st_ino, found.st_size, found.st_mtime_ns
