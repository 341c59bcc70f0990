"""The live bus: what is true only now (a frame, a meter, the running timecode) as newest-wins slots.

Workers publish, screens and the session sample on timers of their own; a slow reader never holds up a device. One
conflating ipc socket a device and kind, because ZeroMQ conflates a socket and not a topic, and one frame a message,
because only the last part of a longer one would arrive. A socket file proves nothing about who is alive: see `lock.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

import msgspec
import zmq

from onset.capture.signals import SLOT_KINDS, Slot, TimecodeNow
from onset.errors import CaptureError
from onset.text import safe_path

S = TypeVar("S", bound=Slot)


def run_folder(production_id: str, env: Mapping[str, str] = os.environ) -> Path:
    """The folder of the production's sockets on this machine, made when missing: ours alone, mode 700.

    Below `$XDG_RUNTIME_DIR/onset`, or below a per-user folder of the temp directory. Never in the production: exFAT
    holds no sockets, and a socket's path has 107 bytes at most.

    Args:
        production_id: the production's id as the log gives it.
        env: where `XDG_RUNTIME_DIR` and `TMPDIR` are looked up.

    Raises:
        CaptureError: the folder belongs to somebody else, is open to others, or cannot be made.
    """
    folder = own_folder(env) / hashlib.sha256(production_id.encode()).hexdigest()[:12]
    _make_private(folder)
    return folder


def own_folder(env: Mapping[str, str] = os.environ) -> Path:
    """The folder that holds all run folders of this user, made when missing; as `run_folder`.

    Raises:
        CaptureError: as there.
    """
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK | os.X_OK):
        folder = Path(runtime).absolute() / "onset"
    else:
        folder = Path(env.get("TMPDIR") or tempfile.gettempdir()).absolute() / f"onset-{os.getuid()}"
    _make_private(folder)
    return folder


def _make_private(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=False, exist_ok=True)
    except OSError as error:
        raise CaptureError(f"{safe_path(path)} cannot be made for the capture sockets: {error.strerror}.") from error
    check_private(path)


def check_private(folder: Path) -> None:
    """Refuse a socket folder that anybody but this user could enter.

    Raises:
        CaptureError: a link, not a folder, another owner, or a mode wider than 700.
    """
    try:
        found = folder.lstat()
    except OSError as error:
        raise CaptureError(f"{safe_path(folder)} cannot be read: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise CaptureError(
            f"{safe_path(folder)} must be a folder of your own that only you may enter (chmod 700); remove it, or set "
            "XDG_RUNTIME_DIR to a folder that is yours."
        )


def clear_sockets(folder: Path) -> None:
    """Remove the sockets that killed workers left behind; only for whoever holds the folder's lock."""
    for entry in os.scandir(folder):
        if stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(entry.path)


def socket_path(folder: Path, name: str) -> Path:
    """The ipc path of one socket, checked against the length that the system allows (107 bytes on Linux).

    Raises:
        CaptureError: too long.
    """
    path = folder / name
    if len(os.fsencode(path)) > zmq.IPC_PATH_MAX_LEN:
        raise CaptureError(
            f"The socket path {safe_path(path)} is longer than {zmq.IPC_PATH_MAX_LEN} bytes; set XDG_RUNTIME_DIR to a "
            "shorter folder or give the device a shorter name."
        )
    return path


def _slot_path(folder: Path, device: str, slot_type: type) -> Path:
    return socket_path(folder, f"{quote(device, safe=' ')}.{SLOT_KINDS[slot_type]}")


def _named(slot: Slot) -> str:
    return slot.source if isinstance(slot, TimecodeNow) else slot.device


