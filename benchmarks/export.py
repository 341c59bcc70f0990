"""A day of 200 takes with two cameras and four tracks of sound in each editorial format: CPU from events to bytes.

Run by `make bench`. The day is made of values, not read from a log: reading it is measured in benchmarks/log.py.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace

from onset.domain.camera import Angle, CameraData
from onset.domain.note import Audience, Note
from onset.domain.production import Day, Production
from onset.domain.take import State, Status, Take
from onset.editorial.event import EditorialDay, Event, Heard, Marker, Media, Part
from onset.editorial.formats import FORMATS, How, writer
from onset.timecode import Timecode, rate

TAKES = 200
RUNS = 3
BAR_S = 5.0
_RATE = rate("23.976")
_LENGTH = 90 * 24
_START_NS = 1_772_700_000_000_000_000


def a_day(takes: int = TAKES) -> EditorialDay:
    """Takes of a minute and a half, with what people say of such takes."""
    production = Production(id="5" * 32, title="Harbour Lights", rate=_RATE, slating="us")
    day = Day(id="7" * 32, unit="Main", number=3, date="2026-03-05")
    events = [event for number in range(takes) for event in _events(number)]
    return EditorialDay(production=production, unit="Main", day=day, rate=_RATE, events=tuple(events))


def _events(number: int) -> list[Event]:
    here = Timecode.parse("08:00:00:00", _RATE) + number * 3 * 60 * 24
    note = Note(
        id="0" * 32,
        take_id=None,
        text="Best for the look to the door; line 3 fluffed, cut away before.",
        author="Maya",
        audience=Audience.EDITOR,
        wall_ns=_START_NS,
    )
    take = Take(
        id=f"3{number:031x}",
        unit="Main",
        day=3,
        episode=None,
        scene=str(number // 10 + 1),
        slate=f"{number // 10 + 1}C",
        take=str(number % 10 + 1),
        ordinal=number % 10 + 1,
        arrival=number,
        state=State.CUT,
        rate=_RATE.name,
        rolled_ns=_START_NS + number * 180 * 10**9,
        status=Status.CIRCLED if number % 3 == 0 else Status.NONE,
        tc_in=here.label,
        tc_out=(here + _LENGTH).label,
        duration_frames=_LENGTH,
        notes=(note, replace(note, text="phone", mark=True)),
        tags=("door", "night"),
        angles=tuple(Angle(camera=camera, roll=f"{camera}012") for camera in "AB"),
    )
    part = Part(48, 48 + _LENGTH)
    marker = Marker(frame=500, tc=here + 452, text="phone", author="Maya", mark=True)
    sound = _media(f"T{number:03d}.wav", here, sound=True)
    return [
        Event(
            name=f"{camera}_0012C{number:03d}",
            take=take,
            camera=camera,
            roll=f"{camera}012",
            angle=take.angles[0],
            media=_media(f"{camera}_0012C{number:03d}_260305.mov", here, sound=False),
            master_in=here,
            master_out=here + _LENGTH,
            roll_part=part,
            part=part,
            heard=(Heard(sound, part),),
            data=CameraData(lens="35mm", stop="T2.8", iso="800", white_balance="5600K"),
            markers=(marker,),
        )
        for camera in "AB"
    ]


def _media(name: str, here: Timecode, *, sound: bool) -> Media:
    return Media(
        id=f"{name:0>32}",
        name=name,
        path=f"media/day03/{name}",
        rate=_RATE,
        start=here + -48,
        frames=_LENGTH + 96,
        reel=f"{name[0]}_0012_1BY9",
        sound=sound,
        tracks=("boom", "lav 1", "lav 2", "mix") if sound else (),
    )


def main() -> int:
    """Print the table."""
    day = a_day()
    missed = False
    for name, form in FORMATS.items():
        write = writer(name).write
        seconds = []
        for _ in range(RUNS):
            start = time.process_time()
            made = write([day], How(encoding=form.encodings[0]))
            seconds.append(time.process_time() - start)
        median = statistics.median(seconds)
        missed |= median > BAR_S
        size = sum(len(file.content) for file in made.files) // 1024
        what = f"{TAKES} takes, {len(day.events)} events as {name}"
        print(f"export: {what}: {median:.3f} s of CPU, median of {RUNS}, {size} KiB")
    print(f"export: bar {BAR_S:.0f} s of CPU for each format: {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
