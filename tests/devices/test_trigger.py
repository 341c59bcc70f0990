"""Trigger boxes: no noise is a button, no button is lost or pressed twice, and the lamp shows what is so."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.adapter import NS, Device, Options, Told
from devices.conformance import CHECKS, Case
from devices.simulated.pty_end import PtyEnd
from devices.simulated.trigger import SimulatedBox, SimulatedTrigger
from devices.trigger_serial import TriggerBox
from devices.trigger_words import LineReader, Word, checked, word_of
from onset.clock import ManualClock, SystemClock
from onset.errors import DeviceError
from tests.devices.sources import surroundings
from tests.devices.told import Listener, listening

Script = list[dict[str, object]]
LINES = ["alive", "alive 0", "tally 1", "roll", "cut", "mark", "lamp on", "onset-trigger 1 Box"]


def _trigger(script: Script | None = None, **options: object) -> SimulatedTrigger:
    return SimulatedTrigger("BOX", {**options, "script": script or []}, surroundings(clock=SystemClock()))


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is still so is said twenty times a second, so that no test waits long for it."""
    monkeypatch.setattr("devices.trigger_serial._TELL_NS", NS // 20)
    monkeypatch.setattr("devices.trigger_serial._SILENT_NS", 6 * NS // 10)
    monkeypatch.setattr("devices.simulated.trigger._HEARTBEAT_NS", NS // 10)


def _at(at: float, kind: str, seconds: float = 60.0) -> dict[str, object]:
    return {"at": at, "kind": kind, "seconds": seconds}


def _unplug(device: Device) -> None:
    assert isinstance(device, SimulatedTrigger)
    device.fault("disconnect", {"seconds": "0.4"})


def _says(recording: bool | None) -> Callable[[Told], bool]:
    return lambda word: word.recording is recording


def _lit(box: SimulatedTrigger) -> bool:
    return box.box.lamp


# -- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("line", LINES)
def test_a_line_says_nothing(line: str, end: str) -> None:
    for text in (line, checked(line)):
        reader = LineReader()
        assert reader.feed((text + end).encode()) == [word_of(line)]
        assert word_of(line) is not None
        assert reader.broken == 0


@given(st.lists(st.binary(max_size=120) | st.sampled_from(LINES).map(str.encode), max_size=12), st.integers(1, 30))
@settings(deadline=None)
def test_noise_presses_a_button(parts: list[bytes], size: int) -> None:
    stream = b"\n".join(parts)
    reader = LineReader()
    found = [word for at in range(0, len(stream), size) for word in reader.feed(stream[at : at + size])]
    true = [word_of(bytes(line.strip(b"\r \t\0")).decode("latin-1")) for line in stream.split(b"\n")[:-1]]
    for word in found:
        while (each := true.pop(0)) != word:  # in order, each from a line of its own
            assert true, (word, each)
    assert len(reader._held) <= 81


@given(st.sampled_from(LINES).map(checked), st.integers(0, 40), st.integers(0, 7))
def test_a_wrong_bit_is_another_word(line: str, byte: int, bit: int) -> None:
    spoilt = bytearray(line.encode() + b"\n")
    spoilt[byte % (len(spoilt) - 1)] ^= 1 << bit
    reader = LineReader()
    reader.feed(checked("alive").encode() + b"\n")  # it has checksums
    said = word_of(line.rpartition(" *")[0])
    assert [word for word in reader.feed(bytes(spoilt)) if word != said] == []


def test_a_box_with_checksums_is_believed_without() -> None:
    reader = LineReader()
    assert reader.feed(b"roll\n") == [Word("roll")]
    assert reader.feed((checked("cut") + "\n").encode()) == [Word("cut")]
    assert reader.feed(b"roll\n") == []
    assert reader.broken == 1


# -- the box ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_box_conforms(check: Callable[[Case], None]) -> None:
    out = {"script": [_at(0.0, "disconnect")]}
    around = surroundings(clock=SystemClock())
    check(Case(SimulatedTrigger, {"checksums": True}, around, missing=out, unplug=_unplug))


def test_a_button_is_lost_or_says_what_is_so_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.trigger_serial._AGAIN_NS", 0)
    box = _trigger()
    with listening(box) as listener:
        listener.wait()
        for kind, recording in (("roll", True), ("cut", False), ("roll", True)):
            before = len(listener.told)
            box.fault(kind, {})
            listener.wait(_says(recording), after=before)
            listener.wait(_says(None), after=before + 1)
        before = len(listener.told)
        box.fault("mark", {})
        marked = listener.wait(lambda word: bool(word.marks), after=before)
        assert marked.marks == (marked.mono_ns,)
    assert sum(word.recording is True for word in listener.told) == 2
    assert sum(len(word.marks) for word in listener.told) == 1


def test_a_button_is_pressed_twice_by_one_finger() -> None:
    box = _trigger([_at(0.9, "roll"), _at(0.95, "roll"), _at(1.0, "mark"), _at(1.05, "mark")])
    with listening(box) as listener:
        listener.wait(lambda word: bool(word.marks))
        listener.wait(after=len(listener.told) + 1)
    assert sum(word.recording is True for word in listener.told) == 1
    assert sum(len(word.marks) for word in listener.told) == 1


def test_a_lamp_that_flutters_rolls_many_takes() -> None:
    box = _trigger([_at(0.0, "bounce"), _at(0.7, "tally", 0.5)])
    with listening(box) as listener:
        lit = listener.wait(lambda word: word.recording is True)
        listener.wait(lambda word: word.recording is False and word.mono_ns > lit.mono_ns)
    states = [word.recording for word in listener.told if word.recording is not None]
    assert sum(a != b for a, b in pairwise(states)) <= 2
    assert states[-1] is False


class _ByHand:
    """A box whose lines a test says itself."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._next = [b"alive 0\n"]

    def say(self, lines: bytes) -> None:
        self._next.append(lines)

    def hear(self, data: bytes) -> bytes:
        self.heard += data.splitlines()
        said, self._next = b"".join(self._next), []
        if b"hello" in data:
            said += b"onset-trigger 1 By hand\n"
        if b"lamp on" in data:
            said += b"lamp on\n"
        return said or b"alive 0\n"


@contextmanager
def _by_hand() -> Iterator[tuple[_ByHand, TriggerBox, Listener]]:
    hand = _ByHand()
    end = PtyEnd("by hand", hand.hear, pause_s=0.02)
    try:
        box = TriggerBox("BOX", {"port": end.path}, surroundings(clock=SystemClock()))
        with listening(box) as listener:
            listener.wait()
            yield hand, box, listener
    finally:
        end.pull()


def test_a_spark_on_the_tally_line_rolls_a_take() -> None:
    with _by_hand() as (hand, _, listener):
        listener.wait(_says(False))
        hand.say(b"tally 1\ntally 0\n")
        before = len(listener.told)
        listener.wait(after=before + 1)
    assert not any(word.recording for word in listener.told)


def test_a_box_that_starts_anew_in_a_take_stays_dark() -> None:
    """Somebody presses its reset button: the port stays open, and the lamp is out."""
    with _by_hand() as (hand, box, listener):
        box.record("")
        lit = hand.heard.count(b"lamp on")
        hand.say(b"onset-trigger 1 By hand\n")
        listener.wait(lambda word: hand.heard.count(b"lamp on") > lit)


def test_a_change_is_dated_when_it_was_believed_or_holds_up_what_is_said() -> None:
    clock = SystemClock()
    box = _trigger(debounce_ms=400)
    with listening(box) as listener:
        listener.wait()
        lit_ns = clock.monotonic_ns()
        before = len(listener.told)
        box.fault("tally", {"seconds": "60"})
        lit = listener.wait(_says(True))
        assert clock.monotonic_ns() - lit_ns >= 4 * NS // 10
        assert lit.mono_ns - lit_ns < 4 * NS // 10
        assert len(listener.told) - before > 3
    assert all(a.mono_ns <= b.mono_ns for a, b in pairwise(listener.told))


def test_noise_hides_a_box_or_presses_its_button() -> None:
    box = _trigger([_at(0.0, "garbage")])
    with listening(box) as listener:
        listener.wait()
        box.fault("mark", {})
        listener.wait(lambda word: bool(word.marks))
        listener.wait(lambda word: word.faults > 0)
    assert all(word.recording is None for word in listener.told)


def test_a_silent_box_is_taken_for_alive() -> None:
    box = _trigger()
    with listening(box) as listener:
        listener.wait()
        box.fault("stall", {"seconds": "60"})
        assert listener.wait_for_end() == "BOX has not been alive for 1.5 s; look at its cable, or reset it."


def test_a_pulled_plug_leaves_something_behind() -> None:
    box = _trigger()
    threads, files = threading.active_count(), len(os.listdir("/dev/fd"))
    with listening(box) as listener:
        listener.wait()
        box.fault("disconnect", {"seconds": "0.3"})
        assert listener.wait_for_end().startswith("BOX: /dev/pts/")
    assert (threading.active_count(), len(os.listdir("/dev/fd"))) == (threads, files)
    with pytest.raises(DeviceError, match="not plugged in"):
        box.open()


# -- its lamp ---------------------------------------------------------------------------------------------------------


def test_the_lamp_is_believed_to_be_on() -> None:
    box = _trigger()
    with listening(box) as listener:
        listener.wait()
        assert box.record("") == "The lamp of BOX is on."
        assert _lit(box)
        assert box.stop() == "The lamp of BOX is off."
        assert not _lit(box)
    with pytest.raises(DeviceError, match="not connected; its lamp follows"):
        box.record("")


def test_a_box_without_a_lamp_lights_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.trigger_serial._LAMP_S", 0.3)
    box = _trigger()
    monkeypatch.setattr(box.box, "_obey", lambda order: ["onset-trigger 1"] if order == b"hello" else [])
    with listening(box) as listener:
        listener.wait()
        with pytest.raises(DeviceError, match="does not say that its lamp went on; has it one"):
            box.record("")


def test_a_box_that_comes_back_in_a_take_stays_dark(tmp_path: Path) -> None:
    around = surroundings(clock=SystemClock())
    port = tmp_path / "box"
    adapter = TriggerBox("BOX", {"port": str(port)}, around)
    for before in (False, True):
        box = SimulatedBox("BOX", Options("BOX", {}), around)
        end = PtyEnd("box", box.hear, pause_s=0.02)
        port.unlink(missing_ok=True)
        port.symlink_to(end.path)
        try:
            with listening(adapter) as listener:
                listener.wait()
                if not before:
                    adapter.record("")
                listener.wait(lambda word: adapter._lamp is True)
                assert box.lamp
        finally:
            end.pull()


# -- ports ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.trigger_serial._QUIET_WAITS", 2)
    monkeypatch.setattr("devices.trigger_serial._HELLO_WAITS", 4)
    monkeypatch.setattr("devices.trigger_serial._NOISE_BYTES", 300)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"onset-trigger 2 Newer\r\n", "speaks version 2 of the trigger lines, onset speaks 1"),
        (b"$GPGGA,123519,4807.038,N*47\r\n", "no trigger box says hello on /dev/pts/"),
        (b"", "no trigger box says hello on /dev/pts/"),
    ],
)
def test_something_else_on_the_port_is_a_box(said: bytes, why: str) -> None:
    end = PtyEnd("other", lambda data: said, pause_s=0.02)
    try:
        with pytest.raises(DeviceError, match=why):
            TriggerBox("BOX", {"port": end.path}, surroundings()).open()
    finally:
        end.pull()


@pytest.mark.usefixtures("hasty")
def test_a_box_that_starts_anew_is_spoken_to_too_early() -> None:
    """While its loader waits for a new program, a byte from here would keep it there."""
    heard: list[bytes] = []

    def box(data: bytes) -> bytes:
        heard.append(data)
        starting = len(heard) < 3
        return b"\xff\x00\xf8" if starting else b"\r\nonset-trigger 1 Cart\r\n" * (len(heard) == 3)

    end = PtyEnd("box", box, pause_s=0.02)
    try:
        adapter = TriggerBox("BOX", {"port": end.path}, surroundings())
        assert adapter.open().model == "Cart"
        assert not any(heard)
        adapter.close()
    finally:
        end.pull()


def test_a_rehearsed_box_says_other_things_the_second_time() -> None:
    def heard() -> bytes:
        clock = ManualClock()
        script = [_at(0.0, "garbage"), _at(1.0, "tally", 1.0), _at(1.5, "mark")]
        box = SimulatedBox("BOX", Options("BOX", {"script": script}), surroundings(clock=clock))
        said = b""
        for _ in range(150):
            clock.sleep(0.02)
            said += box.hear(b"")
        return said

    said = heard()
    assert said == heard()
    lines = [line.strip() for line in said.split(b"\n")]
    assert lines.index(b"tally 1") < lines.index(b"mark") < lines.index(b"tally 0")
    assert lines.count(b"alive") + lines.count(b"alive 1") + lines.count(b"alive 0") == 30  # ten times a second here
