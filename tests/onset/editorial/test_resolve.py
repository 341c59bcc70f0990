"""Resolve's list as Python's csv reads it: names of fields, quotes, lines within a cell, one row a file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.domain.camera import Angle, CameraData, LinkState
from onset.domain.take import Kind, Status
from onset.editorial.event import EditorialDay
from onset.editorial.formats import How
from onset.editorial.resolve import write
from onset.errors import ExportError
from onset.text import safe_text
from tests.onset.editorial.a_log import a_take, clip, day_with, note, sound
from tests.onset.editorial.generated import LABELLED, days, said_of

UTF_16 = How(encoding="utf-16")
# Fields of Resolve's own exports and imports, from lists that it wrote and from programs that write them for it.
RESOLVES = {
    "File Name", "Clip Directory", "Duration TC", "Shot Frame Rate", "Start TC", "End TC", "Reel Name", "Description",
    "Comments", "Keywords", "Tag", "Shot", "Scene", "Take", "Angle", "Move", "Shot Type", "Date Recorded", "Camera #",
    "Camera Type", "Camera Manufacturer", "Camera Serial #", "Camera FPS", "Shutter", "ISO", "White Point (Kelvin)",
    "White Balance Tint", "Lens Type", "Lens Number", "Lens Notes", "Camera Aperture", "Focal Point (mm)", "Distance",
    "Filter", "ND Filter",
}  # fmt: skip


def _rows(day: EditorialDay, how: How = UTF_16) -> list[dict[str, str]]:
    (file,) = write([day], how).files
    return list(csv.DictReader(io.StringIO(file.content.decode(how.encoding), newline="")))


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=2, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_every_file_of_a_day_is_a_row_with_its_takes(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    rows = {row["File Name"]: row for row in _rows(day)}
    assert set(rows) == {event.media.name for event in day.files if event.media is not None}
    for name, row in rows.items():
        events = [event for event in day.files if event.media is not None and event.media.name == name]
        media = events[0].media
        assert media is not None
        assert media.start is not None
        end = media.start.later(media.frames or 0)
        assert (row["Start TC"], row["End TC"], row["Camera #"]) == (media.start.label, end.label, events[0].camera)
        assert row["Take"] == ", ".join(event.take.take for event in events)
        assert row["Tag"] == ("1" if "circled" in map(said_of, events) else "0")
        for event in events:
            noted = event.take.notes[0].text.replace("\r\n", "\n").replace("\r", "\n")
            assert safe_text(noted, lines=True) in row["Comments"]


def test_row_says_what_the_log_says() -> None:
    data = CameraData(lens="35mm", stop="T2.8", white_balance="5600K", nd="0.6", focus="5'6\"")
    take = a_take(
        "42C/3",
        status=Status.CIRCLED,
        kind=Kind.PICKUP,
        notes=(note('He says "now",\r\nthen waits'), note("door", mark=True, tc="10:00:03:00")),
        tags=("rain, wind", "boat"),
        ratings={"director": "circled"},
        angles=(Angle(camera="A", data=data, clips=(clip("A012C001.mov", at="23.976"),)),),
    )
    row, _ = _rows(day_with(take, at="23.976"))
    assert row["Comments"] == 'He says "now",\nthen waits; director: circled; [10:00:03:00] door'
    assert row["Keywords"].split(",") == ["rain  wind", "boat", "circled", "pickup"]
    assert {name: value for name, value in row.items() if value and name not in ("Comments", "Keywords")} == {
        "File Name": "A012C001.mov",
        "Clip Directory": "media",
        "Duration TC": "00:00:20:00",
        "Shot Frame Rate": "23.976",
        "Start TC": "09:59:58:00",
        "End TC": "10:00:18:00",
        "Reel Name": "A012",
        "Description": "INT. KITCHEN - NIGHT; CU, Close on Edward",
        "Tag": "1",
        "Shot": "42C",
        "Scene": "42",
        "Take": "3",
        "Angle": "A",
        "Shot Type": "CU",
        "Date Recorded": "2026-03-05",
        "Camera #": "A",
        "White Point (Kelvin)": "5600",
        "Lens Type": "35mm",
        "Camera Aperture": "T2.8",
        "Focal Point (mm)": "35",
        "Distance": "5'6\"",
        "Filter": "ND6",
        "ND Filter": "0.6",
    }
    assert set(row) <= RESOLVES


def test_bytes_are_as_resolve_writes_them() -> None:
    day = day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("Ä.mov"),)),), sound=()))
    (wide,) = write([day], UTF_16).files
    assert wide.content.startswith('\ufeff"File Name","Clip Directory",'.encode("utf-16-le"))
    (narrow,) = write([day], How(encoding="utf-8")).files
    assert narrow.content.startswith(b'"File Name","Clip Directory",')
    assert wide.content.decode("utf-16") == narrow.content.decode()
    assert narrow.content.count(b"\n") == narrow.content.count(b"\r\n") == 2


def test_takes_of_one_file_are_one_row() -> None:
    angle = Angle(camera="A", clips=(clip("A.mov", frames=24 * 30),))
    takes = [
        a_take(
            f"42C/{n}",
            tc_in=f"10:00:{n}0:00",
            tc_out=f"10:00:{n}5:00",
            notes=(note(f"of {n}"),),
            angles=(angle,),
            sound=(sound("T.wav", frames=24 * 30),),
        )
        for n in (1, 2)
    ]
    row, heard = _rows(day_with(takes[0], replace(takes[1], status=Status.CIRCLED)))
    assert (heard["File Name"], heard["Take"], heard["Tag"]) == ("T.wav", "1, 2", "1")
    assert (row["Take"], row["Scene"], row["Tag"], row["Comments"]) == ("1, 2", "42", "1", "42C/1: of 1\n42C/2: of 2")


@pytest.mark.parametrize("words", ['"', '""",', "a\r\nb", "a\rb", "x\x00y", "\x1b[2J", "\ud800", "=1+1", "\u202egpj"])
def test_hostile_words_stay_in_their_cell(words: str) -> None:
    take = a_take("42C/1", notes=(note(words),), tags=(words,), angles=(Angle(camera="A", clips=(clip("A.mov"),)),))
    row, heard = _rows(day_with(take, a_take("42C/2", angles=(Angle(camera="B"),), sound=())))
    assert (row["File Name"], heard["File Name"]) == ("A.mov", "42C-1_MIX.wav")
    assert None not in row
    assert "\x1b" not in row["Comments"]


