"""No screen holds the event loop: 50 ms of the processor at most, whatever disk, log and device do."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from onset.capture.signals import Levels, Picture
from onset.cli.report_desk import ReportDesk
from onset.offload.disks import Mount
from tests.tui.support import CONFIG, MONO, At, Bus, Set, at_work
from tui.deps import Deps
from tui.screens.devices import DevicesScreen
from tui.watchdog import Held, watched_loop
from tui.widgets.take_panel import TakePanel

DAY_NS = 86_400_000_000_000
TAKES = 60  # more than a screen shows
DEVICES = CONFIG + '[[device]]\nname = "A"\nkind = "sim-camera"\n[[device]]\nname = "MIX"\nkind = "sim-mixer"\n'


pytestmark = pytest.mark.usefixtures("nothing_else_is_collected")


class Gate:
    """A disk, a log or a device that answers nobody while it is shut."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def wait(self) -> None:
        assert self._open.wait(60), "nobody opened it"

    def ask(self, what: str, device: str | None, args: Mapping[str, str]) -> str:
        """A device that hangs."""
        self.wait()
        return f"{device}: {what} done."

    def running(self) -> bool:
        """A disk with the service's lock that hangs."""
        self.wait()
        return True

    def mounted(self) -> Sequence[Mount]:
        """A reader that hangs."""
        self.wait()
        return ()


@dataclass
class SlowSet(Set):
    """A set on which everything goes through a gate."""

    gate: Gate = field(default_factory=Gate)

    def deps(self) -> Deps:
        gate = self.gate
        return replace(super().deps(), ask=gate.ask, mounted=gate.mounted, service_running=gate.running)


def test_a_long_turn_is_told_by_name_and_a_short_one_is_not() -> None:
    told: list[Held] = []

    async def turns() -> None:
        await asyncio.sleep(0)
        read_a_card_on_the_loop()
        await asyncio.sleep(0)

    def read_a_card_on_the_loop() -> None:
        began = time.thread_time()
        while time.thread_time() - began < 0.005 or not any(each.name == "watchdog" for each in threading.enumerate()):
            pass

    with watched_loop(told.append, of_cpu=True) as loop:
        loop.run_until_complete(turns())
        assert told == []
    with watched_loop(told.append, limit_s=0.004, of_cpu=True) as loop:
        loop.run_until_complete(turns())
    assert len(told) == 1
    assert told[0].cpu_seconds >= 0.005
    assert str(told[0]).startswith("held ")


@pytest.fixture
def place(tmp_path: Path) -> SlowSet:
    """A day with its takes, devices that send pictures and sound, reports that can be made."""
    (tmp_path / "config.toml").write_text(DEVICES)
    bus = Bus()
    for device in ("A", "MIX"):
        bus.health(device, "640x360")
    noise = random.Random(1).randbytes(320 * 180 * 3)  # every cell another colour: the dearest picture
    # of the end of the day: it is new whenever it is looked at
    bus.put("A", Picture(device="A", frame=1, width=320, height=180, rgb=noise, mono_ns=MONO + DAY_NS))
    bus.put("MIX", Levels(device="MIX", tracks=["boom"], peak_db=[-3.0], rms_db=[-20.0], clipped=[1], mono_ns=MONO))
    place = SlowSet(tmp_path, live=bus, config=DEVICES, papers=ReportDesk(tmp_path))
    log = place.open()
    try:
        for _ in range(TAKES):
            place.clock.advance(60)
            take = log.add_take(slate="42A", take=None, stamp=place.stamp(), duration_frames=700)
        log.note(take.id, "the last of the day")
    finally:
        log.close()
    return place


EVERYWHERE = (
    *("question_mark", "question_mark", "up", "up", "pageup", "home", "end", "tab", "down", "escape", "d", "escape"),
    *("slash", "s", "escape", "s", "enter", "colon", "escape", "f2", "enter", "escape", "f3", "f4", "f5", "f6"),
    *("question_mark", "question_mark", "f2", "f3", "f4", "f5", "f1", "enter", "x", "escape"),
)


def test_every_place_and_panel_answers_within_the_limit(place: Set) -> None:
    held: dict[str, list[str]] = {}
    key = "start"

    async def story() -> None:
        nonlocal key
        async with at_work(place, size=(120, 40)) as at:
            await at.press("space")
            for key in EVERYWHERE:
                at.later()
                await at.press(key)
                await at.pilot.pause()
                if isinstance(at.app.screen, DevicesScreen):
                    at.later()
                    at.app.screen._picture()
                    at.app.screen._meters()
                    await at.pilot.pause()
                    assert "\N{LOWER HALF BLOCK}" in at.drawn() or "\N{UPPER HALF BLOCK}" in at.drawn()
            key = "end"

    with watched_loop(lambda each: held.setdefault(key, []).append(str(each)), of_cpu=True) as loop:
        loop.run_until_complete(story())
    assert not held


def test_log_disk_and_device_that_do_not_answer_hold_no_key(place: SlowSet) -> None:
    gate, held = place.gate, list[str]()

    async def story() -> None:
        async with at_work(place, size=(120, 40)) as at:
            await at.press("space", "t")
            gate.shut()
            desk = at.app.hand.desk
            waiting = [desk.write(lambda _: gate.wait()), desk.read(lambda _: gate.wait())]
            stuck = [asyncio.ensure_future(each) for each in waiting]
            await _keys_without_an_answer(at)
            gate.open()
            await asyncio.gather(*stuck)
            await at.settled()
            (rolling,) = [take for take in (await at.takes()).values() if take.take == str(TAKES + 1)]
            assert [note.text for note in rolling.notes] == ["dog"]
            assert rolling.duration_frames == 40 * 24
            assert at.board().rolling is None

    with watched_loop(lambda each: held.append(str(each)), of_cpu=True) as loop:
        loop.run_until_complete(story())
    assert not held


async def _keys_without_an_answer(at: At) -> None:
    """A note, a cut, other places, a question to a device: nothing is waited for, and all of it can be seen."""
    await at.pilot.press("d", "o", "g")
    assert at.log.entry.field.value == "dog"
    at.later(40)
    await at.pilot.press("ctrl+r", "enter", "up", "up", "tab")
    assert at.log.takes.on_purpose
    assert not at.log.query_one(TakePanel).display  # its take is to be read yet
    for key in ("f4", "r", "down", "f3", "down", "f2", "f5", "f6"):
        await at.pilot.press(key)
    assert at.app.current_mode == "day"
    await at.pilot.press("f1", "up")
    assert at.app.current_mode == "log"
    assert not at.app.hand.idle
    await at.pilot.press("ctrl+q")
    assert "again quits" in at.status
