"""A shooting day of hand-built values, and the least logbook that can be asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from onset.domain.camera import Angle, Clip, Link, LinkState
from onset.domain.note import Audience, Note
from onset.domain.production import Day, Production, Unit
from onset.domain.scene import CameraSetup, Scene, Setup
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Kind, Run, State, Status, Take
from onset.logbook.terms import Conflict, Event, LoggedChange, TakeFilter
from onset.timecode import rate

SECOND = 1_000_000_000
EVERYTHING = TakeFilter()
START = 1_772_700_000 * SECOND


def note(text: str, *, audience: Audience = Audience.EDITOR, tc: str | None = None, mark: bool = False) -> Note:
    return Note(id="0" * 32, take_id=None, text=text, author="Maya", audience=audience, wall_ns=START, tc=tc, mark=mark)


def clip(name: str, *, link: LinkState = LinkState.CONFIRMED, dropped: int = 0, interrupted: bool = False) -> Clip:
    return Clip(
        id="1" * 32,
        name=name,
        path=f"media/{name}",
        camera="A",
        tc_in="09:59:58:00",
        tc_source="MIX.ltc",
        rate="24",
        duration_frames=240,
        link=link,
        dropped=dropped,
        interrupted=interrupted,
    )


def sound(name: str, roll: str = "S003") -> SoundTake:
    file = SoundFile(
        id="2" * 32,
        name=name,
        path=f"media/{name}",
        device="MIX",
        tc_in="09:59:58:00",
        tc_source="MIX.ltc",
        rate="24",
        duration_frames=240,
        link=LinkState.CONFIRMED,
    )
    return SoundTake(device="MIX", roll=roll, files=(file,))


_PLAIN = Take(
    id="3" * 32,
    unit="Main",
    day=3,
    episode=None,
    scene="42",
    slate="42C",
    take="1",
    ordinal=1,
    arrival=1,
    state=State.CUT,
    rate="24",
    rolled_ns=START,
    cut_ns=START + 20 * SECOND,
    tc_in="10:00:00:00",
    tc_out="10:00:20:00",
    tc_source="MIX.ltc",
    duration_frames=480,
    angles=(Angle(camera="A", roll="A012", clips=(clip("42C-1_A.mov"),)), Angle(camera="B", roll="B007")),
    sound=(sound("42C-1_MIX.wav"),),
)


def run(start_s: int, end_s: int) -> Run:
    return Run(
        id="4" * 32,
        action="10:00:02:00",
        cut="10:00:20:00",
        action_ns=START + start_s * SECOND,
        cut_ns=START + end_s * SECOND,
    )


def a_take(label: str, **changes: object) -> Take:
    """`42C/3` with these fields changed."""
    slate, number = label.split("/")
    return replace(_PLAIN, slate=slate, take=number, **changes)  # type: ignore[arg-type]  # a test's shorthand


_SHOT = (
    a_take("42C/1", kind=Kind.FALSE_START, runs=()),
    a_take(
        "42C/2",
        status=Status.CIRCLED,
        runs=(run(2, 14),),
        notes=(
            note("Good for the <start>, & more"),
            note("budget: ask", audience=Audience.PRODUCTION),
            note("he forgot everything", audience=Audience.PRIVATE),
            note("phone rings", tc="10:00:07:12", mark=True),
        ),
        tags=("sunset",),
        ratings={"director": "circled"},
    ),
    a_take("42C/3", status=Status.NG, status_reason="sound", runs=(run(2, 10), run(11, 20)), kind=Kind.SERIES),
    a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), runs=()),
    a_take("42C/2PK", kind=Kind.PICKUP, status=Status.CIRCLED, runs=(run(0, 9),), slated_as="42C/4"),
    a_take("42D/1", mos=True, sound=(), tail_slate=True, status=Status.HOLD, runs=(run(0, 6),)),
    a_take("42D/2", state=State.INTERRUPTED, runs=(), angles=(Angle(camera="B", roll="B007", start="10:01:00:00"),)),
)
DAY_THREE = tuple(replace(take, id=f"3{number:031x}") for number, take in enumerate(_SHOT))


@dataclass
class DayLog:
    """Answers the questions that a report asks; nothing else is there to be called."""

    all_takes: Sequence[Take] = DAY_THREE
    title: str = "Harbour Lights"
    description: str = "Close on Edward"
    in_conflict: Sequence[Conflict] = ()
    in_question: Sequence[Link] = ()
    happened: Sequence[Event] = ()
    brought_in: Sequence[Clip | SoundFile] = ()

    def production(self) -> Production:
        return Production(id="5" * 32, title=self.title, rate=rate("24"), slating="us")

    def units(self) -> Sequence[Unit]:
        return (Unit(id="6" * 32, name="Main"),)

    def days(self, unit: str = "Main") -> Sequence[Day]:
        return tuple(Day(id="7" * 32, unit=unit, number=n, date=f"2026-03-0{n + 2}") for n in (1, 3))

    def takes(self, wanted: TakeFilter = EVERYTHING) -> Sequence[Take]:
        assert wanted.oldest_first
        assert wanted.limit is None
        return tuple(take for take in self.all_takes if take.day == wanted.day and take.unit == wanted.unit)

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]:
        cameras = (CameraSetup(camera="A", lens="35mm", filters="ND6"), CameraSetup(camera="B", lens="85mm"))
        setup = Setup(
            id="8" * 32, episode=None, scene="42", slate="42C", description=self.description, size="CU", cameras=cameras
        )
        return (setup, replace(setup, slate="42D", description="Over the harbour", vfx=True, cameras=()))

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None:
        return Scene(id="9" * 32, episode=episode, number=number, heading="INT. KITCHEN - NIGHT")

    def conflicts(self) -> Sequence[Conflict]:
        return self.in_conflict

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]:
        return self.in_question

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]:
        return self.brought_in if day == 3 else ()

    def events(self, *, take_id: str | None = None, limit: int = 100) -> Sequence[Event]:
        return self.happened[:limit]

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]:
        assert (take_id, limit) == (None, 1)
        return (
            LoggedChange(
                arrival=77,
                seat="a" * 32,
                seat_name="Maya, script",
                author="Maya",
                wall_ns=START,
                entity="take",
                entity_id="3" * 32,
                take_id="3" * 32,
                field="status",
                old="none",
                new="circled",
            ),
        )
