"""The morning check: what has to be there before the first roll, and the key or command that mends what is not.

Used by the Day page: `read_morning` and `free_on` on a thread, the rest is pure. The disk of the recordings is asked
apart from the log: one that hangs may hold up nobody who reads.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from onset.domain.production import Day, Moment
from onset.errors import OnsetError
from onset.logbook.protocol import Logbook
from onset.text import safe_path, safe_text
from tui.day_sheet import DaySheet
from tui.deps import Deps
from tui.widgets.items import Item

GIB = 1 << 30
ROOM = 5 * GIB  # an hour of one 1080p camera is 2 to 5 GB; as `onset doctor` says it
REST_NS = 4 * 3_600 * 1_000_000_000  # so long after a wrap nobody asks for the next day's call


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """What was found.

    Attributes:
        service: the capture service runs; None where there are no devices that would need it.
        master: the timecode that should be the master's, empty where this machine's clock is.
        jammed: somebody noted today that a clock was jammed.
        script: a version of the script came in; scenes that somebody typed are none.
        scenes: the log has scenes that a day could be scheduled with.
        copied: the log has a second journal and backups on another disk.
    """

    service: bool | None
    master: str
    jammed: bool
    script: bool
    scenes: bool
    copied: bool


def read_morning(log: Logbook, deps: Deps, number: int) -> Morning:
    """Look at the log and the service; may block, so never on the event loop."""
    config = deps.config
    master = config.capture.timecode[0]
    service: bool | None = None
    if config.devices:
        try:
            service = deps.service_running()
        except OnsetError:
            service = False
    return Morning(
        service=service,
        master="" if master == "clock" else master,
        jammed=bool(log.jams(number, unit=deps.unit)),
        script=bool(log.versions()),
        scenes=bool(log.scenes()),
        copied=config.log.backup_to is not None,
    )


def free_on(folder: Path) -> int:
    """Bytes that are free for recordings in this folder, which need not be there yet; may block for minutes.

    Raises:
        OSError: its disk cannot tell.
    """
    return shutil.disk_usage(next(filter(os.path.exists, (folder, *folder.parents)), folder)).free


def room_items(folder: Path, free: int | None) -> Iterator[Item]:
    """What is wrong with the disk of the recordings; `free` None: it does not answer."""
    if free is None:
        yield Item(f"the disk of {safe_path(folder)} does not answer; nothing can be recorded on it", alarm=True)
    elif free < ROOM:
        yield Item(f"{safe_path(folder)} has {free / GIB:.1f} GiB free; make room before recording", alarm=True)


def is_due(day: Day | None, now_ns: int) -> bool:
    """Whether a morning is to come, or a day goes on; an evening after the wrap is neither."""
    return day is None or day.wrapped_ns is None or now_ns - day.wrapped_ns > REST_NS


def morning_items(morning: Morning, sheet: DaySheet, source: str) -> Iterator[Item]:
    """What is missing; `source`: where the running timecode comes from."""
    if morning.service is False:
        yield Item("no capture service: nothing is recorded; onset capture starts it", "service:", alarm=True)
    elif morning.master and source != morning.master:
        words = f"timecode comes from {safe_text(source)} and not from {safe_text(morning.master)}"
        yield Item(words, "devices:", alarm=True)
    next_day = sheet.day is not None and sheet.day.wrapped_ns is not None
    if next_day or all(one.what is not Moment.CALL or one.derived for one in sheet.stamps):
        yield Item("nobody stamped the call", f"stamp:{Moment.CALL}")
    if morning.master and not morning.jammed:
        yield Item("no clock was jammed today; on Devices one says who was", "devices:")


def advice_items(morning: Morning, sheet: DaySheet) -> Iterator[Item]:
    """What a production can do without, told while it is not there."""
    if not morning.script:
        yield Item("no script is in: onset import script FILE", faint=True)
    if morning.scenes and not sheet.scheduled:
        yield Item(f"nothing is scheduled for day {sheet.number}: onset import schedule FILE", faint=True)
    if not sheet.people:
        yield Item("nobody is on the list of people", "person:", faint=True)
    if not morning.copied:
        yield Item("the log is on one disk only: [log] backup_to in config.toml", faint=True)
