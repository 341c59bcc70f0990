"""What may go wrong on a sound report: a label of another rate, a set counted as files, a circle nobody drew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.domain.camera import LinkState
from onset.domain.sound import SoundFile
from onset.errors import ReportError
from onset.reconcile.card import card_verdicts
from onset.reconcile.compare import board_of
from onset.reports.html import sections_html
from onset.reports.pdf import sections_pdf
from onset.reports.sound import RecordingLine, SoundReport
from onset.reports.sound_day import sound_report
from onset.reports.text import sections_text
from onset.sound.folder import read_sound
from onset.sound.wave import Wave, read_wave
from onset.timecode import rate
from tests.logging_db.originals import a_day, a_sound, brought, wanted
from tests.logging_db.support import NOON, OnSet, memory_log

RECORDED = Path(__file__).parents[2] / "data" / "sound"


@pytest.fixture
def on_set(tmp_path: Path) -> Iterator[OnSet]:
    with memory_log(tmp_path) as on_set:
        a_day(on_set)
        yield on_set


def report(on_set: OnSet, *, roll: str | None = None, head: Wave | None = None) -> SoundReport:
    log = on_set.log
    verdicts = card_verdicts(log, log.cards(), as_of_ns=NOON, mounted=lambda _: True)
    return sound_report(log, board_of(log, "Main", 1), verdicts, roll=roll, heard=lambda _: head)


def lines(on_set: OnSet) -> list[RecordingLine]:
    return [line for roll in report(on_set).rolls for line in roll.recordings]


def heard(on_set: OnSet) -> RecordingLine:
    """Of the only take that has a file."""
    (line,) = (line for line in lines(on_set) if line.file)
    return line


def linked(on_set: OnSet, take: str, *files: SoundFile) -> None:
    for file_id in brought(on_set, *files):
        on_set.log.decide_link(on_set.log.find_take(take).id, file_id, LinkState.CONFIRMED)


def test_a_recorders_file_reads_as_in_its_makers_own_report(on_set: OnSet) -> None:
    """Wave Agent's list of that file: 48000, 23.97 ND, 24 bit, 12:40:14:00, A101 take 03, MKH516 A and Boom."""
    path = RECORDED / "wavinfo_sounddevices_A101_3.WAV"
    file = read_sound(path, shown=str(path), device="702T", unit="Main", day=1, rate=rate("25"))
    on_set.log.bring_in([file])
    made = report(on_set, roll="18Y12M31", head=read_wave(path))
    (only,) = made.rolls
    said = {label: value for facts in only.about for label, value in facts}
    assert (said["Sample rate"], said["Bit depth"], said["TC"]) == ("48 kHz", "24", "23.976 NDF")
    assert said["Tracks"] == "1 MKH516 A, 2 Boom"
    assert said["Recorder"].startswith("Sound Dev: 702T")
    (line,) = only.loose
    assert (line.scene, int(line.take), line.tc_in, line.length) == ("A101", 3, "12:40:14:00", "0:01")


def test_mono_set_is_one_recording_with_all_its_tracks(on_set: OnSet) -> None:
    of_set = [
        a_sound(n, name=f"T00{n}.wav", path=f"/m/T00{n}.wav", family="F", tracks=(name,))
        for n, name in ((1, "boom"), (2, "lav Edward"))
    ]
    linked(on_set, "42C/1", *of_set)
    line = lines(on_set)[0]
    assert line.file == ("T001.wav (mono set of 2)",)
    assert line.tracks == ("1 boom", "2 lav Edward")
    (roll,) = report(on_set).rolls
    assert dict(roll.about[2])["Files linked"] == "1"
    assert dict(roll.about[2])["Recorded"] == "0:10"


def test_levels_are_those_between_roll_and_cut_and_silence_is_said(on_set: OnSet) -> None:
    log = on_set.log
    take = on_set.roll("10:00:00:00")
    sound = a_sound(1, name="42C-4_MIX.wav", device="MIX", tracks=("boom", "lav"), digest=None, card=None)
    sound_id = log.sound_opened(take.id, sound)
    on_set.clock.advance(5)
    log.cut(take.id, on_set.stamp("10:00:05:00"))
    log.sound_closed(
        sound_id, duration_frames=125, samples=240_000, sample_rate=48_000, interrupted=False,
        peak_db=[-6.24, -200.0], rms_db=[-21.0, -200.0],
    )  # fmt: skip
    assert lines(on_set)[-1].tracks == ("1 boom  -6.2 / -21.0", "2 lav  silent")


