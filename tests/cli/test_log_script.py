"""The script and what is credited of it through `onset log`, as a person or a program meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from logging_db.logbook import create_log
from onset.cli.main import main
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


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("scene", "42"), 1, "There is no scene 42"),
        (("scene", "101:42"), 1, "There is no scene 101:42"),
        (("scene", "42", "eighths=8/8"), 1, "as in 1 4/8"),
        (("scene", "42", "estimate_s=soon"), 1, "as in 1:20"),
        (("scene", "42", "colour=red"), 1, 'A scene has no field "colour"'),
        (("scene", "42", "eighths"), 2, "not FIELD=VALUE"),
        (("scene", "x" * 40, "eighths=1"), 1, "longer than 32"),
        (("scene", "4\x1b[2J", "eighths=1"), 1, "cannot be shown"),
        (("scene", "\udcff", "eighths=1"), 1, "cannot be shown"),
        (("scene", "42", "note=\udcff"), 1, "not text"),
        (("setup",), 2, "Say which setup"),
        (("setup", "42C"), 1, "no setup 42C yet"),
        (("setup", "42C", "A.colour=red"), 1, 'A camera setup has no field "colour"'),
        (("setup", "--plan", "over Tom"), 2, "--scene"),
        (("setup", "42C", "--plan", "over Tom"), 1, "no planned setup"),
        (("setup", "--plan", "over Tom", "42C", "size=CU"), 2, "its slate first"),
    ],
)
def test_mistake_is_one_sentence(log: Run, words: tuple[str, ...], code: int, said: str) -> None:
    before = log("history")
    found, out, err = log(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1
    assert log("history") == before


def test_hostile_words_reach_a_terminal(log: Run) -> None:
    evil = "a\x1b]0;PWNED\x07b\u202egpj " * 9
    log("scene", "42", f"heading={evil}", f"note={evil}", f"characters={evil},b")
    log("setup", "42C", f"description={evil}", f"A.lens={evil}", f"vfx_note={evil}")
    for words in (("scene", "42"), ("scenes",), ("setup", "42C"), ("setups",)):
        _, out, _ = log(*words)
        assert "PWNED" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
        assert max(map(len, out.splitlines())) <= 80
