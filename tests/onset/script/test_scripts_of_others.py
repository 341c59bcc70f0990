"""Scripts that other programs wrote, with what those programs say of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from onset.errors import ScriptError
from onset.script.files import read_script
from onset.script.final_draft import read_final_draft
from onset.script.screenplay import Kind, Screenplay
from onset.script.take_in import prepare
from tests.onset.script.written import SAMPLES, fdx, paragraph

# Numbers as the files have them; None: numbered by onset.
SCENES = {
    "fountain-py_coffee_shop.fountain": [(None, "INT. COFFEE SHOP - DAY")],
    "screenplain_boneyard.fountain": [(None, "EXT. PALATIAL MANSION - DAY")],
    "screenplain_scene-numbers.fountain": [
        ("1", "INT. THE FIRST PLACE - DAY"),
        ("2", "INT. THE SECOND PLACE - NIGHT"),
        (None, "INT. A THIRD PLACE - DAY"),
        (None, "INT. A FOURTH PLACE - DAY"),
        ("2-B", "INT. A FIFTH PLACE - DAY"),
    ],
    "screenplay-tools_Notes.fountain": [(None, "INT. TRAILER HOME - DAY")],
    "screenplay-tools_SceneHeading.fountain": [
        (None, "INT. SCEHE 1 - DAY"),
        (None, "ext. OLYMPIA CIRCUS - NIGHT"),
        (None, "FORCED HEADER"),
        ("3", "INT./EXT. HEADER WITH SCENENUM"),
        ("A3-1", "EST BUCKET LIST"),
    ],
    "screenplay-tools_TestFDX-FD.fdx": [("1", "INT. RADIO STUDIO"), ("2", "EXT. OUTSIDE THE FOOD STORE")],
    "screenplay-tools_TestFDX-FD.fountain": [("1", "INT. RADIO STUDIO"), ("2", "EXT. OUTSIDE THE FOOD STORE")],
}
WITHOUT_SCENES = (
    "screenplain_dual-dialogue.fdx",
    "screenplay-tools_Character.fountain",
    "screenplay-tools_Dialogue.fountain",
    "screenplay-tools_Formatted.fountain",
)


def sample(name: str) -> Screenplay:
    return read_script(SAMPLES / name).screenplay


def test_every_sample_is_either_read_or_refused() -> None:
    there = {path.name for path in SAMPLES.iterdir() if path.suffix != ".md"}
    assert there == {*SCENES, *WITHOUT_SCENES}


@pytest.mark.parametrize("name", SCENES)
def test_scenes_and_numbers_are_those_of_the_file(name: str) -> None:
    assert [(scene.number, scene.heading) for scene in sample(name).scenes] == SCENES[name]


@pytest.mark.parametrize("name", WITHOUT_SCENES)
def test_script_without_a_scene_is_refused(name: str) -> None:
    with pytest.raises(ScriptError, match=f"{name} has no scene heading such as"):
        prepare(sample(name), [], name)


def test_final_drafts_own_numbers_pages_lengths_and_characters_are_taken() -> None:
    path = SAMPLES / "screenplay-tools_TestFDX-FD.fdx"
    root = ElementTree.parse(path).getroot()
    headings = [one for one in root.findall("Content/Paragraph") if one.get("Type") == "Scene Heading"]
    found = prepare(sample(path.name), [], path.name)
    assert not found.estimated
    for scene, heading in zip(found.scenes, headings, strict=True):
        properties = heading.find("SceneProperties")
        assert properties is not None
        assert scene.number == heading.get("Number")
        assert (f"{scene.eighths}/8", scene.pages) == (properties.get("Length"), properties.get("Page"))
        assert {*scene.characters} == {one.get("Name") for one in properties.iter("CharacterArcBeat")}


def test_same_script_in_two_formats_has_the_same_text_and_keys() -> None:
    one = prepare(sample("screenplay-tools_TestFDX-FD.fdx"), [], "a")
    other = prepare(sample("screenplay-tools_TestFDX-FD.fountain"), [], "b")
    assert [(e.key, e.kind, e.character, e.text) for e in one.elements] == [
        (e.key, e.kind, e.character, e.text) for e in other.elements
    ]


def test_pages_that_are_counted_here_agree_with_final_drafts() -> None:
    theirs = [scene.eighths for scene in sample("screenplay-tools_TestFDX-FD.fdx").scenes]
    found = prepare(sample("screenplay-tools_TestFDX-FD.fountain"), [], "b")
    assert [scene.eighths for scene in found.scenes] == theirs == [3, 2]
    assert found.estimated == ("1", "2")
    assert all(scene.eighths_estimated for scene in found.scenes)


def test_heading_after_a_comment_is_a_scene_and_what_the_comment_hides_is_none() -> None:
    scene = sample("screenplain_boneyard.fountain").scenes[0]
    assert [one.text for one in scene.ahead][-1] == "CUT TO:"
    assert "GARAGE" not in " ".join(one.text for one in (*scene.ahead, *scene.paragraphs))


def test_notes_of_the_writer_are_no_text() -> None:
    text = " ".join(one.text for one in sample("screenplay-tools_Notes.fountain").scenes[0].paragraphs)
    assert "It was supposed to be Vietnamese" not in text
    assert "Did you know Brick and Steel are retired?" in text


def test_dual_dialogue_of_final_draft_keeps_both_columns() -> None:
    whole = (SAMPLES / "screenplain_dual-dialogue.fdx").read_text()
    inner = whole[whole.index("<Paragraph>") : whole.index("</Content>")]
    raw = fdx(paragraph("Scene Heading", "INT. HALL - DAY", Number="1"), inner)
    found = read_final_draft(raw.encode(), "x.fdx").scenes[0].paragraphs
    assert [(one.kind, one.character, one.text) for one in found] == [
        (Kind.DUAL_CHARACTER, "GIRL", "GIRL"),
        (Kind.DUAL_DIALOGUE, "GIRL", "Hey!"),
        (Kind.DUAL_CHARACTER, "GUY", "GUY"),
        (Kind.DUAL_DIALOGUE, "GUY", "Hello!"),
    ]


def test_characters_of_fountain_are_named_without_extensions(tmp_path: Path) -> None:
    path = tmp_path / "c.fountain"
    text = (SAMPLES / "screenplay-tools_Character.fountain").read_text()
    path.write_text(f"INT. ROOM - DAY\n\n{text}")
    scene = read_script(path).screenplay.scenes[0]
    assert scene.characters == (*("STEEL", "BOB", "MOM", "HAN", "3CPO", "C3PO", "DONT", "ME", "BUT", "TEST", "TEST2"),)
    assert [one.text for one in scene.paragraphs if one.character == "MOM"] == [
        "MOM (O. S.)",
        "Luke! Come down for supper!",
    ]


def test_reader_of_scripts_loads_no_screen_and_no_database() -> None:
    code = "import sys, onset.script.files; print({'textual', 'sqlalchemy', 'lxml', 'reportlab'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
