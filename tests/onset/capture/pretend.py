"""A set in memory for the session's tests: a log that a test writes into, and workers that say what the test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from onset.capture.aside import Begin
from onset.capture.asks import AskBox
from onset.capture.clocks import Clocks
from onset.capture.decks import UnitOf
from onset.capture.from_set import FromSet
from onset.capture.scribe import Length, Scribe
from onset.capture.session import Session
from onset.capture.set_rules import Rule
from onset.capture.signals import (
    Answer,
    Ask,
    ClipClosed,
    ClipOpened,
    Health,
    Order,
    Report,
    Setup,
    Slot,
    StateChanged,
    TimecodeNow,
)
from onset.clock import ManualClock
from onset.domain.camera import Angle, CameraOnBoard, Clip
from onset.domain.production import Day, Production, Seat, Unit
from onset.domain.sound import SoundFile
from onset.domain.still import Still
from onset.domain.take import Board, Kind, Stamp, State, Take
from onset.errors import CaptureError, LogError, RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event, Feed, LoggedChange, TakeFilter
from onset.timecode import Rate, rate

BOOT = "6b1f0e8a"
DAMAGED = b"damaged"  # what a file holds that cannot be read
DAY_NS = 1_750_000_000_000_000_000


class PretendLine:
    """A worker that hears everything and says what the test puts in `saying`."""

    def __init__(self, setup: Setup, pid: int) -> None:
        self.setup = setup
        self.pid = pid
        self.orders: list[Order] = []
        self.saying: list[Report] = []
        self.ended: str | None = None
        self.hung = False
        self.hung_up = False

    def fileno(self) -> int:
        return -1

    def send(self, order: Order) -> None:
        self.orders.append(order)
        if isinstance(order, Ask) and order.what == "identify":
            self.saying.append(Answer(id=order.id, ok=True, value=f"{self.setup.device} blinks."))

    def reports(self) -> list[Report]:
        said, self.saying = self.saying, []
        return said

    def hang_up(self) -> None:
        self.hung_up = True
        if not self.hung:
            self.ended = "ended"

    def kill(self) -> None:
        self.ended = "was ended by SIGKILL"

    def close(self) -> None:
        assert self.ended is not None


class PretendFeed:
    """Delivers one change for each thing the test did."""

    def __init__(self, log: PretendLog) -> None:
        self._log = log
        self.cursor = len(log.changes)

    def poll(self) -> Sequence[LoggedChange]:
        if self._log.unreadable:
            raise LogError("log.onset cannot be read.")
        found = self._log.changes[self.cursor :]
        self.cursor = len(self._log.changes)
        return found

    def close(self) -> None:
        pass


class Events(list[Event]):
    """What was logged, to look at; and the log's answer when it is asked."""

    def __call__(self, *, take_id: str | None = None, limit: int = 100) -> Sequence[Event]:
        return self[-limit:]


