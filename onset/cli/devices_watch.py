"""`onset devices --watch`: every device as it is now, until Ctrl-C.

At a terminal a table that is drawn anew four times a second, with levels and clocks. Elsewhere only what changes is
printed: a line for a person, or with `--json` one document a line.
"""

from __future__ import annotations

import json
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.devices_seen import Seen, alarm_json, alarm_row, as_json, clock_row, row_of, see
from onset.clock import Clock
from onset.errors import CaptureError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.capture.asks import Status
    from onset.capture.signals import AlarmNow, ClockNow, Levels, TimecodeNow
    from onset.timecode import Rate

_EVERY_S = 0.25
_ANSWER_S = 2.0
_NO_SERVICE = "No capture service runs; `onset capture` starts it. Waiting for one."
_FLOOR_DB = -60.0
_CELLS = 24
_MOVING = ("dropped", "free_minutes")  # change all the time and are no news by themselves


def watch(production: Path, rate: Rate, clock: Clock, *, as_documents: bool) -> int:
    """Show the devices until Ctrl-C.

    Args:
        production: its folder.
        rate: the project's, for clocks.
        clock: paces it.
        as_documents: JSON lines of what changes.
    """
    view = _Documents() if as_documents else _Table() if sys.stdout.isatty() else _Lines()
    try:
        while True:
            _follow(production, rate, clock, view)
            view.nobody()
            clock.sleep(_EVERY_S)
    except KeyboardInterrupt:
        return 0  # the person has seen enough


def _follow(production: Path, rate: Rate, clock: Clock, view: _View) -> None:
    """Watch one service until it goes; returns at once when there is none."""
    from onset.capture.asks import status
    from onset.capture.bus import Watcher, check_private
    from onset.capture.lock import lock_holder
    from onset.capture.signals import TimecodeNow

    held = lock_holder(production, clock)
    if held is None or not held.folder:
        return
    folder = Path(held.folder)
    check_private(folder)
    with closing(Watcher(folder)) as watcher:
        while True:
            try:
                now = status(folder, _ANSWER_S)
            except CaptureError:
                return  # it has just gone, or is too busy to answer: look for it again
            mono_ns = clock.monotonic_ns()
            seen = [see(device, watcher, mono_ns) for device in now.devices]
            view.show(
                seen,
                now,
                _clocks(now.clocks, lambda source: watcher.newest(source, TimecodeNow), rate, mono_ns),
                clock.wall_ns(),
            )
            clock.sleep(_EVERY_S)


def _clocks(
    clocks: Sequence[ClockNow], newest: Callable[[str], TimecodeNow | None], rate: Rate, mono_ns: int
) -> list[str]:
    """Every source of timecode, with its label of this moment."""
    from onset.capture.clock_words import running_label

    return [clock_row(clock, running_label(clock, newest(clock.source), rate, mono_ns), rate.name) for clock in clocks]


def bar(levels: Levels) -> list[str]:
    """A row a track: its name, RMS as a bar from -60 dBFS, peak as a number.

    >>> from onset.capture.signals import Levels
    >>> print(*bar(Levels(device="MIX", tracks=["boom"], peak_db=[-6.0], rms_db=[-30.0], clipped=[2], mono_ns=0)))
      boom       ############............   -6 dB  2 clipped
    """
    rows = []
    for track, peak, rms, clipped in zip(levels.tracks, levels.peak_db, levels.rms_db, levels.clipped, strict=True):
        lit = max(0, min(_CELLS, round((rms - _FLOOR_DB) / -_FLOOR_DB * _CELLS)))
        number = "silent" if peak < -120 else f"{peak:4.0f} dB"
        end = f"  {clipped} clipped" if clipped else ""
        rows.append(f"  {safe_text(track):<10} {'#' * lit}{'.' * (_CELLS - lit)} {number}{end}")
    return rows


def _time(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone():%H:%M:%S}"


