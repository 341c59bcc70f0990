"""Every device of a capture service: their stations are heard here, and what they report is told and logged.

Used by session.py, which decides what is recorded. A device that fails, repeats itself or dies never holds up another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import zmq

from onset.capture.alarms import OVER_BEFORE, AlarmList
from onset.capture.disk_left import DiskLeft, minutes_left
from onset.capture.health import DOWN, UP
from onset.capture.scribe import Scribe
from onset.capture.signals import Alarm, ClipClosed, ClipOpened, Fault, Health, Report, Sign, StateChanged, StillTaken
from onset.capture.station import ClipLost, Station
from onset.clock import Clock
from onset.limits import Limits
from onset.text import safe_text

_NS = 1_000_000_000
_WORKER_GONE = frozenset({"gap", "worker ended"})  # a station's words; they stand until the device is live again
_AWAY = DOWN | _WORKER_GONE
OF_THE_TAKE = frozenset({"dropped", "dropping", "encoder", "disk", "late"})  # faults that cost what rolls something


class Rack:
    """The devices of one capture service. One thread only.

    Attributes:
        stations: one a device, by its name.
        alarms: what is wrong.
    """

    def __init__(
        self,
        *,
        stations: Sequence[Station],
        poller: zmq.Poller,
        clock: Clock,
        scribe: Scribe,
        tell: Callable[[str], None],
        health: Callable[[str], Health | None],
        take_now: Callable[[], str | None],
        filed: Callable[[ClipOpened | ClipClosed], None],
        signed: Callable[[Sign], None],
        went: Callable[[str], None],
        still: Callable[[StillTaken], None],
        limits: Limits,
    ) -> None:
        """Nothing happens before `start`.

        Args:
            stations: none of them started.
            poller: wakes for each worker's reports.
            clock: all times.
            scribe: takes the facts.
            tell: shows a sentence to the person who runs the service.
            health: a device's newest on the live bus; None before the first.
            take_now: the take that a device's trouble concerns.
            filed: hears of each file that a worker began, and of each that it finished.
            signed: hears what devices say of rolling.
            went: hears of each device that does not work for the moment.
            still: hears of each still that was taken.
            limits: when the disk of the recordings is an alarm.
        """
        self.stations = {station.setup.device: station for station in stations}
        self._poller = poller
        self._clock = clock
        self._scribe = scribe
        self._tell = tell
        self._health = health
        self._take_now = take_now
        self._filed = filed
        self._signed = signed
        self._went = went
        self._still = still
        self._watched: dict[str, int] = {}
        self._said: dict[str, set[str]] = {}  # alarms that the worker of now has raised
        self.alarms = AlarmList(clock, scribe.write, lambda sentence: tell(safe_text(sentence)))
        self._disk = DiskLeft(self.alarms, limits)

    @property
    def ended(self) -> bool:
        """Whether no worker is left."""
        return all(station.ended for station in self.stations.values())

    @property
    def recording(self) -> bool:
        """Whether a device still writes a file: its post-roll is not over."""
        return any(station.now.recording for station in self.stations.values())

    def away(self, source: str) -> bool:
        """Whether the device of a timecode source (`DECK`, `MIX.ltc`) does not deliver; one that nobody knows does."""
        station = self.stations.get(source) or self.stations.get(source.rpartition(".")[0])
        return station is not None and station.now.state not in UP

    def start(self) -> None:
        """Start every worker."""
        for station in self.stations.values():
            self._heard(station.start())
            self._watch(station)

    def turn(self, spoken: Collection[object], *, every_one: bool) -> None:
        """Hear the workers.

        Args:
            spoken: descriptors that the poller woke for.
            every_one: hear also those that did not speak.
        """
        for name, station in self.stations.items():
            watched = self._watched.get(name, -1)
            if watched < 0 or watched in spoken or every_one:
                self._heard(station.turn())
                self._watch(station)

    def check_pulses(self) -> None:
        """End each worker that hangs."""
        for name, station in self.stations.items():
            health = self._health(name)
            hung = station.check_pulse(None if health is None else health.mono_ns)
            self._heard([] if hung is None else [hung])

    def leave(self) -> None:
        """Let every worker finish its files and end; `turn` goes on until `ended`."""
        for station in self.stations.values():
            station.leave()

    def kill(self) -> None:
        """End every worker that is still there."""
        for station in self.stations.values():
            if station.line is not None:
                self._tell(f"The worker of {station.setup.device} does not end; it is killed.")
                station.line.kill()

    def tick(self) -> None:
        """About once a second: alarms that have been quiet for long enough end, and the disk is looked at."""
        now_ns = self._clock.monotonic_ns()
        left = minutes_left(map(self._health, self.stations), now_ns)
        self._disk.judge(left, now_ns, self._take_now())
        self.alarms.tick(lambda device: device not in self.stations or self.stations[device].now.state in UP)

    # -- what they report ---------------------------------------------------------------------------------------------

    def _heard(self, reports: Sequence[Report | ClipLost]) -> None:
        for report in reports:
            match report:
                case StateChanged():
                    self._state(report)
                case ClipOpened() | ClipClosed() | ClipLost():
                    if not isinstance(report, ClipLost):
                        self._filed(report)
                    self._scribe.write(report)
                case Fault():
                    self._fault(report)
                case Alarm():
                    self._alarm(report)
                case Sign():
                    self._signed(report)
                case StillTaken():
                    self._still(report)

    def _fault(self, report: Fault) -> None:
        take_id = report.take_id or (self._take_now() if report.what in OF_THE_TAKE else None)
        about = (report.device, report.what, report.detail, report.mono_ns, take_id)
        if report.what in _WORKER_GONE:
            self.alarms.clear(report.device, self._said.pop(report.device, set()), report.mono_ns, "Its worker ended.")
            self.alarms.stands(*about, of_take=True)
        else:
            self.alarms.happened(*about, rings=take_id is not None)

    def _alarm(self, report: Alarm) -> None:
        said = self._said.setdefault(report.device, set())
        if report.over:
            said.discard(report.what)
            if self.alarms.clear(report.device, {report.what}, report.mono_ns, report.detail):
                self._tell(f"{report.device}: {safe_text(report.what)} is over. {safe_text(report.detail)}".rstrip())
        else:
            said.add(report.what)
            take_id = report.take_id or self._take_now()
            self.alarms.stands(report.device, report.what, report.detail, report.mono_ns, take_id)

    def _state(self, report: StateChanged) -> None:
        """Tell every change; an alarm stands from the first that is no good until the device works again."""
        device = report.device
        detail = report.detail.removeprefix(f"{device}: ")
        more = "" if detail == f"{report.state}." else safe_text(detail)
        self._tell(f"{device:<8} {report.state:<10} {more}".rstrip())
        since_ns = self.alarms.since(device, _AWAY)
        if report.state not in UP:
            self._went(device)
        if report.state in DOWN and since_ns is None:
            self.alarms.stands(device, report.state, report.detail, report.mono_ns, self._take_now(), tell=False)
        elif report.state == "lost":
            self.alarms.worsens(device, "stalled", report.detail)
        elif report.state in UP and since_ns is None:
            self.alarms.clear(device, _AWAY, report.mono_ns, OVER_BEFORE)
        elif report.state in UP and since_ns is not None:
            wall_ns = self._clock.wall_ns() - (self._clock.monotonic_ns() - report.mono_ns)
            away_s = max(0, wall_ns - since_ns) / _NS
            self._tell(f"{device} is live again after {away_s:.1f} s.")
            self.alarms.clear(device, _AWAY, report.mono_ns, f"Live again after {away_s:.1f} s.")

    def _watch(self, station: Station) -> None:
        """Wake for this worker's reports."""
        name = station.setup.device
        descriptor = -1 if station.line is None else station.line.fileno()
        before = self._watched.get(name, -1)
        if before == descriptor:
            return
        if before >= 0:
            self._poller.unregister(before)
        if descriptor >= 0:
            self._poller.register(descriptor, zmq.POLLIN)
        self._watched[name] = descriptor
