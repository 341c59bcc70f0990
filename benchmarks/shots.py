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
from onset.cli.report_desk import ReportDesk
from onset.clock import ManualClock
from onset.config import parse_config
from onset.domain.camera import Clip, Source
from onset.domain.claim import Claim, ClaimSource
from onset.domain.take import Status
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event, Next
from onset.reconcile.day import bring_up_to_date
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
    what_the_others_say(logbook, clock)
    logbook.action(logbook.roll(moments.now()).id, moments.now())
    clock.advance(12)
    return logbook


def what_the_others_say(logbook: Logbook, clock: ManualClock) -> None:
    """Clips of two cards that came, a camera report that disagrees about one mark, an alarm; then a match."""
    takes = sorted(logbook.takes(), key=lambda take: take.shot)
    clips = [
        Clip(
            id="", name=f"{roll}C{number:03}.mov", path=f"/cards/{roll}/{roll}C{number:03}.mov", camera=roll[0],
            tc_in=str(take.start + frames), tc_source="file", rate=take.rate, source=Source.FOLDER, day=take.day,
            duration_frames=(take.duration_frames or 0) + 40, fps="24000/1001", reel=roll, number=number,
        )
        for roll, frames in (("A014", 880), ("B009", -70))
        for number, take in enumerate(takes, 1)
        if take.start is not None and (roll, number) != ("B009", 4)
    ]  # fmt: skip
    logbook.bring_in(clips)
    rows = [
        Claim(
            id="", source=ClaimSource.CAMERA, report="camera A.csv", row=number, unit="Main", day=take.day, device="A",
            slate=take.slate, take=take.take, clip=f"A014C{number:03}", roll="A014",
            circled=take.status is Status.CIRCLED or number == 2,
        )
        for number, take in enumerate(takes, 1)
    ]  # fmt: skip
    logbook.take_claims(ClaimSource.CAMERA, "camera A.csv", "Main", takes[0].day, rows)
    detail = "A014C003 unreadable: 42/3 circled; B is safe"
    logbook.event(Event(wall_ns=clock.wall_ns(), device="A014", what="unreadable A014C003", detail=detail, alarm=True))
    bring_up_to_date(logbook, "Main", takes[0].day)


async def shoot(folder: Path) -> None:
    """Write `<screen>-<width>x<height>.svg` for each screen and size."""
    with TemporaryDirectory() as temporary:
        production = Path(temporary)
        text = config_text("Harbour Lights", "23.976", "us")
        (production / "config.toml").write_text(text, encoding="utf-8")  # reports read it where it lies
        config = parse_config(text, production)
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
                papers=ReportDesk(production),
            )
            desk = Desk(deps.open_logbook)
            try:
                app = OnsetApp(deps, desk)
                async with app.run_test(size=(width, height)) as pilot:
                    for place in SCREENS:
                        await app.switch_mode(place)
                        await pilot.pause()
                        reading = getattr(app.screen, "_reread", None)
                        while reading is not None and (reading.busy or reading.stale):
                            await pilot.pause(0.02)
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
