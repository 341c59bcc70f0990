"""A timeline as OpenTimelineIO opens it: all that the log says of a take, and its files where timecode has them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.domain.camera import Angle, CameraData, LinkState
from onset.domain.take import Kind, Status
from onset.editorial.event import EditorialDay
from onset.editorial.formats import How
from onset.editorial.otio import write
from onset.editorial.plain_json import event_json
from onset.errors import ExportError
from onset.text import safe_text
from onset.timecode import rate
from tests.onset.editorial.a_log import a_take, clip, day_with, note, sound
from tests.onset.editorial.generated import LABELLED, days

UTF_8 = How(encoding="utf-8")


def _timeline(day: EditorialDay, how: How = UTF_8) -> Any:
    (file,) = write([day], how).files
    return otio.adapters.read_from_string(file.content.decode(), "otio_json")


def _clips(timeline: Any) -> dict[str, list[tuple[Any, Any]]]:
    """Clips of each track with their place in the timeline."""
    return {
        track.name: [(one, track.range_of_child(one)) for one in track if isinstance(one, otio.schema.Clip)]
        for track in timeline.tracks
    }


def _plain(value: Any) -> Any:
    return json.loads(otio.core.serialize_json_to_string(value))


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=3, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_every_take_is_there_with_all_that_the_log_says(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    timeline = _timeline(day)
    fps = float(rate(at).fps)
    assert timeline.global_start_time.rate == fps
    found = _clips(timeline)
    for camera in ("A", "B"):
        events = [event for event in day.events if event.camera == camera]
        assert [one.name for one, _ in found.get(camera, [])] == [event.name for event in events]
        for (one, _), event in zip(found.get(camera, []), events, strict=True):
            assert event.media is not None
            assert event.media.start is not None
            assert event.part is not None
            first = event.media.start.frames
            assert one.source_range.start_time.to_frames() == first + event.part.first
            assert (one.source_range.duration.to_frames(), one.source_range.duration.rate) == (event.part.frames, fps)
            assert one.media_reference.available_range.start_time.to_frames() == first
            assert one.media_reference.available_range.duration.to_frames() == event.media.frames
            said, meant = _plain(one.metadata["onset"]), event_json(event)
            typed = "".join((*(note.text for note in event.take.notes), *event.take.tags))
            if not any(0xD800 <= ord(char) <= 0xDFFF or char == "\0" for char in typed):
                assert said == json.loads(json.dumps(meant))
            (marker,) = one.markers
            assert marker.marked_range.start_time.to_frames() == first + (event.markers[0].frame or 0)
            said_there = event.markers[0].text
            assert marker.name == (safe_text(said_there) if said_there.strip() else "mark")
    of_takes = [(mark.name, mark.color) for mark in timeline.tracks.markers]
    assert of_takes == [
        (event.take.label, {"circled": "GREEN", "ng": "RED", "hold": "YELLOW"}.get(event.take.status, "WHITE"))
        for event in day.events
        if event.camera in ("A", "")
    ]


@pytest.mark.parametrize("at", ["23.976", "25", "29.97df"])
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_what_was_shot_at_one_moment_stands_at_one_moment(at: str, data: st.DataObject) -> None:
    found = _clips(_timeline(data.draw(days(at))))
    moments: dict[str, set[int]] = {}
    for clips in found.values():
        for one, place in clips:
            if one.metadata["onset"].get("sensor_fps"):
                continue  # its frames are at other moments, it lies at the roll
            shift = place.start_time.value - one.source_range.start_time.value
            moments.setdefault(one.metadata["onset"]["take"]["id"], set()).add(round(shift))
    assert all(len(shifts) == 1 for shifts in moments.values())


def test_late_camera_and_late_sound_lie_where_they_belong() -> None:
    late = sound("T.wav")
    late = replace(late, files=(replace(late.files[0], tc_in="10:00:01:00", duration_frames=240),))
    angles = (
        Angle(camera="A", clips=(clip("A.mov"),)),
        Angle(camera="B", start="10:00:05:00", clips=(clip("B.mov", "10:00:04:00", camera="B"),)),
        Angle(camera="C", clips=(clip("C.mov", "10:00:02:00", 480, camera="C"),)),
    )
    takes = (a_take("42C/1", tc_out="10:00:18:00", angles=angles, sound=(late,)), a_take("42C/2", angles=(), sound=()))
    found = _clips(_timeline(day_with(*takes)))
    places = {name: clips[0][1].start_time.value / 24 for name, clips in found.items()}
    assert places == {"A": 0, "B": 5, "C": 2, "MIX": 1, "sound": 18}


def test_log_without_timecode_leaves_picture_and_sound_to_each_other() -> None:
    heard = sound("T.wav")
    heard = replace(heard, files=(replace(heard.files[0], tc_in="10:00:00:00"),))
    take = a_take("42C/1", tc_in=None, tc_out=None, angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(heard,))
    found = _clips(_timeline(day_with(take)))
    ((_, picture),), ((one, beneath),) = found["A"], found["MIX"]
    assert (picture.start_time.value, picture.duration.value) == (0, 480)
    assert (beneath.start_time.value, beneath.duration.value, one.source_range.start_time.value) == (48, 432, 864_000)


def test_take_whose_file_is_not_sure_is_a_clip_without_media() -> None:
    angle = Angle(camera="A", data=CameraData(lens="35mm"), clips=(clip("A.mov", link=LinkState.PROPOSED),))
    take = a_take("42C/1", status=Status.CIRCLED, angles=(angle,), notes=(note("x", mark=True, tc="10:00:03:00"),))
    (file,) = write([day_with(take)], UTF_8).files
    assert b"A.mov (42C/1 A)" in file.content  # named among what is left out
    assert file.content.count(b"A.mov") == 1
    timeline = otio.adapters.read_from_string(file.content.decode(), "otio_json")
    ((one, _),) = _clips(timeline)["A"]
    assert isinstance(one.media_reference, otio.schema.MissingReference)
    assert (one.source_range.start_time.value, one.source_range.duration.value) == (864_000, 480)
    assert one.markers[0].marked_range.start_time.value == 864_072
    assert one.metadata["onset"]["camera_data"]["lens"] == "35mm"


def test_clips_that_do_not_tell_their_place_stand_one_behind_the_other() -> None:
    clips = (clip("A1.mov", None, number=1), clip("A2.mov", None, number=2))
    found = _clips(_timeline(day_with(a_take("42C/1", angles=(Angle(camera="A", clips=clips),), sound=()))))
    assert [(one.name, place.start_time.value) for one, place in found["A"]] == [("A1", 0), ("A2", 480)]


def test_mono_set_has_a_track_a_file() -> None:
    heard = sound("T_1.wav")
    heard = replace(heard, files=(heard.files[0], replace(heard.files[0], id="4" * 32, name="T_2.wav", path="T_2.wav")))
    found = _clips(
        _timeline(day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(heard,))))
    )
    assert [(name, [one.name for one, _ in clips]) for name, clips in found.items()] == [
        ("A", ["A"]),
        ("MIX", ["T_1.wav"]),
        ("MIX 2", ["T_2.wav"]),
    ]


def test_files_of_other_rates_lie_at_their_time() -> None:
    angles = (Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(clip("B.mov", frames=960, at="48"),)))
    found = _clips(
        _timeline(day_with(a_take("42C/1", angles=angles, sound=()), a_take("42C/2", angles=angles, sound=())))
    )
    assert [place.start_time.to_seconds() for _, place in found["A"]] == [0, 18]
    assert [place.start_time.to_seconds() for _, place in found["B"]] == [0, 18]
    assert found["B"][0][0].source_range.duration.rate == 48


def test_file_opens_from_disk_with_url_and_start_as_asked(tmp_path: Path) -> None:
    take = a_take("42C/1", tc_out="10:00:10:00", angles=(Angle(camera="A", clips=(clip("A #1.mov"),)),), sound=())
    how = How(encoding="utf-8", record_start="10:00:00:00")
    (made,) = write([day_with(take, handles=24, pattern="{slate}-{take}")], how).files
    (tmp_path / "day.otio").write_bytes(made.content)
    timeline = otio.adapters.read_from_file(str(tmp_path / "day.otio"))
    assert timeline.global_start_time.to_timecode() == "10:00:00:00"
    ((one, place),) = _clips(timeline)["A"]
    assert (one.name, one.media_reference.target_url) == ("42C-1", "media/A%20%231.mov")
    assert (place.start_time.value, one.source_range.duration.value) == (0, 288)
    assert timeline.metadata["onset"]["date"] == "2026-03-05"


def test_words_that_the_library_would_cut_off_stand_as_escapes() -> None:
    take = a_take("42C/1", angles=(), sound=(), notes=(note("a\0b \ud800\nnext"), note("c\x1b]]>\nnext")))
    ((one, _),) = _clips(_timeline(day_with(take)))["sound"]
    said = [each["text"] for each in one.metadata["onset"]["take"]["notes"]]
    assert said == ["a\\x00b \\ud800\nnext", "c\x1b]]>\nnext"]


def test_take_without_a_length_is_named() -> None:
    endless = a_take("42C/1", tc_in=None, tc_out=None, duration_frames=None, angles=(), sound=())
    made = write([day_with(endless, a_take("42WT/1", kind=Kind.WILD_TRACK, angles=()))], UTF_8)
    assert [str(one) for one in made.left_out] == ["42C/1: nobody knows how long it is"]
    with pytest.raises(ExportError, match=r"^Nothing of day 3 can stand in a timeline, which needs a file or a take"):
        write([day_with(endless)], UTF_8)
