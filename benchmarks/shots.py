"""Pictures of every screen as SVG, dark and for the sun: the same bytes whenever they are drawn.

`make shots` draws those of the documentation. To look at a change of the screens at other sizes:
`python -m benchmarks.shots build/shots 80x24 120x40 200x60`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from unittest.mock import patch

from textual.app import App
from textual.pilot import Pilot

from benchmarks import shots_set
from logging_db.logbook import log_in_memory
from onset.cli.moment import Moments
from onset.cli.new import config_text
from onset.cli.report_desk import ReportDesk
from onset.clock import ManualClock
from onset.config import parse_config
from onset.domain.take import Stamp
from onset.logbook.protocol import Logbook
from onset.logbook.village import village_board
from onset.timecode import Timecode
from tests.tui.quiet import WatchedDesk, waited_for
from tui.app import Deps, OnsetApp
from tui.board_app import BoardApp, BoardDeps

SIZE = (120, 36)
THEMES = ("dark", "day")
LAMPS_S = 0.7  # a little longer than screens take to ask the live bus again
# A picture's name, and the keys that lead to it from the one before.
PICTURES = (
    ("log-rolling", ("g", "1")),
    ("log-note", ("t", *"she looks up late")),
    ("actions", ("escape", "colon", *"sl")),
    ("log", ("escape", "space", "c")),
    ("keys", ("question_mark",)),
    ("take", ("question_mark", "tab")),
    ("review", ("escape", "g", "2", "home", "down", "down", "down", "enter")),
    ("offload", ("escape", "g", "3", "down", "down")),
    ("devices", ("g", "4")),
    ("reports", ("g", "5")),
    ("day", ("g", "6")),
)

# What Rich writes into a picture and nobody sees: a clip for each line, the ends of lines, how rectangles are drawn.
_WEIGHT = (
    r'<clipPath id="t-line-\d+">.*?</clipPath>\s*',
    r' clip-path="url\(#t-line-\d+\)"',
    r'<text class="t-r\d+" x="[\d.]+" y="[\d.]+" textLength="12.2">\s*</text>',
    r' shape-rendering="crispEdges"',  # said once, in the style
)

T = TypeVar("T")


class Onlooker:
    """The log as the village's board looks at it."""

    def __init__(self, log: Logbook) -> None:
        self._log = log
        self._new = True

    def moved(self) -> bool:
        """True once: the log stands still."""
        new, self._new = self._new, False
        return new

    def read(self, question: Callable[[Logbook], T]) -> T:
        """Ask it."""
        return question(self._log)

    def close(self) -> None:
        """It is somebody else's."""


async def shoot(folder: Path, size: tuple[int, int], theme: str, ending: str) -> None:
    """Draw every picture at one size in one theme."""
    with TemporaryDirectory() as temporary, _without_disks():
        production = Path(temporary)
        text = config_text("Harbour Lights", "23.976", "us").partition("[capture]")[0] + shots_set.CONFIG
        (production / "config.toml").write_text(text, encoding="utf-8")  # reports read it where it lies
        config = parse_config(text, production)
        config = dataclasses.replace(config, screen=dataclasses.replace(config.screen, theme=theme))
        clock = ManualClock(wall_ns=shots_set.MORNING_NS, monotonic_ns=600_000_000_000)
        with (
            contextlib.closing(Moments(None, config, clock)) as moments,
            contextlib.closing(
                log_in_memory(title="Harbour Lights", rate="23.976", folder=production, clock=clock)
            ) as log,
        ):

            def stamp() -> Stamp:
                return dataclasses.replace(moments.now(), tc_source="MIX.ltc")

            def label_at(mono_ns: int) -> tuple[Timecode, str]:
                return moments.label_at(mono_ns)[0], "MIX.ltc"

            shots_set.shoot(log, stamp, clock)
            log.action(log.roll(stamp()).id, stamp())
            clock.advance(12)
            with shots_set.a_copy_that_runs(production / "jobs", clock):
                deps = Deps(
                    open_logbook=lambda: log,
                    config=config,
                    production=production,
                    clock=clock,
                    stamp=stamp,
                    label_at=label_at,
                    live=shots_set.live(clock, str(label_at(clock.monotonic_ns())[0])),
                    service_running=lambda: True,
                    jobs=production / "jobs",
                    papers=ReportDesk(production),
                )
                await _draw_app(folder, size, ending, deps)
                board = BoardDeps(
                    onlooker=Onlooker(log),
                    read=lambda log, most: village_board(log, "Main", most=most),
                    clock=clock,
                    label_at=label_at,
                    theme=theme,
                )
                await _draw_board(folder, size, ending, board)


async def _draw_app(folder: Path, size: tuple[int, int], ending: str, deps: Deps) -> None:
    desk = WatchedDesk(deps.open_logbook)
    app = OnsetApp(deps, desk)
    with waited_for(app, desk):
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            for name, keys in PICTURES:
                for key in keys:
                    await pilot.press("space" if key == " " else key)
                    await _settled(pilot, app)
                await pilot.pause(LAMPS_S)
                await _settled(pilot, app)
                _keep(app, folder / f"{name}{ending}.svg")


async def _settled(pilot: Pilot[None], app: OnsetApp) -> None:
    """Wait until nothing is being read and nothing changes any more."""
    before = ""
    for _ in range(200):
        await pilot.pause(0.05)
        now = app.export_screenshot()
        reading = any(each.is_running and each.name != "intents" for each in app.workers)
        if now == before and app.hand.idle and not reading:
            return
        before = now


async def _draw_board(folder: Path, size: tuple[int, int], ending: str, deps: BoardDeps) -> None:
    app = BoardApp(deps)
    async with app.run_test(size=size) as pilot:
        while app.board is None:
            await pilot.pause()
        await pilot.pause()
        _keep(app, folder / f"board{ending}.svg")
    app.end()


@contextlib.contextmanager
def _without_disks() -> Iterator[None]:
    """Targets and copies as the set has them, not as this machine has: figures of its disks differ each time."""
    with (
        patch("onset.offload.forecast.look_at_targets", lambda *_: shots_set.TARGETS),
        patch("tui.cards.look_for", frozenset),
    ):
        yield


def _keep(app: App[None], path: Path) -> None:
    """Write the screen as it is, without fonts from elsewhere: a page of the documentation asks nobody for anything."""
    svg = app.export_screenshot()
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    svg = re.sub(r"terminal-\d+", "t", svg).replace("&#160;", "\N{NO-BREAK SPACE}")
    for weight in _WEIGHT:
        svg = re.sub(weight, "", svg, flags=re.DOTALL)
    svg = svg.replace("<style>", "<style>rect { shape-rendering: crispEdges }", 1)
    path.write_text(re.sub(r"\n\s*\n+", "\n", svg), encoding="utf-8")


def main() -> int:
    """Draw into the folder that is named, at the sizes that are named."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ.pop("NO_COLOR", None)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/shots")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [tuple(map(int, each.split("x"))) for each in sys.argv[2:]]
    for theme in THEMES:
        shade = "" if theme == THEMES[0] else f"-{theme}"
        if not sizes:
            asyncio.run(shoot(folder, SIZE, theme, shade))
        for width, height in sizes:
            asyncio.run(shoot(folder, (width, height), theme, f"{shade}-{width}x{height}"))
    for picture in sorted(folder.glob("*.svg")):
        print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