def test_wild_track_is_in_it_and_a_take_without_a_file_is_named() -> None:
    wild = a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(sound("T.wav"),))
    made = write([day_with(wild, a_take("42C/1", angles=(Angle(camera="A"),), sound=()))], UTF_16)
    assert [(file.part, file.events) for file in made.files] == [("", 1)]
    assert [one.what for one in made.left_out] == ["42C/1 A"]
    with pytest.raises(ExportError, match=r"needs a confirmed file; 42C/1 A: no file of it is confirmed\.$"):
        write([day_with(a_take("42C/1", angles=(Angle(camera="A"),), sound=()))], UTF_16)


def test_sync_sound_has_a_row_to_be_found_by_its_name() -> None:
    take = a_take(
        "42C/3",
        status=Status.CIRCLED,
        notes=(note("Best"),),
        angles=tuple(Angle(camera=name, clips=(clip(f"{name}.mov", at="29.97df", camera=name),)) for name in "AB"),
        sound=(
            sound("T.wav", tc_in="09:59:59;00", frames=4500, at="29.97df"),
            sound("SECRET.wav", link=LinkState.PROPOSED),
        ),
    )
    *pictures, heard = _rows(day_with(replace(take, tc_in="10:00:00;00", tc_out="10:00:10;00"), at="29.97df"))
    assert [row["File Name"] for row in pictures] == ["A.mov", "B.mov"]
    assert {name: value for name, value in heard.items() if value} == {
        "File Name": "T.wav",
        "Clip Directory": "media",
        "Duration TC": "00:02:30;04",  # 4500 frames and the labels of two minutes that are not counted
        "Shot Frame Rate": "29.97",
        "Start TC": "09:59:59;00",
        "End TC": "10:02:29;04",
        "Description": "INT. KITCHEN - NIGHT; CU, Close on Edward",
        "Comments": "Best",
        "Keywords": "circled",
        "Tag": "1",
        "Shot": "42C",
        "Scene": "42",
        "Take": "3",
        "Shot Type": "CU",
        "Date Recorded": "2026-03-05",
    }
