"""Cards as cameras lay them out: what is a clip, what lies beside one, what is missing."""

from __future__ import annotations

import pytest

from onset.camera.clips import CardContents, CardFile, clips_on

MIB = 1 << 20


def card(*paths: str, size: int = MIB) -> CardContents:
    return clips_on(CardFile(path, size) for path in paths)


def names(found: CardContents) -> list[str]:
    return [clip.name for clip in found.clips]


def test_arri_reels_with_a_gap_and_their_small_files() -> None:
    found = card(
        "A014R2KD/A014C001_260930_R2KD.mov",
        "A014R2KD/A014C002_260930_R2KD.mov",
        "A014R2KD/A014C005_260930_R2KD.mov",
        "A014R2KD/META/A014C001_260930_R2KD.xml",
        "A014R2KD/THMB/A014C001_260930_R2KD.jpg",
        "A014R2KD/A014R2KD_AVID.ale",
    )
    assert names(found) == ["A014C001_260930_R2KD", "A014C002_260930_R2KD", "A014C005_260930_R2KD"]
    assert (found.camera, found.reel, found.maker) == ("A", "A014", "ARRI")
    assert [str(gap) for gap in found.gaps] == ["A014C003 to A014C004"]
    assert found.clips[0].beside == (
        "A014R2KD/META/A014C001_260930_R2KD.xml",
        "A014R2KD/THMB/A014C001_260930_R2KD.jpg",
    )
    assert found.others == ("A014R2KD/A014R2KD_AVID.ale",)


def test_red_segments_are_one_clip() -> None:
    folder = "A001_1204XX.RDM/A001_C001_12046M.RDC"
    found = card(
        f"{folder}/A001_C001_12046M_001.R3D",
        f"{folder}/A001_C001_12046M_002.R3D",
        f"{folder}/A001_C001_12046M.RMD",
        "A001_1204XX.RDM/A001_C002_1204AB.RDC/A001_C002_1204AB_001.R3D",
        "digital_magazine.bin",
    )
    assert names(found) == ["A001_C001_12046M", "A001_C002_1204AB"]
    assert found.clips[0].files == (f"{folder}/A001_C001_12046M_001.R3D", f"{folder}/A001_C001_12046M_002.R3D")
    assert found.clips[0].size == 2 * MIB
    assert found.clips[0].beside == (f"{folder}/A001_C001_12046M.RMD",)
    assert (found.camera, found.reel) == ("A", "A001")


def test_a_frame_a_file_is_one_clip_a_folder() -> None:
    paths = [f"A002R1AB/A002C001_260930_R1AB/A002C001.{n:07d}.ari" for n in range(50)]
    found = card(*paths, "A002R1AB/A002C002_260930_R1AB/A002C002.0000000.ari")
    assert names(found) == ["A002C001_260930_R1AB", "A002C002_260930_R1AB"]
    assert len(found.clips[0].files) == 50


@pytest.mark.parametrize(
    ("paths", "clips", "sounds"),
    [
        (  # Sony XAVC S: the small copy and the metadata belong to the clip
            (
                "PRIVATE/M4ROOT/CLIP/C0001.MP4",
                "PRIVATE/M4ROOT/CLIP/C0001M01.XML",
                "PRIVATE/M4ROOT/SUB/C0001S03.MP4",
                "PRIVATE/M4ROOT/THMBNL/C0001T01.JPG",
                "PRIVATE/M4ROOT/MEDIAPRO.XML",
            ),
            ["C0001"],
            0,
        ),
        (  # Panasonic P2: sound lies beside the picture
            (
                "CONTENTS/VIDEO/0001AB.MXF",
                "CONTENTS/AUDIO/0001AB00.MXF",
                "CONTENTS/AUDIO/0001AB01.MXF",
                "CONTENTS/CLIP/0001AB.XML",
                "LASTCLIP.TXT",
            ),
            ["0001AB"],
            0,
        ),
        (  # GoPro: chapters of one take do not sort together by name
            ("DCIM/100GOPRO/GX020001.MP4", "DCIM/100GOPRO/GX010002.MP4", "DCIM/100GOPRO/GX010001.MP4"),
            ["GX010001", "GX020001", "GX010002"],
            0,
        ),
        (  # a recorder's card
            ("26Y09M30/T001.WAV", "26Y09M30/T002.WAV", "26Y09M30/SND_RPT.CSV"),
            [],
            2,
        ),
        (("A001C001_260930_R1AB.mov", "A001C001_260930_R1AB.wav"), ["A001C001_260930_R1AB"], 0),
        (("._A001C001_260930_R1AB.mov", ".hidden.mp4", "notes.txt"), [], 0),
        (("PROXY/A001C001_260930_R1AB.mov",), ["A001C001_260930_R1AB"], 0),  # nothing larger: it counts
    ],
)
def test_layouts(paths: tuple[str, ...], clips: list[str], sounds: int) -> None:
    found = card(*paths)
    assert names(found) == clips
    assert len(found.sounds) == sounds


