"""A 9-pin deck on a pseudo terminal: believed only by its status bit, and lost and found without a trace."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from itertools import groupby, pairwise

import pytest

from devices.adapter import NS, Device, Told
from devices.conformance import CHECKS, Case
from devices.life import Arrival, DeviceLife
from devices.simulated.deck_9pin import Simulated9Pin
from devices.simulated.pty_end import PtyEnd
from devices.sony9pin import Block, BlockReader, DeckTime, Status, is_order
from devices.sony9pin_deck import Sony9PinDeck
from onset.capture.master import time_of_day
from onset.capture.signals import Report, StateChanged
from onset.clock import Clock, ManualClock, SystemClock
from onset.errors import ConfigError, DeviceError
from onset.timecode import Timecode, rate
from tests.devices.sources import surroundings
from tests.devices.told import listening

Script = list[dict[str, object]]
_OUT: Script = [{"at": 0.0, "kind": "disconnect", "seconds": 60.0}]


def _deck(
    script: Script | None = None, *, clock: Clock | None = None, rate_name: str = "25", **options: object
) -> Simulated9Pin:
    given = {**options, "script": script or []}
    return Simulated9Pin("DECK", given, surroundings(rate_name, clock or SystemClock()))


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is still so is said twenty times a second, so that no test waits long for it."""
    monkeypatch.setattr("devices.sony9pin_deck._TELL_NS", NS // 20)


def _during(kind: str, seconds: float = 60.0, at: float = 0.0) -> Script:
    return [{"at": at, "kind": kind, "seconds": seconds}]


def _unplug(device: Device) -> None:
    assert isinstance(device, Simulated9Pin)
    device.fault("disconnect", {"seconds": "0.4"})


def _asked(deck: Simulated9Pin, monkeypatch: pytest.MonkeyPatch) -> list[Block]:
    """What the deck is asked from now on."""
    asked: list[Block] = []
    answer = deck.deck._answer

    def note(block: Block) -> Block:
        asked.append(block)
        return answer(block)

    monkeypatch.setattr(deck.deck, "_answer", note)
    return asked


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_deck_conforms(check: Callable[[Case], None]) -> None:
    missing = {"script": _OUT}
    check(Case(Simulated9Pin, {}, surroundings(clock=SystemClock()), missing=missing, unplug=_unplug))


# -- record and stop --------------------------------------------------------------------------------------------------


def test_the_acknowledgement_is_taken_for_a_recording() -> None:
    """The status bit rises five frames after the command; until then nothing records."""
    deck = _deck()
    with listening(deck) as listener:
        listener.wait()
        ordered_ns = SystemClock().monotonic_ns()
        assert deck.record("42C-3") == "DECK records."
        assert SystemClock().monotonic_ns() - ordered_ns >= 5 * NS // 25
        lit = listener.wait(lambda word: bool(word.recording))
        assert lit.transport == "record"
        assert lit.mono_ns - ordered_ns >= 4 * NS // 25
        assert deck.record("42C-3") == "DECK records already."
        assert deck.stop() == "DECK has stopped."
        listener.wait(lambda word: word.recording is False and word.mono_ns > lit.mono_ns)


def test_a_deck_that_acknowledges_and_does_nothing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sony9pin_deck._CONFIRM_S", 0.2)
    deck = _deck(late_frames=250)
    with listening(deck), pytest.raises(DeviceError, match="DECK acknowledged, but does not record; look at the deck"):
        deck.record("")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("local", "DECK is in LOCAL and takes no orders from here; switch it to REMOTE."),
        ("inhibit", "DECK is not allowed to record; look for its record inhibit or a tab."),
        ("no-medium", "DECK has no medium; put one in."),
        ("end", "DECK has come to the end of its medium; put in another one."),
    ],
)
def test_why_a_deck_refuses_is_kept_to_itself(kind: str, why: str) -> None:
    deck = _deck(_during(kind))
    with listening(deck) as listener:
        first = listener.wait()
        assert [each.detail for each in first.wrong] == [why]
        assert first.remote is (kind != "local")
        with pytest.raises(DeviceError) as refused:
            deck.record("")
        assert str(refused.value) == why
        deck.deck.script.faults = ()
        listener.wait(lambda word: not word.wrong)


def test_a_refused_block_is_taken_for_a_recording() -> None:
    deck = _deck()
    with listening(deck) as listener:
        listener.wait()
        deck.fault("nak", {"seconds": "60"})
        with pytest.raises(DeviceError, match=r"DECK refused \(checksum, parity\)"):
            deck.record("")


