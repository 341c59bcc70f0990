"""How fast Review answers with 300 takes and three devices, and what a key waits for while a match goes on.

Run by `make bench` or by hand: `python -m benchmarks.review [takes]`. The first block is measured through a
pseudo-terminal on the real program; the second in one process, where a thread matches the day from nothing for as long
as keys are pressed on Log. Bar: an edit waits no more than 50 ms for a match (p95).
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from logging_db.logbook import open_log
from onset.cli.moment import Moments
from onset.clock import ManualClock, SystemClock
from onset.config import load_config
from onset.domain.camera import Clip, Source
from onset.domain.sound import SoundFile
from onset.domain.take import Stamp
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next
from onset.match.solve import Matcher
from onset.reconcile.day import bring_up_to_date, look
from onset.timecode import Timecode, rate
from tests.tui.terminal import Terminal, onset
from tui.app import SWITCH_S, Deps, OnsetApp
from tui.desk import Desk
from tui.screens.log import LogScreen
from tui.seen import Seen

TAKES = 300
ROUNDS = 30
KEYS = 60
SIZE = (160, 50)
RATE = rate("24")


def build(folder: Path, takes: int) -> None:
    """A matched day: two cameras and a recorder that have every take, 40 takes a card."""
    subprocess.run(onset("new", str(folder), "--title", "Bench", "--rate", "24"), check=True, stdout=subprocess.DEVNULL)
    clock = ManualClock(wall_ns=time.time_ns() - takes * 75_000_000_000, monotonic_ns=1)
    log = open_log(folder / "log.onset", clock=clock)
    media: list[Clip | SoundFile] = []
    for number in range(takes):
        seconds, length = 20_000.0 + number * 75, 25.0 + number * 7 % 20
        rolls = {camera: f"{camera}{14 + number // 40:03}" for camera in "AB"}
        change = Next(scene=str(42 + number // 12), slate=f"{42 + number // 12}{'ABC'[number // 4 % 3]}", rolls=rolls)
        take = log.roll(_stamp(clock, seconds), change=change)
        clock.advance(length)
        log.cut(take.id, _stamp(clock, seconds + length))
        clock.advance(75 - length)
        for camera, ahead in (("A", 37.2), ("B", -3.0)):
            media.append(
                Clip(
                    id="", name=f"{rolls[camera]}C{number % 40 + 1:03}.mov", path=f"/{camera}/{number}", camera=camera,
                    tc_in=str(Timecode.at(seconds + ahead, RATE)), tc_source="file", rate="24", reel=rolls[camera],
                    duration_frames=int(length * 24) + 30, source=Source.FOLDER, day=1, number=number % 40 + 1,
                )
            )  # fmt: skip
        media.append(
            SoundFile(
                id="", name=f"T{number:03}.wav", path=f"/s/{number}", device="MIX", tc_source="file", rate="24", day=1,
                tc_in=str(Timecode.at(seconds - 5, RATE)), duration_frames=None, samples=int((length + 8) * 48_000),
                sample_rate=48_000, source=Source.FOLDER,
            )
        )  # fmt: skip
    log.bring_in(media)
    bring_up_to_date(log, "Main", 1)
    log.close()


def _stamp(clock: ManualClock, seconds: float) -> Stamp:
    label = str(Timecode.at(seconds, RATE))
    return Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b", tc=label, tc_source="clock")


def spread(times: list[float]) -> str:
    """Median, p95 and greatest."""
    ordered = sorted(times)
    return f"{statistics.median(times):7.1f} {ordered[int(len(ordered) * 0.95)]:7.1f} {ordered[-1]:7.1f}"


def on_the_wire(folder: Path) -> None:
    """Key to answer on the real program."""
    env = {"XDG_STATE_HOME": str(folder / "state")}
    with Terminal(onset("-p", str(folder), "tui"), size=SIZE, env=env) as terminal:
        terminal.wait_for("Space rolls")
        terminal.drain(1.5)
        terminal.send(b"g")
        rows = {"open Review": [terminal.answered(b"2", "voter director")]}
        terminal.drain(1.0)
        rows["rate, durable"] = [
            terminal.answered(b"c", "says nothing" if turn % 2 else "director circles 4") for turn in range(ROUNDS)
        ]
        terminal.drain(1.5)
        terminal.send(b"g")
        rows["open Day"] = [terminal.answered(b"6", "takes compared")]
    for name, times in rows.items():
        print(f"  {name:<38} {spread(times)}")


def _sets(said: asyncio.Event) -> Callable[[str, bool], None]:
    return lambda _sentence, _alarm: said.set()


async def beside_a_match(folder: Path) -> float:
    """An edit on Log from key to words, idle and beside a match; gives the p95 beside the match."""
    config, clock = load_config(folder), SystemClock()

    def opened(role: str = "script") -> Logbook:
        return open_log(folder / "log.onset", role=role)

    moments = Moments(None, config, clock)
    desk = Desk(opened)
    app = OnsetApp(
        Deps(
            open_logbook=opened, config=config, production=folder, clock=clock, stamp=moments.now,
            label_at=moments.label_at, open_aside=lambda: opened("matching"),
        ),
        desk,
    )  # fmt: skip
    done, matches = threading.Event(), 0

    def match_on_and_on() -> None:
        nonlocal matches
        log = opened("another")
        while not done.is_set():
            look(log, "Main", 1, Matcher())
            matches += 1
        log.close()

    def describe(log: Logbook, seen: Seen) -> str:
        log.set_take(seen.aimed.id, {"description": str(time.time_ns())})
        return "described"

    async def pressed(screen: LogScreen) -> list[float]:
        times = []
        for _ in range(KEYS):
            said = asyncio.Event()
            begin = time.perf_counter()
            app.hand.intend(describe, screen.look, _sets(said))
            await said.wait()
            times.append((time.perf_counter() - begin) * 1000)
            await asyncio.sleep(0.03)
        return times

    sys.setswitchinterval(SWITCH_S)
    try:
        async with app.run_test(size=SIZE) as pilot:
            screen = app.screen
            while not isinstance(screen, LogScreen):
                await pilot.pause(0.05)
                screen = app.screen
            await pilot.pause(3)  # the match at the opening
            print(f"  {'an edit, nothing else going on':<38} {spread(await pressed(screen))}")
            thread = threading.Thread(target=match_on_and_on)
            thread.start()
            try:
                beside = await pressed(screen)
            finally:
                done.set()
                thread.join()
            print(f"  {f'an edit beside matches ({matches} in all)':<38} {spread(beside)}")
            return sorted(beside)[int(len(beside) * 0.95)]
    finally:
        desk.close()
        moments.close()


def main() -> int:
    takes = int(sys.argv[1]) if len(sys.argv) > 1 else TAKES
    with tempfile.TemporaryDirectory(prefix="onset-bench-") as parent:
        folder = Path(parent) / "production"
        build(folder, takes)
        print(f"{takes} takes, 3 devices, {SIZE[0]} x {SIZE[1]}                 median     p95     max  (ms)")
        on_the_wire(folder)
        return 0 if asyncio.run(beside_a_match(folder)) <= 50 else 1


if __name__ == "__main__":
    sys.exit(main())
