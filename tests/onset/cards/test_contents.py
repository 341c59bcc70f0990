"""Cards of every layout: whole ones are said to be whole, and what is taken away is named."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.camera.clips import CardFile
from onset.cards.contents import Kind, but_elsewhere, card_contents
from onset.cards.layouts import LAYOUTS, SOUND_LAYOUTS
from onset.mhl.tree import list_tree
from onset.reel import PATTERNS, read_name
from onset.text import safe_text
from tests.onset.cards.trees import (
    CARDS,
    arri,
    arriraw,
    avchd,
    canon_xf,
    contents,
    gopro,
    m4root,
    p2,
    red,
    xdcam_ex,
    xdroot,
)

DATA = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize("name", CARDS)
def test_whole_card_is_recognised_and_has_no_trouble(name: str) -> None:
    tree, maker, camera, reel, number = CARDS[name]
    found = contents(tree())
    assert (found.maker, found.camera, found.reel) == (maker, camera, reel)
    assert len(found.clips) + len(found.sounds) == number
    assert found.problems == ()
    assert found.layout in LAYOUTS + SOUND_LAYOUTS


@pytest.mark.parametrize("name", CARDS)
def test_whole_card_in_a_folder_and_in_small_letters_is_the_same_card(name: str) -> None:
    """Linux shows short names of a FAT card in small letters, by how it is mounted."""
    tree, maker, camera, reel, number = CARDS[name]
    found = contents(f"copied/by hand/{path.lower()}" for path in tree())
    assert (found.maker, len(found.clips) + len(found.sounds), found.problems) == (maker, number, ())
    assert (found.camera, found.reel.upper(), found.layout) == (camera, reel, contents(tree()).layout)


@pytest.mark.parametrize(
    ("card", "gone", "told"),
    [
        (arri(), "A014C002", "no A014C002: deleted in the camera, or missing"),
        (red(), "A001_C001_0930A1_002.R3D", "A001_C001_0930A1 lacks part 2 of 3"),
        (red(), "A001_C002", "no A001_C002: deleted in the camera, or missing"),
        (xdroot(), "C0002M01.XML", "C0002 has no C0002M01.XML"),
        (xdroot(), "C0003.MXF", "C0003 is missing: only C0003M01.XML is there"),
        (xdroot(), "MEDIAPRO.XML", "MEDIAPRO.XML is missing, which XDROOT cards have"),
        (m4root(), "C0003M01.XML", "C0003 has no C0003M01.XML"),
        (m4root(), "C0001T01.JPG", "C0001 has no C0001T01.JPG in THMBNL"),
        (m4root(), "C0003.MP4", "C0003 is missing: only C0003M01.XML is there"),
        (xdcam_ex(), "709_0002_01.MP4", "709_0002_01 is missing: only 709_0002_01.SMI is there"),
        (p2(), "0002CD.MXF", "0002CD is missing: only 0002CD00.MXF is there"),
        (p2(), "CLIP/0003EF.XML", "0003EF has no 0003EF.XML in CLIP"),
        (p2(), "AUDIO/0003EF", "0003EF has no sound in AUDIO"),
        (canon_xf(), "NZ000201.MXF", "NZ0002 is missing: only NZ0002.CIF is there"),
        (canon_xf(), "NZ0002.CIF", "NZ000201 has no CIF file"),
        (canon_xf(), "INDEX.MIF", "INDEX.MIF is missing, which XF cards have"),
        (avchd(), "00001.MTS", "00001 is missing: only 00001.CPI is there"),
        (avchd(long=True), "00001.clpi", "00001 has no 00001.CPI in CLIPINF"),
        (gopro(), "GX020017.MP4", "GX010017 lacks part 2 of 3"),
        (gopro(), "GX010017.MP4", "GX020017 lacks part 1 of 3"),
        (gopro(), "GOPR0018.JPG", "no GX010018: deleted in the camera, or missing"),
        (arriraw(), ".0864007.ari", "A014C001_260930_R2KD lacks 1 of its 24 frames"),
    ],
)
def test_what_is_taken_away_is_named(card: list[str], gone: str, told: str) -> None:
    left = [path for path in card if gone not in path]
    assert len(left) < len(card)
    assert any(told in line for line in contents(left).problems), contents(left).problems
    small = contents(path.lower() for path in left).problems
    assert any(told.lower() in line.lower() for line in small), small


def test_a_red_clip_folder_without_pictures_is_a_lost_clip() -> None:
    left = [CardFile(path, 9) for path in red() if "C003" not in path]
    found = card_contents(left, ["A001_0930AB.RDM/A001_C003_0930A3.RDC"])
    assert found.problems == ("A001_C003_0930A3 is missing: its folder holds no picture",)


def test_clips_and_side_cars_without_a_byte_are_told_first() -> None:
    found = contents(
        [path for path in m4root() if "C0003M01" not in path],
        empty=["PRIVATE/M4ROOT/CLIP/C0002.MP4", "PRIVATE/M4ROOT/CLIP/C0001M01.XML"],
    )
    assert found.problems == ("C0002 holds no byte", "C0003 has no C0003M01.XML; C0001 has an empty C0001M01.XML")
    assert [each.kind for each in found.troubles] == [Kind.EMPTY, Kind.MEMBER, Kind.MEMBER]


def test_thumbnails_are_missed_only_where_the_other_clips_have_them() -> None:
    none = [path for path in m4root() if "THMBNL" not in path]
    assert contents(none).problems == ()


def test_a_reel_may_begin_anywhere_and_go_over_several_cards() -> None:
    assert contents(arri((17, 18, 19))).problems == ()
    card = [CardFile(path, 9) for path in arri((1, 2, 6, 9))]
    assert card_contents(card).problems == (
        "no A014C003 to A014C005, A014C007 to A014C008: deleted in the camera, or missing",
    )
    others = {("a 14", 3), ("a 14", 5), ("b 14", 4), ("a 14", 7), ("a 14", 8)}
    assert but_elsewhere(card_contents(card), others).problems == ("no A014C004: deleted in the camera, or missing",)


def test_a_clip_that_is_known_to_be_lost_is_not_called_deleted_as_well() -> None:
    left = [path for path in m4root(range(1, 8)) if not path.endswith(("C0003.MP4", "C0004.MP4"))]
    assert contents([path for path in left if "C0004" not in path]).problems == (
        "C0003 is missing: only C0003M01.XML is there",
        "no C0004: deleted in the camera, or missing",
    )


def test_two_reels_on_one_card_are_told() -> None:
    found = contents([*arri(), "A015R1AB/A015C001_260930_R1AB.mov"])
    assert found.problems == ("clips of 2 reels on one card: A014, A015",)


def test_an_older_gopro_calls_its_first_chapter_otherwise() -> None:
    folder = "DCIM/100GOPRO"
    whole = [f"{folder}/GOPR0017.MP4", f"{folder}/GP010017.MP4", f"{folder}/GP020017.MP4"]
    assert contents(whole).problems == ()
    assert contents([whole[0], whole[2]]).problems == ("GOPR0017 lacks part 1 of 2",)
    assert contents(whole[1:]).problems == ("GP010017 lacks part 0 of 2",)


def test_many_troubles_of_one_kind_are_one_sentence() -> None:
    found = contents(path for path in m4root(range(1, 40)) if "M01.XML" not in path)
    assert found.problems == ("; ".join(f"C000{n} has no C000{n}M01.XML" for n in range(1, 7)) + " and 33 more",)


def test_a_copy_in_mixed_letters_has_gaps_and_two_reels() -> None:
    card = ["A014C001.MOV", "a014c002.mov", "A014C004.MOV", "a014c005.mov"]
    assert contents(card).problems == ("no A014C003: deleted in the camera, or missing",)


def test_a_telephone_from_which_pictures_were_deleted_misses_nothing() -> None:
    assert contents(["DCIM/100APPLE/IMG_0001.MOV", "DCIM/100APPLE/IMG_0090.MOV"]).problems == ()


def test_unknown_cards_are_cards_all_the_same() -> None:
    found = contents(["holiday/beach.mov", "holiday/sea.mov", "notes.txt"])
    assert (found.maker, found.layout.name, len(found.clips), found.problems) == ("", "", 2, ())


# A name for each row of the table of names, as that row's comment or the maker's manual writes it.
NAMES = (
    "A_0001C001_260930_084650_c1BY9",
    "A_0001C001X230401_121530AB_CANON_001",
    "A001C001_230401AB_CANON",
    "A004C010_20100610_R1JL",
    "A001C001_260930XY",
    "A001_C001_12046M",
    "BMC01_1_2012-08-08_1631_C0002",
    "A001_03051200_C001",
    "GX010017",
    "GOPR0017",
    "DJI_20260930084650_0001_D",
    "DJI_0001",
    "IMG_0017",
    "MVI_0017",
    "C0001",
    "P1000123",
    "0001AB",
    "00001",
    "A014C003",
)


def test_every_row_of_the_table_of_names_has_its_example() -> None:
    first = {next(row for row in PATTERNS if row.form.fullmatch(name)) for name in NAMES}
    assert first == set(PATTERNS)


@pytest.mark.parametrize("ending", ["MOV", "mp4", "MXF", "BRAW", "360"])
@pytest.mark.parametrize("name", NAMES)
def test_a_clip_of_any_makers_name_is_found_in_a_dcim_folder(name: str, ending: str) -> None:
    found = contents([f"DCIM/100MEDIA/{name}.{ending}", f"DCIM/100MEDIA/{name}.JPG"])
    assert [clip.name for clip in found.clips] == [name]
    assert found.clips[0].said == read_name(name)
    assert found.clips[0].beside == (f"DCIM/100MEDIA/{name}.JPG",)


WORDS = ["DCIM", "100GOPRO", "PRIVATE", "M4ROOT", "CLIP", "XDROOT", "CONTENTS", "VIDEO", "AUDIO", "CLIPS001", "BPAV",
         "A001.RDM", "A001_C001_12046M.RDC", "BDMV", "STREAM", "ascmhl", "x"]  # fmt: skip
STEMS = ["GX010001", "C0001", "C0001M01", "0001AB", "A014C003", "A001_C001_12046M_002", "IMG_9999", "._C0001", "", "a"]
ENDINGS = ["MP4", "MXF", "R3D", "ari", "XML", "MTS", "CPI", "wav", "THM", "LRV", "dng", "", "360"]
name_of = st.one_of(
    st.builds("{}.{}".format, st.sampled_from(STEMS), st.sampled_from(ENDINGS)),
    st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=12),
    st.text(st.sampled_from("\udcff\u202e\n.٣ C0M1{}%"), min_size=1, max_size=8),
)
path_of = st.builds(
    lambda folders, name: "/".join([*folders, name]), st.lists(st.sampled_from(WORDS), max_size=4), name_of
)


@given(st.dictionaries(path_of, st.sampled_from([0, 1, 1 << 40]), max_size=20), st.lists(path_of, max_size=4))
def test_any_tree_at_all_has_an_answer(tree: dict[str, int], folders: list[str]) -> None:
    found = card_contents([CardFile(path, size) for path, size in tree.items()], folders)
    told = [*found.beside, *(path for clip in (*found.clips, *found.sounds) for path in (*clip.files, *clip.beside))]
    assert sorted(told) == sorted(tree), "every file is a clip's, beside one, or of the card"
    assert all(line == safe_text(line) for line in found.problems)


def test_a_thousand_clips_take_no_time() -> None:
    card = [CardFile(path, 9) for path in m4root(range(1, 1001))]
    began = time.process_time()
    found = card_contents(card)
    took = time.process_time() - began
    assert len(found.clips) == 1000
    assert took < 0.5


def test_a_real_card() -> None:
    tree = list_tree(DATA / "mhl/asc/reference/scenario_01/travel_01/A002R2EC", lambda *_: False)
    found = card_contents(CardFile(entry.path, entry.size) for entry in tree.files.values())
    assert (found.maker, found.camera, found.reel, len(found.clips)) == ("ARRI", "A", "A002", 2)
    assert found.problems == ()


def test_real_sound() -> None:
    tree = list_tree(DATA / "sound", lambda *_: False)
    found = card_contents(CardFile(entry.path, entry.size) for entry in tree.files.values())
    assert (found.clips, len(found.sounds), found.layout.name) == ((), 1, "sound recorder")
