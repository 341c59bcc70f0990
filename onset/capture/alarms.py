"""The one list of what is wrong: an alarm is raised once and cleared once, with both its times, and the log has it.

Used by rack.py, which hears the devices, and by session.py for what is no single device's matter. Trouble that comes
back soon is the same alarm, counted; one that comes and goes all day stands until it has been quiet for a while, and
costs the log a few lines, not thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from onset.capture.signals import AlarmNow
from onset.changes import new_id
from onset.clock import Clock
from onset.logbook.terms import Event

NS = 1_000_000_000
SAME_NS = 300 * NS  # trouble that comes back within this is the same alarm
_EXACT = 3  # so often its end is written at once; then it comes and goes, and stands until it is quiet
_QUIET_NS = 60 * NS
_LONGEST_QUIET_NS = 300 * NS
_AGAIN_SAID_NS = 10 * NS  # the person at the service's terminal hears of the same thing this often at most
_INHERITED_NS = 20 * NS  # how long after a start an alarm of the service before may still be true
OVER_BEFORE = "It was over when the capture service started again."


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm for the log; its id is given here, so that later words can name it."""

    event: Event

    @property
    def device(self) -> str:
        return self.event.device


@dataclass(frozen=True, slots=True)
class CameAgain:
    """The alarm came again; `cleared_ns` where that is over already. All stamps are wall time."""

    device: str
    id: str
    last_ns: int
    count: int
    detail: str
    cleared_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """The alarm is over."""

    device: str
    id: str
    cleared_ns: int
    count: int
    detail: str


Written = Raised | CameAgain | Cleared


@dataclass(slots=True)
class _Row:
    """One row of the log.

    Attributes:
        on: the trouble is there now; `lasts` is False for what only happens.
        last_ns, off_ns: wall time when it came last, and when it went; `since_ns` its first.
        moved_ns: monotonic stamp of the last coming or going.
        kept: how often it came, as the log has it; `over` whether the log has its end.
        inherited: the service before this one raised it.
        worse: it was told since that it is worse than it began.
    """

    id: str
    device: str
    what: str
    detail: str
    take_id: str | None
    lasts: bool
    rings: bool
    since_ns: int
    last_ns: int
    moved_ns: int
    off_ns: int | None = None
    count: int = 1
    kept: int = 1
    on: bool = True
    over: bool = False
    said_ns: int = 0
    unsaid: int = 0
    inherited: bool = False
    worse: bool = False


