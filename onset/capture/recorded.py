"""What the log says was recorded: names that no new file may take, and clips that were left open. And the media folder.

Used by session.py, read once when a capture service starts and kept up to date with what its own workers report. The
disk alone does not know: it may not be mounted, and a folder made in its place would give every name a second time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from onset.capture.aside import Aside, Begin
from onset.capture.leftovers import Leftover, left_open
from onset.capture.signals import ClipClosed, ClipOpened
from onset.domain.take import Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.text import safe_path

MISSING, BACK = "media missing", "media back"
_PAGE = 500  # takes read at once
_PATIENCE_NS = 5_000_000_000  # after which a disk is taken for gone
_RECORDINGS = (".mov", ".wav")  # what the recorders make
_DAY = re.compile(r"day\d\d+", re.ASCII)


class Recorded:
    """The recordings of a production."""

    def __init__(self, logbook: Logbook, media: Path) -> None:
        """Read all takes, deleted ones too: their files are still there.

        Args:
            logbook: only asked.
            media: absolute folder of recordings.

        Raises:
            LogError: the log cannot be read.
        """
        self._media = media
        self._names: dict[tuple[str, str], set[str]] = {}  # files below the media folder, by device and by day's folder
        self._peaks: dict[tuple[str, str], dict[str, float]] = {}  # of tracks, by device and by day's folder
        self._opened: set[Path] = set()
        self.left_open: list[Leftover] = []
        folder = logbook.folder.absolute()
        for take in _all_takes(logbook):
            for device, path in _files(take):
                inside = os.path.relpath(folder / path, media)
                if not inside.startswith(".."):
                    self._add(device, inside)
            for file in (file for sound in take.sound for file in sound.files):
                inside = os.path.relpath(folder / file.path, media)
                self._heard(file.device, inside, file.tracks, file.peak_db)
            self.left_open += left_open(take, folder)

    def opened(self, clip: ClipOpened) -> None:
        """A worker of this service records this file."""
        self._add(clip.device, clip.path)
        self._opened.add(Path(os.path.normpath(self._media / clip.path)))

    def closed(self, clip: ClipClosed) -> None:
        """A worker of this service has finished this file."""
        self._heard(clip.device, clip.path, clip.tracks, clip.peak_db)

    def _heard(self, device: str, name: str, tracks: Sequence[str], peaks_db: Sequence[float]) -> None:
        loudest = self._peaks.setdefault((device, os.path.dirname(name)), {})
        for track, peak_db in zip(tracks, peaks_db, strict=False):
            loudest[track] = max(peak_db, loudest.get(track, peak_db))

    def peaks(self, device: str, day: int) -> Mapping[str, float]:
        """The loudest peak of each track in the device's files of a day, in dBFS."""
        return self._peaks.get((device, f"day{day:02d}"), {})

    def _add(self, device: str, name: str) -> None:
        self._names.setdefault((device, os.path.dirname(name)), set()).add(name)

    def ours(self, path: Path) -> bool:
        """Whether a worker of this service opened the file."""
        return Path(os.path.normpath(path)) in self._opened

    def taken(self, device: str, day: int) -> list[str]:
        """Names that the device's files of a day have already, below the media folder."""
        return sorted(self._names.get((device, f"day{day:02d}"), ()))

    def without_entry(self, found: Sequence[str]) -> list[str]:
        """Which of these files, named below the media folder, no clip of the log names."""
        known = {name for names in self._names.values() for name in names}
        return [name for name in found if name not in known]

    @property
    def count(self) -> int:
        """How many recordings below the media folder the log names."""
        return sum(len(names) for names in self._names.values())

    @property
    def days(self) -> set[str]:
        """The folders that they lie in, below the media folder."""
        return {folder for _, folder in self._names}


def files_on_disk(media: Path) -> list[str]:
    """The recordings in the day folders, named below the media folder; none where it cannot be read."""
    found = []
    try:
        days = [day for day in os.scandir(media) if _DAY.fullmatch(day.name) and day.is_dir()]
        for day in days:
            with os.scandir(day) as entries:
                found += [
                    f"{day.name}/{entry.name}"
                    for entry in entries
                    if entry.is_file(follow_symlinks=False) and entry.name.endswith(_RECORDINGS)
                ]
    except OSError:
        return []
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Why there is no media folder, else empty; and whether a day of the log lies in it."""

    why_not: str
    has_days: bool = False


def _see(media: Path, days: Sequence[str], *, make: bool) -> _Seen:
    if media.is_dir():
        return _Seen("", has_days=any((media / day).is_dir() for day in days))
    if not make:
        return _Seen("it is not there")
    try:
        media.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _Seen(f"it cannot be made ({error.strerror})")
    return _Seen("")


class MediaFolder:
    """Watches whether recordings have a place to go."""

    def __init__(self, media: Path, begin: Begin) -> None:
        """Nothing is looked at before `look`; the disk is asked aside, where `begin` says."""
        self._media = media
        self._was_there: bool | None = None
        self._aside: Aside[_Seen] = Aside(begin)
        self._asked_ns = 0

    def look(self, recorded: Recorded, now_ns: int, wait_s: float = 0.0) -> tuple[str, str] | None:
        """Look whether the folder is there; it is made only where nothing was ever recorded.

        Args:
            recorded: what the log says was recorded.
            now_ns: monotonic.
            wait_s: how long the disk is waited for; what it answers later is told at the next look.

        Returns:
            What a person must know, in a word or two and as a sentence; None when nothing has changed.
        """
        if not self._aside.out:
            self._asked_ns = now_ns
            count, days = recorded.count, tuple(recorded.days)
            self._aside.ask(lambda: _see(self._media, days, make=not count))
        seen = self._aside.answer(wait_s)
        if seen is None:
            if now_ns - self._asked_ns < _PATIENCE_NS:
                return None
            seen = _Seen("its disk does not answer")
        return self._judge(seen, recorded.count)

    def _judge(self, seen: _Seen, count: int) -> tuple[str, str] | None:
        shown, before = safe_path(self._media), self._was_there
        there = self._was_there = not seen.why_not
        if there == before:
            return None
        if not there:
            return (
                MISSING,
                f"Nothing can be recorded below the media folder {shown}: {seen.why_not}. Is its disk mounted? "
                "The service waits for it.",
            )
        if before is False:
            return BACK, f"The media folder {shown} is there again; the next take is recorded."
        if count and not seen.has_days:
            return (
                "media empty",
                f"The media folder {shown} holds none of the {count} recordings that the log names; is its "
                "disk mounted? New recordings go there under names of their own.",
            )
        return None


def _all_takes(logbook: Logbook) -> Iterator[Take]:
    before: str | None = None
    while page := logbook.takes(TakeFilter(deleted=True, before=before, limit=_PAGE)):
        yield from page
        before = page[-1].id


def _files(take: Take) -> Iterator[tuple[str, str]]:
    for angle in take.angles:
        for clip in angle.clips:
            yield clip.camera, clip.path
    for sound in take.sound:
        for file in sound.files:
            yield file.device, file.path
