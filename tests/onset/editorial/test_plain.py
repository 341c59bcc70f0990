"""Tables and documents for other programs, the marker list, and what holds for every format there is."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.domain.camera import Angle
from onset.domain.card import Card, Copy
from onset.domain.note import Audience
from onset.domain.sound import SoundTake
from onset.domain.take import Kind, Status, Take
from onset.editorial.day import days_of, editorial_day
from onset.editorial.formats import FORMATS, How, writer
from onset.editorial.plain_csv import COLUMNS
from onset.errors import ExportError
from onset.text import safe_text
from tests.onset.editorial.a_log import Book, a_take, clip, day_with, note, sound
from tests.onset.editorial.generated import LABELLED, days, said_of, shot_in_file

UTF_8 = How(encoding="utf-8")
_CARD = Card(id="c" * 32, label="A014", fingerprint="", files=9, size=9, verdict="safe", reasons=(), wall_ns=0)
CIRCLED = a_take(
    "42C/3",
    status=Status.CIRCLED,
    notes=(note("Best;\nkeep"), note("door", mark=True, tc="10:00:03:00"), note("now", tc="10:00:04:00")),
    ratings={"director": "circled"},
    angles=(Angle(camera="A", clips=(clip("A.mov", "10:59:58:00"),)), Angle(camera="B", roll="B007")),
    tc_in="11:00:00:00",
    tc_out="11:00:10:00",
)


@pytest.mark.parametrize("name", FORMATS)
def test_words_for_other_eyes_are_in_no_format(name: str) -> None:
    notes = (
        note("for the cut"),
        note("over BUDGET", audience=Audience.PRODUCTION),
        note("he FORGOT it", audience=Audience.PRIVATE, mark=True, tc="10:00:03:00"),
    )
    angle = Angle(camera="A", note="OPERATOR drunk", clips=(clip("A.mov"),))
    day = day_with(a_take("42C/1", notes=notes, angles=(angle,)))
    for encoding in FORMATS[name].encodings:
        for file in writer(name).write([day], How(encoding=encoding)).files:
            for word in ("BUDGET", "FORGOT", "OPERATOR"):
                assert word.encode() not in file.content
                assert word.encode("utf-16-le") not in file.content


@pytest.mark.parametrize("name", FORMATS)
def test_path_of_this_machine_is_in_no_format(name: str) -> None:
    original = replace(clip("A.mov"), path="/media/maya/SHUTTLE/A014/CLIP/A.mov", proxy="/home/maya/A_proxy.mp4")
    (heard,) = sound("T.wav").files
    files = (replace(heard, path="/home/maya/sound/T.wav"), replace(heard, id="5" * 32, path="../maya/T.wav"))
    take = a_take(
        "42C/1", angles=(Angle(camera="A", clips=(original,)),), sound=(SoundTake(device="MIX", files=files),)
    )
    copied = Copy(path="/media/maya/SHUTTLE/A014", verified=9, failed=0, read_back="direct", manifest=None)
    book = Book([take], copied=(replace(_CARD, copies=(copied,)),), brought_in=files)
    day = editorial_day(book, days_of(book, "Main", 3)[0])
    for encoding in FORMATS[name].encodings:
        content = b"".join(file.content for file in writer(name).write([day], How(encoding=encoding)).files)
        assert not any(word.encode(wide) in content for word in ("maya", "SHUTTLE") for wide in ("utf-8", "utf-16-le"))
    assert [event.media.path for event in day.files if event.media] == ["A014/CLIP/A.mov", "T.wav", "T.wav"]


@pytest.mark.parametrize("name", FORMATS)
def test_same_day_gives_the_same_bytes(name: str) -> None:
    how = How(encoding=FORMATS[name].encodings[0])
    one, other = (writer(name).write([day_with(CIRCLED)], how).files for _ in range(2))
    assert one == other


def _table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_table_has_a_row_an_event_with_or_without_a_file() -> None:
    (file,) = writer("csv").write([day_with(CIRCLED)], UTF_8).files
    first, second = _table(file.content)
    assert (first["file"], first["file_start"], first["file_end"]) == ("A.mov", "10:59:58:00", "11:00:18:00")
    assert (first["take_first_frame"], first["take_end_frame"], first["take_start"]) == ("48", "288", "11:00:00:00")
    assert (first["circled"], first["status"], first["ratings"]) == ("yes", "circled", "director: circled")
    assert (first["notes"], first["scene_heading"]) == ("Best;\nkeep\nnow", "INT. KITCHEN - NIGHT")
    assert (second["camera"], second["roll"], second["file"], second["master_in"]) == ("B", "B007", "", "11:00:00:00")
    assert list(first) == list(COLUMNS)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_cell_that_a_spreadsheet_would_run(start: str) -> None:
    words = f"{start}cmd|' /C calc'!A0"
    day = day_with(a_take("42C/1", notes=(note(words),), description=words, angles=(Angle(camera="A", roll=words),)))
    (guarded,) = writer("csv").write([day], How(encoding="utf-8", spreadsheet=True)).files
    assert guarded.content.startswith(b"\xef\xbb\xbfunit,")
    (row,) = _table(guarded.content.removeprefix(b"\xef\xbb\xbf"))
    for name in ("notes", "description", "roll"):
        assert row[name].startswith("'")
    assert not any((value or " ")[0] in "=+@\t\r" for value in row.values())
    (plain,) = writer("csv").write([day], UTF_8).files
    (row,) = _table(plain.content)
    assert row["roll"].startswith(words[0]) or row["roll"].startswith("\\")


def test_document_has_the_whole_take_and_its_place() -> None:
    (file,) = writer("json").write([day_with(CIRCLED, a_take("42C/4", deleted=True), handles=24)], UTF_8).files
    (day,) = json.loads(file.content)["days"]
    first, second = day["events"]
    assert first["take_in_file"] == {
        "first_frame": 48,
        "end_frame": 288,
        "tc_in": "11:00:00:00",
        "tc_out": "11:00:10:00",
    }
    assert first["with_handles"]["first_frame"] == 24
    assert (first["media"]["path"], first["media"]["kind"]) == ("media/A.mov", "picture")
    assert [note["text"] for note in first["take"]["notes"]] == ["Best;\nkeep", "now"]
    assert (second["camera"], second["media"], second["take_in_file"]) == ("B", None, None)


@pytest.mark.parametrize("at", LABELLED)
@settings(max_examples=2, deadline=None)
@given(data=st.data(), midnight=st.booleans())
def test_tables_documents_and_markers_agree_with_the_log(at: str, data: st.DataObject, midnight: bool) -> None:
    day = data.draw(days(at, midnight=midnight))
    (table,), (document,) = (writer(name).write([day], UTF_8).files for name in ("csv", "json"))
    lists = writer("markers").write([day], UTF_8).files
    lines = {tuple(line.split("\t")[1:4]) for file in lists for line in file.content.decode().split("\r\n")}
    (told,) = json.loads(document.content)["days"]
    for event, row, said in zip(day.events, _table(table.content), told["events"], strict=True):
        assert event.media is not None
        assert event.media.start is not None
        assert event.part is not None
        shot, start = shot_in_file(event), event.media.start
        roll, cut, mark = (start.later(frame).label for frame in (shot.first, shot.last, event.markers[0].frame or 0))
        first, last = (start.later(frame).label for frame in (event.part.first, event.part.last))
        circled = said_of(event) == "circled"
        assert (row["file"], row["slate"], row["take"]) == (event.media.name, event.take.slate, event.take.take)
        assert (row["take_first_frame"], row["take_end_frame"]) == (str(shot.first), str(shot.last))
        assert (row["take_start"], row["take_end"], row["file_start"]) == (first, last, start.label)
        assert (row["circled"], row["notes"]) == (
            "yes" if circled else "",
            safe_text(event.take.notes[0].text, lines=True),
        )
        master = (event.take.tc_in, event.take.tc_out, safe_text(", ".join(event.take.tags), lines=True))
        assert (row["master_in"], row["master_out"], row["tags"]) == master
        in_file = {"first_frame": shot.first, "end_frame": shot.last, "tc_in": roll, "tc_out": cut}
        assert (said["take_in_file"], said["circled"]) == (in_file, circled)
        assert (said["with_handles"]["tc_in"], said["with_handles"]["tc_out"]) == (first, last)
        (heard,) = (one for one in day.sync_sound if one.take.id == event.take.id) if event.camera else (event,)
        in_sync = [(event.take.sound[0].files[0].name, shot_in_file(heard).first)] if event.camera else []
        assert [(one["name"], one["take_in_file"]["first_frame"]) for one in said["sound"]] == in_sync
        assert said["file_holds_other_takes"] == ([one.media for one in day.events].count(event.media) > 1)
        assert said["take"]["notes"][0]["text"] == event.take.notes[0].text
        track = "V1" if event.camera else "A1"
        colour = {"circled": "green", "ng": "red", "hold": "yellow", "none": "white"}[said_of(event)]
        assert {(roll, track, colour), (mark, track, "cyan")} <= lines


def test_several_days_are_one_table() -> None:
    (file,) = writer("csv").write([day_with(CIRCLED), day_with(CIRCLED)], UTF_8).files
    assert (file.day, file.events) == (None, 4)


# -- the marker list: lines as those that Avid writes ------------------------------------------------------------------


def _lists(*takes: Take, encoding: str = "utf-8") -> dict[str, list[list[str]]]:
    made = writer("markers").write([day_with(*takes)], How(encoding=encoding))
    found = {}
    for file in made.files:
        lines = file.content.decode().split("\r\n")
        assert lines.pop() == ""
        found[file.part] = [line.split("\t") for line in lines]
    return found


def test_marker_of_a_camera_that_alone_is_good_and_a_mark_without_words() -> None:
    blank = note(" \t ", mark=True, tc="10:00:03:00")
    angle = Angle(camera="A", rating="circled", clips=(clip("A.mov"),))
    (lines,) = _lists(a_take("42C/1", status=Status.NG, notes=(blank,), angles=(angle,))).values()
    assert [line[3:5] for line in lines] == [
        ["green", "42C/1 A circled: camera A: circled; the take: ng"],
        ["cyan", "mark"],
    ]


def test_markers_stand_in_the_timecode_of_their_file_else_in_the_masters() -> None:
    b = clip("B.mov", "01:00:00:00", camera="B")
    shifted = a_take(
        "42C/3",
        status=Status.CIRCLED,
        notes=(note("Best;\nkeep"), note("door", mark=True, tc="10:00:03:00")),
        angles=(Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(b,))),
    )
    assert _lists(shifted) == {
        "A": [
            ["onset", "10:00:00:00", "V1", "green", "42C/3 A circled: Best; keep", "1"],
            ["Maya", "10:00:03:00", "V1", "cyan", "door", "1"],
        ],
        "master": [
            ["onset", "10:00:00:00", "V1", "green", "42C/3 B circled: Best; keep", "1"],
            ["Maya", "10:00:03:00", "V1", "cyan", "door", "1"],
        ],
    }


def test_marker_goes_with_the_offset_and_the_rate() -> None:
    take = a_take("42C/3", notes=(note("door", mark=True, tc="10:00:03:00"),), angles=(), sound=())
    (file,) = writer("markers").write([day_with(take, offset=-24)], UTF_8).files
    assert [line.split(b"\t")[1] for line in file.content.splitlines()] == [b"09:59:59:00", b"10:00:02:00"]


def test_note_cannot_make_another_marker() -> None:
    wild = a_take(
        "42WT/1",
        kind=Kind.WILD_TRACK,
        angles=(),
        sound=(sound("T.wav"),),
        notes=(note("a\tb\r\nroot\t10:00:00:00\tÄ"),),
    )
    (line,) = _lists(wild)["sound"]
    assert line == ["onset", "10:00:00:00", "A1", "white", "42WT/1 wild track: a b root 10:00:00:00 Ä", "1"]
    (line,) = _lists(wild, encoding="ascii")["sound"]
    assert line[4].endswith(" A")


def test_day_without_timecode_has_no_marker() -> None:
    with pytest.raises(ExportError, match=r"^No take of day 3 has a timecode that a marker could stand at\.$"):
        _lists(a_take("42C/1", tc_in=None, tc_out=None, angles=(), sound=()))