class PretendLog:
    """The part of a `Logbook` that the capture service uses."""

    def __init__(self, folder: Path, clock: ManualClock) -> None:
        self.folder = folder
        self.clock = clock
        self.changes: list[LoggedChange] = []
        self.on_paper: dict[str, Take] = {}
        self.events = Events()
        self.clips: dict[str, Clip | SoundFile] = {}
        self.closed: dict[str, dict[str, object]] = {}
        self.unreadable = False
        self.locked = False
        self.unwritable = False
        self.refuses: Exception | None = None
        self.cameras: tuple[CameraOnBoard, ...] = ()
        self.wrapped = False
        self.marks: list[tuple[str, int]] = []
        self.stills: list[Still] = []
        self.edits = 0  # words about alarms that were raised before
        self.seat = Seat(id="ca" * 16, name="capture", role="capture")

    def changed(
        self,
        entity: str,
        field: str,
        entity_id: str = "",
        new: str | int = 1,
        *,
        merged: bool = False,
        undoes: bool = False,
    ) -> None:
        change = LoggedChange(
            arrival=len(self.changes) + 1,
            seat="0",
            seat_name="Maya",
            author="Maya",
            wall_ns=self.clock.wall_ns(),
            entity=entity,
            entity_id=entity_id,
            take_id=None,
            field=field,
            old=None,
            new=new,
            merged=merged,
            undoes=undoes,
        )
        self.changes.append(change)

    # what a test does

    def put(self, take: Take) -> Take:
        self.on_paper[take.id] = take
        self.changed("take", "state", take.id, take.state.value)
        return take

    def comes_from_another_laptop(self, take: Take) -> Take:
        self.on_paper[take.id] = replace(take, elsewhere=take.state is State.ROLLING)
        self.changed("take", "state", take.id, take.state.value, merged=True)
        return take

    def rolls(self, slate: str = "42C", number: int = 3, fields: Mapping[str, object] | None = None) -> Take:
        take = Take(
            id=f"{slate}{number}".encode().hex(),
            unit="Main",
            day=1,
            episode=None,
            scene="42",
            slate=slate,
            take=str(number),
            ordinal=number,
            arrival=number,
            state=State.ROLLING,
            rate="25",
            rolled_ns=self.clock.wall_ns(),
            rolled_mono_ns=self.clock.monotonic_ns(),
            boot=BOOT,
        )
        return self.put(replace(take, **(fields or {})))  # type: ignore[arg-type]  # fields of a take, checked when it is made

    def cuts(self, take: Take) -> None:
        """As the log does: by the monotonic clock within one boot, by the wall clock otherwise."""
        length_ns = self.clock.wall_ns() - take.rolled_ns
        if take.boot == BOOT and take.rolled_mono_ns is not None:
            length_ns = self.clock.monotonic_ns() - take.rolled_mono_ns
        self.put(replace(self.on_paper[take.id], state=State.CUT, cut_ns=take.rolled_ns + max(0, length_ns)))

    def undoes_the_cut(self, take: Take) -> None:
        self.put(replace(self.on_paper[take.id], state=State.ROLLING, cut_ns=None))

    def wraps(self) -> None:
        self.wrapped = True
        self.changed("day", "wrapped_ns")

    # what the session asks

    def feed(self) -> Feed:
        return PretendFeed(self)

    def production(self) -> Production:
        return Production(id="ab" * 16, title="Harbour Lights", rate=rate("25"), slating="us")

    def units(self) -> Sequence[Unit]:
        return [Unit(id="u", name="Main")]

    def days(self, unit: str) -> Sequence[Day]:
        return [Day(id="d", unit=unit, number=1, date="2026-01-01", wrapped_ns=1 if self.wrapped else None)]

    def rolling(self) -> Sequence[Take]:
        if self.locked:
            raise LogError("log.onset is locked.")
        return [take for take in self.on_paper.values() if take.state is State.ROLLING and not take.elsewhere]

    def take(self, take_id: str) -> Take | None:
        return self.on_paper.get(take_id)

    def board(self, unit: str) -> Board:
        return Board(
            unit=unit,
            day=1,
            episode=None,
            scene="42",
            slate="42C",
            take="4",
            kind=Kind.NORMAL,
            mos=False,
            tail_slate=False,
            heading="",
            cameras=self.cameras,
            sound_roll=None,
            sound_in_next=True,
            rolling=None,
            last_cut=None,
        )

    def takes(self, wanted: TakeFilter) -> Sequence[Take]:
        newest = sorted(self.on_paper.values(), key=lambda take: take.shot, reverse=True)
        return [take for take in newest if wanted.before is None or take.shot < self.on_paper[wanted.before].shot]

    # what the scribe writes

    def roll(self, stamp: Stamp, *, unit: str, by: str) -> Take:
        self._check()
        going = next((take for take in self.on_paper.values() if take.state is State.ROLLING), None)
        if going is not None:
            raise RefusedError(f"{going.label} rolls already; cut it first.", going.id)
        number = 1 + sum(take.slate == "42C" for take in self.on_paper.values())
        rolled = {"rolled_ns": stamp.wall_ns, "rolled_mono_ns": stamp.mono_ns, "rolled_by": by, "tc_in": stamp.tc}
        return self.rolls("42C", number, {**rolled, "unit": unit})

    def cut(self, take_id: str, stamp: Stamp, *, by: str) -> Take:
        self._check()
        take = self.on_paper[take_id]
        if take.state is not State.ROLLING:
            raise RefusedError(f"{take.label} does not roll.", take_id)
        return self.put(replace(take, state=State.CUT, cut_ns=stamp.wall_ns, cut_by=by))

    def mark(self, take_id: str, stamp: Stamp, text: str = "") -> None:
        self._check()
        self.marks.append((take_id, stamp.mono_ns))

    def set_angle(self, take_id: str, camera: str, fields: Mapping[str, object]) -> Take:
        self._check()
        take = self.on_paper[take_id]
        old = next((each for each in take.angles if each.camera == camera), Angle(camera=camera))
        new = replace(old, **fields)  # type: ignore[arg-type]  # fields of an angle, checked when it is made
        return self.put(replace(take, angles=(*(each for each in take.angles if each.camera != camera), new)))

    def _check(self) -> None:
        if self.refuses is not None:
            raise self.refuses
        if self.unwritable:
            raise LogError("log.onset cannot be written: No space left on device.")

    def clip_opened(self, take_id: str, clip: Clip) -> str:
        self._check()
        self.clips[clip.path] = clip
        return clip.path

    def sound_opened(self, take_id: str, sound: SoundFile) -> str:
        self._check()
        self.clips[sound.path] = sound
        return sound.path

    def clip_closed(self, clip_id: str, **facts: object) -> None:
        self._check()
        self.closed[clip_id] = facts

    sound_closed = clip_closed

    def event(self, event: Event) -> None:
        self._check()
        self.events.append(event)

    def alarm_raised(self, event: Event) -> None:
        self.event(replace(event, seat=self.seat.id))

    def alarm_again(self, alarm_id: str, *, last_ns: int, count: int, cleared_ns: int | None, detail: str) -> None:
        row = self._alarm(alarm_id)
        self.events[row] = replace(self.events[row], last_ns=last_ns, count=count, cleared_ns=cleared_ns, detail=detail)

    def alarm_cleared(self, alarm_id: str, *, cleared_ns: int, count: int, detail: str) -> None:
        row = self._alarm(alarm_id)
        self.events[row] = replace(self.events[row], cleared_ns=cleared_ns, count=count, detail=detail)

    def _alarm(self, alarm_id: str) -> int:
        """Where the alarm that is about to be written stands among the events."""
        self._check()
        self.edits += 1
        return next(number for number, event in enumerate(self.events) if event.id == alarm_id)

    def bring_in_stills(self, stills: Sequence[Still]) -> None:
        self._check()
        self.stills += stills

    def alarms(self) -> Sequence[Event]:
        return [event for event in self.events if event.stands]


