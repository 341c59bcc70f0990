"""Clips that the log still takes for open although whoever wrote them is gone: a service was killed, or the power went.

Looked for once, when a capture service starts. Workers of a killed service finish their files by themselves, so a file
is measured only when it has not grown for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from onset.clock import Clock
from onset.domain.take import Take
from onset.logbook.protocol import Logbook, TakeFilter

METHOD = "recorder"  # how a link was found: our own recorder made the file for this take
_TAKES = 100
_QUIET_NS = 3_000_000_000


@dataclass(frozen=True, slots=True)
class Leftover:
    """A clip or sound file of the log without a length.

    Attributes:
        id: the clip's in the log.
        path: of the file, absolute.
        rate: by name, of its timecode.
    """

    id: str
    device: str
    path: Path
    medium: Literal["picture", "sound"]
    rate: str


class Leftovers:
    """Watches the leftovers until their files are quiet."""

    def __init__(self, logbook: Logbook, clock: Clock) -> None:
        """Find them among the newest takes.

        Raises:
            LogError: the log cannot be read.
        """
        self._clock = clock
        newest = logbook.takes(TakeFilter(limit=_TAKES))
        self._sizes = dict.fromkeys(_unfinished(newest, logbook.folder), -1)
        self._since_ns = clock.monotonic_ns()

    def quiet(self) -> list[Leftover]:
        """Those whose file has not grown lately or is not there; each is returned once."""
        now_ns = self._clock.monotonic_ns()
        if not self._sizes or now_ns - self._since_ns < _QUIET_NS:
            return []
        self._since_ns = now_ns
        found = []
        for leftover, before in list(self._sizes.items()):
            self._sizes[leftover] = size = _size(leftover.path)
            if size == before or size == 0:
                del self._sizes[leftover]
                found.append(leftover)
        return found


def _unfinished(takes: Sequence[Take], folder: Path) -> list[Leftover]:
    clips = [clip for take in takes for angle in take.angles for clip in angle.clips]
    sounds = [file for take in takes for sound in take.sound for file in sound.files]
    return [
        Leftover(clip.id, clip.camera, folder / clip.path, "picture", clip.rate)
        for clip in clips
        if clip.duration_frames is None and clip.method == METHOD
    ] + [
        Leftover(sound.id, sound.device, folder / sound.path, "sound", sound.rate)
        for sound in sounds
        if sound.duration_frames is None and sound.method == METHOD
    ]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
