"""What every device adapter has to do, as checks that anybody can run on theirs.

Used by tests here and by those who write adapters (docs/adapters.md): parametrise a test over `CHECKS` and call each
with a `Case`. A check raises `ConformanceError` with what is wrong.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import numpy as np
from av import VideoFrame

from devices.adapter import (
    NS,
    Block,
    DeckFormat,
    Device,
    DeviceKind,
    Form,
    PictureFormat,
    Shot,
    SoundFormat,
    Surroundings,
    Told,
)
from devices.life import Arrival, DeviceLife
from onset.capture.signals import Report, StateChanged
from onset.clock import SystemClock
from onset.errors import ConfigError, DeviceError

_CLOSES_IN_S = 4.0  # a library's time-out of two seconds, on a busy machine
_PIECES = 12
_LOOKED_FOR = 100  # pieces in which a loss must have been told
_BACK_IN_S = 12
_READ_ON, _READ_S = 16, 1
_MAY_KEEP = 6  # the newest one, and a few on their way


class ConformanceError(AssertionError):
    """An adapter does not do what the worker counts on."""


@dataclass(frozen=True)
class Case:
    """An adapter to check.

    Attributes:
        options: with which it finds a device.
        missing: options with which it finds none; None where it always does.
        prepare: called before each open, for sources that serve one client only.
        lose: have an open device lose something, and say how many frames or samples; None where nobody can.
        unplug: pull the plug of an open device, and `plug` puts it in again; None where nobody can.
    """

    kind: DeviceKind
    options: Mapping[str, object]
    around: Surroundings
    missing: Mapping[str, object] | None = None
    prepare: Callable[[], None] = lambda: None
    lose: Callable[[Device], int] | None = None
    unplug: Callable[[Device], None] | None = None
    plug: Callable[[Device], None] = lambda _: None

    def make(self, options: Mapping[str, object] | None = None) -> Device:
        """The device, not yet open."""
        return self.kind("X", self.options if options is None else options, self.around)

    def opened(self) -> tuple[Device, Form]:
        """The device, open."""
        self.prepare()
        device = self.make()
        return device, device.open()


def _wrong(what: str) -> NoReturn:
    raise ConformanceError(what)


def _is_sentence(text: str) -> bool:
    return text.endswith((".", "?")) and "\n" not in text and text.isprintable()


def refuses_unknown_options(case: Case) -> None:
    """A misspelt key is refused by name, before anything is touched."""
    try:
        case.make({**case.options, "tyop": 1})
    except ConfigError as error:
        if "tyop" not in str(error) or not _is_sentence(str(error)):
            _wrong(f"the refusal of an unknown key does not name it in a sentence: {error}")
    else:
        _wrong("an option that it does not know was accepted")


def closes_before_it_was_opened(case: Case) -> None:
    """Making a device touches nothing, and closing one that is not open does nothing."""
    device = case.make()
    device.close()
    device.close()


def says_what_it_is(case: Case) -> None:
    """`identify` is one line for a person, open or not."""
    if not _is_sentence(case.make().identify()):
        _wrong("identify() is no sentence on one line")


def delivers_what_it_says(case: Case) -> None:
    """Numbers rise, stamps do not go back, sizes and tracks are those of the format."""
    device, form = case.opened()
    try:
        pieces = [device.read() for _ in range(_PIECES)]
    finally:
        device.close()
    if isinstance(form, PictureFormat):
        _check_pictures(form, [piece for piece in pieces if isinstance(piece, Shot)])
    elif isinstance(form, SoundFormat):
        _check_blocks(form, [piece for piece in pieces if isinstance(piece, Block)])
    else:
        _check_words(form, [piece for piece in pieces if isinstance(piece, Told)])


def _check_pictures(form: PictureFormat, shots: list[Shot]) -> None:
    if len(shots) != _PIECES:
        _wrong("a picture device delivered something that is no shot")
    if len({shot.number for shot in shots}) != len(shots):
        _wrong("two frames have the same number")
    if form.template is None and any(later.number <= earlier.number for earlier, later in pairwise(shots)):
        _wrong("frame numbers do not rise")
    if form.template is None and any(later.mono_ns < earlier.mono_ns for earlier, later in pairwise(shots)):
        _wrong("stamps go back")
    if form.template is not None and not all(shot.coded is not None for shot in shots):
        _wrong("the format promises encoded frames, and a shot has none")
    if not any(shot.image is not None for shot in shots):
        _wrong("no shot has a picture")
    for shot in shots:
        if isinstance(shot.image, np.ndarray) and shot.image.shape != (form.height, form.width, 3):
            _wrong(f"a picture of {shot.image.shape} in a format of {form.width} x {form.height}")
        if isinstance(shot.image, VideoFrame) and abs(shot.image.width - form.width) > 1:
            _wrong(f"a picture {shot.image.width} wide in a format of {form.width} x {form.height}")


def _check_blocks(form: SoundFormat, blocks: list[Block]) -> None:
    if len(blocks) != _PIECES:
        _wrong("a sound device delivered something that is no block")
    if len(set(form.tracks)) != len(form.tracks):
        _wrong("two tracks have the same name")
    for block in blocks:
        if block.samples.dtype != np.int32 or block.samples.shape[1:] != (len(form.tracks),):
            _wrong(f"samples of {block.samples.dtype} {block.samples.shape} for {len(form.tracks)} tracks")
        if block.sample_rate != form.sample_rate:
            _wrong("a block has another sample rate than the format")
    for earlier, later in pairwise(blocks):
        if later.first != earlier.first + len(earlier.samples) + later.lost:
            _wrong("the count of samples has a gap that `lost` does not tell")
        if later.mono_ns < earlier.mono_ns:
            _wrong("stamps go back")


def _check_words(form: DeckFormat, told: list[Told]) -> None:
    if len(told) != _PIECES:
        _wrong("a deck delivered something that is no word of a deck")
    for earlier, later in pairwise(told):
        if later.mono_ns < earlier.mono_ns:
            _wrong("stamps go back")
        if later.dropped is not None and earlier.dropped is not None and later.dropped < earlier.dropped:
            _wrong("the count of dropped frames falls")
    for each in told:
        if each.label is not None and each.label.rate != form.rate:
            _wrong("a label is at another rate than the format says")
        if not all(_is_sentence(remark) for remark in each.remarks):
            _wrong("a remark is no sentence on one line")
        if not all(_is_sentence(wrong.detail) for wrong in each.wrong):
            _wrong("what is wrong is told by no sentence on one line")
        if len({wrong.what for wrong in each.wrong}) < len(each.wrong):
            _wrong("two things that are wrong have the same name")


def closing_ends_a_waiting_read(case: Case) -> None:
    """`close` from another thread ends `read` with `DeviceError`, within a library's time-out."""
    device, _ = case.opened()
    running, ended = threading.Event(), threading.Event()
    wrong: list[str] = []

    def read_on() -> None:
        try:
            while True:
                device.read()
                running.set()
        except DeviceError as error:
            if not _is_sentence(str(error)):
                wrong.append(f"the end is told by no sentence: {error}")
        except Exception as error:
            wrong.append(f"read ended with {type(error).__name__} instead of DeviceError: {error}")
        finally:
            running.set()
            ended.set()

    reader = threading.Thread(target=read_on, daemon=True)
    reader.start()
    running.wait(10)
    device.close()
    if not ended.wait(_CLOSES_IN_S):
        _wrong("a waiting read did not end when the device was closed")
    reader.join()
    if wrong:
        _wrong(wrong[0])


