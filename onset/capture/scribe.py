"""Writes what was recorded into the log, in the order it happened, on a thread of its own.

A log whose disk is slow or full must not delay a roll: the session hands facts over and goes on. What the log refuses
for the moment is kept and tried again; what it refuses for good is said aloud, and the file stays where it is.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onset.capture import set_facts
from onset.capture.alarms import CameAgain, Cleared, Raised
from onset.capture.leftovers import METHOD, Leftover
from onset.capture.proxies import ProxyMade
from onset.capture.set_facts import SetFact
from onset.capture.signals import ClipClosed, ClipOpened
from onset.capture.station import ClipLost
from onset.capture.stills import StillOfTake
from onset.clock import Clock
from onset.domain.camera import Clip, LinkState
from onset.domain.sound import SoundFile
from onset.errors import LogError, OnsetError
from onset.logbook.protocol import Logbook
from onset.text import safe_path
from onset.timecode import Rate, rate

_AGAIN_S = 0.5
_NS = 1_000_000_000

Fact = ClipOpened | ClipClosed | ClipLost | Leftover | Raised | CameAgain | Cleared | StillOfTake | ProxyMade | SetFact


@dataclass(frozen=True, slots=True)
class Length:
    """What a file really holds: frames at its timecode's rate; of a sound file also samples."""

    frames: int
    samples: int = 0
    sample_rate: int = 0


Measure = Callable[[Path, Rate], Length | None]  # None when the file cannot be read