def test_mixers_file_stands_in_place_of_our_own_and_borrows_its_levels(on_set: OnSet) -> None:
    test_levels_are_those_between_roll_and_cut_and_silence_is_said(on_set)
    linked(on_set, "42C/4", a_sound(9, device="702T", roll="SR003"))
    line = lines(on_set)[-1]
    assert line.file == ("42C-T009.wav",)
    assert line.tracks[0] == "1 boom  -6.2 / -21.0"
    assert "levels as our own recording of the take has them" in line.notes
    assert [line.notes for line in lines(on_set)[:3]] == [("no file of it has come",)] * 3


def test_circle_is_the_scripts_and_the_mixers_is_told_where_it_differs(on_set: OnSet) -> None:
    linked(on_set, "42C/1", a_sound(1, circled=True, note="plane at the end"))
    line = heard(on_set)
    assert not line.circled
    assert line.notes[0] == "sound circled 42C/1, script did not"
    assert "plane at the end" in line.notes
    on_set.log.set_take(on_set.log.find_take("42C/1").id, {"status": "circled"})
    line = heard(on_set)
    assert line.circled
    assert line.notes == ("plane at the end",)


def test_wild_sound_that_nobody_logged_has_its_place(on_set: OnSet) -> None:
    brought(on_set, a_sound(5, wild=True, named_scene="42WT", named_take="1", circled=None))
    (roll,) = report(on_set).rolls
    assert [(line.scene, line.take, line.kind) for line in roll.loose] == [("42WT", "1", "wild")]
    assert "SR003: FILES THAT BELONG TO NO TAKE (1)" in sections_text(report(on_set)).decode()


def test_drop_frame_is_said(on_set: OnSet) -> None:
    brought(on_set, a_sound(5, rate="29.97df", tc_in="10:00:00;00"))
    (roll,) = report(on_set).rolls
    assert dict(roll.about[0])["TC"] == "29.97 DF"


def test_roll_of_the_file_that_is_not_the_one_typed_is_told(on_set: OnSet) -> None:
    linked(on_set, "42C/1", a_sound(1, device="MIX", roll="SR009"))
    assert "the file's own roll is SR009" in lines(on_set)[0].notes


def test_roll_that_is_not_there_names_those_that_are(on_set: OnSet) -> None:
    linked(on_set, "42C/1", a_sound(1))
    with pytest.raises(ReportError, match=r"^There is no sound roll X9 on day 1; its sound rolls: SR003\.$"):
        report(on_set, roll="X9")


def test_each_recording_has_a_key_that_stays(on_set: OnSet) -> None:
    linked(on_set, "42C/1", a_sound(1))
    linked(on_set, "42C/2", a_sound(2))
    before = report(on_set).sections[0].keys
    on_set.log.set_take(on_set.log.find_take("42C/1").id, {"status": "hold"})
    assert report(on_set).sections[0].keys == before
    assert len(set(before)) == 3
    assert sections_pdf(report(on_set)) == sections_pdf(report(on_set))


def test_nothing_from_a_file_reaches_the_paper_as_it_came(on_set: OnSet) -> None:
    words = "\x1b[31m<b>\u202e"
    brought(on_set, a_sound(1, tracks=(words,), note=words, named_scene=words, roll="SR003"))
    made = report(on_set, head=Wave(maker=words))
    text = sections_text(made).decode()
    assert text.count("\\x1b[31m<b>\\u202e") >= 4
    assert "\x1b" not in text
    assert b"<b>" not in sections_html(made)


def test_file_in_question_is_told_and_not_printed_as_the_takes(on_set: OnSet) -> None:
    log = on_set.log
    (file_id,) = brought(on_set, a_sound(1, tc_in="22:00:00:00"))
    log.write_links("Main", 1, [wanted(log.find_take("42C/1"), file_id, question="it says 42C/3")], seen=log.arrival())
    asked = next(line for line in lines(on_set) if line.take == "1")
    assert (asked.file, asked.tc_in, asked.length, asked.tracks) == ((), "", "", ())
    assert "In question: 42C-T001.wav: it says 42C/3" in asked.notes
    assert report(on_set).counts["without_file"] == 3