class AlarmList:
    """All alarms of one capture service. One thread only."""

    def __init__(self, clock: Clock, write: Callable[[Written], None], tell: Callable[[str], None]) -> None:
        """Nothing stands yet.

        Args:
            clock: its monotonic side judges what is soon.
            write: takes facts for the log, in order; returns at once.
            tell: shows a sentence to the person who runs the service.
        """
        self._clock = clock
        self._write = write
        self._tell = tell
        self._rows: dict[tuple[str, str, str | None], _Row] = {}
        self.version = 0  # grows when what stands has changed

    # -- what devices say ---------------------------------------------------------------------------------------------

    def take_over(self, standing: Sequence[Event]) -> None:
        """Go on with alarms that a service before this one left: they are confirmed or cleared within moments."""
        now_ns = self._clock.monotonic_ns()
        for event in standing:
            self._rows[event.device, event.what, event.take_id] = _Row(
                id=event.id,
                device=event.device,
                what=event.what,
                detail=event.detail,
                take_id=event.take_id,
                lasts=True,
                rings=event.alarm,
                since_ns=event.wall_ns,
                last_ns=event.last_ns or event.wall_ns,
                moved_ns=now_ns,
                count=event.count,
                kept=event.count,
                said_ns=now_ns,
                inherited=True,
            )
        self.version += bool(standing)

    def stands(
        self,
        device: str,
        what: str,
        detail: str,
        mono_ns: int,
        take_id: str | None,
        *,
        rings: bool = True,
        tell: bool = True,
        of_take: bool = False,
    ) -> None:
        """Something is wrong from `mono_ns` on, until it is cleared; saying it again changes nothing.

        Args:
            device: whose trouble.
            what: the kind of trouble in a word or two.
            detail: a sentence for people.
            mono_ns: since when.
            take_id: the take that rolls.
            rings: every seat shows it at once.
            tell: say it at the service's terminal, where nobody else did.
            of_take: each take has an alarm of its own; else one stands for all that roll meanwhile.
        """
        for row in self._of(device, {what}):
            if row.on and (row.take_id == take_id or row.inherited or not of_take):
                row.inherited = False
                return
        self._comes(device, what, detail, mono_ns, take_id, lasts=True, rings=rings, tell=tell)

    def worsens(self, device: str, what: str, detail: str) -> None:
        """What stands is worse than it began, and is the same trouble: it is told once, unless it comes and goes."""
        for row in self._of(device, {what}):
            if row.on and not row.worse and row.count <= _EXACT:
                row.worse, row.detail = True, detail
                self.version += 1
                self._write(CameAgain(device, row.id, row.last_ns, row.count, detail))

    def clear(self, device: str, what: Collection[str], mono_ns: int, words: str = "") -> bool:
        """These kinds of trouble of a device are over; `words` are added to their sentence. Whether any stood."""
        found = [row for row in self._of(device, what) if row.on]
        for row in found:
            row.on = False
            row.inherited = False
            row.off_ns = max(self._wall(mono_ns), row.last_ns + 1)
            row.moved_ns = max(mono_ns, row.moved_ns)
            if words:
                row.detail = f"{row.detail} {words}".strip()
            if row.count <= _EXACT:
                self._end(row)
        self.version += bool(found)
        return bool(found)

    def happened(
        self, device: str, what: str, detail: str, mono_ns: int, take_id: str | None, *, rings: bool = False
    ) -> None:
        """Something went wrong at `mono_ns`, and is over; the same thing again soon is counted."""
        self._comes(device, what, detail, mono_ns, take_id, lasts=False, rings=rings)

    def note(self, device: str, what: str, detail: str, mono_ns: int) -> None:
        """Something that is a thing of its own each time, and is neither counted nor rings."""
        wall_ns = self._wall(mono_ns)
        self._write(Raised(Event(wall_ns=wall_ns, device=device, what=what, detail=detail)))
        self._tell(detail)

    def has(self, device: str, what: str) -> bool:
        """Whether this trouble stands."""
        return any(row.on for row in self._of(device, {what}))

    def since(self, device: str, what: Collection[str]) -> int | None:
        """Wall time at which trouble of these kinds that stands came, the earliest; None when none stands.

        What the service before this one left does not count: nobody knows what it was since.
        """
        return min((row.last_ns for row in self._of(device, what) if row.on and not row.inherited), default=None)

    # -- as time goes by ----------------------------------------------------------------------------------------------

    def tick(self, works: Callable[[str], bool]) -> None:
        """Write what has been quiet long enough; call it about once a second.

        Args:
            works: whether a device delivers, so that what it does not say again is over.
        """
        now_ns = self._clock.monotonic_ns()
        for key, row in list(self._rows.items()):
            quiet_ns = now_ns - row.moved_ns
            if row.on and row.lasts:
                if row.inherited and quiet_ns >= _INHERITED_NS and works(row.device):
                    self.clear(row.device, {row.what}, now_ns, OVER_BEFORE)
                continue
            if not row.over and quiet_ns >= min(_QUIET_NS * max(1, row.count - _EXACT), _LONGEST_QUIET_NS):
                self._end(row)
            if row.over and quiet_ns >= SAME_NS:
                del self._rows[key]

    def close(self) -> None:
        """Nobody watches any more: what stands ends, and says so."""
        now_ns = self._clock.monotonic_ns()
        for row in list(self._rows.values()):
            if row.on and row.lasts:
                self.clear(row.device, {row.what}, now_ns, "The capture service ended; nobody watches any more.")
            if not row.over:
                self._end(row)

    @property
    def now(self) -> list[AlarmNow]:
        """What stands, oldest first; also what comes and goes and is away for this moment."""
        return [
            AlarmNow(
                device=row.device,
                what=row.what,
                detail=row.detail,
                since_ns=row.since_ns,
                count=row.count,
                take_id=row.take_id,
                on=row.on,
                rings=row.rings,
            )
            for row in sorted(self._rows.values(), key=lambda row: row.since_ns)
            if row.lasts and not row.over
        ]

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _comes(
        self,
        device: str,
        what: str,
        detail: str,
        mono_ns: int,
        take_id: str | None,
        *,
        lasts: bool,
        rings: bool,
        tell: bool = True,
    ) -> None:
        wall_ns = self._wall(mono_ns)
        row = self._rows.get((device, what, take_id))
        self.version += lasts
        if row is not None and row.lasts == lasts and mono_ns - row.moved_ns < SAME_NS:
            row.count += 1
            if lasts and row.count > _EXACT:
                detail = f"{detail} It comes and goes."
            row.on, row.last_ns, row.moved_ns, row.detail = lasts, wall_ns, max(mono_ns, row.moved_ns), detail
            row.off_ns = None if lasts else wall_ns
            row.worse = False
            if row.over or row.count >= row.kept * 2:
                row.over, row.kept = False, row.count
                self._write(CameAgain(device, row.id, wall_ns, row.count, detail, row.off_ns))
            if tell:
                self._say(row, mono_ns)
            return
        row = _Row(new_id(wall_ns).hex(), device, what, detail, take_id, lasts, rings, wall_ns, wall_ns, mono_ns)
        row.on, row.over = lasts, not lasts
        self._rows[device, what, take_id] = row
        event = Event(
            wall_ns=wall_ns,
            device=device,
            what=what,
            detail=detail,
            take_id=take_id,
            alarm=rings,
            last_ns=wall_ns if lasts else None,
            id=row.id,
        )
        self._write(Raised(event))
        row.said_ns = mono_ns
        if tell:
            self._tell(detail)

    def _end(self, row: _Row) -> None:
        """The log has its end, and how often it came."""
        row.over, row.kept = True, row.count
        off_ns = row.last_ns if row.off_ns is None else row.off_ns
        if row.lasts:
            self._write(Cleared(row.device, row.id, off_ns, row.count, row.detail))
        else:
            self._write(CameAgain(row.device, row.id, row.last_ns, row.count, row.detail, off_ns))
        self.version += row.lasts

    def _say(self, row: _Row, mono_ns: int) -> None:
        if mono_ns - row.said_ns < _AGAIN_SAID_NS:
            row.unsaid += 1
            return
        more = f" ({row.unsaid} more times since it was last said.)" if row.unsaid else ""
        row.said_ns, row.unsaid = mono_ns, 0
        self._tell(row.detail + more)

    def _of(self, device: str, what: Collection[str]) -> list[_Row]:
        return [row for (of, kind, _), row in self._rows.items() if of == device and kind in what]

    def _wall(self, mono_ns: int) -> int:
        return self._clock.wall_ns() - (self._clock.monotonic_ns() - mono_ns)
