"""After the cut: clips joined with their sound, one at a time, and never while anything is recorded.

Used by session.py. A proxy is made by a process of its own (`devices/proxy.py`) that goes behind all others; when a
take rolls it is ended, and begun again afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from onset.capture.aside import Aside, Begin, on_a_thread
from onset.capture.leftovers import METHOD
from onset.clock import Clock
from onset.domain.take import Take
from onset.errors import CaptureError, LogError
from onset.text import safe_path, safe_text

FOLDER = "proxies"
_PART = ".part"
_NS = 1_000_000_000
_LOOK_NS = _NS // 2
_PATIENCE_NS = 60 * _NS  # how long after its cut a take may have open files
_FAREWELL_NS, _FAREWELL_LOOK_S = 2 * _NS, 0.01
_LEAST_FREE = 2_000_000_000  # bytes that a disk keeps for recordings
_DAY = re.compile(r"day\d\d+", re.ASCII)


class ProxyJob(msgspec.Struct, frozen=True, kw_only=True):
    """What a proxy is made of; absolute paths.

    Attributes:
        sounds: device and file.
        out: its name; `part` what it is called until it is whole.
    """

    picture: str
    sounds: list[tuple[str, str]]
    out: str
    part: str


@dataclass(frozen=True, slots=True)
class ProxyMade:
    """A proxy is whole; `path` is absolute."""

    clip_id: str
    path: Path


class Takes(Protocol):
    """The part of a `Logbook` that is asked here."""

    @property
    def folder(self) -> Path:
        """The production's folder."""
        ...

    def take(self, take_id: str) -> Take | None:
        """The take as it stands now."""
        ...


class Maker(Protocol):
    """A process that makes a proxy."""

    @property
    def ended(self) -> int | None:
        """Its exit code; None while it works."""
        ...

    def said(self) -> str:
        """Its last words, after its end."""
        ...

    def end(self) -> None:
        """End it; returns at once, because one that a disk holds does not end."""
        ...

    def cleared(self) -> bool:
        """Whether nothing of it is left, after its end: what it had half made is deleted."""
        ...


class ProxyProcess:
    """A real one."""

    def __init__(self, command: Sequence[str], job: ProxyJob) -> None:
        """Start it.

        Raises:
            CaptureError: it cannot be started.
        """
        self._part = Path(job.part)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # no Ctrl-C of the service's terminal
            )
        except OSError as error:
            raise CaptureError(f"A proxy cannot be made: {error.strerror}.") from error
        if self._process.stdin is not None:
            self._process.stdin.write(msgspec.json.encode(job) + b"\n")
            self._process.stdin.flush()  # and stays open: its end ends the process

    @property
    def ended(self) -> int | None:
        return self._process.poll()

    def said(self) -> str:
        words = self._process.communicate()[0].decode("utf-8", "replace").strip().splitlines()
        return words[-1] if words else ""

    def end(self) -> None:
        self._process.kill()

    def cleared(self) -> bool:
        self._process.communicate()
        with suppress(OSError):  # its disk is gone, and the next start looks again
            self._part.unlink(missing_ok=True)
        return True


@dataclass(frozen=True, slots=True)
class _Wanted:
    clip_id: str
    job: ProxyJob


@dataclass(slots=True)
class _Due:
    at_ns: int
    until_ns: int


