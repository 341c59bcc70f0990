"""An ALE as another program reads it: OpenTimelineIO's reader must find every take where the log has it."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.domain.camera import Angle, CameraData, LinkState, Source
from onset.domain.scene import Setup
from onset.domain.take import Kind, Status, Take
from onset.editorial.ale import COLUMNS, in_tape_order, tracks, write
from onset.editorial.day import days_of, editorial_day
from onset.editorial.event import Part
from onset.editorial.formats import How
from onset.editorial.options import Wanted
from onset.errors import ExportError
from onset.text import one_field
from onset.timecode import Timecode, rate
from tests.onset.editorial.a_log import Book, a_take, clip, day_with, note, sound
from tests.onset.editorial.generated import LABELLED, days, said_of

UTF_8 = How(encoding="utf-8")
# What Avid calls them (its log specifications, and the fields of its exports): these merge with its own columns.
AVIDS = {
    "Name", "Tracks", "Start", "End", "Duration", "Mark IN", "Mark OUT", "Tape", "Source File", "Scene", "Take",
    "Camera", "Camroll", "Soundroll", "Shoot Date", "DESCRIPT", "Comments", "VFX",
}  # fmt: skip


def _read(content: bytes) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Heading and rows as the other reader has them; times in frames."""
    found = otio.adapters.read_from_string(content.decode(), "ale")
    rows = []
    for one in found:
        at = one.source_range
        row = {"Name": one.name, "Source File": getattr(one.media_reference, "target_url", ""), **one.metadata["ALE"]}
        rows.append({**row, "first": at.start_time.value, "frames": at.duration.value, "rate": at.start_time.rate})
    return dict(found.metadata["ALE"]["header"]), rows


def _one(take: Take, *, at: str = "24", how: How = UTF_8) -> tuple[dict[str, str], dict[str, Any], bytes]:
    made = write([day_with(take, at=at)], how)
    header, (row,) = _read(made.files[0].content)
    return header, row, made.files[0].content