def test_an_order_that_was_given_up_is_obeyed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sony9pin_deck._ORDER_S", 0.0)
    deck = _deck()
    deck.open()
    asked = _asked(deck, monkeypatch)
    try:
        with pytest.raises(DeviceError, match="did not answer in time"):
            deck.record("")  # nobody reads: the thread that talks to the deck is busy elsewhere
        deck.read()
        deck.read()
    finally:
        deck.close()
    assert asked
    assert Block(2, 0x02) not in asked


def test_an_order_to_a_deck_that_is_away_waits_for_ever() -> None:
    deck = _deck()
    with pytest.raises(DeviceError, match="not connected"):
        deck.record("")
    with pytest.raises(DeviceError, match="not connected"):
        deck.stop()


def test_a_closed_deck_keeps_somebody_waiting_for_its_answer() -> None:
    deck = _deck(late_frames=250)
    said: list[str] = []

    def order() -> None:
        with pytest.raises(DeviceError) as error:
            deck.record("")
        said.append(str(error.value))

    with listening(deck) as listener:
        listener.wait()
        thread = threading.Thread(target=order)
        thread.start()
        listener.wait(lambda word: word.transport == "play")
    thread.join(1)
    assert said == ["DECK was closed."]


def test_a_medium_that_runs_full_goes_on_recording() -> None:
    deck = _deck(_during("end", at=0.6), late_frames=0)
    with listening(deck) as listener:
        deck.record("")
        lit = listener.wait(lambda word: bool(word.recording))
        out = listener.wait(lambda word: word.recording is False and word.mono_ns > lit.mono_ns)
    assert [each.what for each in out.wrong] == ["end of medium"]
    assert out.slots[0].state == "full"


def test_the_decks_own_button_is_not_seen() -> None:
    deck = _deck(_during("record", at=0.3, seconds=0.4), late_frames=2)
    with listening(deck) as listener:
        lit = listener.wait(lambda word: bool(word.recording))
        listener.wait(lambda word: word.recording is False and word.mono_ns > lit.mono_ns)


# -- timecode ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["23.976", "25", "29.97df", "59.94df"])
def test_a_label_is_another_than_that_of_its_moment(name: str) -> None:
    clock = SystemClock()
    deck = _deck(clock=clock, rate_name=name)
    with listening(deck) as listener:
        for after in range(4):
            listener.wait(after=after)
    carried = rate({"59.94df": "29.97df"}.get(name, name))
    labels = [word for word in listener.told if word.label is not None]
    assert len(labels) >= 2
    wall_less_mono_ns = clock.wall_ns() - clock.monotonic_ns()
    for word in labels:
        assert word.label is not None
        assert word.label.rate == carried
        true = time_of_day(word.mono_ns + wall_less_mono_ns, carried, 0)
        assert abs(word.label.frames - true.frames) <= 1


def test_midnight_takes_the_stamps_along() -> None:
    clock = ManualClock(wall_ns=24 * 3600 * NS - NS, monotonic_ns=NS)
    deck = _deck(clock=clock)
    deck.open()
    words = [deck.read() for _ in range(40)]
    deck.close()
    wall_less_mono_ns = clock.wall_ns() - clock.monotonic_ns()
    labels = [word.label.frames for word in words if word.label is not None]
    assert min(labels) < 100
    assert max(labels) > 24 * 3600 * 25 - 100
    for word in words:
        if word.label is not None:
            true = time_of_day(word.mono_ns + wall_less_mono_ns, rate("25"), 0)
            assert min(word.label.since(true, over_midnight=True), true.since(word.label, over_midnight=True)) <= 1


def test_a_jump_is_published_as_a_running_label() -> None:
    deck = _deck([{"at": 0.5, "kind": "jump", "frames": 1000}])
    with listening(deck) as listener:
        before = listener.wait(lambda word: word.label is not None)
        assert before.label is not None
        jumped = before.label.frames + 900
        listener.wait(lambda word: word.label is not None and word.label.frames > jumped)
    none = [word.label is None for word in listener.told]
    gap = next(number for number, (a, b) in enumerate(pairwise(none)) if (a, b) == (False, True))
    assert none[gap : gap + 3] == [False, True, False]


