"""The script and what is credited of it through `onset log`, as a person or a program meets it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.cli.main import main
from onset.domain.script import ScriptScene, ScriptVersion
from tests.cli.test_log import Run, document


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("scene", "42")` in a fresh production: exit code, output, complaint."""
    create_log(tmp_path, title="Harbour Lights", rate="24")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(tmp_path), "log", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_scene_is_said_in_the_words_of_the_paper(log: Run) -> None:
    said = ("eighths=1 4/8", "int_ext=INT.", "set=KITCHEN", "time_of_day=NIGHT", "estimate_s=1:20", "pages=22-23")
    scene = document(log, "scene", "42", *said, "characters=MARA, TOM", "story_day=D1")["scene"]
    assert (scene["eighths"], scene["length"], scene["estimate_s"]) == (12, "1 4/8", 80)
    assert scene["characters"] == ["MARA", "TOM"]
    assert scene["heading"] is None
    assert log("scene", "42") == (
        0,
        "Scene 42  INT. KITCHEN - NIGHT\n  1 4/8 pages, page 22-23, story day D1, should run 1:20\n  with MARA, TOM\n",
        "",
    )
    log("scene", "101:7", "eighths=2/8", "eighths_estimated=yes", "omitted=yes")
    assert log("scenes")[1].splitlines()[1:] == [
        "42          1 4/8   1:20 D1   INT. KITCHEN - NIGHT",
        "101:7        ~2/8             OMITTED",
    ]
    assert [one["number"] for one in document(log, "scenes")["scenes"]] == ["42", "7"]


def test_scene_without_an_episode_is_that_of_the_board(log: Run) -> None:
    log("next", "--episode", "101", "--scene", "7")
    assert document(log, "scene", "7", "eighths=2/8")["scene"]["episode"] == "101"
    assert document(log, "scene", ":7", "eighths=3/8")["scene"]["episode"] is None
    assert document(log, "scene", "7")["scene"]["eighths"] == 2


def test_setup_of_another_episode_is_meant(log: Run) -> None:
    log("next", "--episode", "101", "42C")
    assert document(log, "setup", "102:42C", "size=CU")["setup"]["episode"] == "102"
    assert document(log, "setup", "42C", "size=MS")["setup"]["episode"] == "101"
    assert document(log, "setup", "102:42C")["setup"]["size"] == "CU"
    assert document(log, "note", "setup:102:42C", "soft")["note"]["about"] == "42C"
    assert [one["text"] for one in document(log, "setup", "102:42C")["notes"]] == ["soft"]
    assert document(log, "setup", "42C")["notes"] == []
    assert document(log, "setup", "43C", "--scene", "102:43")["setup"]["episode"] == "102"


def test_setup_is_planned_slated_and_shot(log: Run) -> None:
    planned = document(log, "setup", "--plan", "over Tom", "--scene", "42", "size=OTS", "A.lens=50mm")["setup"]
    assert (planned["slate"], planned["name"], planned["planned"], planned["shot"]) == (None, "over Tom", True, False)
    assert log("setups")[1] == "No setups.\n"
    assert '"over Tom"' in log("setups", "--planned", "--unshot")[1]
    slated = document(log, "setup", "42C", "--plan", "over Tom")["setup"]
    assert (slated["id"], slated["cameras"][0]["lens"]) == (planned["id"], "50mm")
    log("roll", "42C")
    log("cut")
    assert document(log, "setup", "42C")["setup"]["shot"] is True
    assert document(log, "setups", "--unshot")["setups"] == []
    assert [one["slate"] for one in document(log, "setups", "--scene", "42", "--planned")["setups"]] == ["42C"]
    assert document(log, "setups", "--scene", "43")["setups"] == []
    assert document(log, "setup", "42C", "B.height=5'6\"", "vfx=yes")["setup"]["cameras"][1]["height"] == "5'6\""


