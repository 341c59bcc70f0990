"""Clip names and roll labels as cameras write them and as people write them again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.reel import Confidence, camera_of_roll, clip_key, read_name, roll_key, same_clip_name, same_roll


@pytest.mark.parametrize(
    ("name", "maker", "camera", "reel", "number", "date", "segment"),
    [
        ("A004C010_20100610_R1JL.ari", "ARRI", "A", "A004", 10, "2010-06-10", None),
        ("A014C003_260305_R2KD.mov", "ARRI", "A", "A014", 3, "2026-03-05", None),
        ("A_0001C001_260930_084650_c1BY9.mxf", "ARRI", "A", "A_0001", 1, "2026-09-30", None),
        ("AB0001C0012_260930_084650_c1BY9.mxf", "ARRI", "AB", "AB0001", 12, "2026-09-30", None),
        ("A001_C001_12046M.RDC", "RED", "A", "A001", 1, None, None),
        ("A001_C001_12046M_002.R3D", "RED", "A", "A001", 1, None, 2),
        ("A001_B001_12046M_001.R3D", "RED", "A", "A001", 1, None, 1),
        ("A_0001C001X230401_121530AB_CANON_001.CRM", "Canon", "A", "A_0001", 1, "2023-04-01", 1),
        ("A_0001C001X230401_121530AB_CANON.CRM", "Canon", "A", "A_0001", 1, "2023-04-01", None),
        ("BMC01_1_2012-08-08_1631_C0002.mov", "Blackmagic", "", "1", 2, "2012-08-08", None),
        ("A001_03051200_C004.braw", "Blackmagic", "A", "A001", 4, None, None),
        ("A001C001_260930XY.MXF", "Sony", "A", "A001", 1, "2026-09-30", None),
        ("C0001.MP4", "Sony", "", "", 1, None, None),
        ("0001AB.MXF", "Panasonic", "", "", 1, None, None),
        ("GX010001.MP4", "GoPro", "", "", 1, None, 1),
        ("GH020017.MP4", "GoPro", "", "", 17, None, 2),
        ("GOPR0017.MP4", "GoPro", "", "", 17, None, None),
        ("DJI_0007.MOV", "DJI", "", "", 7, None, None),
        ("DJI_20260305121530_0042_D.MP4", "DJI", "", "", 42, "2026-03-05", None),
        ("IMG_1234.MOV", "Apple", "", "", 1234, None, None),
        ("00012.MTS", "AVCHD", "", "", 12, None, None),
        ("A014C007", "", "A", "A014", 7, None, None),
        ("a014_c007", "", "A", "A014", 7, None, None),
        ("Take 7.mov", "", "", "", 7, None, None),
        ("holiday.mov", "", "", "", None, None, None),
    ],
)
def test_a_name_of_the_camera_is_misread(
    name: str, maker: str, camera: str, reel: str, number: int | None, date: str | None, segment: int | None
) -> None:
    said = read_name(name)
    assert (said.maker, said.camera, said.reel, said.number, said.date, said.segment) == (
        maker,
        camera,
        reel,
        number,
        date,
        segment,
    )


def test_a_guess_passes_for_a_published_pattern() -> None:
    assert read_name("A004C010_20100610_R1JL").confidence is Confidence.PUBLISHED
    assert read_name("A001C001_260930XY").confidence is Confidence.LIKELY
    assert read_name("holiday 12").confidence is Confidence.NUMBER


def test_a_date_that_no_calendar_has_is_believed() -> None:
    assert read_name("A014C003_263105_R2KD").date is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A120_C001", "A_0120C001"),
        ("A014C007", "A014C007_260305_R2KD.mov"),
        ("a14c7", "A014C007_260305_R2KD.mov"),
        ("A001_C001", "A001_C001_12046M.R3D"),
        ("A001C004", "A001_03051200_C004.braw"),
        ("A001_C001_12046M", "A001_C001_12046M.RDC"),
        ("42A-T002_X.WAV", "42A-T002_1.WAV"),
        ("C0001", "C0001.MP4"),
    ],
)
def test_a_clip_that_exists_is_reported_missing(one: str, other: str) -> None:
    assert same_clip_name(one, other)
    assert same_clip_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A101_3", "A1013"),
        ("clip_1_23", "clip_12_3"),
        ("A001C001_260305_R2KD", "A001C001_260306_R1JL"),  # the A001 of another production
        ("A014C007", "B014C007"),
        ("A014C007", "A014D007"),
        ("A014C007", "A014C008_260305_R2KD"),
        ("GX010001", "GX020001"),
        ("42A-T002_X.WAV", "42A-T003_1.WAV"),
        ("", ""),
        ("___", "---"),
    ],
)
def test_two_clips_are_taken_for_one(one: str, other: str) -> None:
    assert not same_clip_name(one, other)
    assert not same_clip_name(other, one)


@pytest.mark.parametrize("label", ["A014", "a014", "A_0014", "A 14", "A014R2KD", "A_0014_1BY9", "A014_03051A.RDM"])
def test_one_roll_in_another_spelling_is_another_roll(label: str) -> None:
    assert same_roll("A014", label)
    assert camera_of_roll(label) == "A"


@pytest.mark.parametrize("label", ["A015", "B014", "14", "A0140", "A014 second half", "", "26Y03M05"])
def test_another_roll_is_taken_for_this_one(label: str) -> None:
    assert not same_roll("A014", label)


@given(st.text(max_size=60))
def test_a_hostile_name_breaks_the_comparison(name: str) -> None:
    read_name(name)
    roll_key(name)
    assert same_clip_name(name, name) == bool(clip_key(name))
