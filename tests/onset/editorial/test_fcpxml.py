"""FCPXML by the order and attributes that Apple's document type has, by its times, and as OpenTimelineIO reads it.

The document type itself may not be shipped, so `RULES` says what this part of it allows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from onset.domain.camera import Angle, LinkState
from onset.domain.take import Kind, Status
from onset.editorial.event import EditorialDay, Part
from onset.editorial.fcpxml import write
from onset.editorial.formats import How, MadeFile
from onset.errors import ExportError
from onset.text import one_field, xml_text
from onset.timecode import Timecode, rate
from tests.onset.editorial.a_log import a_take, clip, day_with, note, sound
from tests.onset.editorial.generated import LABELLED, days, said_of, shot_in_file

UTF_8 = How(encoding="utf-8")
STUDIO = "com.apple.proapps.studio"
# Children in their order, attributes that have to be there, attributes that may be (version 1.10).
RULES = {
    "fcpxml": ("resources (event )*", "version", ""),
    "resources": ("((format|asset) )*", "", ""),
    "format": ("", "id", "name frameDuration width height"),
    "asset": (
        "(media-rep )+(metadata )?",
        "id",
        "name start duration hasVideo format hasAudio videoSources audioSources audioChannels",
    ),
    "media-rep": ("", "src", "kind"),
    "event": ("((keyword-collection|asset-clip|project) )*", "", "name"),
    "keyword-collection": ("", "name", ""),
    "project": ("sequence ", "", "name"),
    "sequence": ("spine ", "format", "duration tcStart tcFormat audioLayout audioRate"),
    "spine": ("(asset-clip )*", "", ""),
    "asset-clip": (
        "(note )?(asset-clip )*((marker|keyword|rating) )*(metadata )?",
        "ref",
        "lane offset name start duration format tcFormat audioRole videoRole",
    ),
    "note": ("", "", ""),
    "marker": ("", "start value", "duration note"),
    "keyword": ("", "value", "start duration"),
    "rating": ("", "value", "start duration"),
    "metadata": ("(md )*", "", ""),
    "md": ("", "key", "value"),
}  # fmt: skip
TIMES = ("start", "duration", "offset", "tcStart", "frameDuration")


def _checked(file: MadeFile) -> Any:
    """The document, once it keeps the rules and all its times lie on frames of its rate."""
    root = etree.fromstring(file.content)
    assert file.content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE fcpxml>\n")
    identities = [one.get("id") for one in root.find("resources")]
    assert len(set(identities)) == len(identities)
    frames = {one.get("id"): _seconds(one.get("frameDuration")) for one in root.iter("format")}
    for element in root.iter():
        children, needed, allowed = RULES[element.tag]
        assert re.fullmatch(children, "".join(f"{child.tag} " for child in element)), element.tag
        assert set(needed.split()) <= set(element.attrib) <= {*needed.split(), *allowed.split()}, element.tag
        for name in ("ref", "format"):
            assert element.get(name, identities[0]) in identities
        if element.tag == "rating":
            assert element.get("value") in ("favorite", "reject")
        for name in TIMES:
            if name in element.attrib:
                assert any((_seconds(element.get(name)) / frame).denominator == 1 for frame in frames.values())
    return root


def _seconds(text: str) -> Fraction:
    assert re.fullmatch(r"\d+(/\d+)?s", text), text
    return Fraction(text.removesuffix("s"))


def _said(element: Any) -> dict[str, str]:
    return {md.get("key"): md.get("value") for md in element.iterfind("metadata/md")}


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=3, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_every_take_is_in_the_event_and_in_the_string_out(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    (file,) = write([day], UTF_8).files
    root = _checked(file)
    fps = rate(at).fps
    browser = root.findall("event/asset-clip")
    spine = root.findall("event/project/sequence/spine/asset-clip")
    assets = {one.get("id"): one for one in root.iter("asset")}
    sequence = root.find("event/project/sequence")
    separator = rate(at).separator
    here = Timecode.parse(f"01:00:00{separator}00", rate(at)).frames
    assert [_seconds(sequence.get("tcStart")) * fps, sequence.get("tcFormat")] == [
        here,
        "DF" if rate(at).drop else "NDF",
    ]
    for event, whole, piece in zip(day.events, browser, spine, strict=False):
        assert event.media is not None
        assert event.media.start is not None
        assert event.media.frames is not None
        assert event.part is not None
        first = event.media.start.frames
        asset = assets[piece.get("ref")]
        assert whole.get("ref") == piece.get("ref")
        assert asset.get("name") == event.media.name
        assert [_seconds(asset.get(name)) * fps for name in ("start", "duration")] == [first, event.media.frames]
        own = event.part if event.shared else Part(0, event.media.frames)
        assert [_seconds(whole.get(name)) * fps for name in ("start", "duration")] == [first + own.first, own.frames]
        shot = [first + shot_in_file(event).first, shot_in_file(event).frames]
        stretch = [first + event.part.first, event.part.frames]
        assert [_seconds(piece.get(name)) * fps for name in ("offset", "start", "duration")] == [here, *stretch]
        here += event.part.frames
        status = said_of(event)
        for one in (whole, piece):
            assert one.get("name") == event.name
            assert one.get("tcFormat") == ("DF" if rate(at).drop else "NDF")
            assert xml_text(event.take.notes[0].text) in one.findtext("note")
            (marker,) = one.findall("marker")
            assert _seconds(marker.get("start")) * fps == first + (event.markers[0].frame or 0)
            assert marker.get("value") == (one_field(event.markers[0].text) or "mark")
            (rating,) = one.findall("rating") or [None]
            assert (rating.get("value") if rating is not None else "") == (
                {"circled": "favorite", "ng": "reject"}.get(status, "")
            )
            words = [keyword.get("value") for keyword in one.iterfind("keyword")]
            assert set(words) >= {
                "Scene 42",
                *filter(None, (one_field(tag.replace(",", " ")) for tag in event.take.tags)),
            }
            assert len(set(words)) == len(words)
            for ranged in (*one.iterfind("keyword"), *one.iterfind("rating")):
                assert [_seconds(ranged.get(name)) * fps for name in ("start", "duration")] == shot
            said = _said(one)
            assert (said[f"{STUDIO}.scene"], said[f"{STUDIO}.shot"]) == ("42", event.take.take)
            if event.camera:
                assert said[f"{STUDIO}.reel"] == event.media.reel
                assert said[f"{STUDIO}.angle"] == said["com.apple.proapps.mio.cameraName"] == event.camera
    assert len(spine) == len(day.events)
    collections = {one.get("name") for one in root.iterfind("event/keyword-collection")}
    assert collections == {one.get("value") for one in root.iter("keyword")}


# The other reader cuts its rates to whole numbers, so that it can only read these, and floats to the frame below.
@pytest.mark.parametrize("at", ["24", "25", "30", "48", "50", "60"])
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_opentimelineio_finds_every_take_in_its_place(at: str, data: st.DataObject) -> None:
    day = data.draw(days(at))
    (file,) = write([day], UTF_8).files
    (timeline,) = otio.adapters.read_from_string(file.content.decode(), "fcpx_xml")
    main = next(track for track in timeline.tracks if track.name == "0")
    read = [one for one in main if isinstance(one, otio.schema.Clip)]
    here = 3600 * rate(at).nominal
    assert len(read) == len(day.events)
    for one, event in zip(read, day.events, strict=True):
        assert event.media is not None
        assert event.media.start is not None
        assert event.part is not None
        assert one.name == event.name
        at_frame, stretch = main.range_of_child(one).start_time.value, one.source_range
        assert here - at_frame in (0, 1)
        assert event.media.start.frames + event.part.first - stretch.start_time.value in (0, 1)
        assert event.part.frames - stretch.duration.value in (0, 1)
        assert [marker.name for marker in one.markers] == [one_field(event.markers[0].text) or "mark"]
        here += event.part.frames


def _document(day: EditorialDay, how: How = UTF_8) -> Any:
    (file,) = write([day], how).files
    return _checked(file)


def test_rules_are_those_of_real_documents() -> None:
    """What Final Cut wrote keeps them, so far as it has elements of ours."""
    for name in ("ClipMetadata", "Keywords"):
        path = Path(__file__).parents[2] / "data" / "editorial" / f"{name}.fcpxml"
        for element in etree.parse(path).iter("asset-clip", "metadata"):
            ours = "".join(f"{child.tag} " for child in element if child.tag in RULES)
            assert re.fullmatch(RULES[element.tag][0], ours)


def test_sound_hangs_on_its_picture() -> None:
    late = sound("T.wav", tracks=("boom", "lav"))
    late = replace(late, files=(replace(late.files[0], tc_in="10:00:01:00", duration_frames=240),))
    root = _document(day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(late,))))
    (hung,) = root.iterfind(".//spine/asset-clip/asset-clip")
    parent = hung.getparent()
    assert (hung.get("lane"), hung.get("name")) == ("-1", "T.wav")
    assert _seconds(hung.get("offset")) - _seconds(parent.get("start")) == 1
    assert [_seconds(hung.get(name)) for name in ("start", "duration")] == [36001, 10]
    asset = next(one for one in root.iter("asset") if one.get("id") == hung.get("ref"))
    assert (asset.get("hasAudio"), asset.get("audioChannels"), asset.get("hasVideo")) == ("1", "2", None)
    assert [one.get("name") for one in root.iterfind("event/asset-clip")] == ["A", "T.wav"]


def test_note_tells_what_the_take_is_and_how_it_was_shot() -> None:
    take = a_take("42C/1", ratings={"director": "circled"}, angles=(Angle(camera="A", clips=(clip("A.mov"),)),))
    note_text = "42C/1 A: director: circled\nINT. KITCHEN - NIGHT; CU, Close on Edward\nlens 35mm, filters ND6"
    assert _document(day_with(take)).findtext("event/asset-clip/note") == note_text


def test_keyword_with_a_comma_stays_one() -> None:
    take = a_take("42C/1", tags=("rain, wind",), angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=())
    assert {one.get("value") for one in _document(day_with(take)).iter("keyword")} == {"Scene 42", "rain  wind"}


def test_takes_of_one_file_are_stretches_of_it() -> None:
    angle = Angle(camera="A", clips=(clip("A.mov", "10:00:00:00", frames=24 * 30),))
    takes = [
        a_take(f"42C/{n}", tc_in=f"10:00:{n}0:00", tc_out=f"10:00:{n}5:00", angles=(angle,), sound=(), status=status)
        for n, status in ((1, Status.CIRCLED), (2, Status.NG))
    ]
    root = _document(day_with(*takes))
    assert len(root.findall("resources/asset")) == 1
    found: list[tuple[object, ...]] = [
        (_seconds(one.get("start")) - 36000, _seconds(one.get("duration")), one.find("rating").get("value"))
        for one in root.iterfind("event/asset-clip")
    ]
    assert found == [(10, 5, "favorite"), (20, 5, "reject")]


def test_url_start_handles_and_name_are_as_asked() -> None:
    take = a_take("42C/1", tc_out="10:00:10:00", angles=(Angle(camera="A", clips=(clip("Ä #1.mov"),)),), sound=())
    day = day_with(take, handles=24, pattern="{slate}-{take}")
    root = _document(day, How(encoding="utf-8", record_start="10:00:00:00"))
    assert root.find(".//media-rep").get("src") == "media/%C3%84%20%231.mov"
    piece = root.find(".//spine/asset-clip")
    assert (piece.get("name"), piece.get("offset")) == ("42C-1", "864000/24s")
    assert [_seconds(piece.get(name)) for name in ("start", "duration")] == [35999, 12]


def test_favorite_is_what_was_shot_and_not_its_handles() -> None:
    angles = (
        Angle(camera="A", clips=(clip("A.mov"),)),
        Angle(camera="B", rating="NG", clips=(clip("B.mov", camera="B"),)),
    )
    take = a_take("42C/1", tc_out="10:00:10:00", status=Status.CIRCLED, angles=angles, sound=(sound("T.wav"),))
    root = _document(day_with(take, handles=24))
    ranges = [
        (one.getparent().get("name"), one.get("value"), _seconds(one.get("start")), _seconds(one.get("duration")))
        for one in root.iter("rating")
    ]
    shot = (Fraction(36000), Fraction(10))
    pictures = [("A", "favorite", *shot), ("B", "reject", *shot)]
    assert ranges == [*pictures, ("T.wav", "favorite", *shot), *pictures]


def test_proposed_file_is_nowhere_and_a_wild_track_is_sound() -> None:
    takes = (
        a_take("42C/1", angles=(Angle(camera="A", clips=(clip("B.mov", link=LinkState.PROPOSED),)),)),
        a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(sound("W.wav"),), notes=(note("sea"),)),
    )
    made = write([day_with(*takes)], UTF_8)
    root = _checked(made.files[0])
    assert b"B.mov" not in made.files[0].content
    assert [one.what for one in made.left_out] == ["42C/1 A"]
    assert [one.findtext("note") for one in root.iterfind(".//spine/asset-clip")] == [
        "42WT/1 wild track: sea\nINT. KITCHEN - NIGHT"
    ]
    with pytest.raises(ExportError, match=r"^Nothing of day 3 can stand in FCPXML, which needs a confirmed file"):
        write([day_with(takes[0])], UTF_8)


def test_files_of_two_rates_are_in_one_event_with_a_project_each() -> None:
    angles = (Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(clip("B.mov", at="48"),)))
    root = _document(day_with(a_take("42C/1", angles=angles)))
    assert [one.get("name") for one in root.iterfind("event/project")] == [
        "Harbour Lights day 3 24 string-out",
        "Harbour Lights day 3 48 string-out",
    ]
    assert [one.get("frameDuration") for one in root.iter("format")] == ["1/24s", "1/48s", "1/24s", "1/48s"]