MISTAKES = (
    (("scene", "42"), 1, "There is no scene 42"),
    (("scene", "101:42"), 1, "There is no scene 101:42"),
    (("scene", "42", "eighths=8/8"), 1, "as in 1 4/8"),
    (("scene", "42", "estimate_s=soon"), 1, "as in 1:20"),
    (("scene", "42", "colour=red"), 1, 'A scene has no field "colour"'),
    (("scene", "42", "eighths"), 2, "not FIELD=VALUE"),
    (("scene", "x" * 40, "eighths=1"), 1, "longer than 32"),
    (("scene", "4\x1b[2J", "eighths=1"), 1, "cannot be shown"),
    (("scene", "\udcff", "eighths=1"), 1, "cannot be shown"),
    (("scene", "\udcff"), 1, "cannot be shown"),
    (("scene", "\udcff:42"), 1, "cannot be shown"),
    (("scene", "101:"), 1, "must not be empty"),
    (("scene", "42", "note=\udcff"), 1, "not text"),
    (("setup",), 2, "Say which setup"),
    (("setup", "42C"), 1, "no setup 42C yet"),
    (("setup", "42C", "A.colour=red"), 1, 'A camera setup has no field "colour"'),
    (("setup", "--plan", "over Tom"), 2, "--scene"),
    (("setup", "42C", "--plan", "over Tom"), 1, "no planned setup"),
    (("setup", "--plan", "over Tom", "42C", "size=CU"), 2, "its slate first"),
)


def test_mistake_is_one_sentence(log: Run) -> None:
    before = log("history")
    for words, code, said in MISTAKES:
        found, out, err = log(*words)
        assert (found, out) == (code, ""), words
        assert said in err
        assert err.count("\n") == 1, words
        assert log("history") == before, words


def test_hostile_words_reach_a_terminal(log: Run) -> None:
    evil = "a\x1b]0;PWNED\x07b\u202egpj " * 9
    log("scene", "42", f"heading={evil}", f"note={evil}", f"characters={evil},b")
    log("setup", "42C", f"description={evil}", f"A.lens={evil}", f"vfx_note={evil}")
    for words in (("scene", "42"), ("scenes",), ("setup", "42C"), ("setups",)):
        _, out, _ = log(*words)
        assert "PWNED" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
        assert max(map(len, out.splitlines())) <= 80


def test_note_is_on_a_setup_a_scene_or_a_moment(log: Run) -> None:
    log("roll", "42C")
    log("cut")
    log("note", "42C/1", "soft")
    assert document(log, "note", "setup:42C", "eyeline high", "--author", "Zoë")["note"]["anchor"] == "setup"
    assert log("note", "scene:42", "rain", "--audience", "production")[1] == "Noted on scene 42.\n"
    assert log("note", "at:10:20:00:00", "plane")[1] == "Noted at 10:20:00:00.\n"
    found = document(log, "notes", "--day", "1")["notes"]
    assert [(one["anchor"], one["about"]) for one in found] == [
        ("take", "42C/1"),
        ("setup", "42C"),
        ("scene", "42"),
        ("moment", "10:20:00:00"),
    ]
    assert log("notes", "--anchor", "setup")[1] == "setup 42C: eyeline high (day 1, Zoë, editor)\n"
    assert [one["text"] for one in document(log, "notes", "--audience", "production")["notes"]] == ["rain"]
    assert [one["text"] for one in document(log, "notes", "--text", "PLA", "--limit", "0")["notes"]] == ["plane"]
    assert document(log, "setup", "42C")["notes"][0]["text"] == "eyeline high"
    assert "note rain" in log("scene", "42")[1]
    assert log("notes", "--day", "9") == (0, "No notes.\n", "")
    assert log("note", "scene:43", "x")[0] == 1
    assert log("note", "setup:", "x")[0] == 1
    assert log("note", "at:25:00:00:00", "x")[0] == 1


