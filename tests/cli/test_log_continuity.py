"""`onset log continuity` as a script supervisor types it: asked, written, carried over, searched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.cli.main import main
from onset.logbook.terms import Next

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("MARA", "--scene", "41")` in a production with the scenes 39, 41 (D1) and 42 (N1)."""
    create_log(tmp_path, title="Harbour Lights", rate="25")
    book = open_log(tmp_path / LOG_NAME)
    for place, (number, day) in enumerate((("39", "D1"), ("41", "D1"), ("42", "N1"))):
        book.set_scene(number, {"ordinal": place, "story_day": day})
    book.close()

    def run(*words: str, verb: str = "continuity") -> tuple[int, str, str]:
        code = main(["-p", str(tmp_path), "log", verb, *words])
        return code, *capsys.readouterr()

    return run


def document(run: Run, *words: str) -> dict[str, Any]:
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_what_was_she_wearing_in_scene_41(log: Run) -> None:
    assert log("MARA", "--scene", "39", "wardrobe=navy coat", "props=umbrella")[0] == 0
    code, out, _ = log("mara", "--scene", "41")
    assert code == 0
    assert out.splitlines() == [
        "MARA in scene 41 (D1): nothing written; as in scene 39:",
        "  wardrobe       navy coat",
        "  props          umbrella",
    ]
    asked = document(log, "MARA", "--scene", "41")["entry"]
    assert (asked["id"], asked["carried"]) == (None, {"wardrobe": "39", "props": "39"})
    written = document(log, "MARA", "--scene", "41", "props=")["entry"]
    assert (written["wardrobe"], written["props"], written["hair_makeup"]) == ("navy coat", None, None)
    assert written["carried"] == {"wardrobe": "39"}
    assert "as in" not in log("MARA", "--scene", "41")[1]


def test_fields_may_stand_before_and_after_options(log: Run) -> None:
    entry = document(log, "MARA", "wardrobe=coat", "--scene", "39", "props=key", "--unit", "Main", "note=wet")["entry"]
    assert (entry["wardrobe"], entry["props"], entry["note"]) == ("coat", "key", "wet")


def test_another_story_day_gives_no_answer(log: Run) -> None:
    log("MARA", "--scene", "39", "wardrobe=navy coat")
    assert document(log, "MARA", "--scene", "42") == {"entry": None}
    assert "nor before it on its story day" in log("MARA", "--scene", "42")[1]
    assert log("TOM", "--scene", "42")[1] == "Nothing is written of TOM.\n"


def test_entry_is_confirmed_as_it_was_before(log: Run) -> None:
    code, _, err = log("MARA", "--scene", "41", "--as-before")
    assert code == 1
    assert "Nothing is known of how MARA looks in scene 41" in err
    log("MARA", "--scene", "39", "wardrobe=navy coat")
    code, out, _ = log("MARA", "--scene", "41", "--as-before")
    assert (code, out.splitlines()[-1]) == (0, "  (wardrobe as in scene 39)")
    assert document(log, "MARA", "--scene", "41")["entry"]["id"] is not None


def test_pages_and_search(log: Run) -> None:
    log("MARA", "--scene", "39", "wardrobe=navy coat")
    log("MARA", "--scene", "42", "wardrobe=nightgown")
    log("TOM", "--scene", "39", "wardrobe=oilskin coat")

    def found(*words: str) -> list[tuple[str, str]]:
        return [(one["character"], one["scene"]) for one in document(log, *words)["entries"]]

    assert found() == [("MARA", "39"), ("MARA", "42"), ("TOM", "39")]
    assert found("MARA") == [("MARA", "39"), ("MARA", "42")]
    assert found("--story-day", "N1") == [("MARA", "42")]
    assert found("--scene", "39") == [("MARA", "39"), ("TOM", "39")]
    assert found("--search", "coa") == [("MARA", "39"), ("TOM", "39")]
    assert found("MARA", "--search", "oilskin") == []
    assert log("--search", "zzz")[1] == "No continuity.\n"
    assert log()[1].splitlines()[:3] == ["MARA, D1", " scene 39", "  wardrobe       navy coat"]


def test_deleted_and_brought_back_by_undo(log: Run) -> None:
    log("MARA", "--scene", "39", "wardrobe=navy coat")
    assert log("MARA", "--scene", "39", "--delete")[0] == 0
    assert document(log, "MARA", "--scene", "39") == {"entry": None}
    assert log(verb="undo")[1] == "continuity of MARA in scene 39 is back.\n"
    assert document(log, "MARA", "--scene", "39")["entry"]["wardrobe"] == "navy coat"


def test_episode_is_the_boards(log: Run, tmp_path: Path) -> None:
    book = open_log(tmp_path / LOG_NAME)
    book.set_next(Next(slate="1", episode="101"))
    book.close()
    assert document(log, "MARA", "--scene", "39", "wardrobe=coat")["entry"]["episode"] == "101"
    assert document(log, "MARA", "--scene", "39", "--episode", "102") == {"entry": None}
    assert document(log, "MARA", "--scene", "39", "--episode", "") == {"entry": None}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["wardrobe=coat", "--scene", "1"], 2),
        (["MARA", "wardrobe=coat"], 2),
        (["MARA", "coat", "--scene", "1"], 2),
        (["MARA", "=coat", "--scene", "1"], 2),
        (["--as-before", "--scene", "1"], 2),
        (["MARA", "--scene", "1", "--delete", "--as-before"], 2),
        (["MARA", "--scene", "1", "--delete"], 1),
        (["MARA", "--scene", "1", "shoes=boots"], 1),
        (["MARA", "--scene", "", "wardrobe=coat"], 1),
        (["MARA", "--scene", "1", "--set", "a=b"], 2),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(log: Run, words: list[str], code: int) -> None:
    assert log(*words)[0] == code
    got, out, err = log(*words)
    assert (got, out, err.count("\n")) == (code, "", 1)
    assert log(verb="history")[1].count("continuity") == 0


def test_lines_are_80_columns_and_carry_no_escape(log: Run) -> None:
    log("MARA", "--scene", "39", "wardrobe=" + "navy coat " * 30, "note=a\x1b]0;PWNED\x07" + "\u202e" + "x" * 200)
    _, out, _ = log("MARA", "--scene", "39")
    assert max(map(len, out.splitlines())) <= 80
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
