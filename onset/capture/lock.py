"""One capture service a production: a lock that ends with its process, however that ends.

Taken by the service, tried by everybody who wants to know whether one runs. A socket file would prove nothing: it
outlives its process, and ZeroMQ lets a second one take it over without a word.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

import msgspec

from onset.clock import Clock, SystemClock
from onset.errors import CaptureError
from onset.text import safe_path

LOCK_NAME = "capture.lock"
_TRIES = 25
_BETWEEN_S = 0.02


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lock, as the lock file says.

    Attributes:
        pid: of the service.
        started_ns: wall stamp of its start.
        folder: absolute folder of its sockets; empty while it is still starting.
    """

    pid: int
    started_ns: int
    folder: str = ""


class CaptureLock:
    """Holds a lock file until closed or until the process ends. Not inherited by workers."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Take the lock file in `folder`: the production's, or that of its sockets.

        Args:
            folder: where the lock file lies.
            clock: for the stamp, and to wait while somebody else only looks.

        Raises:
            CaptureError: another service holds it, or the folder cannot be written.
        """
        path = self._path = folder / LOCK_NAME
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise CaptureError(f"{safe_path(path)} cannot be written: {error.strerror}; capture needs it.") from error
        try:
            self._take(folder, clock)
            self._holder = Holder(pid=os.getpid(), started_ns=clock.wall_ns())
            self._write()
        except OSError as error:
            self.close()
            raise CaptureError(f"{safe_path(path)} cannot be written: {error.strerror}; capture needs it.") from error
        except BaseException:
            self.close()
            raise

    def _take(self, folder: Path, clock: Clock) -> None:
        for _ in range(_TRIES):
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                clock.sleep(_BETWEEN_S)  # `lock_holder` may be looking; it lets go at once
        held = _read(self._descriptor)
        who = f" (process {held.pid})" if held is not None else ""
        raise CaptureError(
            f"A capture service runs already for {safe_path(folder)}{who}; stop it with `onset capture --stop`."
        )

    def announce(self, sockets: Path) -> None:
        """Say where the service can be asked, once it can be."""
        self._holder = msgspec.structs.replace(self._holder, folder=str(sockets))
        self._write()

    def _write(self) -> None:
        text = msgspec.json.encode(self._holder) + b"\n"
        os.pwrite(self._descriptor, text, 0)
        os.ftruncate(self._descriptor, len(text))

    def in_place(self) -> bool:
        """Whether the held file is still the one in the folder; False once the folder was deleted or replaced.

        A folder that cannot be looked into for the moment counts as being there.
        """
        try:
            found, held = self._path.lstat(), os.fstat(self._descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)

    def close(self) -> None:
        """Let go. The file stays: removing it would let two services hold two files of one name."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def lock_holder(production: Path, clock: Clock | None = None) -> Holder | None:
    """Who runs the capture service of this production now; None when nobody does. Leaves no trace.

    Args:
        production: the production folder.
        clock: waits for a service that has taken the lock and not yet written who it is; the machine's when None.

    Raises:
        CaptureError: the lock file cannot be read, or a service runs that does not say who it is.
    """
    path = production / LOCK_NAME
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CaptureError(f"{safe_path(path)} cannot be read: {error.strerror}.") from error
    try:
        for _ in range(_TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return None
            except BlockingIOError:
                held = _read(descriptor)
                if held is not None:
                    return held
                (clock or SystemClock()).sleep(_BETWEEN_S)
    finally:
        os.close(descriptor)
    raise CaptureError(f"{safe_path(path)} is held by a process that does not say who it is; end that process.")


def settled_holder(production: Path, clock: Clock, timeout_s: float) -> Holder | None:
    """Like `lock_holder`, but waits while a service is only starting or is ending; its `folder` can then be asked.

    Raises:
        CaptureError: it still was not ready after `timeout_s`.
    """
    deadline_ns = clock.monotonic_ns() + round(timeout_s * 1_000_000_000)
    while True:
        held = lock_holder(production, clock)
        if held is None or held.folder:
            return held
        if clock.monotonic_ns() >= deadline_ns:
            raise CaptureError(f"The capture service (process {held.pid}) is not ready after {timeout_s:g} s.")
        clock.sleep(_BETWEEN_S)


def service_running(production: Path) -> bool:
    """Whether a capture service holds this production."""
    return lock_holder(production) is not None


def _read(descriptor: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder)
    except (msgspec.DecodeError, OSError):
        return None
