"""The adapter of HyperDecks, over TCP, against the simulated deck and against servers that behave worse."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from devices.adapter import NS, Told
from devices.hyperdeck import HyperDeck
from devices.hyperdeck_lines import Command
from devices.life import DeviceLife
from devices.simulated.hyperdeck import SimulatedHyperDeck
from onset.clock import SystemClock
from onset.errors import ConfigError, DeviceError
from tests.devices.sources import surroundings

_LONG = {"at": 0.0, "seconds": 60.0}


class _Heard:
    """A deck that is read by a thread, as the worker reads one."""

    def __init__(self, deck: SimulatedHyperDeck) -> None:
        self.deck = deck
        self.told: list[Told] = []
        self.ended: str | None = None
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while True:
                told = self.deck.read()
                with self._news:
                    self.told.append(told)
                    self._news.notify_all()
        except DeviceError as error:
            with self._news:
                self.ended = str(error)
                self._news.notify_all()

    def until(self, so: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(so, 10), self.told[-1:]

    def until_told(self, so: Callable[[Told], bool]) -> Told:
        self.until(lambda: any(so(each) for each in self.told))
        return next(each for each in self.told if so(each))

    def end(self) -> None:
        self.deck.close()
        self._thread.join(10)


@contextmanager
def _deck(*script: dict[str, object], **options: object) -> Iterator[_Heard]:
    deck = SimulatedHyperDeck("DECK", {"script": list(script), **options}, surroundings(clock=SystemClock()))
    deck.open()
    heard = _Heard(deck)
    try:
        yield heard
    finally:
        heard.end()


def test_a_deck_records_under_another_name_than_it_was_told() -> None:
    with _deck() as heard:
        assert heard.deck.record("42C-3") == "DECK records 42C-3."
        on = heard.until_told(lambda told: told.recording is True)
        assert (on.transport, on.clip, on.remote) == ("record", "42C-3", True)
        assert on.label is not None
        assert heard.deck.stop() == "DECK has stopped."
        heard.until(lambda: heard.told[-1].recording is False)


def test_a_recording_begun_at_the_deck_itself_passes_unseen() -> None:
    with _deck({"kind": "button", "at": 0.1, "seconds": 0.3}) as heard:
        heard.until_told(lambda told: told.recording is True)
        ended = heard.until_told(lambda told: told.clip != "")
        assert (ended.clip, ended.recording) == ("A001_0001.mov", False)


def test_an_ok_is_taken_for_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.hyperdeck._CONFIRM_S", 0.3)
    with _deck({"kind": "ignore", **_LONG}) as heard, pytest.raises(DeviceError, match="took the order to record, but"):
        heard.deck.record("42C-3")


@pytest.mark.parametrize(("kind", "why"), [("deny", "it cannot"), ("full", "its medium is full")])
def test_a_refusal_is_told_as_a_number(kind: str, why: str) -> None:
    with (
        _deck({"kind": kind, **_LONG}) as heard,
        pytest.raises(DeviceError, match=rf"DECK did not record: .*{why}.*\."),
    ):
        heard.deck.record("42C-3")


def test_the_name_of_a_refused_recording_is_given_to_the_next() -> None:
    with _deck({"kind": "deny", "at": 0.0, "seconds": 0.2}) as heard:
        with pytest.raises(DeviceError):
            heard.deck.record("42C-3")
        heard.deck.fault("button", {"seconds": "5"})
        assert heard.until_told(lambda told: told.recording is True).clip == ""


def test_a_medium_that_is_pulled_is_missed_by_nobody() -> None:
    with _deck() as heard:
        heard.deck.record("42C-3")
        heard.until_told(lambda told: told.recording is True)
        heard.deck.fault("no-medium", {"seconds": "60"})
        out = heard.until_told(lambda told: bool(told.wrong))
        assert [each.detail for each in out.wrong] == ["DECK has no medium that it can record on; put one in."]
        heard.until_told(lambda told: told.transport == "preview" and told.mono_ns >= out.mono_ns)
        with pytest.raises(DeviceError, match="there is no medium in it; put one in"):
            heard.deck.record("42C-4")


def test_a_medium_that_runs_full_goes_on_recording() -> None:
    with _deck(minutes=0.01) as heard:
        heard.deck.record("")
        heard.until(lambda: heard.told[-1].recording is False and any(told.recording for told in heard.told))
        heard.until(lambda: heard.told[-1].slots[0].minutes == 0)


def test_words_between_a_command_and_its_answer_confuse_the_adapter() -> None:
    with _deck({"kind": "chatter", **_LONG}) as heard:
        heard.deck.record("42C-3")
        heard.deck.stop()


def test_noise_on_the_wire_ends_the_connection() -> None:
    with _deck({"kind": "garbage", **_LONG}) as heard:
        heard.deck.record("42C-3")
        heard.until(lambda: sum(told.faults for told in heard.told) > 3)
        heard.deck.stop()
        assert heard.ended is None


def test_slow_answers_are_given_up() -> None:
    with _deck({"kind": "slow", **_LONG}) as heard:
        heard.deck.record("42C-3")
        assert heard.ended is None


def test_frames_that_the_deck_lost_stay_its_secret() -> None:
    with _deck() as heard:
        heard.deck.record("")
        heard.deck.fault("drop", {"frames": "3"})
        heard.until_told(lambda told: told.dropped == 3)


def test_another_program_that_has_the_deck_is_told_as_a_broken_cable() -> None:
    with _deck() as heard:
        second = HyperDeck("B", {"host": "127.0.0.1", "port": heard.deck._port}, surroundings(clock=SystemClock()))
        with pytest.raises(DeviceError, match="serves one program at a time, and another has it"):
            second.open()
        heard.deck.record("")  # and the first never notices


def test_a_pulled_cable_is_not_noticed() -> None:
    with _deck() as heard:
        heard.deck.fault("disconnect", {"seconds": "60"})
        heard.until(lambda: heard.ended is not None)
        assert heard.ended is not None
        assert heard.ended.startswith("DECK: the ")
        assert heard.ended.endswith("; connecting anew.")


def test_a_deck_that_hangs_goes_on_telling() -> None:
    """What it told last must not be told again: the worker would take it for alive."""
    with _deck({"kind": "stall", "at": 0.4, "seconds": 60.0}) as heard:
        heard.until(lambda: bool(heard.told) and heard.told[-1].mono_ns - heard.told[0].mono_ns > NS // 10)
        with heard._news:
            assert not heard._news.wait_for(lambda: heard.told[-1].mono_ns - heard.told[0].mono_ns > NS, 1.5)


def test_a_simulated_deck_that_comes_back_is_another_one_at_another_port() -> None:
    """A reason that is another one at each try would be news each time."""
    deck = SimulatedHyperDeck("DECK", {}, surroundings(clock=SystemClock()))
    deck.open()
    before = deck.identify()
    deck.close()
    deck.open()
    assert deck.identify() == before
    deck.close()


def test_remote_control_is_switched_on_unasked() -> None:
    with _deck() as before:
        before.deck.deck.obey(Command("remote", {"enable": "false"}))
        before.end()
        before.deck.open()
        heard = _Heard(before.deck)
        assert heard.until_told(lambda each: each.remote is not None).remote is False
        with pytest.raises(DeviceError, match="remote control is off; press REM"):
            heard.deck.record("")
        heard.end()


@contextmanager
def _server(*said: bytes) -> Iterator[int]:
    """Says this to whoever connects, and then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    held.append(connection)
                    for each in said:
                        connection.sendall(each)
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for connection in held:
                connection.close()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"220 mail.example ESMTP\r\n", "does not greet as a HyperDeck does; is it one?"),
        (b"500 connection info:\r\nprotocol version: 1.8\r\nmodel: X\r\n\r\n", "does not answer; switch it off and on"),
    ],
)
def test_something_that_is_no_deck_holds_up_the_worker(said: bytes, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.hyperdeck._GREET_S", 0.2)
    with _server(said) as port:
        deck = HyperDeck("DECK", {"host": "127.0.0.1", "port": port}, surroundings(clock=SystemClock()))
        with pytest.raises(DeviceError, match=why):
            deck.open()
        deck.close()


class _Resolver:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = threading.Event()

    def __call__(self, host: str) -> list[str]:
        self.asked += 1
        assert self.answers.wait(20)
        return ["127.0.0.1"]


def test_a_name_server_that_hangs_holds_up_the_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.hyperdeck._RESOLVE_S", 0.05)
    resolver = _Resolver()
    with _server(b"120 connection rejected\r\n") as port:
        around = surroundings(clock=SystemClock())
        deck = HyperDeck("DECK", {"host": "deck.local", "port": port}, around, resolver)
        for _ in range(3):
            with pytest.raises(DeviceError, match=r"no deck answers at deck\.local:\d+ \(no name server says"):
                deck.open()
        assert resolver.asked == 1, "a question is not asked again while it is open"
        resolver.answers.set()
        monkeypatch.setattr("devices.hyperdeck._RESOLVE_S", 10.0)
        with pytest.raises(DeviceError, match="serves one program at a time"):
            deck.open()


def test_a_name_server_that_hangs_holds_up_the_worker_s_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.hyperdeck._RESOLVE_S", 20.0)
    resolver = _Resolver()
    deck = HyperDeck("DECK", {"host": "deck.local"}, surroundings(clock=SystemClock()), resolver)
    life = DeviceLife("DECK", deck, SystemClock(), lambda _: None, lambda _: None)
    life.start()
    while not resolver.asked:
        os.sched_yield()
    assert life.end(), "its thread has ended within three seconds"
    resolver.answers.set()


def test_a_name_that_no_host_can_have_is_a_traceback() -> None:
    for host in ("a..b", "x" * 70 + ".local"):
        deck = HyperDeck("DECK", {"host": host}, surroundings(clock=SystemClock()))
        with pytest.raises(DeviceError, match="no deck answers at"):
            deck.open()


@pytest.mark.parametrize(("key", "value"), [("rate", "26"), ("rate", "120"), ("port", 0), ("host", "")])
def test_an_option_that_cannot_be_is_taken(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f'"DECK": "{key}"'):
        HyperDeck("DECK", {"host": "127.0.0.1", key: value}, surroundings())
