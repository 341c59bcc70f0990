"""A shooting day of hand-built values for the cutting room, and the least logbook that can be asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from onset.domain.camera import Angle, Clip, LinkState, Source
from onset.domain.card import Card
from onset.domain.production import Day, Production, Unit
from onset.domain.scene import Scene, Setup
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Take
from onset.editorial.day import days_of, editorial_day
from onset.editorial.event import EditorialDay, Event
from onset.editorial.options import Order, Wanted
from onset.logbook.terms import TakeFilter
from onset.timecode import Rate, Timecode, rate
from tests.onset.reports.a_day import DayLog, a_take, note

__all__ = ["Book", "a_take", "clip", "day_with", "note", "one_event", "sound"]


def clip(
    name: str,
    tc_in: str | None = "09:59:58:00",
    frames: int | None = 480,
    *,
    at: str = "24",
    link: LinkState = LinkState.CONFIRMED,
    source: Source = Source.CARD,
    camera: str = "A",
    unreadable: str = "",
    number: int | None = None,
    reel: str = "A012",
) -> Clip:
    """A camera's original, by default of 20 s that begin 2 s before the take of `a_take`."""
    return Clip(
        id=f"{name:0>32}",
        name=name,
        path=f"media/{name}",
        camera=camera,
        tc_in=tc_in,
        tc_source="file",
        rate=at,
        duration_frames=frames,
        link=link,
        source=source,
        unreadable=unreadable,
        number=number,
        reel=reel,
    )


def sound(
    name: str,
    *,
    tc_in: str | None = "09:59:58:00",
    frames: int = 480,
    at: str = "24",
    tracks: tuple[str, ...] = (),
    link: LinkState = LinkState.CONFIRMED,
) -> SoundTake:
    """A mixer's take of one file, as long as `clip`."""
    file = SoundFile(
        id=f"{name:0>32}",
        name=name,
        path=f"media/{name}",
        device="MIX",
        tc_in=tc_in,
        tc_source="MIX.ltc",
        rate=at,
        duration_frames=frames,
        tracks=tracks,
        link=link,
    )
    return SoundTake(device="MIX", roll="S003", files=(file,))


@dataclass
class Book(DayLog):
    """Answers what an export asks, and nothing else; at the rate of its production."""

    at: str = "24"
    scenes_of_script: Sequence[Scene] = ()
    setups_of_it: Sequence[Setup] | None = None
    copied: Sequence[Card] = ()

    def production(self) -> Production:
        return Production(id="5" * 32, title=self.title, rate=rate(self.at), slating="us")

    def units(self) -> Sequence[Unit]:
        return (Unit(id="6" * 32, name="Main"), Unit(id="7" * 32, name="Second"))

    def days(self, unit: str = "Main") -> Sequence[Day]:
        return super().days(unit) if unit == "Main" else ()

    def takes(self, wanted: TakeFilter = TakeFilter()) -> Sequence[Take]:  # noqa: B008  # frozen
        return super().takes(wanted)

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]:
        return super().setups(scene=scene) if self.setups_of_it is None else self.setups_of_it

    def cards(self) -> Sequence[Card]:
        return self.copied

    def scenes(self) -> Sequence[Scene]:
        return self.scenes_of_script or (Scene(id="9" * 32, episode=None, number="42", heading="INT. KITCHEN - NIGHT"),)


class Asked(TypedDict, total=False):
    """Fields of `Wanted`, by name."""

    circled: bool
    camera: str | None
    episode: str | None
    tag: str | None
    rate: Rate | None
    handles: int
    offset: int
    pattern: str
    order: Order


def day_with(*takes: Take, at: str = "24", **wanted: Unpack[Asked]) -> EditorialDay:
    """Day 3 with these takes, as it is asked for."""
    numbered = [replace(take, id=f"3{number:031x}", rate=at) for number, take in enumerate(takes)]
    book = Book(numbered, at=at)
    return editorial_day(book, days_of(book, "Main", 3)[0], Wanted(**wanted))


def one_event(
    original: Clip, tc_in: str, tc_out: str, *, at: str = "24", angle: Angle | None = None, **wanted: Unpack[Asked]
) -> Event:
    """The event of a take with one camera and one clip."""
    angle = replace(angle or Angle(camera="A", roll="A012"), clips=(original,))
    length = Timecode.parse(tc_out, rate(at)).since(Timecode.parse(tc_in, rate(at)), over_midnight=True)
    take = a_take("42C/1", tc_in=tc_in, tc_out=tc_out, duration_frames=length, angles=(angle,), sound=())
    (event,) = day_with(take, at=at, **wanted).events
    return event