def test_everything_is_a_clip_beside_one_or_named_among_the_others() -> None:
    paths = [
        "PRIVATE/M4ROOT/CLIP/C0001.MP4",
        "PRIVATE/M4ROOT/CLIP/C0001M01.XML",
        "PRIVATE/M4ROOT/SUB/C0001S03.MP4",
        "PRIVATE/M4ROOT/MEDIAPRO.XML",
        "T001.WAV",
        "x",
    ]
    found = card(*paths)
    told = [*found.others]
    for clip in (*found.clips, *found.sounds):
        told += [*clip.files, *clip.beside]
    assert sorted(told) == sorted(paths)


def test_a_clip_without_a_byte_is_named() -> None:
    found = clips_on([CardFile("A001C001_260930_R1AB.mov", 0), CardFile("A001C002_260930_R1AB.mov", 5)])
    assert found.empty == ("A001C001_260930_R1AB",)


def test_numbers_without_a_makers_name_are_no_gaps() -> None:
    assert card("holiday 1.mov", "holiday 90000000.mov").gaps == ()


def test_gap_in_a_card_without_reels_is_called_as_the_camera_would_call_it() -> None:
    assert [str(gap) for gap in card("C0007.MP4", "C0009.MP4", "C0012.MP4").gaps] == ["C0008", "C0010 to C0011"]
    assert [str(gap) for gap in card("DCIM/100GOPRO/GX010007.MP4", "DCIM/100GOPRO/GX010009.MP4").gaps] == ["GX010008"]


def test_gap_on_a_reel_is_spelled_as_its_camera_spells_clips() -> None:
    for before, after, between in (
        ("A001_C007_12046M", "A001_C009_1204AB", "A001_C008"),
        ("A_0001C009_260930_084650_c1BY9", "A_0001C011_260930_090000_c1BY9", "A_0001C010"),
        ("A001_03051200_C001", "A001_03051210_C003", "A001C002"),
    ):
        assert [str(gap) for gap in card(f"{before}.mov", f"{after}.mov").gaps] == [between]


def test_stills_that_are_counted_with_the_clips_leave_no_gap() -> None:
    found = card(
        "DCIM/100MEDIA/DJI_0001.MP4", "DCIM/100MEDIA/DJI_0002.DNG", "DCIM/100MEDIA/DJI_0003.JPG",
        "DCIM/100MEDIA/DJI_0005.MP4",
    )  # fmt: skip
    assert names(found) == ["DJI_0001", "DJI_0005"], "a raw still is no sequence of frames"
    assert [str(gap) for gap in found.gaps] == ["DJI_0004"]


def test_canon_xf_says_of_the_whole_clip_what_lies_beside_its_first_stream() -> None:
    folder = "CONTENTS/CLIPS001/NZ0001"
    found = card(f"{folder}/NZ000101.MXF", f"{folder}/NZ000101.SIF", f"{folder}/NZ0001.CIF", f"{folder}/NZ0001.XML")
    assert found.clips[0].beside == (f"{folder}/NZ0001.CIF", f"{folder}/NZ0001.XML", f"{folder}/NZ000101.SIF")


def test_two_clips_of_one_name_keep_their_own_side_cars() -> None:
    found = card("a/C0001.MP4", "a/C0001M01.XML", "b/C0001.MP4", "b/C0001M01.XML")
    assert [clip.beside for clip in found.clips] == [("a/C0001M01.XML",), ("b/C0001M01.XML",)]


def test_the_order_of_a_listing_does_not_matter() -> None:
    files = [CardFile(f"A001C{n:03d}_260930_R1AB.{end}", n) for n in range(1, 9) for end in ("mov", "xml")]
    assert clips_on(files) == clips_on(reversed(files))