def test_versions_of_the_script_are_told(log: Run, tmp_path: Path) -> None:
    assert log("versions") == (0, "No script was taken in.\n", "")
    with contextlib.closing(open_log(tmp_path / LOG_NAME)) as book:
        version = ScriptVersion(name="Blue", colour="blue", date="2026-05-01", file="blue\x1b.fdx", episode="101")
        book.take_script(version, [ScriptScene(number="1"), ScriptScene(number="2", omitted=True)])
    line = log("versions")[1]
    assert line.endswith("101: Blue (blue, 2026-05-01, blue\\x1b.fdx)\n")
    assert document(log, "versions")["versions"][0]["file"] == "blue\x1b.fdx"
    assert [one["omitted"] for one in document(log, "scenes")["scenes"]] == [False, True]


def day_one(log: Run) -> None:
    """Scene 42 of 1 4/8 pages, a circled take of 80 s; scenes 43 and 44 are not shot."""
    for number, eighths in (("42", "1 4/8"), ("43", "2/8"), ("44", "3")):
        log("scene", number, f"eighths={eighths}")
    log("add", "42/1", "--at", "00:00:10", "--for", "1:20", "--set", "status=circled")


def test_scene_is_credited_in_parts_over_two_days(log: Run) -> None:
    day_one(log)
    assert (
        log("credit", "42")[1]
        == "Credited as complete, it would be 1 4/8 pages that day.\nIts longest whole circled run is ~1:20, in 42/1.\n"
    )
    part = document(log, "credit", "42", "part", "--eighths", "6/8", "--minutes", "0:30", "--note", "to the door")
    assert (part["credit"]["length"], part["credit"]["time"], part["credit"]["note"]) == ("6/8", "0:30", "to the door")
    assert (part["proposal"]["eighths"], part["proposal"]["take"]) == (12, "42/1")
    assert log("credit", "42", "part", "--eighths", "5/8")[1] == "Scene 42, day 1: part, 5/8 pages.\n"
    more = log("credit", "42", "part", "--eighths", "2")[1].splitlines()[1]
    assert more == "  That is 4/8 more than the script has left of it."
    log("undo")
    assert [one["seconds"] for one in document(log, "credits", "--scene", "42", "--day", "1")["credits"]] == [None]
    complete = document(log, "credit", "42", "complete")["credit"]
    assert (complete["state"], complete["eighths"], complete["seconds"]) == ("complete", 12, 80)
    assert log("credit", "43", "not started")[1] == "Scene 43, day 1: not started.\n"
    assert log("undo")[1] == "scene 43 no longer credited on day 1.\n"
    assert document(log, "credit", "42", "--remove") == {"credit": None, "proposal": None}
    assert log("credits") == (0, "No credits.\n", "")


def test_day_adds_up_on_the_sheet(log: Run) -> None:
    day_one(log)
    log("balance", "days=11", "setups=204", "eighths=61 3/8", "note=from Ann")
    log("plan", "1", "42", "43")
    log("credit", "42", "complete")
    log("owe", "insert", "44", "the letter", "--slate", "44B")
    found = document(log, "totals")["totals"]
    assert (found["before"]["setups"], found["today"]["setups"], found["to_date"]["setups"]) == (204, 1, 205)
    assert (found["to_date"]["length"], found["today"]["time"]) == ("62 7/8", "1:20")  # 61 3/8 and 1 4/8
    assert (found["script"]["length"], found["remaining"]["scenes"]) == ("4 6/8", 2)
    assert (found["shot"], found["not_shot"], found["added"]) == (["42"], ["43"], [])
    assert [one["slate"] for one in found["owed"]] == ["44B"]
    lines = log("totals")[1].splitlines()
    assert lines[1].split() == ["before", "today", "to", "date", "script", "remaining"]
    assert "pages credited      61 3/8     1 4/8    62 7/8     4 6/8         0" in lines
    assert document(log, "totals", "--all-units")["totals"]["unit"] is None
    assert document(log, "totals", "--day", "7")["totals"]["before"]["takes"] == 1
    assert (
        document(log, "totals", "--day", "7")["totals"]["to_date"]["days"] == 12
    )  # 11 before, and the one that was shot
    assert document(log, "plan", "1")["plan"][1]["scene"] == "43"
    assert log("plan", "1", "43", "42", "--remove")[1] == "Nothing is planned for day 1.\n"
    assert document(log, "balance")["balance"]["note"] == "from Ann"