def test_a_timecode_that_stands_runs() -> None:
    """One that runs only while the deck records: it has no label before."""
    deck = _deck(rec_run=True)
    with listening(deck) as listener:
        listener.wait(after=2)
        assert all(word.label is None for word in listener.told)
        deck.record("")
        lit = listener.wait(lambda word: bool(word.recording))
    assert lit.label is not None
    assert lit.label.frames - 90_000 in range(4, 7)


def test_a_timecode_that_began_with_the_recording_has_no_label_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sony9pin_deck._TELL_NS", NS // 2)
    deck = _deck(_during("record", at=0.75), rec_run=True, late_frames=0)
    with listening(deck) as listener:
        lit = listener.wait(lambda word: bool(word.recording))
    assert lit.label is not None
    assert lit.label.frames - 90_000 in range(2)


class _FixedTime:
    """A deck that answers every question of the time alike, two frames further each time."""

    def __init__(self, label: DeckTime) -> None:
        self._label = label
        self._reader = BlockReader(is_order)

    def hear(self, data: bytes) -> bytes:
        said = b""
        for block in self._reader.feed(data):
            if block.command == 0x11:
                said += Block(1, 0x11, b"\xf0\xe0").coded()
            elif block.command == 0x20:
                said += Block(7, 0x20, Status("stopped", False, False, False, False, False, False).coded()).coded()
            else:
                said += Block(7, 0x04, self._label.coded()).coded()
        return said


@pytest.mark.parametrize(
    ("label", "project", "options", "said"),
    [
        (
            DeckTime(10, 0, 0, 28, False),
            "25",
            {},
            "DECK shows 10:00:00:28, which 25 does not have; give it its own rate.",
        ),
        (DeckTime(10, 0, 0, 5, True), "29.97", {}, "DECK counts drop-frame, 29.97 was expected; give it its own rate."),
        (
            DeckTime(10, 0, 0, 5, False),
            "29.97df",
            {},
            "DECK does not count drop-frame, 29.97df was expected; give it its own rate.",
        ),
        (DeckTime(10, 0, 0, 5, False), "29.97df", {"rate": "29.97df"}, None),  # a deck that never sets the flag
        (DeckTime(10, 0, 0, 5, False), "25", {}, None),
    ],
)
def test_a_false_label_is_published(
    label: DeckTime, project: str, options: dict[str, object], said: str | None
) -> None:
    end = PtyEnd("deck", _FixedTime(label).hear)
    try:
        given = {"port": end.path, **options}
        with listening(Sony9PinDeck("DECK", given, surroundings(project, SystemClock()))) as listener:
            listener.wait(after=2)
        assert [each.detail for each in listener.told[-1].wrong] == ([said] if said else [])
        assert all(word.label is None for word in listener.told[1:])  # it stands, or cannot be
    finally:
        end.pull()


def test_a_rate_that_was_put_right_at_the_deck_is_wrong_for_ever() -> None:
    clock = ManualClock(wall_ns=36_000 * NS, monotonic_ns=NS)
    deck = Sony9PinDeck("DECK", {"port": "none", "timecode": "none"}, surroundings("25", clock))
    right = Status("stopped", False, False, False, False, False, False)
    deck._label_of(DeckTime(10, 0, 0, 28, False))
    clock.advance(9.0)
    assert [each.what for each in deck._odd_lately()] == ["timecode rate"]
    deck._label_of(DeckTime(10, 0, 9, 3, False))
    clock.advance(2.0)
    assert deck._word(right, clock.monotonic_ns(), changed=False).wrong == ()


@pytest.mark.parametrize("options", [{"rate": "26"}, {"rate": "50"}, {"timecode": "sand"}, {"wait_ms": 5}])
def test_a_wrong_option_is_taken(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r'\[\[device\]\] "DECK"'):
        Simulated9Pin("DECK", options, surroundings())


# -- what goes wrong on the wire --------------------------------------------------------------------------------------


def test_noise_lights_the_lamp_or_hides_the_deck() -> None:
    clock = SystemClock()
    deck = _deck(clock=clock)
    with listening(deck) as listener:
        listener.wait()
        deck.fault("garbage", {"seconds": "60"})
        began = len(listener.told)
        listener.wait(lambda word: word.faults > 0, after=began)
        listener.wait(after=began + 4)
    assert not any(word.recording or word.wrong for word in listener.told)
    assert all(b.mono_ns - a.mono_ns < NS for a, b in pairwise(listener.told[began:]))
    wall_less_mono_ns = clock.wall_ns() - clock.monotonic_ns()
    for word in listener.told:
        if word.label is not None:
            true = time_of_day(word.mono_ns + wall_less_mono_ns, rate("25"), 0)
            assert abs(word.label.frames - true.frames) <= 1