_WORDS = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" \t\n"), max_size=40)
_TAKES = st.lists(
    st.fixed_dictionaries(
        {
            "camera": st.sampled_from("AB"),
            "share": st.floats(0, 0.9999),
            "frames": st.integers(1, 50_000),
            "status": st.sampled_from(Status),
            "mos": st.booleans(),
            "words": _WORDS,
            "slate": st.text("0123456789ABCD+/ ", min_size=1, max_size=8).filter(str.strip),
        }
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("name", LABELLED)
@settings(max_examples=5, deadline=None)
@given(shot=_TAKES)
def test_other_reader_finds_every_take_of_a_day_at_every_rate(name: str, shot: list[dict[str, Any]]) -> None:
    at = rate(name)
    takes, expected = [], {}
    for number, one in enumerate(shot, 1):
        first = int(one["share"] * at.frames_a_day)  # some run past midnight
        file = f"{one['camera']}012C{number:03}.mov"
        original = clip(file, Timecode(first, at).label, one["frames"], at=name, camera=one["camera"])
        heard = f"T{number:03}.wav"
        later = Timecode(first, at).later(7)
        synced = sound(heard, tc_in=later.label, frames=one["frames"] + 3, at=name, tracks=("boom", "ltc", "lav"))
        take = a_take(
            f"42C/{number}",
            status=one["status"],
            mos=one["mos"],
            rolled_ns=number * 10**12,
            notes=(note(one["words"]),) if one["words"] else (),
            angles=(Angle(camera=one["camera"], clips=(original,)),),
            sound=() if one["mos"] else (synced,),
        )
        takes.append(replace(take, slate=one["slate"]))
        expected[file] = {
            "Name": file.removesuffix(".mov"),
            "Tracks": "V" if one["mos"] else "VA1A2",
            "Scene": "42",
            "Camera": one["camera"],
            "Sound Files": "" if one["mos"] else heard,
            "Slate": one["slate"].strip(),
            "Take": str(number),
            "Circled": "yes" if one["status"] is Status.CIRCLED else "",
            "Status": {"none": "", "ng": "NG"}.get(one["status"], one["status"]),
            "Comments": re.sub("[\t\n]+", " ", one["words"]).strip(),
            "first": first,
            "frames": one["frames"],
        }
        if not one["mos"]:
            of_sound = {"Name": heard.removesuffix(".wav"), "Tracks": "A1A2", "Camera": ""}
            expected[heard] = {**expected[file], **of_sound, "first": later.frames, "frames": one["frames"] + 3}
    made = write([day_with(*takes, at=name)], UTF_8)
    found = {}
    for each in made.files:
        header, rows = _read(each.content)
        assert (header["FIELD_DELIM"], header["FPS"]) == ("TABS", name.removesuffix("df"))
        for row in rows:
            assert abs(Fraction(str(row["rate"])) - at.fps) < Fraction(1, 1000)
            row["frames"] %= at.frames_a_day  # the reader counts back where the end is past midnight
            found[row["Source File"]] = {key: row[key] for key in next(iter(expected.values()))}
        starts = [line.split(b"\t")[2] for line in each.content.split(b"\r\n\r\nData\r\n")[1].splitlines()]
        assert all((b";" in start) == at.drop for start in starts)
    assert found == expected


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=2, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_other_reader_finds_parts_of_files_with_handles_and_flags(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    expected = {}
    for event in day.files:
        assert event.media is not None
        assert event.media.start is not None
        assert event.part is not None
        own = event.part if event.shared else Part(0, event.media.frames or 0)
        marks = (event.media.start.later(event.part.first).label, event.media.start.later(event.part.last).label)
        begins = event.media.start.later(own.first).frames
        flag = "yes" if said_of(event) == "circled" else ""
        expected[event.media.name, event.take.label] = (begins, own.frames, *marks, event.camera, flag)
    found = {}
    for file in write([day], UTF_8).files:
        for row in _read(file.content)[1]:
            label = f"{row['Slate']}/{row['Take']}"
            said = (row["Mark IN"], row["Mark OUT"], row["Camera"], row["Circled"])
            found[row["Source File"], label] = (row["first"], row["frames"] % rate(at).frames_a_day, *said)
            (noted,) = {event.take.notes[0].text for event in day.events if event.take.label == label}
            assert one_field(noted) in row["Comments"]
    assert found == expected


@pytest.mark.parametrize(
    "words", ["tab\there", "two\nlines", "a\r\nb", "x\x0by\x0cz\x1cq\x85w\u2028v", "Heading", "\x1b[2J", "", " \ud800"]
)
def test_note_cannot_break_the_table(words: str) -> None:
    take = a_take(words.replace("/", "") + "/1", scene=words, notes=(note(words),), description=words)
    take = replace(take, angles=(Angle(camera="A", clips=(clip("A.mov"), clip("B.mov", "11:00:00:00", number=2))),))
    made = write([day_with(take)], UTF_8)
    _, rows = _read(made.files[0].content)
    assert [(row["Name"], row["first"]) for row in rows] == [("A", 863952), ("B", 950400)]
    assert not any(code in made.files[0].content for code in (b"\x1b", b"\x0b", b"\xed\xa0"))


def test_line_says_what_the_log_says() -> None:
    data = CameraData(
        lens="35mm", stop="T2.8", filters="ND6", nd="0.6", iso="800", white_balance="5600K", tint="+2", shutter="172.8",
        fps="48", focus="5'6\"", height="1.2m", tilt="-3",
    )  # fmt: skip
    take = a_take(
        "42C/3",
        episode="101",
        status=Status.NG,
        status_reason="sound",
        kind=Kind.PICKUP,
        mos=True,
        tail_slate=True,
        tags=("rain", "boat"),
        angles=(Angle(camera="A", roll="A012x", data=data, clips=(clip("A012C001.mov", source=Source.RECORDER),)),),
        sound=(),
    )
    setup = Setup(
        id="8" * 32, episode="101", scene="42", slate="42C", size="CU", description="Edward", vfx=True, vfx_note="wires"
    )
    book = Book([replace(take, id="3" * 32)], setups_of_it=[setup])
    (file,) = write([editorial_day(book, days_of(book, "Main", 3)[0], Wanted(handles=24))], UTF_8).files
    lines = file.content.decode().split("\r\n")
    row = dict(zip(lines[-5].split("\t"), lines[-2].split("\t"), strict=True))
    assert {name: cell for name, cell in row.items() if cell} == {
        "Name": "A012C001",
        "Tracks": "V",
        "Start": "09:59:58:00",
        "End": "10:00:18:00",
        "Duration": "00:00:20:00",
        "Mark IN": "10:00:01:00",  # the sensor ran twice as fast, so that the take begins 96 frames into the file
        "Mark OUT": "10:00:18:00",
        "Tape": "A012",
        "Source File": "A012C001.mov",
        "Scene": "42",
        "Take": "3",
        "Camera": "A",
        "Camroll": "A012x",
        "Shoot Date": "2026-03-05",
        "DESCRIPT": "CU, Edward",
        "Slate": "42C",
        "Episode": "101",
        "Unit": "Main",
        "Shooting Day": "3",
        "Status": "NG (sound)",
        "Kind": "pickup",
        "MOS": "yes",
        "Tail Slate": "yes",
        "VFX": "wires",
        "Tags": "rain, boat",
        "Sensor FPS": "48",
        "Lens": "35mm",
        "T-Stop": "T2.8",
        "Filter": "ND6",
        "ND": "0.6",
        "ISO": "800",
        "White Balance": "5600K",
        "Tint": "+2",
        "Shutter": "172.8",
        "Focus": "5'6\"",
        "Lens Height": "1.2m",
        "Tilt": "-3",
        "Recorded By": "onset",
    }


def test_lines_end_as_windows_has_them_and_nothing_stands_before_the_heading() -> None:
    _, _, content = _one(a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),)))
    assert content.startswith(b"Heading\r\nFIELD_DELIM\tTABS\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert b"\r\n\r\nColumn\r\nName\tTracks\tStart\tEnd\t" in content
    assert b"\r\n\r\nData\r\n" in content


def test_own_columns_are_as_short_as_avid_takes_them() -> None:
    assert len(COLUMNS) <= 64
    assert [name for name in COLUMNS if name not in AVIDS and len(name) > 14] == []
    assert list(COLUMNS)[:4] == ["Name", "Tracks", "Start", "End"]
    assert set(COLUMNS) >= AVIDS


def test_ascii_is_ascii() -> None:
    take = a_take("42C/1", notes=(note("Žluťoučký \u2013 漢字"),), angles=(Angle(camera="A", clips=(clip("Ä.mov"),)),))
    _, row, content = _one(take, how=How(encoding="ascii"))
    assert content.isascii()
    assert (row["Name"], row["Comments"]) == ("A", "Zlutoucky - ??")


def test_night_shoot_stays_in_order_over_midnight() -> None:
    starts = ("23:50:00:00", "23:59:55:00", "00:05:00:00")
    takes = [
        a_take(
            f"42C/{n}",
            rolled_ns=n * 10**12,
            angles=(Angle(camera="A", clips=(clip(f"A{n}.mov", start, 240),)),),
            sound=(),
        )
        for n, start in enumerate(starts, 1)
    ]
    day = day_with(*reversed(takes))
    assert [event.name for event in in_tape_order(day.events)] == ["A1", "A2", "A3"]
    (file,) = write([day], UTF_8).files
    over = file.content.decode().split("\r\n")[-3].split("\t")
    assert over[2:5] == ["23:59:55:00", "00:00:05:00", ""]
    _, rows = _read(file.content)
    a_day = 24 * 86_400
    assert [(row["first"], row["frames"] % a_day) for row in rows] == [
        (86_400 * 24 - 600 * 24, 240),
        (86_400 * 24 - 5 * 24, 240),
        (300 * 24, 240),
    ]


def test_long_pause_is_no_midnight() -> None:
    takes = [
        a_take(f"42C/{n}", rolled_ns=n * 10**12, angles=(Angle(camera="A", clips=(clip(f"A{n}.mov", start),)),))
        for n, start in enumerate(("08:00:00:00", "21:00:00:00"), 1)
    ]
    assert [event.name for event in in_tape_order(day_with(*takes).events)] == ["A1", "A2"]


def test_sync_sound_has_lines_of_its_own_and_proposed_sound_has_none() -> None:
    takes = (
        a_take(
            "42C/1",
            status=Status.CIRCLED,
            notes=(note("Best"), note("door", mark=True, tc="10:00:03:00")),
            angles=(Angle(camera="A", rating="ng", clips=(clip("A1.mov"),)), Angle(camera="B")),
            sound=(sound("T1_2.wav", tracks=("lav",)), sound("T1_1.wav", tracks=("boom",))),
        ),
        a_take("42C/2", angles=(Angle(camera="A", clips=(clip("A2.mov", number=2),)),), sound=(sound("T2.wav"),)),
        a_take("42C/3", angles=(Angle(camera="A"),), sound=(sound("SECRET.wav", link=LinkState.PROPOSED),)),
    )
    picture, heard = write([day_with(*takes)], UTF_8).files
    assert (picture.part, picture.events, heard.part, heard.events) == ("A", 2, "sound", 3)
    assert b"SECRET" not in picture.content + heard.content
    columns = ("Name", "Take", "Tracks", "Tape", "Camroll", "Soundroll", "Circled", "Status", "Mark IN", "Comments")
    assert [[row[column] for column in columns] for row in _read(heard.content)[1]] == [
        ["T1_2", "1", "A1", "T1_2", "", "S003", "yes", "circled", "10:00:00:00", "Best; [10:00:03:00] door"],
        ["T1_1", "1", "A1", "T1_1", "", "S003", "yes", "circled", "10:00:00:00", "Best; [10:00:03:00] door"],
        ["T2", "2", "A1", "T2", "", "S003", "", "", "10:00:00:00", ""],
    ]
    (alone,) = write([day_with(*takes, camera="a")], UTF_8).files
    assert alone == picture
    assert [event.name for event in day_with(*takes, circled=True).sync_sound] == ["T1_2", "T1_1"]


def test_sound_of_a_take_whose_picture_is_not_sure_has_its_line() -> None:
    take = a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov", link=LinkState.PROPOSED),)),))
    made = write([day_with(take)], UTF_8)
    assert [(file.part, file.events) for file in made.files] == [("sound", 1)]
    assert [one.what for one in made.left_out] == ["42C/1 A"]


def test_takes_of_one_clip_are_lines_of_their_own() -> None:
    angle = Angle(camera="A", clips=(clip("A.mov", frames=24 * 30),))
    day = day_with(
        a_take("42C/1", tc_in="10:00:00:00", tc_out="10:00:05:00", angles=(angle,)),
        a_take("42C/2", tc_in="10:00:10:00", tc_out="10:00:15:00", angles=(angle,)),
    )
    _, rows = _read(write([day], UTF_8).files[0].content)
    assert [(row["Take"], row["first"] - 864_000, row["frames"]) for row in rows] == [("1", 0, 120), ("2", 240, 120)]


def test_file_that_holds_more_and_does_not_tell_where_is_named() -> None:
    angle = Angle(camera="A", clips=(clip("A.mov", "00:00:00:00"),))
    made = write([day_with(a_take("42C/1", angles=(angle,)), a_take("42C/2", angles=(angle,)))], UTF_8)
    assert made.warnings[0] == (
        "A.mov holds more than 42C/1, and its timecode does not tell where; it stands there as a whole."
    )


@pytest.mark.parametrize(
    ("take", "told"),
    [
        (a_take("1/1", mos=True, angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=()), "V"),
        (a_take("1/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=()), "VA1A2"),
        (
            a_take(
                "1/1",
                angles=(Angle(camera="A", clips=(clip("A.mov"),)),),
                sound=(sound("T.wav", tracks=("boom", "lav", "lav2", "ltc")),),
            ),
            "VA1A2A3",
        ),
        (a_take("1WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(sound("T.wav", tracks=("boom",)),)), "A1"),
        (
            a_take("1WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(sound("T.wav", tracks=("b",) * 20),)),
            "A1A2A3A4A5A6A7A8",
        ),
    ],
)
def test_tracks_are_told_as_avid_counts_them(take: Take, told: str) -> None:
    assert tracks(day_with(take).events[0]) == told


def test_tracks_of_our_own_recording_count_only_without_the_mixers() -> None:
    own, original = sound("T.wav", tracks=("boom", "lav")), sound("M.wav", tracks=("1", "2", "3", "4"))
    own = replace(own, files=(replace(own.files[0], source=Source.RECORDER),))
    original = replace(original, device="633", files=(replace(original.files[0], source=Source.FOLDER),))
    take = a_take("1/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(own, original))
    assert tracks(day_with(take).events[0]) == "VA1A2A3A4"


def test_each_camera_and_each_rate_has_its_file() -> None:
    angles = (
        Angle(camera="A", clips=(clip("A.mov"),)),
        Angle(camera="B", clips=(clip("B1.mov", camera="B"), clip("B2.mov", camera="B", at="48", number=2))),
    )
    wild = a_take("42WT/1", kind=Kind.WILD_TRACK, angles=())
    made = write([day_with(a_take("42C/1", angles=angles), wild)], UTF_8)
    assert [(file.part, file.events) for file in made.files] == [("A", 1), ("B 24", 1), ("B 48", 1), ("sound", 2)]
    assert [_read(file.content)[0]["FPS"] for file in made.files] == ["24", "24", "48", "24"]


def test_what_has_no_place_in_it_is_named() -> None:
    takes = (
        a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B")), sound=()),
        a_take("42C/2", angles=(Angle(camera="A", clips=(clip("C.mov", None),)),), sound=(sound("T.wav", tc_in=None),)),
    )
    made = write([day_with(*takes)], UTF_8)
    assert [str(one) for one in made.left_out] == [
        "42C/1 B: no file of it is confirmed",
        "C.mov (42C/2): it has no timecode or no length",
        "T.wav (42C/2): it has no timecode or no length",
    ]
    with pytest.raises(ExportError, match=r"^Nothing of day 3 can stand in an ALE.*; 42C/9 A: no file of it"):
        write([day_with(a_take("42C/9", angles=(Angle(camera="A"),), sound=()))], UTF_8)
