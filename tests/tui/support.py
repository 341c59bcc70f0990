"""An app on a real log in a temporary folder, with a clock that the test moves, and waiting on conditions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from textual.pilot import Pilot

from logging_db.logbook import create_log, open_log
from onset.capture.signals import Health, Slot, TimecodeNow
from onset.clock import ManualClock
from onset.config import parse_config
from onset.domain.take import Board, Stamp, Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next
from onset.offload.disks import Mount
from onset.timecode import Timecode, rate
from tests.tui.quiet import WatchedDesk, waited_for
from tui.app import OnsetApp
from tui.deps import Deps, Live, S
from tui.paper_desk import PaperDesk
from tui.screens.log import LogScreen
from tui.widgets.lines import Footer, Line, StatusLine

CONFIG = '[production]\ntitle = "Harbour Lights"\nrate = "24"\n'
NOON = 1_763_726_400_000_000_000  # 2025-11-21 12:00:00 UTC
MONO = 5_000_000_000_000
RATE = rate("24")


@cache
def _new_log(wall_ns: int) -> bytes:
    """A log just made at this moment: its making is a third of what a test's log costs."""
    with TemporaryDirectory() as folder:
        clock = ManualClock(wall_ns=wall_ns, monotonic_ns=MONO)
        return create_log(Path(folder), title="Harbour Lights", rate="24", clock=clock).read_bytes()


@dataclass
class Set:
    """A production in a temporary folder, and the moment it is."""

    folder: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(wall_ns=NOON, monotonic_ns=MONO))
    source: str = "clock"
    live: Live | None = None
    ask: Callable[[str, str | None, Mapping[str, str]], str] | None = None
    running: bool = False
    start: Callable[[], None] | None = None
    config: str = CONFIG
    slate: str = "42A"
    matching: bool = False
    second_to: Path | None = None
    mounts: Sequence[Mount] = ()
    papers: PaperDesk | None = None

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        """12:00:00:00 at the start of the test, running on with the clock."""
        seconds = 43_200 + (mono_ns - MONO) / 1_000_000_000
        return Timecode.at(seconds, RATE), self.source

    def stamp(self) -> Stamp:
        mono_ns = self.clock.monotonic_ns()
        label, source = self.label_at(mono_ns)
        return Stamp(wall_ns=self.clock.wall_ns(), mono_ns=mono_ns, boot="test", tc=str(label), tc_source=source)

    def open(self, role: str = "script") -> Logbook:
        """The log of this production, made when it is not there."""
        path = self.folder / "log.onset"
        if not path.exists():
            path.write_bytes(_new_log(self.clock.wall_ns()))
            log = open_log(path, role=role, user="maya", clock=self.clock)
            if self.slate:
                log.set_next(Next(scene="42", slate=self.slate, cameras={"A": True, "B": True}))
            if self.second_to is None:
                return log
            log.close()
        return open_log(path, role=role, user="maya", clock=self.clock, second_to=self.second_to)

    def deps(self) -> Deps:
        return Deps(
            open_logbook=self.open,
            config=parse_config(self.config, self.folder),
            production=self.folder,
            clock=self.clock,
            stamp=self.stamp,
            label_at=self.label_at,
            live=self.live,
            ask=self.ask,
            service_running=lambda: self.running,
            start_service=self.start,
            jobs=self.folder / "jobs",
            mounted=lambda: self.mounts,
            papers=self.papers,
            open_aside=(lambda: self.open(role="matching")) if self.matching else None,
        )


class At:
    """A running app, as a person at its keyboard has it."""

    def __init__(self, pilot: Pilot[None], app: OnsetApp, place: Set) -> None:
        self.pilot = pilot
        self.app = app
        self.set = place
        self.clock = place.clock

    @property
    def log(self) -> LogScreen:
        screen = self.app.screen
        assert isinstance(screen, LogScreen)
        return screen

    def board(self) -> Board:
        """The board as the screen shows it."""
        return self.app.hand.board

    async def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait until something is so."""
        async with asyncio.timeout(40):
            while not condition():
                await self.pilot.pause(0.005)
        del what

    async def settled(self) -> None:
        """Wait until no key waits for the log, and everything is drawn."""
        await self.until(lambda: self.app.hand.idle)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each answered before the next."""
        for key in keys:
            await self.pilot.press(key)
            await self.settled()

    async def type(self, text: str) -> None:
        """Type text into the field that has the focus."""
        await self.pilot.press(*("space" if each == " " else each for each in text))
        await self.pilot.pause()

    def later(self, seconds: float = 2.0) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @property
    def status(self) -> str:
        return self.app.screen.query_one(StatusLine).text

    @property
    def footer(self) -> str:
        return "  ".join(f"{hint.key} {hint.text}" for hint in self.app.screen.query_one(Footer).hints)

    def line(self, selector: str) -> str:
        return self.app.screen.query_one(selector, Line).text

    async def takes(self) -> dict[str, Take]:
        """What the log holds, by label."""
        found = await self.app.hand.desk.read(lambda log: log.takes())
        return {take.label: take for take in found}

    def drawn(self) -> str:
        """The screen as text."""
        compositor = self.app.screen._compositor
        return "\n".join("".join(segment.text for segment in strip) for strip in compositor.render_strips())


@asynccontextmanager
async def at_work(place: Set, size: tuple[int, int] = (80, 24)) -> AsyncIterator[At]:
    """The app on this production, its log open and its first list read."""
    desk = WatchedDesk(place.open)
    try:
        app = OnsetApp(place.deps(), desk)
        with waited_for(app, desk):
            async with app.run_test(size=size) as pilot:
                at = At(pilot, app, place)
                await at.until(lambda: isinstance(app.screen, LogScreen) and app.screen.is_mounted)
                await at.settled()
                await at.until(lambda: at.log.tally.day is not None)
                await at.settled()
                yield at
    finally:
        desk.close()


class Bus:
    """A live bus on which a test puts slots."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, type], Slot] = {}

    def put(self, name: str, slot: Slot) -> None:
        """The newest slot of a device or source."""
        self._slots[name, type(slot)] = slot

    def clear(self) -> None:
        """Its service has ended."""
        self._slots.clear()

    def health(self, device: str, detail: str, **more: object) -> None:
        """A device that says how it is."""
        health = Health(
            device=device, kind="sim-camera", state="live", detail=detail, recording=None, dropped=0,
            free_minutes=None, mono_ns=MONO,
        )  # fmt: skip
        self.put(device, msgspec.structs.replace(health, **more))

    def newest(self, device: str, slot_type: type[S]) -> S | None:
        """As `onset.capture.bus.Watcher` does."""
        found = self._slots.get((device, slot_type))
        return found if isinstance(found, slot_type) else None

    def devices(self) -> list[str]:
        return [name for name, kind in self._slots if kind is Health]

    def sources(self) -> list[str]:
        return [name for name, kind in self._slots if kind is TimecodeNow]


def short_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    """Have the list fetched in pages of this many takes and not of 200, so that fewer takes make as many pages."""
    page = 50
    for module in ("tui.take_pages", "tui.screens.log_list"):
        monkeypatch.setattr(f"{module}.PAGE", page)
    return page
