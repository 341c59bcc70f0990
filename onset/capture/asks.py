"""Asks: request and reply with a time-out, for what is no fact (reconnect, identify, a still, how are you, stop).

Screens and commands ask, the capture service answers, for itself or for one of its devices. What happened on set never
travels here: that is an edit in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import zmq

from onset.capture.bus import BoundPath, socket_path
from onset.capture.health import DeviceNow
from onset.capture.signals import AlarmNow, Answer, ClockNow, Proposal
from onset.errors import CaptureError
from onset.text import safe_path, safe_text

SOCKET_NAME = "asks"
ATTACH_EVERY_S = 10.0  # a seat says "attach" this often while its screen is open
ATTACHED_FOR_S = 35.0  # three lost words and it counts as gone


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: of the service when `device` is None, else of that device's worker.

    The service itself knows `status` (answers `Status` as JSON), `attach` and `detach` (args: `seat`), and `stop`.
    """

    what: str
    device: str | None = None
    args: dict[str, str] = {}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What the service says of itself. `rolling` holds the labels of takes that roll, `seats` those attached.

    `alarms` are those that stand, `proposals` what devices say and a person has to accept, oldest first; `clocks` every
    timecode source compared with the master.
    """

    pid: int
    started_ns: int
    devices: list[DeviceNow]
    rolling: list[str]
    seats: list[str]
    alarms: list[AlarmNow] = []
    clocks: list[ClockNow] = []
    proposals: list[Proposal] = []


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the address its answer goes to."""

    address: bytes
    request: Request


class AskBox:
    """The service's end: hands out what was asked and takes the answers, in any order. One thread only."""

    def __init__(self, folder: Path) -> None:
        """Bind in the folder that `run_folder` gave; the caller holds the production's lock.

        Raises:
            CaptureError: the socket cannot be bound.
        """
        path = socket_path(folder, SOCKET_NAME)
        self._context = zmq.Context(io_threads=1)
        self.socket = self._context.socket(zmq.ROUTER)  # a device that thinks for seconds holds up no other answer
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.MAXMSGSIZE, 1 << 16)
        try:
            self.socket.bind(f"ipc://{path}")
            self._bound = BoundPath(path)
        except OSError as error:
            self._context.destroy(linger=0)
            raise CaptureError(f"The asks socket {safe_path(path)} cannot be used: {error.strerror}.") from error

    def asked(self) -> list[Asked]:
        """Everything that was asked since the last call; never blocks. What cannot be read is answered at once."""
        found: list[Asked] = []
        while True:
            try:
                parts = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return found
            if len(parts) != 3:
                continue  # not a request socket: there is nobody to answer
            try:
                found.append(Asked(parts[0], msgspec.msgpack.decode(parts[2], type=Request)))
            except msgspec.DecodeError:
                self.answer(parts[0], ok=False, value="The capture service cannot read this request.")

    def answer(self, address: bytes, *, ok: bool, value: str) -> None:
        """Answer one request; whoever has stopped waiting does not get it."""
        payload = msgspec.msgpack.encode(Answer(id=0, ok=ok, value=value))
        self.socket.send_multipart([address, b"", payload], zmq.NOBLOCK)

    def close(self) -> None:
        """Close and remove the socket; a second call does nothing."""
        if not self._context.closed:
            self._context.destroy(linger=0)
            self._bound.unlink()


def ask(
    folder: Path,
    what: str,
    device: str | None = None,
    args: Mapping[str, str] | None = None,
    timeout_s: float = 2.0,
) -> Answer:
    """Ask the capture service, or one of its devices, and wait for the answer.

    Args:
        folder: of the service's sockets (`bus.run_folder`).
        what: see `Request`; of a device `reconnect`, `identify`, `still`, `fault`, `check`.
        device: the device's name, or None for the service itself.
        args: the request's own.
        timeout_s: seconds to wait; a device that opens slowly may need 10.

    Raises:
        CaptureError: no service, or no answer in time.
    """
    path = socket_path(folder, SOCKET_NAME)
    if not path.exists():
        raise CaptureError("No capture service runs for this production; start it with `onset capture`.")
    request = Request(what=what, device=device, args=dict(args or {}))
    context = zmq.Context(io_threads=1)
    try:
        socket = context.socket(zmq.REQ)
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(f"ipc://{path}")
        socket.send(msgspec.msgpack.encode(request))
        if not socket.poll(round(timeout_s * 1000), zmq.POLLIN):
            whom = f"Device {safe_text(device)}" if device is not None else "The capture service"
            raise CaptureError(f"{whom} did not answer `{safe_text(what)}` within {timeout_s:g} s; try again.")
        return msgspec.msgpack.decode(socket.recv(), type=Answer)
    except (zmq.ZMQError, msgspec.DecodeError) as error:
        raise CaptureError(f"The capture service's answer cannot be read ({safe_text(str(error))}).") from error
    finally:
        context.destroy(linger=0)


def status(folder: Path, timeout_s: float = 2.0) -> Status:
    """How the service and its devices are.

    Raises:
        CaptureError: no service, no answer in time, or one of another version.
    """
    answer = ask(folder, "status", timeout_s=timeout_s)
    try:
        return msgspec.json.decode(answer.value, type=Status)
    except msgspec.DecodeError as error:
        raise CaptureError("The capture service is of another version; stop it with `onset capture --stop`.") from error