def opens_again(case: Case) -> None:
    """After `close` the same object opens and delivers again, and its stamps go on."""
    device, _ = case.opened()
    try:
        before = device.read()
        device.close()
        case.prepare()
        device.open()
        after = device.read()
    finally:
        device.close()
    if after.mono_ns < before.mono_ns:
        _wrong("stamps went back when it was opened again")


def a_missing_device_is_told_in_a_sentence(case: Case) -> None:
    """Nothing there: `DeviceError`, one sentence, within ten seconds."""
    if case.missing is None:
        return
    clock = SystemClock()
    began_ns = clock.monotonic_ns()
    device = case.make(case.missing)
    try:
        device.open()
    except DeviceError as error:
        if not _is_sentence(str(error)):
            _wrong(f"told by no sentence: {error}")
    else:
        _wrong("a device that is not there was opened")
    finally:
        device.close()
    if clock.monotonic_ns() - began_ns > 10_000_000_000:
        _wrong("it took more than ten seconds to say so")


def tells_what_it_lost(case: Case) -> None:
    """What is known to be lost is told, neither more nor less: by numbers, by `lost`, by a deck's own count."""
    if case.lose is None:
        return
    device, _ = case.opened()
    try:
        pieces = [device.read() for _ in range(3)]
        injected = case.lose(device)
        while _told_lost(pieces) == 0 and len(pieces) < _LOOKED_FOR:
            pieces.append(device.read())
        pieces += [device.read() for _ in range(3)]
    finally:
        device.close()
    told = _told_lost(pieces)
    if told != injected:
        _wrong(f"{injected} were lost and {told} told")