class Proxies:
    """The proxies of one capture service. One thread only."""

    def __init__(
        self,
        *,
        logbook: Takes,
        media: Path,
        clock: Clock,
        launch: Callable[[ProxyJob], Maker],
        made: Callable[[ProxyMade], None],
        tell: Callable[[str], None],
        begin: Begin = on_a_thread,
    ) -> None:
        """Nothing happens before a take is cut.

        Args:
            logbook: only asked.
            media: absolute folder of recordings; proxies lie below it.
            clock: when to look.
            launch: starts the process for one.
            made: told of each that is whole.
            tell: shows a sentence to the person who runs the service.
            begin: where the disk of the recordings is asked, which may not answer.
        """
        self._begin = begin
        self._room: Aside[tuple[_Wanted, str]] = Aside(begin)
        self._grave: Aside[bool] = Aside(begin)
        self._checking: _Wanted | None = None
        self._ending: Maker | None = None
        self._logbook = logbook
        self._media = media
        self._clock = clock
        self._launch = launch
        self._made = made
        self._tell = tell
        self._due: dict[str, _Due] = {}
        self._wanted: deque[_Wanted] = deque()
        self._now: tuple[_Wanted, Maker] | None = None
        self._look_ns = 0

    @property
    def busy(self) -> bool:
        """Whether one is being made, or waits."""
        return self._now is not None or self._checking is not None or bool(self._wanted) or bool(self._due)

    def clear_away(self) -> None:
        """Delete what a maker that was killed has left."""
        self._begin(self._clear_away)

    def _clear_away(self) -> None:
        for part in (self._media / FOLDER).glob(f"day*/.*{_PART}"):
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def cut(self, take_id: str) -> None:
        """A take was cut: its clips are joined once their files are finished."""
        now_ns = self._clock.monotonic_ns()
        self._due[take_id] = _Due(now_ns + _LOOK_NS, now_ns + _PATIENCE_NS)

    def turn(self, *, recording: bool) -> None:
        """Go on with what there is to do; cheap while that is nothing.

        Args:
            recording: a take rolls, or a device still writes: everything waits, and what was begun is given up.
        """
        self._bury()
        if recording:
            self._give_way()
            return
        if self._checking is not None:
            self._go_on(self._checking)
        if self._now is not None:
            wanted, maker = self._now
            if maker.ended is not None:
                self._now = None
                self._finished(wanted, maker)
            return
        now_ns = self._clock.monotonic_ns()
        if not (self._wanted or self._due) or now_ns < self._look_ns or self._checking or self._ending:
            return
        self._look_ns = now_ns + _LOOK_NS
        self._look(now_ns)
        if self._wanted:
            self._checking = self._wanted.popleft()
            self._go_on(self._checking)

    def _give_way(self) -> None:
        if self._checking is not None:
            self._wanted.appendleft(self._checking)
            self._checking = None
        if self._now is not None:
            wanted, self._ending = self._now
            self._now = None
            self._ending.end()
            self._wanted.appendleft(wanted)
            self._bury()

    def _bury(self) -> None:
        """See the maker out that was ended; before it is gone, none is begun."""
        if self._ending is not None and self._ending.ended is not None:
            self._grave.ask(self._ending.cleared)
        if self._grave.answer():
            self._ending = None

    def _look(self, now_ns: int) -> None:
        for take_id, due in list(self._due.items()):
            if now_ns < due.at_ns:
                continue
            try:
                take = self._logbook.take(take_id)
            except LogError:
                return  # it is tried again
            if take is not None and _open_files(take):
                if now_ns > due.until_ns:
                    del self._due[take_id]
                continue
            del self._due[take_id]
            if take is not None and not take.deleted:
                found = proxy_jobs(take, self._logbook.folder.absolute(), self._media)
                self._wanted.extend(_Wanted(*each) for each in found)

    def _go_on(self, wanted: _Wanted) -> None:
        """Begin with what was chosen, once its disk has said that there is room."""
        self._room.ask(lambda: (wanted, _why_no_room(wanted.job, self._media)))
        answer = self._room.answer()
        if answer is None or answer[0] != wanted:
            return
        self._checking = None
        if answer[1]:
            self._tell(f"No proxy is made of {safe_path(Path(wanted.job.picture))}: {answer[1]}.")
            return
        try:
            self._now = wanted, self._launch(wanted.job)
        except CaptureError as error:
            self._tell(str(error))

    def _finished(self, wanted: _Wanted, maker: Maker) -> None:
        code, said = maker.ended, maker.said()
        if code != 0:
            what = safe_text(said) if said else f"it ended with code {code}."
            self._tell(f"No proxy was made of {safe_path(Path(wanted.job.picture))}: {what}")
            self._ending = maker
            self._bury()
        elif said == "joined":
            self._made(ProxyMade(wanted.clip_id, Path(wanted.job.out)))

    def close(self) -> None:
        """End what is being made; what waits is forgotten."""
        self._give_way()
        self._wanted.clear()
        self._due.clear()
        until_ns = self._clock.monotonic_ns() + _FAREWELL_NS
        while self._ending is not None and self._clock.monotonic_ns() < until_ns:
            self._clock.sleep(_FAREWELL_LOOK_S)
            self._bury()


def _why_no_room(job: ProxyJob, media: Path) -> str:
    try:
        needed = sum(os.stat(path).st_size for path in [job.picture, *(path for _, path in job.sounds)])
        return "the disk is kept for recordings" if shutil.disk_usage(media).free < needed + _LEAST_FREE else ""
    except OSError as error:
        return error.strerror or str(error)


def proxy_jobs(take: Take, folder: Path, media: Path, *, again: bool = False) -> list[tuple[str, ProxyJob]]:
    """What is to be joined of a take: one for each picture of ours; a take without sound of ours needs none.

    Args:
        take: whose files are finished.
        folder: the production's, absolute.
        media: of recordings, absolute.
        again: also those that have one.

    Returns:
        The clip's id and the job, in the order of cameras.
    """
    sounds = [
        (file.device, os.path.normpath(folder / file.path))
        for sound in take.sound
        for file in sound.files
        if file.method == METHOD
    ]
    found = []
    for angle in take.angles:
        for clip in angle.clips if sounds else ():
            if clip.method != METHOD or (clip.proxy is not None and not again):
                continue
            picture = Path(os.path.normpath(folder / clip.path))
            day = picture.parent.name if _DAY.fullmatch(picture.parent.name) else f"day{take.day:02d}"
            out = media / FOLDER / day / f"{picture.stem}_proxy.mov"
            part = out.with_name(f".{out.name}{_PART}")
            found.append((clip.id, ProxyJob(picture=str(picture), sounds=sounds, out=str(out), part=str(part))))
    return found


def _open_files(take: Take) -> bool:
    """Whether a file of ours is still being written."""
    clips = [clip.duration_frames for angle in take.angles for clip in angle.clips if clip.method == METHOD]
    files = [file.duration_frames for sound in take.sound for file in sound.files if file.method == METHOD]
    return None in clips or None in files