@dataclass
class OnSet:
    """A session with everything a test wants to look at."""

    session: Session
    log: PretendLog
    clock: ManualClock
    lines: list[PretendLine]
    told: list[str]
    box: AskBox
    scribe: Scribe
    refused_starts: list[str]
    pulses: dict[str, int]
    free: dict[str, float]
    slots: list[Slot]
    timecodes: dict[str, TimecodeNow]
    gone: list[str]  # the production is, once it holds anything

    def line(self, device: str) -> PretendLine:
        """The newest worker of the device."""
        return next(line for line in reversed(self.lines) if line.setup.device == device)

    def says(self, device: str, *reports: Report) -> None:
        self.line(device).saying.extend(reports)
        self.turn()

    def live(self, device: str, medium: str = "picture") -> None:
        self.says(device, state_of(self, device, "live", medium))

    def turn(self) -> str | None:
        """One turn of the session with all that it wrote."""
        end = self.session.turn(0)
        self.scribe.write_all()
        return end

    def orders(self, device: str) -> list[str]:
        return [type(order).__name__ for order in self.line(device).orders]


def state_of(on_set: OnSet, device: str, state: str, medium: str = "picture", detail: str = "") -> StateChanged:
    report = {"type": "state", "device": device, "state": state, "detail": detail, "medium": medium}
    import msgspec

    return msgspec.convert({**report, "mono_ns": on_set.clock.monotonic_ns()}, StateChanged)


