"""Final Cut Pro 7 XML as OpenTimelineIO's adapter reads it back, and as any XML parser sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from onset.domain.camera import Angle, CameraData, LinkState, Source
from onset.domain.take import Kind
from onset.editorial.event import EditorialDay
from onset.editorial.fcp7 import write
from onset.editorial.formats import How, MadeFile
from onset.errors import ExportError
from onset.text import xml_text
from onset.timecode import rate
from tests.onset.editorial.a_log import a_take, clip, day_with, note, sound
from tests.onset.editorial.generated import LABELLED, days, said_of

UTF_8 = How(encoding="utf-8")


def _read(file: MadeFile) -> tuple[list[tuple[int, Any]], list[list[tuple[int, Any]]]]:
    """Clips of the picture track and of the sound tracks, each with its frame of the sequence."""
    timeline = otio.adapters.read_from_string(file.content.decode(), "fcp_xml")
    tracks = [
        (
            track.kind,
            [
                (int(track.range_of_child(one).start_time.value), one)
                for one in track
                if isinstance(one, otio.schema.Clip)
            ],
        )
        for track in timeline.tracks
    ]
    picture = [clips for kind, clips in tracks if kind == otio.schema.TrackKind.Video]
    return (picture[0] if picture else []), [clips for kind, clips in tracks if kind == otio.schema.TrackKind.Audio]


def _first(one: Any) -> tuple[int, int]:
    return round(one.source_range.start_time.value), round(one.source_range.duration.value)


def _labels(content: bytes) -> list[tuple[str | None, ...]]:
    """Names of files with the string, form and frame of their timecode."""
    found = etree.fromstring(content).iterfind(".//file[timecode]")
    return [
        tuple(
            file.findtext(path)
            for path in ("name", "timecode/string", "timecode/displayformat", "timecode/rate/timebase")
        )
        for file in found
    ]


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=3, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_other_reader_finds_every_take_at_every_rate(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    (file,) = write([day], UTF_8).files
    root = etree.fromstring(file.content)
    counts = [one.text for one in root.iterfind("project/children/sequence/timecode/displayformat")]
    assert counts == ["DF" if rate(at).drop else "NDF"]
    assert {one.text for one in root.iterfind(".//marker/out")} == {"-1"}
    picture, heard = _read(file)
    here = 0
    pictures, sounds = iter(picture), iter(heard[0] if heard else [])
    for event in day.events:
        assert event.media is not None
        assert event.media.start is not None
        assert event.part is not None
        stretch = (event.media.start.frames + event.part.first, event.part.frames)
        if event.camera:
            place, one = next(pictures)
            assert (place, *_first(one)) == (here, *stretch)
            said = one.metadata["fcp_xml"]["logginginfo"]
            assert (one.name, one.media_reference.name) == (event.name, event.media.name)
            assert (said["scene"], said["shottake"]) == ("42", event.take.label)
            assert said["good"] == ("TRUE" if said_of(event) == "circled" else "FALSE")
            assert xml_text(event.take.notes[0].text) in (said["lognote"] or "")
            assert (one.metadata["fcp_xml"]["comments"]["mastercomment2"] or "") == xml_text(", ".join(event.take.tags))
            ((moment, words),) = [
                (mark.marked_range.start_time.value, mark.metadata["fcp_xml"]["comment"]) for mark in one.markers
            ]
            assert (moment, words or "") == (event.markers[0].frame, xml_text(event.markers[0].text))
            assert one.media_reference.metadata["fcp_xml"]["timecode"]["reel"]["name"] == event.media.reel
        if not event.data.fps:  # sound of slow motion is laid nowhere
            place, one = next(sounds)
            assert (place, one.media_reference.name) == (here, event.take.sound[0].files[0].name)
            assert _first(one)[1] == event.part.frames
        here += event.part.frames
    assert next(pictures, None) is next(sounds, None) is None
    fps = rate(at)
    in_sync = [heard.media for event in day.events if not event.data.fps for heard in event.heard]
    media = [*(event.media for event in day.events), *in_sync]
    labelled = {(one.name, one.start) for one in media if one is not None}
    assert set(_labels(file.content)) == {
        (name, start.label, "DF" if fps.drop else "NDF", str(fps.nominal))
        for name, start in labelled
        if start is not None
    }


def _document(day: EditorialDay, how: How = UTF_8) -> Any:
    (file,) = write([day], how).files
    return etree.fromstring(file.content)


def test_picture_and_its_sound_are_linked() -> None:
    poly = sound("T.wav", tracks=("boom", "ltc", "lav"))
    angles = (Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(clip("B.mov", camera="B"),)))
    root = _document(day_with(a_take("42C/1", angles=angles, sound=(poly,))))
    items = {item.get("id"): item for item in root.iter("clipitem")}
    assert [len(track) for track in root.iterfind(".//audio/track")] == [2, 2]
    for item in items.values():
        assert len(item.findall("link")) == 3
        for link in item.iterfind("link"):
            kind, track, index = (link.findtext(tag) for tag in ("mediatype", "trackindex", "clipindex"))
            there = root.findall(f".//{kind}/track")[int(track or 0) - 1].findall("clipitem")[int(index or 0) - 1]
            assert there is items[link.findtext("linkclipref")]
    assert [item.findtext("sourcetrack/trackindex") for item in root.iterfind(".//audio/track/clipitem")] == [
        "1",
        "1",
        "3",
        "3",
    ]


def test_sound_that_began_late_starts_where_it_belongs() -> None:
    late = sound("T.wav")
    late = replace(late, files=(replace(late.files[0], tc_in="10:00:01:00", duration_frames=240),))
    root = _document(day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(late,))))
    item = root.find(".//audio/track/clipitem")
    assert [item.findtext(tag) for tag in ("start", "end", "in", "out")] == ["24", "264", "0", "240"]


@pytest.mark.parametrize(
    ("start", "at", "source"),
    [("13:00:00:00", "24", Source.CARD), (None, "24", Source.CARD), ("10:00:00:00", "25", Source.CARD)],
)
def test_sound_whose_timecode_does_not_tell_is_named_and_not_laid(start: str | None, at: str, source: Source) -> None:
    other = sound("T.wav")
    other = replace(other, files=(replace(other.files[0], tc_in=start, rate=at, source=source),))
    made = write(
        [day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(other,)))], UTF_8
    )
    assert made.warnings == ("Sound is not laid where timecode does not tell its place: T.wav beneath 42C/1 A.",)
    assert etree.fromstring(made.files[0].content).find(".//audio/track") is None


def test_day_of_sound_that_cannot_be_laid_is_one_warning() -> None:
    other = sound("T.wav")
    other = replace(other, files=(replace(other.files[0], tc_in="13:00:00:00", source=Source.CARD),))
    takes = [
        a_take(f"42C/{n}", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(other,)) for n in range(1, 8)
    ]
    (warning,) = [one for one in write([day_with(*takes)], UTF_8).warnings if one.startswith("Sound is not laid")]
    assert warning.endswith("T.wav beneath 42C/4 A and 3 more.")


def test_log_without_timecode_leaves_picture_and_sound_to_each_other() -> None:
    """The camera and the mixer were jammed, the log was kept on a laptop that nobody jammed."""
    heard = sound("T.wav")
    heard = replace(
        heard, files=(replace(heard.files[0], tc_in="09:59:55:00", duration_frames=600, source=Source.CARD),)
    )
    take = a_take("42C/1", tc_in=None, tc_out=None, angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(heard,))
    item = _document(day_with(take)).find(".//audio/track/clipitem")
    assert [item.findtext(tag) for tag in ("start", "end", "in", "out")] == ["0", "480", "72", "552"]
    far = replace(heard, files=(replace(heard.files[0], tc_in="10:00:12:00"),))
    assert _document(day_with(replace(take, sound=(far,)))).find(".//audio/track") is None


def test_mixers_original_is_laid_and_not_our_recording_of_it() -> None:
    own, original = sound("own.wav"), sound("M.wav")
    own = replace(own, files=(replace(own.files[0], source=Source.RECORDER),))
    original = replace(original, device="633", files=(replace(original.files[0], source=Source.FOLDER),))
    root = _document(
        day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(own, original)))
    )
    assert [item.findtext("name") for item in root.iterfind(".//audio/track/clipitem")] == ["M.wav"]


def test_slow_motion_has_no_sync_sound() -> None:
    angle = Angle(camera="A", data=CameraData(fps="48"), clips=(clip("A.mov", "10:00:00:00", 960),))
    root = _document(day_with(a_take("42C/1", angles=(angle,))))
    assert root.find(".//audio/track") is None
    assert root.findtext(".//video/track/clipitem/out") == "960"


def test_proposed_file_is_nowhere() -> None:
    angles = (
        Angle(camera="A", clips=(clip("A.mov"),)),
        Angle(camera="B", clips=(clip("B.mov", link=LinkState.PROPOSED),)),
    )
    heard = sound("SECRET.wav", link=LinkState.PROPOSED)
    made = write([day_with(a_take("42C/1", angles=angles, sound=(heard,)))], UTF_8)
    assert b"SECRET" not in made.files[0].content
    assert b"B.mov" not in made.files[0].content
    assert [one.what for one in made.left_out] == ["42C/1 B"]


def test_url_start_and_handles_are_as_asked() -> None:
    day = day_with(
        a_take("42C/1", tc_out="10:00:10:00", angles=(Angle(camera="A", clips=(clip("A #1.mov"),)),)),
        handles=24,
        pattern="{slate}-{take}",
    )
    root = _document(day, How(encoding="utf-8", record_start="10:00:00:00"))
    assert root.findtext(".//pathurl") == "file://localhost/media/A%20%231.mov"
    assert root.findtext("project/children/sequence/timecode/string") == "10:00:00:00"
    item = root.find(".//video/track/clipitem")
    assert [item.findtext(tag) for tag in ("name", "in", "out")] == ["42C-1", "24", "312"]


def test_two_files_of_one_name_stay_two() -> None:
    angles = [Angle(camera=name, clips=(replace(clip(f"{name}.mov"), path="/mnt/C0001.MP4"),)) for name in "AB"]
    root = _document(day_with(a_take("42C/1", angles=tuple(angles), sound=())))
    assert [one.text for one in root.iter("pathurl")] == ["file://localhost/C0001.MP4"] * 2
    assert len({one.get("id") for one in root.iter("file")}) == 2


def test_takes_of_one_file_refer_to_it_once() -> None:
    angle = Angle(camera="A", clips=(clip("A.mov", frames=24 * 30),))
    takes = [
        a_take(f"42C/{n}", tc_in=f"10:00:{n}0:00", tc_out=f"10:00:{n}5:00", angles=(angle,), sound=()) for n in (1, 2)
    ]
    root = _document(day_with(*takes))
    assert [(item.findtext("in"), item.findtext("logginginfo/shottake")) for item in root.iterfind(".//clipitem")] == [
        ("288", "42C/1"),
        ("528", "42C/2"),
    ]
    assert len(root.findall(".//file")) == 2
    assert len(root.findall(".//file/pathurl")) == 1


def test_wild_track_stands_on_sound_tracks_alone() -> None:
    wild = a_take(
        "42WT/1",
        kind=Kind.WILD_TRACK,
        angles=(),
        sound=(sound("W.wav", tracks=("ltc", "boom", "lav")),),
        notes=(note("sea"), note("gull", mark=True, tc="10:00:03:00")),
    )
    root = _document(day_with(wild))
    assert root.find(".//video/track") is None
    assert root.findtext(".//audio/track/clipitem/logginginfo/lognote") == "sea; [10:00:03:00] gull"
    items = root.findall(".//audio/track/clipitem")
    assert [item.findtext("sourcetrack/trackindex") for item in items] == ["2", "3"]
    assert [[mark.findtext("in") for mark in item.iterfind("marker")] for item in items] == [["120"], []]
    with pytest.raises(ExportError, match=r"^Nothing of day 3 can stand in a sequence, which needs a confirmed file"):
        write([day_with(a_take("42C/1", angles=(), sound=()))], UTF_8)


def test_sequence_of_another_rate_is_another_file() -> None:
    angles = (Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(clip("B.mov", at="48"),)))
    made = write([day_with(a_take("42C/1", angles=angles))], UTF_8)
    assert [(file.part, file.events) for file in made.files] == [("24", 1), ("48", 1)]
