"""One target while a job runs: its open folder, what lies there already, and whether it is still there.

Used by copy.py and prove.py from many threads, and by the job to make folders and to seal.
"""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from onset.errors import OffloadError
from onset.mhl.durable import sync_folder
from onset.mhl.paths import parent_of
from onset.offload.disks import cache_reach, whole_disks
from onset.offload.files import MEDIUM_GONE, open_folder
from onset.offload.outcome import FileOutcome
from onset.offload.place import Place
from onset.text import safe_path, safe_text


class Sink:
    """A target folder, open and locked: two jobs in one folder would take each other's unfinished files away.

    Attributes:
        index: the target's number in the job.
        fd: the open folder; every name is relative to it.
        present: files that lie there under their final names already.
        device: st_dev of that folder, which need not be the target's: another disk may be mounted below.
        disks: whole disks under it.
        superseded: files of the card that the target holds in a newer version of its own.
        lost: why it was given up, None while it is there.
    """

    def __init__(self, index: int, place: Place, on_lost: Callable[[int, str], None]) -> None:
        self.index = index
        self.place = place
        self.path = place.folder
        self.present = place.present
        self.superseded: frozenset[str] = frozenset()
        self.lost: str | None = None
        self._on_lost = on_lost
        self._lock = threading.Lock()
        self._made: list[Path] = []
        try:
            self._make_own_folder()
            self.fd = open_folder(place.folder)
            self.device = os.fstat(self.fd).st_dev
            self.reach = cache_reach(self.device)
            self.disks = whole_disks(place.folder, self.device)
        except OSError as error:
            raise OffloadError(f"{safe_path(place.folder)} cannot be made ({error.strerror}).") from error
        self._lock_folder()

    def _lock_folder(self) -> None:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise OffloadError(
                f"Another job is copying to {safe_path(self.path)}; wait for it, or choose another target."
            ) from None
        except OSError:
            pass  # a file system without locks; the inode check before each rename still holds

    def _make_own_folder(self) -> None:
        """Make the card's folder below the target, one level at a time, through no symbolic link."""
        here = self.place.target.path
        for name in self.place.folder.relative_to(here).parts:
            here = here / name
            with suppress(FileExistsError):
                here.mkdir()
                self._made.append(here)
                sync_folder(here.parent)
            if not stat.S_ISDIR(here.lstat().st_mode):
                raise OffloadError(f"{safe_path(here)} is in the way and is not a folder; move it and start again.")

    def unmake(self) -> None:
        """Take away the folders that were made for this job, if nothing is in them: it is refused after all."""
        for folder in reversed(self._made):
            with suppress(OSError):
                folder.rmdir()

    def make_folders(self, folders: Iterable[str]) -> None:
        """Make every folder of the card, empty ones too: camera tools look for them. A failure gives the target up."""
        for folder in folders:
            try:
                os.mkdir(folder, dir_fd=self.fd)
            except FileExistsError:
                if not stat.S_ISDIR(os.stat(folder, dir_fd=self.fd, follow_symlinks=False).st_mode):
                    self.give_up(f"{safe_text(folder)} is in the way and is not a folder")
                    return
            except OSError as error:
                self.give_up(f"{safe_text(folder)} could not be made ({error.strerror})")
                return

    def date_and_sync_folders(self, folders: Mapping[str, int]) -> None:
        """Give folders the card's dates and make all names durable, innermost first.

        All dates first: what one folder waits for then holds those of the others, too.

        Raises:
            OSError: the medium refused.
        """
        inmost_first = sorted(folders, key=lambda path: path.count("/"), reverse=True)
        for folder in inmost_first:
            with self._opened(folder) as fd, suppress(OSError):
                os.utime(fd, ns=(folders[folder], folders[folder]))
        for folder in inmost_first:
            with self._opened(folder) as fd:
                sync_folder(fd)
        sync_folder(self.fd)

    def sync_folders(self, folders: Iterable[str]) -> None:
        """Make the names in some folders durable; a medium that cannot is given up.

        One that cannot be opened is told when it is sealed.
        """
        for folder in folders:
            with suppress(OSError), self._opened(folder or ".") as fd:
                try:
                    sync_folder(fd)
                except OSError as error:  # the kernel tells it once: who asks later hears that all is well
                    self.note_error(error)

    @contextmanager
    def _opened(self, folder: str) -> Iterator[int]:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            yield fd
        finally:
            os.close(fd)

    def is_still_mounted(self) -> bool:
        """Whether the path still leads to the folder that was opened."""
        try:
            here, opened = os.stat(self.path), os.fstat(self.fd)
        except OSError:
            return False
        return (here.st_dev, here.st_ino) == (opened.st_dev, opened.st_ino)

    def give_up(self, why: str) -> None:
        """Do no more on this target; the others go on."""
        with self._lock:
            if self.lost is not None:
                return
            self.lost = why
        self._on_lost(self.index, why)

    def note_error(self, error: OSError, when: str = "while writing") -> None:
        """Give the target up if that error means that its medium is gone or full."""
        if error.errno in MEDIUM_GONE:
            self.give_up(f"{error.strerror} {when}")

    def close(self) -> None:
        with suppress(OSError):
            os.close(self.fd)


def settle(sinks: Iterable[Sink], outcomes: Collection[FileOutcome]) -> None:
    """Make the final names of verified files durable, so that a record written afterwards is not ahead of its target.

    Once for all that were verified since: a folder made durable after each file would hold small ones up.
    """
    for sink in sinks:
        if sink.lost is None:
            sink.sync_folders({parent_of(outcome.path) for outcome in outcomes if sink.index in outcome.verified})