def setup_of(device: str, folder: Path) -> Setup:
    return Setup(
        device=device,
        kind="pretend",
        options={},
        production="ab" * 16,
        media=str(folder / "media"),
        bus=str(folder),
        rate="25",
        timecode=["clock"],
    )


def an_onset(
    folder: Path,
    run_folder: Path,
    devices: Sequence[str] = ("A", "MIX"),
    log: PretendLog | None = None,
    rules: Mapping[str, Rule] | None = None,
    begin: Begin = lambda job: job(),
) -> OnSet:
    """A session over a pretended log, its own or an earlier session's, and pretended workers; not open yet."""
    clock = ManualClock(wall_ns=DAY_NS, monotonic_ns=5_000_000_000_000) if log is None else log.clock
    log = log or PretendLog(folder, clock)
    told: list[str] = []
    lines: list[PretendLine] = []
    refused: list[str] = []
    pulses: dict[str, int] = {}
    free: dict[str, float] = {}
    slots: list[Slot] = []
    timecodes: dict[str, TimecodeNow] = {}
    gone: list[str] = []

    def health(device: str) -> Health | None:
        beat_ns = pulses.get(device)
        if beat_ns is None:
            return None
        return Health(
            device=device, kind="pretend", state="live", detail="", recording=None, dropped=0,
            free_minutes=free.get(device), mono_ns=beat_ns,
        )  # fmt: skip

    def launch(setup: Setup) -> PretendLine:
        if setup.device in refused:
            raise CaptureError(f"The worker of {setup.device} cannot be started: Permission denied.")
        lines.append(PretendLine(setup, 1000 + len(lines)))
        return lines[-1]

    logbook = cast(Logbook, log)
    box = AskBox(run_folder)

    def measure(path: Path, frame_rate: Rate) -> Length | None:
        """As the real one: nothing, where no file is or where it is damaged."""
        return Length(77) if path.exists() and path.read_bytes() != DAMAGED else None

    def moment(mono_ns: int) -> Stamp:
        wall_ns = clock.wall_ns() - (clock.monotonic_ns() - mono_ns)
        return Stamp(wall_ns=wall_ns, mono_ns=mono_ns, boot=BOOT, tc="10:00:00:00", tc_source="MIX.ltc")

    scribe = Scribe(logbook, folder / "media", clock, told.append, measure=measure)
    session = Session(
        logbook=logbook,
        media=folder / "media",
        setups=[setup_of(device, folder) for device in devices],
        launch=launch,
        clock=clock,
        box=box,
        scribe=scribe,
        tell=told.append,
        health=health,
        boot=BOOT,
        in_place=lambda: not gone,
        publish=slots.append,
        clocks=Clocks([], rate("25"), clock, timecodes.get, lambda: [*timecodes], utc_offset_s=0),
        from_set=FromSet(
            rules or {},
            clock,
            moment=moment,
            unit_of=UnitOf(logbook, clock),
            write=scribe.write,
            publish=slots.append,
        ),
        begin=begin,
    )
    return OnSet(session, log, clock, lines, told, box, scribe, refused, pulses, free, slots, timecodes, gone)


def both_live(on_set: OnSet) -> None:
    on_set.live("A", "picture")
    on_set.live("MIX", "sound")


def opened(on_set: OnSet, take: Take, path: str = "day01/42C-3_A.mov") -> ClipOpened:
    return ClipOpened(
        device="A",
        take_id=take.id,
        path=path,
        medium="picture",
        tc_in="10:00:00:00",
        tc_source="MIX.ltc",
        rate="25",
        mono_ns=on_set.clock.monotonic_ns(),
    )


def closed(on_set: OnSet, take: Take, path: str = "day01/42C-3_A.mov") -> ClipClosed:
    return ClipClosed(
        device="A",
        take_id=take.id,
        path=path,
        medium="picture",
        tc_in="10:00:00:00",
        tc_source="MIX.ltc",
        rate="25",
        duration_frames=500,
        dropped=2,
        mono_ns=on_set.clock.monotonic_ns(),
    )
