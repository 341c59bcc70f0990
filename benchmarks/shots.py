"""Pictures of every screen at two sizes, drawn headless on a small log in memory, as SVG.

Run by `make shots`, to look at a change of the screens and for the documentation.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from logging_db.logbook import log_in_memory
from onset.cli.moment import Moments
from onset.cli.new import config_text
from onset.clock import ManualClock
from onset.config import parse_config
from onset.domain.take import Status
from onset.logbook.protocol import Logbook, Next
from tui.app import SCREENS, Deps, OnsetApp
from tui.desk import Desk

SIZES = ((80, 24), (140, 45))
MORNING_NS = 1_772_000_000_000_000_000


def a_few_takes(logbook: Logbook, moments: Moments, clock: ManualClock) -> Logbook:
    """Two setups: takes of each status, one rolling."""
    for slate, statuses in (
        ("42", (Status.NG, Status.HOLD, Status.CIRCLED)),
        ("42A", (Status.NONE, Status.CIRCLED)),
        ("42B", (Status.NG,)),
    ):
        for status in statuses:
            take = logbook.roll(moments.now(), change=Next(scene="42", slate=slate))
            clock.advance(8)
            logbook.action(take.id, moments.now())
            clock.advance(41.5)
            logbook.cut(take.id, moments.now())
            logbook.set_take(take.id, {"status": str(status)})
            clock.advance(95)
        logbook.note(take.id, "Best for the look to the door")
    logbook.action(logbook.roll(moments.now()).id, moments.now())
    clock.advance(12)
    return logbook


async def shoot(folder: Path) -> None:
    """Write `<screen>-<width>x<height>.svg` for each screen and size."""
    with TemporaryDirectory() as temporary:
        production = Path(temporary)
        config = parse_config(config_text("Harbour Lights", "23.976", "us"), production)
        for width, height in SIZES:
            clock = ManualClock(wall_ns=MORNING_NS, monotonic_ns=1)
            moments = Moments(None, config, clock)
            logbook = log_in_memory(title="Harbour Lights", rate="23.976", folder=production, clock=clock)
            a_few_takes(logbook, moments, clock)
            deps = Deps(
                open_logbook=lambda logbook=logbook: logbook,  # type: ignore[misc]  # bound now, not when called
                config=config,
                production=production,
                clock=clock,
                stamp=moments.now,
                label_at=moments.label_at,
            )
            desk = Desk(deps.open_logbook)
            try:
                app = OnsetApp(deps, desk)
                async with app.run_test(size=(width, height)) as pilot:
                    for place in SCREENS:
                        await app.switch_mode(place)
                        await pilot.pause()
                        (folder / f"{place}-{width}x{height}.svg").write_text(app.export_screenshot(), encoding="utf-8")
            finally:
                desk.close()
                moments.close()


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/shots")
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(shoot(folder))
    for picture in sorted(folder.glob("*.svg")):
        print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
