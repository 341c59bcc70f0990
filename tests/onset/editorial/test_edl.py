"""An EDL as two other programs read it: pycmx, which keeps every line, and OpenTimelineIO, which checks lengths."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import opentimelineio as otio
import pycmx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.domain.camera import Angle, CameraData
from onset.domain.take import Kind, Status
from onset.editorial.edl import short_reels, write
from onset.editorial.event import EditorialDay
from onset.editorial.formats import How, MadeFile
from onset.errors import ExportError
from onset.text import one_field
from onset.timecode import Timecode, rate
from tests.onset.editorial.a_log import a_take, clip, day_with, note, one_event, sound
from tests.onset.editorial.generated import LABELLED, days, said_of

UTF_8 = How(encoding="utf-8")
LOCATOR = re.compile(r"LOC: (\S+) ([A-Z]+) +(.*)")


def _events(file: MadeFile) -> list[Any]:
    """Edits as pycmx reads them; it must understand every line."""
    read = pycmx.parse_cmx3600(io.StringIO(file.content.decode()))
    assert not list(read.unrecognized_statements)
    assert read.format == "3600"
    return list(read.events)


def _locators(event: Any) -> list[tuple[str, ...]]:
    remarks = (one.text for one in event.statements if type(one).__name__ == "StmtRemark")
    return [found.groups() for text in remarks if (found := LOCATOR.match(text))]


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=3, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_pycmx_finds_every_take_at_every_rate(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    made = write([day], UTF_8)
    (file,) = made.files
    separator = ";" if rate(at).drop else ":"
    assert file.content.decode().split("\r\n")[1] == f"FCM: {'DROP FRAME' if rate(at).drop else 'NON-DROP FRAME'}"
    here = Timecode.parse(f"01:00:00{separator}00", rate(at))
    for number, (read, event) in enumerate(zip(_events(file), day.events, strict=True), 1):
        (edit,) = read.edits
        assert event.media is not None
        assert event.media.start is not None
        assert event.part is not None
        assert (read.number, edit.clip_name, edit.source_file) == (number, event.name, event.media.name)
        assert (edit.channels.video, edit.channels.a1, edit.channels.a2) == (
            (True, False, False) if event.camera else (False, True, True)
        )
        assert edit.source_in == event.media.start.later(event.part.first).label
        assert edit.source_out == event.media.start.later(event.part.last).label
        assert edit.record_in == here.label
        record, here = here, here + event.part.frames
        assert edit.record_out == here.label
        head, mark = _locators(read)
        assert head[:2] == (
            record.label,
            {"circled": "GREEN", "ng": "RED", "hold": "YELLOW"}.get(said_of(event), "WHITE"),
        )
        assert head[2].startswith(f"{event.take.label} {event.camera}".strip())
        assert one_field(event.take.notes[0].text) in head[2]
        (marker,) = event.markers
        assert marker.frame is not None
        assert mark[:2] == ((record + (marker.frame - event.part.first)).label, "CYAN")
        assert mark[2] == (one_field(marker.text) or "mark")
    assert bool(made.warnings) == midnight


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_opentimelineio_finds_every_take_of_one_length_in_source_and_record(at: str, data: st.DataObject) -> None:
    day = data.draw(days(at))
    (file,) = write([day], UTF_8).files
    fps = float(rate(at).fps)
    timeline = otio.adapters.read_from_string(file.content.decode(), "cmx_3600", rate=fps)
    assert timeline.name == "Harbour Lights day 3"
    for kind, sound_only in (("V", False), ("A1", True)):
        read = [
            one for track in timeline.tracks if track.name == kind for one in track if isinstance(one, otio.schema.Clip)
        ]
        events = [event for event in day.events if sound_only != bool(event.camera)]
        assert [one.name for one in read] == [event.name for event in events]
        for one, event in zip(read, events, strict=True):
            assert event.media is not None
            assert event.media.start is not None
            assert event.part is not None
            assert one.source_range.start_time.value == event.media.start.later(event.part.first).frames
            assert one.source_range.duration.value == event.part.frames
            if not rate(at).drop:  # its pattern for locators knows colons only
                assert [marker.color for marker in one.markers][1:] == ["CYAN"]


def _written(day: EditorialDay, how: How = UTF_8) -> list[str]:
    (file,) = write([day], how).files
    return file.content.decode().split("\r\n")


def test_list_is_laid_out_as_real_ones_are() -> None:
    take = a_take(
        "42C/3",
        status=Status.CIRCLED,
        kind=Kind.PICKUP,
        notes=(
            note("Best;\nkeep"),
            note("door", mark=True, tc="10:00:03:00"),
            note("late", mark=True, tc="10:01:00:00"),
        ),
        angles=(Angle(camera="A", data=CameraData(lens="35mm"), clips=(clip("A012C001.mov", reel="A_0012_1BY9"),)),),
    )
    assert _written(day_with(take)) == [
        "TITLE: Harbour Lights day 3",
        "FCM: NON-DROP FRAME",
        "001  A_0012_1 V     C        10:00:00:00 10:00:18:00 01:00:00:00 01:00:18:00",
        "* FROM CLIP NAME: A012C001",
        "* SOURCE FILE: A012C001.mov",
        "* REEL NAME: A_0012_1BY9",
        "* DESCRIPTION: INT. KITCHEN - NIGHT; CU, Close on Edward",
        "* CAMERA: lens 35mm, filters ND6",
        "* SOUND: S003: 42C-1_MIX.wav",
        "* LOC: 01:00:00:00 GREEN   42C/3 A circled, pickup: Best; keep; [10:01:00:00] late",
        "* LOC: 01:00:03:00 CYAN    door",
        "",
    ]


def test_locator_has_the_colour_of_what_this_camera_has_of_it() -> None:
    blank = note("  ", mark=True, tc="10:00:03:00")
    angles = [
        Angle(camera=name, rating=rating, clips=(clip(f"{name}.mov", camera=name),))
        for name, rating in (("A", None), ("B", "Circled"), ("C", "ng"))
    ]
    lines = _written(day_with(a_take("42C/1", status=Status.HOLD, notes=(blank,), angles=tuple(angles))))
    assert [line.split(maxsplit=4)[3:] for line in lines if line.startswith("* LOC")] == [
        ["YELLOW", "42C/1 A hold"],
        ["CYAN", "mark"],
        ["GREEN", "42C/1 B circled: camera B: Circled; the take: hold"],
        ["CYAN", "mark"],
        ["RED", "42C/1 C NG: camera C: ng; the take: hold"],
        ["CYAN", "mark"],
    ]
    of_episode = _written(day_with(replace(a_take("42C/1", angles=tuple(angles[:1])), episode="101")))
    assert [line.split(maxsplit=4)[4] for line in of_episode if line.startswith("* LOC")] == ["101:42C/1 A"]


def test_handles_offset_name_and_start_are_in_it() -> None:
    event = one_event(
        clip("A012C001.mov"), "10:00:00:00", "10:00:10:00", handles=24, offset=24, pattern="{slate}-{take}"
    )
    day = replace(day_with(), events=(event,))
    lines = _written(day, How(encoding="utf-8", record_start="10:00:00:00"))
    assert lines[2] == "001  A012     V     C        10:00:00:00 10:00:12:00 10:00:00:00 10:00:12:00"
    assert lines[3] == "* FROM CLIP NAME: 42C-1"
    with pytest.raises(ExportError, match=r'^--record-start: "10:00:00:24" does not exist at 24\.$'):
        write([day], How(encoding="utf-8", record_start="10:00:00:24"))


def test_renamed_rate_counts_alike() -> None:
    event = one_event(clip("A.mov", at="29.97"), "10:00:00:00", "10:00:10:00", at="29.97", rate=rate("30"))
    assert _written(replace(day_with(), events=(event,)))[2].startswith(
        "001  A012     V     C        10:00:00:00 10:00:10:00 "
    )


def test_sensor_that_ran_fast_is_not_retimed() -> None:
    angle = Angle(camera="A", data=CameraData(fps="48"), clips=(clip("A.mov", "10:00:00:00", 960),))
    lines = _written(day_with(a_take("42C/1", angles=(angle,))))
    assert lines[2].split()[4:] == ["10:00:00:00", "10:00:40:00", "01:00:00:00", "01:00:40:00"]
    assert any(line.startswith("* CAMERA: ") and "fps 48" in line for line in lines)
    assert not any(line.startswith("M2") for line in lines)


def test_thousandth_event_stands_in_a_second_list() -> None:
    angle = Angle(camera="A", clips=(clip("A.mov", frames=480),))
    event = day_with(a_take("42C/1", angles=(angle,))).events[0]
    made = write([replace(day_with(), events=(event,) * 1000)], UTF_8)
    assert [(file.part, file.events) for file in made.files] == [("1", 999), ("2", 1)]
    assert _events(made.files[0])[-1].number == 999
    assert _events(made.files[1])[0].edits[0].record_in == "01:00:00:00"


def test_day_longer_than_record_timecode_goes_on_in_a_second_list() -> None:
    event = one_event(clip("A.mov", "00:00:00:00", 12 * 3600 * 24), "00:00:00:00", "11:00:00:00")
    made = write([replace(day_with(), events=(event,) * 3)], UTF_8)
    assert [file.events for file in made.files] == [2, 1]
    with pytest.raises(ExportError, match=r"^A\.mov is too long for a list that begins at 23:00:00:00\.$"):
        write([replace(day_with(), events=(event,))], How(encoding="utf-8", record_start="23:00:00:00"))


def test_reels_that_begin_alike_stay_apart() -> None:
    reels = short_reels(["A_0001_1BY9", "a_0001_1by9", "A_0001_1BZZ", "", "漢字", "AX", "black", "Black"])
    shown = [one.casefold() for one in reels.values()]
    assert len(set(shown)) == len(reels)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,8}", one) for one in reels.values())
    assert not {"ax", "bl", "black", "bars"} & set(shown)


def test_each_rate_has_a_list_and_what_has_no_timecode_is_named() -> None:
    angles = (
        Angle(camera="A", clips=(clip("A.mov"), clip("A2.mov", None, number=2))),
        Angle(camera="B", clips=(clip("B.mov", at="48"),)),
        Angle(camera="C"),
    )
    made = write([day_with(a_take("42C/1", angles=angles))], UTF_8)
    assert [(file.part, file.events) for file in made.files] == [("24", 1), ("48", 1)]
    assert [str(one) for one in made.left_out] == [
        "42C/1 C: no file of it is confirmed",
        "A2.mov (42C/1): it has no timecode or no length",
    ]
    with pytest.raises(ExportError, match=r"^Nothing of day 3 can stand in an EDL, which needs .*; 42C/1 C: no file"):
        write([day_with(a_take("42C/1", angles=angles[2:]))], UTF_8)


def test_ascii_is_ascii() -> None:
    wild = a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(sound("Ž.wav"),), notes=(note("漢字 déjà"),))
    lines = _written(day_with(wild), How(encoding="ascii"))
    assert "".join(lines).isascii()
    assert lines[3:5] == ["* FROM CLIP NAME: Z", "* SOURCE FILE: Z.wav"]
