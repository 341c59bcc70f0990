"""Every device of a capture service: their stations are heard here, and what they report is told and logged.

Used by session.py, which decides what is recorded. A device that fails, repeats itself or dies never holds up another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import zmq

from onset.capture.health import DOWN, UP
from onset.capture.scribe import Scribe
from onset.capture.signals import ClipClosed, ClipOpened, Fault, Report, StateChanged
from onset.capture.station import ClipLost, Station
from onset.clock import Clock
from onset.logbook.terms import Event
from onset.text import safe_text

_REPEAT_NS = 10_000_000_000
_NS = 1_000_000_000


class Rack:
    """The devices of one capture service. One thread only.

    Attributes:
        stations: one a device, by its name.
    """

    def __init__(
        self,
        *,
        stations: Sequence[Station],
        poller: zmq.Poller,
        clock: Clock,
        scribe: Scribe,
        tell: Callable[[str], None],
        pulse: Callable[[str], int | None],
        take_now: Callable[[], str | None],
        opened: Callable[[ClipOpened], None],
    ) -> None:
        """Nothing happens before `start`.

        Args:
            stations: none of them started.
            poller: wakes for each worker's reports.
            clock: all times.
            scribe: takes the facts.
            tell: shows a sentence to the person who runs the service.
            pulse: monotonic stamp of a device's newest health on the live bus; None before the first.
            take_now: the take that a device's trouble concerns.
            opened: hears of each file that a worker began.
        """
        self.stations = {station.setup.device: station for station in stations}
        self._poller = poller
        self._clock = clock
        self._scribe = scribe
        self._tell = tell
        self._pulse = pulse
        self._take_now = take_now
        self._opened = opened
        self._watched: dict[str, int] = {}
        self._troubled: dict[str, int | None] = {}
        self._faults: dict[tuple[str, str, str | None], tuple[int, int]] = {}

    @property
    def ended(self) -> bool:
        """Whether no worker is left."""
        return all(station.ended for station in self.stations.values())

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
            hung = station.check_pulse(self._pulse(name))
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

    def note(self, device: str, what: str, detail: str, mono_ns: int, take_id: str | None) -> None:
        """Log an event that happened at `mono_ns`."""
        wall_ns = self._clock.wall_ns() - (self._clock.monotonic_ns() - mono_ns)
        self._scribe.write(Event(wall_ns=wall_ns, device=device, what=what, detail=detail, take_id=take_id))

    # -- what they report ---------------------------------------------------------------------------------------------

    def _heard(self, reports: Sequence[Report | ClipLost]) -> None:
        for report in reports:
            match report:
                case StateChanged():
                    self._state(report)
                case ClipOpened() | ClipClosed() | ClipLost():
                    if isinstance(report, ClipOpened):
                        self._opened(report)
                    self._scribe.write(report)
                case Fault():
                    self._fault(report)

    def _fault(self, report: Fault) -> None:
        """Log and tell a fault; one that repeats itself is counted and said again at most every ten seconds."""
        key = (report.device, report.what, report.take_id)
        since_ns, more = self._faults.get(key, (report.mono_ns - _REPEAT_NS, 0))
        if report.mono_ns - since_ns < _REPEAT_NS:
            self._faults[key] = (since_ns, more + 1)
            return
        self._faults[key] = (report.mono_ns, 0)
        if report.what in ("gap", "worker ended") and self._troubled.get(report.device) is None:
            self._troubled[report.device] = report.mono_ns
        detail = f"{report.detail} ({more} more times since it was last said.)" if more else report.detail
        self.note(report.device, report.what, detail, report.mono_ns, report.take_id)
        self._tell(safe_text(detail))

    def _state(self, report: StateChanged) -> None:
        """Tell every change, log those between working and not working: a missing camera must not fill the log."""
        detail = report.detail.removeprefix(f"{report.device}: ")
        more = "" if detail == f"{report.state}." else safe_text(detail)
        self._tell(f"{report.device:<8} {report.state:<10} {more}".rstrip())
        trouble_ns = self._troubled.get(report.device)
        if report.state in DOWN and trouble_ns is None:
            self._troubled[report.device] = report.mono_ns
            self.note(report.device, report.state, report.detail, report.mono_ns, self._take_now())
        elif report.state in UP and trouble_ns is not None:
            self._troubled[report.device] = None
            away_s = (report.mono_ns - trouble_ns) / _NS
            detail = f"{report.device} is live again after {away_s:.1f} s."
            self.note(report.device, "live again", detail, report.mono_ns, self._take_now())

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