class Scribe:
    """The writer of the capture service's seat."""

    def __init__(
        self, logbook: Logbook, media: Path, clock: Clock, tell: Callable[[str], None], measure: Measure | None = None
    ) -> None:
        """Nothing is written before `start` or `write_all`.

        Args:
            logbook: only its writing verbs are used, from the scribe's thread.
            media: absolute folder that the paths of clips are below.
            clock: for gaps whose file cannot be measured.
            tell: shows a sentence to the person who runs the service; any thread.
            measure: how much is in a file that nobody closed.
        """
        self._logbook = logbook
        self._media = media
        self._clock = clock
        self._tell = tell
        self._measure = measure
        self._facts: deque[Fact] = deque()
        self._clips: dict[str, str] = {}
        self._measured: set[str] = set()  # leftovers that were closed
        self._cut_off: set[str] = set()  # leftovers that the log was told to be interrupted, and no more
        self._wake = threading.Condition()
        self._ending = False
        self._troubled = False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Facts that are not in the log yet."""
        return len(self._facts)

    def write(self, fact: Fact) -> None:
        """Hand over a fact; returns at once."""
        with self._wake:
            self._facts.append(fact)
            self._wake.notify()

    def start(self) -> None:
        """Write from now on, on a thread."""
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what is left, for at most `timeout_s`; names every file that the log could not be told of."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)
        for fact in list(self._facts):
            if isinstance(fact, ClipOpened | ClipClosed):
                self._tell(f"{safe_path(self._media / fact.path)} was recorded, but the log could not be told of it.")

    def write_all(self) -> bool:
        """Write what is waiting; False when the log refused for the moment and the rest stays."""
        while self._facts:
            fact = self._facts[0]
            try:
                self._write(fact)
            except LogError as error:
                if not self._troubled:
                    self._tell(f"The log cannot be written: {error} Recording goes on; it is tried again.")
                self._troubled = True
                return False
            except OnsetError as error:
                self._tell(f"The log refused what {_subject(fact)} reported: {error}")
            except Exception as error:  # whatever it is, the facts behind this one still have to be written
                self._tell(f"What {_subject(fact)} reported could not be logged ({type(error).__name__}: {error}).")
            self._troubled = False
            self._facts.popleft()
        return True

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._facts or self._ending)
                if self._ending and not self._facts:
                    return
            if not self.write_all():
                with self._wake:
                    self._wake.wait_for(lambda: self._ending, _AGAIN_S)
                if self._ending and not self.write_all():
                    return

    def _write(self, fact: Fact) -> None:
        match fact:
            case Raised():
                (self._logbook.event if fact.event.last_ns is None else self._logbook.alarm_raised)(fact.event)
            case CameAgain():
                self._logbook.alarm_again(
                    fact.id, last_ns=fact.last_ns, count=fact.count, cleared_ns=fact.cleared_ns, detail=fact.detail
                )
            case Cleared():
                self._logbook.alarm_cleared(fact.id, cleared_ns=fact.cleared_ns, count=fact.count, detail=fact.detail)
            case ProxyMade():
                self._logbook.clip_proxy(fact.clip_id, self._path_in_log(fact.path))
            case StillOfTake():
                self._logbook.bring_in_stills([fact.still])
            case ClipOpened():
                self._open(fact)
            case ClipClosed():
                self._close(fact)
            case ClipLost():
                self._lost(fact)
            case Leftover():
                self._left_over(fact)
            case _:
                set_facts.write(fact, self._logbook)

    def _open(self, fact: ClipOpened | ClipClosed) -> str:
        path = self._media / fact.path
        clip_id = self._clips.get(fact.path)
        if clip_id is not None:
            return clip_id
        if fact.medium == "picture":
            clip_id = self._logbook.clip_opened(
                fact.take_id,
                Clip(
                    id="",
                    name=path.name,
                    path=self._path_in_log(path),
                    camera=fact.device,
                    tc_in=fact.tc_in,
                    tc_source=fact.tc_source,
                    rate=fact.rate,
                    duration_frames=None,
                    link=LinkState.CONFIRMED,
                    method=METHOD,
                ),
            )
        else:
            clip_id = self._logbook.sound_opened(
                fact.take_id,
                SoundFile(
                    id="",
                    name=path.name,
                    path=self._path_in_log(path),
                    device=fact.device,
                    tc_in=fact.tc_in,
                    tc_source=fact.tc_source,
                    rate=fact.rate,
                    duration_frames=None,
                    tracks=tuple(fact.tracks),
                    family=fact.family,
                    link=LinkState.CONFIRMED,
                    method=METHOD,
                ),
            )
        self._clips[fact.path] = clip_id
        return clip_id

    def _close(self, fact: ClipClosed) -> None:
        clip_id = self._open(fact)  # its opening may never have reached the log
        if fact.medium == "picture":
            self._logbook.clip_closed(
                clip_id, duration_frames=fact.duration_frames, dropped=fact.dropped, interrupted=fact.interrupted
            )
        else:
            self._logbook.sound_closed(
                clip_id,
                duration_frames=fact.duration_frames,
                samples=fact.samples or 0,
                sample_rate=fact.sample_rate or 0,
                interrupted=fact.interrupted,
                peak_db=fact.peak_db,
                rms_db=fact.rms_db,
            )
        del self._clips[fact.path]

    def _lost(self, fact: ClipLost) -> None:
        """Close a clip whose worker died by what its file holds, or, unmeasured, by how long it ran."""
        clip = fact.clip
        frame_rate = rate(clip.rate)
        length = self._length(self._media / clip.path, frame_rate)
        if length is None:
            length = Length(max(0, int((fact.mono_ns - clip.mono_ns) * frame_rate.fps / _NS)))
        self._close(
            ClipClosed(
                device=clip.device,
                take_id=clip.take_id,
                path=clip.path,
                medium=clip.medium,
                tc_in=clip.tc_in,
                tc_source=clip.tc_source,
                rate=clip.rate,
                duration_frames=length.frames,
                samples=length.samples,
                sample_rate=length.sample_rate,
                interrupted=True,
                mono_ns=fact.mono_ns,
            )
        )

    def _left_over(self, fact: Leftover) -> None:
        """Close a leftover by what its file holds; one that cannot be read now stays without a length."""
        if fact.id in self._measured:
            return  # it was closed: whatever happens to its file now is another matter
        length = self._length(fact.path, rate(fact.rate))
        if length is None:
            self._tell(
                f"{safe_path(fact.path)} was left open and cannot be read; the log keeps it as interrupted, without a "
                "length, until it can be."
            )
            if fact.interrupted or fact.id in self._cut_off:
                return
        frames = None if length is None else length.frames
        if fact.medium == "picture":
            self._logbook.clip_closed(fact.id, duration_frames=frames, dropped=0, interrupted=True)
        else:
            self._logbook.sound_closed(
                fact.id,
                duration_frames=frames,
                samples=0 if length is None else length.samples,
                sample_rate=0 if length is None else length.sample_rate,
                interrupted=True,
            )
        (self._cut_off if length is None else self._measured).add(fact.id)  # last: what is refused is tried again

    def _length(self, path: Path, frame_rate: Rate) -> Length | None:
        return None if self._measure is None else self._measure(path, frame_rate)

    def _path_in_log(self, path: Path) -> str:
        """Relative to the production where it lies inside, else absolute."""
        inside = os.path.relpath(path, self._logbook.folder.absolute())
        return str(path) if inside.startswith("..") else inside


def _subject(fact: Fact) -> str:
    if isinstance(fact, ProxyMade):
        return "the proxy's maker"
    return fact.clip.device if isinstance(fact, ClipLost) else fact.device
