"""One device, one process: `python -m devices.worker`, started by the capture service.

Reads a `Setup` and then orders from standard input, writes reports to standard output, publishes slots on the live
bus, and records. A closed input means: finish the files and end. Signals of a terminal (Ctrl-C, hang-up) do not end it:
the service decides, and it tells by closing the pipe.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from devices.adapter import Device, Surroundings
from devices.desk import Desk
from devices.desk_deck import DeckDesk
from devices.disk import DiskLane
from devices.life import Arrival, DeviceLife, Gone, Opened, failure_of
from devices.outbox import Outbox
from devices.registry import load_kind
from onset.capture.bus import Publisher
from onset.capture.master import MasterClock, local_offset_s
from onset.capture.signals import Answer, Ask, Cut, Mark, Order, Quit, Remark, Roll, Setup, StateChanged, Uncut, Unmark
from onset.clock import Clock, SystemClock
from onset.errors import ConfigError, DeviceError, OnsetError
from onset.text import safe_text
from onset.timecode import rate as rate_named

_BEAT_S = 0.1  # how often slots are published, at most
_PRIORITY = -10  # a frame that is not taken now is lost; everything else on the machine can wait
STUCK = 3  # exit code: the device's library hangs and only a new process helps


class Worker:
    """Brings a device, its recorder and the service together. `run` belongs to one thread."""

    def __init__(self, setup: Setup, device: Device, desk: Desk, outbox: Outbox, clock: Clock) -> None:
        """Take what `main` has made."""
        self._setup = setup
        self._desk = desk
        self._outbox = outbox
        self._clock = clock
        self._inbox: queue.SimpleQueue[Arrival | Order] = queue.SimpleQueue()
        self._life = DeviceLife(setup.device, device, clock, self._inbox.put, outbox.put)
        desk.watch_over(self._life)

    def tell(self, order: Order) -> None:
        """Give an order; from any thread."""
        self._inbox.put(order)

    def run(self) -> int:
        """Work until told to quit, then finish all files.

        Returns:
            The exit code: 0, or `STUCK`.
        """
        self._life.start()
        code = 0
        beat_ns = self._clock.monotonic_ns()
        while True:
            try:
                item = self._inbox.get(timeout=_BEAT_S / 2)
            except queue.Empty:
                item = None
            if isinstance(item, Quit):
                break
            if item is not None:
                self._deal_with(item)
            now_ns = self._clock.monotonic_ns()
            if now_ns - beat_ns >= _BEAT_S * 1e9:
                beat_ns = now_ns
                if not self._life.watch():
                    code = STUCK
                    break
                self._desk.beat(now_ns)
        self._life.end()
        self._desk.finish()
        return code

    def _deal_with(self, item: Arrival | Order) -> None:
        match item:
            case Roll():
                self._desk.roll(item)
            case Cut():
                self._desk.cut(item)
            case Uncut():
                self._desk.uncut(item)
            case Mark():
                self._desk.mark(item)
            case Unmark():
                self._desk.unmark(item)
            case Remark():
                self._desk.remark(item)
            case Ask():
                self._desk.answer(item)
            case Opened():
                self._desk.opened(item.form)
            case Gone():
                self._desk.gone()
            case Quit():
                pass
            case _:
                self._life.took()
                self._desk.take_in(item)


def read_orders(lines: BinaryIO, tell: Callable[[Order], None], complain: Callable[[str], None]) -> None:
    """Hand on orders until the input closes; then `Quit`. A line that is none is complained about and passed over."""
    decoder = msgspec.json.Decoder(Order)
    for line in lines:
        try:
            tell(decoder.decode(line))
        except msgspec.DecodeError as error:
            complain(f"An order was not understood: {safe_text(str(error))}.")
    tell(Quit())


def _complain(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _private_stdout() -> BinaryIO:
    """The reports' own pipe. Descriptor 1 becomes standard error, so that no library can write into the reports."""
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "wb", buffering=0)


def main() -> int:
    """Serve one device until the input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _go_first()
    clock = SystemClock()
    outbox = Outbox(_private_stdout())
    orders = sys.stdin.buffer
    try:
        setup = msgspec.json.decode(orders.readline(), type=Setup)
    except msgspec.DecodeError as error:
        sys.stderr.write(f"The worker was not set up: {safe_text(str(error))}. It is started by the capture service.\n")
        return 2
    try:
        worker, close = _make(setup, outbox, clock)
    except OnsetError as error:
        outbox.put(StateChanged(device=setup.device, state="missing", detail=str(error), mono_ns=clock.monotonic_ns()))
        _refuse_asks(orders, outbox, str(error))
        outbox.close()
        return error.exit_code
    signal.signal(signal.SIGTERM, lambda *_: worker.tell(Quit()))
    threading.Thread(target=read_orders, args=(orders, worker.tell, _complain), name="orders", daemon=True).start()
    code = worker.run()
    close()
    outbox.close()
    sys.stderr.flush()
    os._exit(code)  # a reader that hangs in a foreign library must not keep the process


def _go_first() -> None:
    """Ask for a higher priority. Only root may, or whoever the system lets; without it we are one of many."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _PRIORITY)
    if os.getsid(0) == os.getpid():
        # Linux weighs sessions against each other first (autogroup), and the service gives each worker its own.
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(_PRIORITY))


def _make(setup: Setup, outbox: Outbox, clock: Clock) -> tuple[Worker, Callable[[], None]]:
    rate = rate_named(setup.rate)
    around = Surroundings(setup.production, rate, clock, local_offset_s(clock.wall_ns()))
    device = _device(setup, around)
    if device.medium == "picture" and setup.files != "poly":
        raise ConfigError(f'[[device]] "{setup.device}": "files" is for sound; {setup.kind} is a camera.')
    bus = Publisher(Path(setup.bus))
    labels = MasterClock(Path(setup.bus), setup.timecode, rate, clock)
    lane = DiskLane(f"{setup.device} disk")
    desk: Desk
    if device.medium == "picture":
        from devices.desk_picture import PictureDesk  # with OpenCV: a deck's or a mixer's worker does without

        desk = PictureDesk(setup, device, around, bus, labels, lane, outbox.put)
    elif device.medium == "deck":
        desk = DeckDesk(setup, device, around, bus, lane, outbox.put)
    else:
        from devices.desk_sound import SoundDesk

        desk = SoundDesk(setup, device, around, bus, labels, lane, outbox.put)

    def close() -> None:
        lane.close()
        labels.close()
        bus.close()

    return Worker(setup, device, desk, outbox, clock), close


def _device(setup: Setup, around: Surroundings) -> Device:
    kind = load_kind(setup.kind)
    try:
        device = kind(setup.device, setup.options, around)
    except OnsetError:
        raise
    except Exception as error:  # a foreign adapter may raise anything
        raise DeviceError(failure_of(setup.device, error)) from error
    if getattr(device, "medium", None) not in ("picture", "sound", "deck"):
        kind_shown = safe_text(setup.kind)
        raise DeviceError(
            f'{safe_text(setup.device)}: kind "{kind_shown}" does not say its medium; write to whoever made it.'
        )
    return device


def _refuse_asks(orders: BinaryIO, outbox: Outbox, sentence: str) -> None:
    """A device that can never work says so to whoever asks, until the service ends it."""

    def refuse(order: Order) -> None:
        if isinstance(order, Ask):
            outbox.put(Answer(id=order.id, ok=False, value=sentence))

    read_orders(orders, refuse, _complain)


if __name__ == "__main__":
    sys.exit(main())