def test_owed_shot_is_settled_by_a_person(log: Run) -> None:
    day_one(log)
    owed = document(log, "owe", "insert", "42", "the letter", "--slate", "42D")["owed"][0]
    log("owe", "wild track", "43", "rain")
    log("roll", "42D")
    log("cut")
    assert [one["label"] for one in document(log, "owed")["owed"][0]["proposed"]] == ["42D/1"]
    assert "42D/1: was that it? Then settle it." in log("owed")[1]
    code, _, said = log("owed", "settle", "42D")
    assert (code, said) == (2, "onset: Say with --take which take settles it; 42D/1 may.\n")
    done = document(log, "owed", "settle", owed["id"][-6:], "--take", "42D/1")["owed"][0]
    assert (done["open"], done["shot"]["label"]) == (False, "42D/1")
    assert log("owed", "drop", "43") == (0, "43: rain is dropped.\n", "")
    assert log("owed") == (0, "Nothing is owed.\n", "")
    assert [one["dropped"] for one in document(log, "owed", "--all")["owed"]] == [False, True]


MISTAKES_OF_CREDIT = (
    (("credit", "9"), 1, "There is no scene 9"),
    (("credit", "42", "finished"), 2, "invalid choice"),
    (("credit", "42", "part", "--eighths", "8/8"), 2, "as in 1 4/8"),
    (("credit", "42", "part", "--minutes", "1:99"), 2, "as in 1:20"),
    (("credit", "42", "part", "--minutes", "2"), 2, "as in 1:20"),
    (("credit", "42", "part", "--day", "9"), 1, "not opened day 9"),
    (("credit", "42", "part", "--day", "0"), 1, "not opened day 0"),
    (("credit", "42", "not started", "--eighths", "1"), 1, "say part"),
    (("credit", "42", "--remove"), 1, "not credited"),
    (("credit", "42", "part", "--note", "\udcff"), 1, "not text"),
    (("credit", "\udcff", "part"), 1, "cannot be shown"),
    (("balance", "setups=many"), 1, "whole number"),
    (("balance", "unit=Second"), 1, 'no field "unit"'),
    (("owe", "favour", "42", "x"), 2, "invalid choice"),
    (("owe", "shot", "42", " "), 1, "in a few words"),
    (("owed", "settle"), 2, "Say which"),
    (("owed", "drop", "42"), 1, "No open shots are owed to 42"),
    (("plan", "0", "42"), 1, "at least 1"),
    (("plan", "1", "9"), 1, "There is no scene 9"),
    (("plan", "1", "--remove"), 2, "which scenes"),
    (("plan", "soon"), 2, "whole number"),
)


def test_mistake_about_a_credit_is_one_sentence(log: Run) -> None:
    day_one(log)
    before = log("history")
    for words, code, said in MISTAKES_OF_CREDIT:
        found, out, err = log(*words)
        assert (found, out) == (code, ""), words
        assert said in err
        assert err.count("\n") == 1, words
        assert log("history") == before, words


def test_empty_name_settles_what_has_no_slate(log: Run) -> None:
    day_one(log)
    log("owe", "shot", "42", "one")
    assert log("owed", "drop", "")[0] == 2
    assert len(document(log, "owed")["owed"]) == 1


def test_two_shots_owed_to_one_scene_are_mixed_up(log: Run) -> None:
    day_one(log)
    ids = [document(log, "owe", "shot", "42", text)["owed"][0]["id"] for text in ("one", "two")]
    code, _, said = log("owed", "drop", "42")
    assert code == 1
    assert f"2 open shots are owed to 42; give the end of one's id: {ids[0][-6:]}, {ids[1][-6:]}" in said