class _View(ABC):
    """What is done with what was seen."""

    @abstractmethod
    def show(self, seen: Sequence[Seen], status: Status, clocks: Sequence[str], wall_ns: int) -> None:
        """The devices, now."""

    @abstractmethod
    def nobody(self) -> None:
        """There is no service."""


class _Table(_View):
    """Draws over what it drew before, so that a terminal's history is not filled."""

    def __init__(self) -> None:
        self._drawn = 0

    def show(self, seen: Sequence[Seen], status: Status, clocks: Sequence[str], wall_ns: int) -> None:
        rolling = ", ".join(safe_text(label) for label in status.rolling)
        rows = [f"rolling: {rolling}" if rolling else "nothing rolls"]
        for each in seen:
            rows.append(row_of(each))
            rows += bar(each.levels) if each.levels is not None else []
        rows += ["", *clocks] if clocks else []
        rows += ["", *(alarm_row(alarm, _time) for alarm in status.alarms)] if status.alarms else []
        self._draw(rows)

    def nobody(self) -> None:
        self._draw([_NO_SERVICE])

    def _draw(self, rows: list[str]) -> None:
        wide, high = shutil.get_terminal_size()
        rows = [row[: wide - 1] for row in rows[: high - 1]]
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        sys.stdout.write(up + "\r" + "".join(f"{row}\x1b[K\n" for row in rows) + "\x1b[J")
        sys.stdout.flush()
        self._drawn = len(rows)


class _Lines(_View):
    """A line of text for each device whose state, files or deck changed."""

    def __init__(self) -> None:
        self._told: dict[str, object] = {}
        self._standing: dict[tuple[str, str, int], AlarmNow] = {}
        self._waiting = False

    def show(self, seen: Sequence[Seen], status: Status, clocks: Sequence[str], wall_ns: int) -> None:
        self._waiting = False
        for each in seen:
            key = {name: value for name, value in as_json(each).items() if name not in _MOVING}
            key["lost"] = bool(each.dropped) and each.dropped
            if self._told.get(each.name) != key:
                self._told[each.name] = key
                self.tell(each, wall_ns)
        standing = {(alarm.device, alarm.what, alarm.since_ns): alarm for alarm in status.alarms}
        for name, alarm in standing.items():
            if name not in self._standing:
                self.tell_alarm(alarm, wall_ns, over=False)
        for name, alarm in self._standing.items():
            if name not in standing:
                self.tell_alarm(alarm, wall_ns, over=True)
        self._standing = standing

    def tell(self, seen: Seen, wall_ns: int) -> None:
        """One device changed."""
        at = datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone()
        print(f"{at:%H:%M:%S} {row_of(seen)}", flush=True)

    def tell_alarm(self, alarm: AlarmNow, wall_ns: int, *, over: bool) -> None:
        """An alarm began, or is over."""
        words = safe_text(alarm.detail or f"{alarm.device}: {alarm.what}")
        print(f"{_time(wall_ns)} {'over  ' if over else 'ALARM '}{words}", flush=True)

    def nobody(self) -> None:
        self._told.clear()
        self._standing.clear()
        if not self._waiting:
            self._waiting = True
            self.say_nobody()

    def say_nobody(self) -> None:
        """There is no service (any more)."""
        print(_NO_SERVICE, flush=True)


class _Documents(_Lines):
    """The same, as JSON lines."""

    def tell(self, seen: Seen, wall_ns: int) -> None:
        at = datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="milliseconds")
        print(json.dumps({"at": at, "device": as_json(seen)}, ensure_ascii=False), flush=True)

    def tell_alarm(self, alarm: AlarmNow, wall_ns: int, *, over: bool) -> None:
        at = datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="milliseconds")
        print(json.dumps({"at": at, "alarm": {**alarm_json(alarm), "over": over}}, ensure_ascii=False), flush=True)

    def say_nobody(self) -> None:
        print(json.dumps({"service": False}), flush=True)