@pytest.mark.parametrize("slow_s", [0.15, 0.38])
def test_a_slow_deck_is_taken_for_a_dead_one(slow_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is not asked again and again before it could answer."""
    monkeypatch.setattr("devices.simulated.deck_9pin._SLOW_S", slow_s)
    deck = _deck(_during("slow"))
    asked = _asked(deck, monkeypatch)
    with listening(deck) as listener:
        first = listener.wait(after=1)
        before = len(asked)
        last = listener.wait(after=2)
    assert all(b.mono_ns - a.mono_ns < 0.75 * NS for a, b in pairwise(listener.told))
    assert len(asked) - before <= (last.mono_ns - first.mono_ns) / NS / slow_s + 3


def test_a_deck_that_fell_silent_is_shouted_at_or_not_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deck = _deck()
    with listening(deck) as listener:
        listener.wait()
        asked = _asked(deck, monkeypatch)
        deck.fault("stall", {"seconds": "0.8"})
        silent = len(asked)
        before = len(listener.told)
        back = listener.wait(after=before + 1)
        assert back.mono_ns - listener.told[before - 1].mono_ns > 0.7 * NS
    assert len(asked) - silent < 14  # not 20 a second


def test_a_pulled_plug_is_noticed_late() -> None:
    clock = SystemClock()
    deck = _deck()
    with listening(deck) as listener:
        listener.wait()
        pulled_ns = clock.monotonic_ns()
        deck.fault("disconnect", {"seconds": "0.5"})
        sentence = listener.wait_for_end()
        assert clock.monotonic_ns() - pulled_ns < NS  # half a second, and this machine's own delays
    assert sentence.startswith("DECK: /dev/pts/")
    assert sentence.endswith(("went away; plug it in again.", "failed; pull its plug and put it in again."))
    with pytest.raises(DeviceError, match="not plugged in"):
        deck.open()


def test_a_deck_that_came_back_stays_lost() -> None:
    """The life of the device: lost once, live again, and nothing left of the time between."""
    deck = _deck()
    reports: list[Report] = []
    came = threading.Condition()
    words = 0

    def report(what: Report) -> None:
        with came:
            reports.append(what)
            came.notify_all()

    def hand_on(what: Arrival) -> None:
        nonlocal words
        if isinstance(what, Told):
            life.took()
            words += 1

    def states() -> list[str]:
        return [each.state for each in reports if isinstance(each, StateChanged)]

    life = DeviceLife("DECK", deck, SystemClock(), hand_on, report)
    life.start()
    with came:
        assert came.wait_for(lambda: "live" in states(), 10)
    threads, files = threading.active_count(), len(os.listdir("/dev/fd"))
    deck.fault("disconnect", {"seconds": "0.3"})
    with came:
        assert came.wait_for(lambda: states().count("live") == 2, 10)
    # Where the reason changes, a state is told again.
    assert [state for state, _ in groupby(states())] == ["connecting", "live", "lost", "back-off", "live"]
    assert (threading.active_count(), len(os.listdir("/dev/fd"))) == (threads, files)
    assert life.end()
    assert threading.active_count() == threads - 2  # its reader and the deck's own


# -- the simulator ----------------------------------------------------------------------------------------------------


def test_a_rehearsed_deck_says_other_bytes_the_second_time() -> None:
    def heard(seed: str) -> bytes:
        clock = ManualClock(wall_ns=36_000 * NS)
        deck = _deck([{"at": 0.0, "kind": "garbage", "seconds": 9.0}], clock=clock, seed=seed).deck
        said = b""
        for block in (Block(0, 0x11), Block(2, 0x02), *[Block(6, 0x20, b"\x09"), Block(6, 0x0C, b"\x01")] * 20):
            clock.sleep(0.04)
            said += deck.hear(block.coded())
        return said

    assert heard("x") == heard("x")
    assert heard("x") != heard("y")


def test_a_damaged_command_is_obeyed() -> None:
    deck = _deck().deck
    assert deck.hear(bytes.fromhex("20 02 23")).hex(" ") == "11 12 04 27"
    assert deck.hear(bytes.fromhex("20 7e 9e")).hex(" ") == "11 12 01 24"
    assert deck.hear(bytes.fromhex("61 20 0f 90"))[:2].hex(" ") == "79 20"  # at most nine bytes, without a word
    assert deck.label() == Timecode.parse(deck.label().label, rate("25"))