def _told_lost(pieces: Sequence[Shot | Block | Told]) -> int:
    lost = 0
    for earlier, later in pairwise(pieces):
        if isinstance(earlier, Shot) and isinstance(later, Shot):
            lost += later.number - earlier.number - 1
        elif isinstance(later, Block):
            lost += later.lost
        elif isinstance(earlier, Told) and isinstance(later, Told):
            lost += (later.dropped or 0) - (earlier.dropped or 0)
    return lost


def comes_back_after_it_was_unplugged(case: Case) -> None:
    """Through the worker's own judgement: live, lost once, and live again; closed for good, its thread is gone."""
    if case.unplug is None:
        return
    case.prepare()
    device, states = case.make(), list[str]()
    clock = case.around.clock

    def arrived(arrival: Arrival) -> None:
        if isinstance(arrival, Shot | Block | Told):
            life.took()

    def changed(report: Report) -> None:
        if isinstance(report, StateChanged):
            states.append(report.state)

    def wait_for(state: str, count: int) -> None:
        until_ns = clock.monotonic_ns() + _BACK_IN_S * NS
        while states.count(state) < count:
            if clock.monotonic_ns() > until_ns:
                _wrong(f"it did not become {state} within {_BACK_IN_S} s: {' '.join(states)}")
            life.watch()
            clock.sleep(0.02)

    life = DeviceLife("X", device, clock, arrived, changed)
    life.start()
    try:
        wait_for("live", 1)
        case.unplug(device)
        wait_for("lost", 1)
        case.plug(device)
        lives = states.count("live")
        wait_for("live", lives + 1)
        until_ns = clock.monotonic_ns() + NS * 3 // 10
        while clock.monotonic_ns() < until_ns:  # it has to stay
            life.watch()
            clock.sleep(0.02)
    finally:
        if not life.end():
            _wrong("its thread does not end when it is closed")
    if states.count("lost") != 1:
        _wrong(f"it was unplugged once and lost {states.count('lost')} times")


def keeps_nothing_of_what_was_read(case: Case) -> None:
    """Memory does not grow with what went through it; frames are big, and must not wait for the garbage collector."""
    device, _ = case.opened()
    gc.collect()
    gc.disable()
    try:
        before = _pieces_alive()
        until_ns = case.around.clock.monotonic_ns() + _READ_S * NS
        count = 0
        while count < _READ_ON and case.around.clock.monotonic_ns() < until_ns:
            device.read()
            count += 1
        kept = _pieces_alive() - before
    finally:
        gc.enable()
        device.close()
    if kept > min(_MAY_KEEP, max(2, count // 2)):  # a deck may say a few words only
        _wrong(f"of {count} pieces that were read and thrown away, {kept} are still in memory")


def _pieces_alive() -> int:
    return sum(isinstance(each, Shot | Block | Told | VideoFrame) for each in gc.get_objects())


def leaves_nothing_open(case: Case) -> None:
    """Opened and closed several times, it keeps no thread, no file, no process and no shared memory."""
    once, _ = case.opened()  # what a library keeps for good, it has from the first time on
    once.read()
    once.close()
    before = _open_things()
    for _ in range(4):
        device, _ = case.opened()
        device.read()
        device.close()
        del device
    for kind, was, is_now in zip(
        ("threads", "files", "processes", "shared memories"), before, _open_things(), strict=True
    ):
        if is_now > was + (kind == "files"):  # a collector may be late by one
            _wrong(f"{is_now - was} {kind} were left open")


def _open_things() -> tuple[int, int, int, int]:
    folder = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
    children = sum(len(_words(task / "children")) for task in Path("/proc/self/task").glob("*"))
    shared = sum("/dev/shm/" in word for word in _words(Path("/proc/self/maps")))
    return threading.active_count(), len(os.listdir(folder)), children, shared


def _words(path: Path) -> list[str]:
    """What Linux says there; nothing elsewhere."""
    try:
        return path.read_text().split()
    except OSError:
        return []


CHECKS: tuple[Callable[[Case], None], ...] = (
    refuses_unknown_options,
    closes_before_it_was_opened,
    says_what_it_is,
    delivers_what_it_says,
    closing_ends_a_waiting_read,
    opens_again,
    a_missing_device_is_told_in_a_sentence,
    tells_what_it_lost,
    comes_back_after_it_was_unplugged,
    keeps_nothing_of_what_was_read,
    leaves_nothing_open,
)