class BoundPath:
    """Removes a bound socket's file, unless another process has bound the same path meanwhile (a restarted worker)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = path.stat().st_ino

    def unlink(self) -> None:
        try:
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()
        except FileNotFoundError:
            pass


class Publisher:
    """Publishes the slots of one process. Any thread may call it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that `run_folder` gave; sockets are bound at the first slot of their kind."""
        self._folder = folder
        self._context = zmq.Context(io_threads=1)
        self._sockets: dict[Path, zmq.Socket[bytes]] = {}
        self._bound: list[BoundPath] = []
        self._encoder = msgspec.msgpack.Encoder()
        self._lock = threading.Lock()

    def publish(self, slot: Slot) -> None:
        """Put `slot` in its place; whoever looks next sees it. Never blocks; after `close` it does nothing.

        Raises:
            CaptureError: the socket cannot be bound (path too long, folder gone).
        """
        path = _slot_path(self._folder, _named(slot), type(slot))
        with self._lock:
            if self._context.closed:
                return
            socket = self._sockets.get(path) or self._bind(path)
            socket.send(self._encoder.encode(slot), zmq.NOBLOCK)

    def _bind(self, path: Path) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.PUB)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.CONFLATE, 1)
        try:
            socket.bind(f"ipc://{path}")
            self._bound.append(BoundPath(path))
        except OSError as error:  # zmq.ZMQError is one
            socket.close()
            raise CaptureError(f"The live bus cannot use {safe_path(path)}: {error.strerror}.") from error
        self._sockets[path] = socket
        return socket

    def close(self) -> None:
        """Close the sockets and remove their files; a second call does nothing."""
        with self._lock:
            self._context.destroy(linger=0)
            for bound in self._bound:
                bound.unlink()
            self._bound.clear()
            self._sockets.clear()


class Watcher:
    """Sees the newest slot of any device; holds one socket for each device and kind that was asked for."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that `run_folder` gave. Publishers may come and go at any time."""
        self._folder = folder
        self._context = zmq.Context(io_threads=1)
        self._sockets: dict[Path, zmq.Socket[bytes]] = {}
        self._seen: dict[Path, Slot] = {}
        self._lock = threading.Lock()

    def newest(self, device: str, slot_type: type[S]) -> S | None:
        """The newest slot of the device (of the source, for `TimecodeNow`), or None before the first.

        Never blocks. The last slot is kept after its publisher has gone: its `mono_ns` says how old it is.
        """
        path = _slot_path(self._folder, device, slot_type)
        with self._lock:
            if self._context.closed:
                return None
            socket = self._sockets.get(path) or self._connect(path)
            self._take(path, socket, slot_type)
            seen = self._seen.get(path)
        return seen if isinstance(seen, slot_type) else None

    def wait(self, device: str, slot_type: type[S], timeout_s: float) -> S | None:
        """Like `newest`, but waits up to `timeout_s` for the first slot (a command line that has just started)."""
        slot = self.newest(device, slot_type)
        if slot is None:
            path = _slot_path(self._folder, device, slot_type)
            with self._lock:
                if path in self._sockets:
                    self._sockets[path].poll(round(timeout_s * 1000), zmq.POLLIN)
            slot = self.newest(device, slot_type)
        return slot

    def devices(self) -> list[str]:
        """Names of the devices whose workers have published their health here, dead or alive."""
        return self._names(".health")

    def sources(self) -> list[str]:
        """Names of the timecode sources that have been published here, dead or alive."""
        return self._names(".timecode")

    def _names(self, ending: str) -> list[str]:
        try:
            entries = os.listdir(self._folder)
        except OSError:
            return []
        return sorted(unquote(entry.removesuffix(ending)) for entry in entries if entry.endswith(ending))

    def _connect(self, path: Path) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.SUB)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.CONFLATE, 1)
        socket.setsockopt(zmq.RECONNECT_IVL, 50)  # a restarted worker's picture is back in about this many ms
        socket.setsockopt(zmq.SUBSCRIBE, b"")
        socket.connect(f"ipc://{path}")
        self._sockets[path] = socket
        return socket

    def _take(self, path: Path, socket: zmq.Socket[bytes], slot_type: type[S]) -> None:
        try:
            message = socket.recv(zmq.NOBLOCK)
        except zmq.Again:
            return
        try:
            self._seen[path] = msgspec.msgpack.decode(message, type=slot_type)
        except msgspec.DecodeError:
            return  # another version's slot: what was seen last stays, and grows old

    def close(self) -> None:
        """Let go of all sockets; a second call does nothing."""
        with self._lock:
            self._context.destroy(linger=0)
            self._sockets.clear()
