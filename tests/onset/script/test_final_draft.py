"""What Final Draft writes beside plain paragraphs, nested as its own files have it."""

from __future__ import annotations

import pytest

from onset.errors import ScriptError
from onset.script.final_draft import read_final_draft
from onset.script.screenplay import DraftScene, Kind
from tests.onset.script.written import fdx, paragraph

KITCHEN = paragraph("Scene Heading", "INT. KITCHEN - DAY", Number="1")


def scenes(*paragraphs: str, after: str = "") -> tuple[DraftScene, ...]:
    return read_final_draft(fdx(*paragraphs, after=after).encode(), "x.fdx").scenes


def test_runs_of_text_are_joined_and_its_capitals_are_kept() -> None:
    heading = (
        '<Paragraph Number="7" Type="Scene Heading"><SceneProperties Length="1 3/8" Page="22A"/>'
        '<Text>INT. KITCHEN</Text><Text RevisionID="2" Style="AllCaps+Bold"> - night</Text></Paragraph>'
    )
    revisions = '<Revisions><Revision ID="1" Name="Blue"/><Revision ID="2" Name="Pink"/></Revisions>'
    read = read_final_draft(fdx(heading, after=revisions).encode(), "x.fdx")
    found = read.scenes[0]
    assert (found.heading, found.number, found.eighths, found.page) == ("INT. KITCHEN - NIGHT", "7", 11, "22A")
    assert read.colour == "Pink"


@pytest.mark.parametrize(("length", "eighths"), [("2/8", 2), ("1", 8), ("1 0/8", 8), ("8/8", 8), ("12 7/8", 103)])
def test_lengths_as_final_draft_writes_them(length: str, eighths: int) -> None:
    inside = f'<SceneProperties Length="{length}" Page="1"/>'
    assert scenes(paragraph("Scene Heading", "INT. A", inside, Number="1"))[0].eighths == eighths


def test_length_that_is_none_is_told_and_counted_here() -> None:
    inside = '<SceneProperties Length="-3/8" Page="1"/>'
    read = read_final_draft(fdx(paragraph("Scene Heading", "INT. A", inside, Number="1")).encode(), "x.fdx")
    assert read.scenes[0].eighths is None
    assert 'INT. A has a length of "-3/8"' in read.doubts[0]


def test_omitted_scene_keeps_its_number_its_heading_and_its_text() -> None:
    inner = paragraph("Scene Heading", "EXT. YARD - DUSK", '<SceneProperties Length="2/8" Page="1"/>')
    inner += paragraph("Action", "Mara waits.")
    card = paragraph("Scene Heading", "OMITTED", f"<OmittedScene>{inner}</OmittedScene>", Number="21")
    found = scenes(KITCHEN, card, paragraph("Scene Heading", "INT. HALL", Number="22"))
    assert [(one.number, one.heading, one.omitted) for one in found] == [
        ("1", "INT. KITCHEN - DAY", False),
        ("21", "EXT. YARD - DUSK", True),
        ("22", "INT. HALL", False),
    ]
    assert found[1].eighths == 2
    assert [one.text for one in found[1].paragraphs] == ["Mara waits."]


@pytest.mark.parametrize(
    ("card", "own", "numbers"),
    [("21-22", ("", ""), ["21", "22"]), ("21", ("21", "22A"), ["21", "22A"]), ("21", ("", ""), ["21", None])],
)
def test_scenes_that_were_omitted_together_keep_their_numbers(
    card: str, own: tuple[str, str], numbers: list[str | None]
) -> None:
    inner = "".join(
        paragraph("Scene Heading", f"EXT. {where}", **({"Number": number} if number else {}))
        + paragraph("Action", f"In the {where}.")
        for where, number in zip(("YARD", "LANE"), own, strict=True)
    )
    found = scenes(KITCHEN, paragraph("Scene Heading", "OMITTED", f"<OmittedScene>{inner}</OmittedScene>", Number=card))
    assert [(one.number, one.heading, one.omitted) for one in found[1:]] == [
        (numbers[0], "EXT. YARD", True),
        (numbers[1], "EXT. LANE", True),
    ]
    assert [one.paragraphs[0].text for one in found[1:]] == ["In the YARD.", "In the LANE."]


def test_number_that_another_program_wrote_into_the_properties_is_taken() -> None:
    inside = '<SceneProperties Number="7A" Length="1/8"/>'
    assert scenes(paragraph("Scene Heading", "INT. A", inside))[0].number == "7A"


def test_centered_action_is_centered_as_fountain_has_it() -> None:
    found = scenes(KITCHEN, paragraph("Action", "THE END", Alignment="Center"))[0]
    assert [(one.kind, one.text) for one in found.paragraphs] == [(Kind.CENTERED, "THE END")]


def test_empty_line_in_the_style_of_a_heading_is_no_scene() -> None:
    found = scenes(KITCHEN, paragraph("Scene Heading", " "), paragraph("Action", "Steam."))
    assert [(one.heading, len(one.paragraphs)) for one in found] == [("INT. KITCHEN - DAY", 1)]


def test_range_of_omitted_scenes_is_every_scene_of_it() -> None:
    found = scenes(KITCHEN, paragraph("Scene Heading", "OMITTED", Number="15-17"))
    assert [(one.number, one.omitted) for one in found[1:]] == [("15", True), ("16", True), ("17", True)]


def test_shots_and_script_notes_are_no_scenes_and_notes_are_no_text() -> None:
    note = "<ScriptNote><Paragraph><Text>is this right?</Text></Paragraph></ScriptNote>"
    found = scenes(
        KITCHEN, paragraph("Shot", "ANGLE ON STOVE"), paragraph("Action", "Steam.", note), paragraph("Note", "Ask Tom.")
    )
    assert len(found) == 1
    assert [(one.kind, one.text) for one in found[0].paragraphs] == [
        (Kind.SHOT, "ANGLE ON STOVE"),
        (Kind.ACTION, "Steam."),
    ]


def test_file_in_another_encoding_is_read_as_it_says() -> None:
    text = fdx(paragraph("Scene Heading", "INT. KÜCHE - TAG", Number="1"))
    latin = text.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    wide = text.replace("UTF-8", "UTF-16").encode("utf-16")
    for raw in (latin, wide):
        assert read_final_draft(raw, "x.fdx").scenes[0].heading == "INT. KÜCHE - TAG"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "entity bomb": (f"{BOMB}]><FinalDraft><Content>&i;</Content></FinalDraft>", "has a document type"),
    "file read by an entity": (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><FinalDraft><Content>&e;</Content></FinalDraft>',
        "has a document type",
    ),
    "document type elsewhere": ('<!DOCTYPE FinalDraft SYSTEM "http://x.invalid/a.dtd"><FinalDraft/>', "document type"),
    "cut short": (fdx(KITCHEN)[:-40], "is cut short or damaged"),
    "another root": ("<html><body>INT. KITCHEN - DAY</body></html>", "begins with <html>"),
    "no elements": ("<", "is cut short or damaged"),
    "depth": ("<FinalDraft>" + "<a>" * 100_000, "nested deeper than any script"),
    "unknown encoding": ('<?xml version="1.0" encoding="klingon"?><FinalDraft/>', "is cut short or damaged"),
    "control characters": (fdx(paragraph("Action", "a\x00b")), "is cut short or damaged"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_file_is_refused_in_a_sentence(what: str) -> None:
    text, complaint = HOSTILE[what]
    with pytest.raises(ScriptError, match=complaint) as refused:
        read_final_draft(text.encode(), "x.fdx")
    assert str(refused.value).startswith("x.fdx")
    assert "\n" not in str(refused.value)
