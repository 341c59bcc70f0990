"""What holds for every format that strings a day out: options, and names that nobody should give to anything."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import opentimelineio as otio
import pycmx
import pytest
from lxml import etree

from onset.domain.camera import Angle, LinkState, Source
from onset.domain.sound import SoundTake
from onset.domain.take import Kind, Status
from onset.editorial.event import EditorialDay
from onset.editorial.formats import FORMATS, How, writer
from onset.editorial.options import Order
from onset.timecode import rate
from tests.onset.editorial.a_log import a_take, clip, day_with, sound
from tests.onset.editorial.generated import HOSTILE

SEQUENCES = [name for name, form in FORMATS.items() if form.sequence]


def _content(name: str, day: EditorialDay) -> bytes:
    (file,) = writer(name).write([day], How(encoding="utf-8")).files
    return file.content


def _clips(name: str, content: bytes) -> list[tuple[str, str]]:
    """Each clip of the pictures with the label where it begins, as another program or parser sees it."""
    if name == "edl":
        events = pycmx.parse_cmx3600(io.StringIO(content.decode())).events
        return [(edit.clip_name, edit.source_in) for event in events for edit in event.edits]
    if name == "fcpxml":
        return [
            (one.get("name"), _label(one.get("start")))
            for one in etree.fromstring(content).iterfind(".//spine/asset-clip")
        ]
    timeline = otio.adapters.read_from_string(content.decode(), "fcp_xml" if name == "fcp7" else "otio_json")
    pictures = [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video]
    clips = [one for track in pictures for one in track if isinstance(one, otio.schema.Clip)]
    return [(one.name, one.source_range.start_time.to_timecode(30, False)) for one in clips]


def _label(seconds: str) -> str:
    above, below = seconds.removesuffix("s").split("/")
    return str(otio.opentime.RationalTime(int(above) * 30 / int(below), 30).to_timecode(30, False))


def test_formats_with_a_sequence_are_these() -> None:
    assert SEQUENCES == ["edl", "fcp7", "fcpxml", "otio"]


@pytest.mark.parametrize("name", SEQUENCES)
def test_offset_rate_and_choice_are_in_it(name: str) -> None:
    def angles(number: int) -> tuple[Angle, ...]:
        return tuple(
            Angle(camera=camera, clips=(clip(f"{camera}{number}.mov", at="29.97", frames=750, camera=camera),))
            for camera in "AB"
        )

    takes = [
        a_take("42C/1", angles=angles(1), sound=(), episode="101", status=Status.CIRCLED),
        a_take("42C/2", angles=angles(2), sound=(), episode="101"),
        a_take("42C/3", angles=angles(3), sound=(), episode="102", status=Status.CIRCLED),
    ]
    chosen: dict[str, Any] = {"circled": True, "camera": "B", "episode": "101"}
    day = day_with(
        *takes, at="29.97", rate=rate("30"), offset=-60, handles=15, pattern="{slate}-{take}{camera}", **chosen
    )
    assert _clips(name, _content(name, day)) == [("42C-1 B".replace(" ", ""), "09:59:57:15")]


@pytest.mark.parametrize("name", SEQUENCES)
def test_selects_are_strung_as_they_were_shot(name: str) -> None:
    places = {1: {"selects": "8"}, 2: {"selects": "4"}, 3: {}}
    takes = [
        a_take(
            f"42C/{n}",
            angles=(Angle(camera="A", clips=(clip(f"A{n}.mov", at="29.97", frames=750),)),),
            sound=(),
            tags=("selects",) if n in places else ("rain",),
            tag_places=places.get(n, {}),
        )
        for n in (1, 2, 3, 4)
    ]
    day = day_with(*takes, at="29.97", tag="selects", order=Order.TAG, pattern="{take}")
    assert [label for label, _ in _clips(name, _content(name, day))] == ["3", "2", "1"], "3 stands where it was shot"


def test_mono_set_of_a_wild_track_is_heard_at_once() -> None:
    heard = sound("W_1.wav")
    files = tuple(
        replace(
            heard.files[0], id=f"{n}" * 32, name=f"W_{n}.wav", path=f"W_{n}.wav", duration_frames=480 if n < 3 else 90
        )
        for n in (1, 2, 3)
    )
    wild = a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(replace(heard, files=files),))
    day = day_with(wild)
    read = pycmx.parse_cmx3600(io.StringIO(_content("edl", day).decode())).events
    assert [edit.source_file for event in read for edit in event.edits] == ["W_1.wav", "W_3.wav"]
    assert b"\r\n* SOUND: W_2.wav\r\n" in _content("edl", day)
    root = etree.fromstring(_content("fcp7", day))
    tracks = [
        [item.findtext("name") for item in track.iterfind("clipitem")] for track in root.iterfind(".//audio/track")
    ]
    assert tracks == [["W_1", "W_3"], ["W_2.wav"]]
    root = etree.fromstring(_content("fcpxml", day))
    assert [one.get("name") for one in root.iterfind(".//spine/asset-clip/asset-clip")] == ["W_2.wav"]
    assert [one.get("name") for one in root.iterfind("event/asset-clip")] == ["W_1", "W_3", "W_2.wav"]


@pytest.mark.parametrize("name", SEQUENCES)
def test_file_that_is_only_proposed_is_no_clip(name: str) -> None:
    unsure = clip("SECRET.mov", link=LinkState.PROPOSED, camera="B")
    angles = (Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(unsure,)))
    heard = sound("SECRET.wav", link=LinkState.PROPOSED)
    content = _content(name, day_with(a_take("42C/1", angles=angles, sound=(heard,))))
    named_as_left_out = content.count(b'"what": "SECRET')
    assert content.count(b"SECRET") == named_as_left_out == (2 if name == "otio" else 0)
    assert len(_clips(name, content)) == (2 if name == "otio" else 1)


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("words", HOSTILE)
def test_names_that_nobody_should_give(name: str, words: str) -> None:
    words = words[:200]
    picture = replace(clip(words, camera=words, reel=words), path=f"media/{words}")
    heard = sound("T.wav", tracks=(words, "ltc", words))
    file = replace(heard.files[0], name=words, path=words, roll=words, source=Source.CARD)
    take = a_take(
        "42C/1",
        scene=words,
        angles=(Angle(camera=words, roll=words, clips=(picture,)),),
        sound=(SoundTake(device=words, roll=words, files=(file,)),),
        ratings={words: words},
        tags=(words,),
        status_reason=words,
        status=Status.NG,
    )
    day = day_with(replace(take, slate=words, take=words))
    day = replace(day, production=replace(day.production, title=words))
    content = _content(name, day)
    assert len(_clips(name, content)) == 1
    assert not any(code in content for code in (b"\x1b", b"\x00", b"\x07", b"\xed\xa0")) or name == "otio"
