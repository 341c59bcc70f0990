"""A recording without a log: some devices, from now until a person stops it or a time is over.

Used by `onset record`. The workers are the same as those of the capture service, so files are made the same way; only
nobody writes down what they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from onset.capture.line import Launch
from onset.capture.signals import Alarm, ClipClosed, ClipOpened, Fault, Report, Setup, Slated, StateChanged
from onset.capture.station import ClipLost, Station
from onset.clock import Clock

_LOOK_S = 0.02
_COME_S = 15.0  # a network feed may take 10 s to open
_FINISH_S = 30.0
_NS = 1_000_000_000


@dataclass(slots=True)
class Recorded:
    """What became of one device.

    Attributes:
        files: finished ones; `lost` those whose worker ended before it could finish them.
        trouble: sentences for a person, in order.
    """

    device: str
    files: list[ClipClosed] = field(default_factory=list)
    lost: list[ClipOpened] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    since_ns: int | None = None
    deck: bool = False

    @property
    def well(self) -> bool:
        """Whether there is a recording and nothing is wrong with it."""
        whole = [clip for clip in self.files if not clip.interrupted and not clip.dropped]
        return bool(self.files) and len(whole) == len(self.files) and not self.lost and not self.trouble


class Unlogged:
    """One recording of some devices at once."""

    def __init__(
        self,
        setups: Sequence[Setup],
        launch: Launch,
        clock: Clock,
        slated: Slated,
        tell: Callable[[str], None],
        opened: Callable[[str], None],
    ) -> None:
        """Nothing is started before `run`.

        Args:
            setups: one a device.
            launch: starts a worker.
            clock: all times.
            slated: names the files.
            tell: shows a sentence to a person.
            opened: hears of each file, by its path below the folder, when it begins.
        """
        self._clock = clock
        self._slated = slated
        self._tell = tell
        self._opened = opened
        self._stations = [Station(setup, launch, clock) for setup in setups]
        self._found = {setup.device: Recorded(setup.device) for setup in setups}

    def run(self, stopped: Callable[[], bool], seconds: float | None) -> list[Recorded]:
        """Record until `stopped` says so, or every device has recorded for `seconds`.

        A device that does not come within 15 s is given up, the others go on. On return every file is finished and
        every worker gone.
        """
        began_ns = self._clock.monotonic_ns()
        try:
            for station in self._stations:
                self._hear(station, station.start())
                station.roll(self._slated, began_ns, for_picture=True, for_sound=True)
            while not stopped() and not self._over(seconds, began_ns):
                self._clock.sleep(_LOOK_S)
                for station in self._stations:
                    self._hear(station, station.turn())
        finally:
            self._finish()
        return list(self._found.values())

    def _over(self, seconds: float | None, began_ns: int) -> bool:
        """Whether nothing is left to wait for; ends each device at its own time, so that all are of one length."""
        now_ns = self._clock.monotonic_ns()
        busy = False
        for station in self._stations:
            found = self._found[station.setup.device]
            if found.deck or not station.records(self._slated.take_id):
                continue
            if found.since_ns is None and now_ns - began_ns > _COME_S * _NS:
                found.trouble.append(f"{found.device} recorded nothing: {station.now.detail}")
                station.cut(self._slated.take_id, now_ns)
            elif found.since_ns is not None and seconds is not None and now_ns - found.since_ns >= seconds * _NS:
                station.cut(self._slated.take_id, found.since_ns + round(seconds * _NS))
            else:
                busy = True
        return not busy

    def _finish(self) -> None:
        now_ns = self._clock.monotonic_ns()
        for station in self._stations:
            found = self._found[station.setup.device]
            if found.since_ns is None and not found.trouble and not found.deck:
                found.trouble.append(f"{found.device} recorded nothing: {station.now.detail}")
            station.cut(self._slated.take_id, now_ns)
            station.leave()
        while any(not station.ended for station in self._stations):
            self._clock.sleep(_LOOK_S)
            late = self._clock.monotonic_ns() - now_ns > _FINISH_S * _NS
            for station in self._stations:
                if late and station.line is not None:
                    self._found[station.setup.device].trouble.append(
                        f"The worker of {station.setup.device} does not end; it is killed."
                    )
                    station.line.kill()
                self._hear(station, station.turn())

    def _hear(self, station: Station, reports: Sequence[Report | ClipLost]) -> None:
        found = self._found[station.setup.device]
        for report in reports:
            match report:
                case ClipOpened():
                    self._opened(report.path)
                    if found.since_ns is None:
                        found.since_ns = report.mono_ns
                        self._tell(f"{report.device} records {report.path} from {report.tc_in}.")
                case ClipClosed():
                    found.files.append(report)
                case ClipLost():
                    found.lost.append(report.clip)
                case Fault() if report.what != "nothing recorded":
                    found.trouble.append(report.detail)
                    self._tell(report.detail)
                case Alarm():
                    over = f"{report.device}: {report.what} is over. {report.detail}".rstrip()
                    self._tell(over if report.over else report.detail)
                case StateChanged():
                    found.deck = report.medium == "deck"
                    if report.state not in ("live", "connecting"):
                        self._tell(report.detail)
