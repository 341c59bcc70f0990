"""`onset log list`, `search` and `filter` as a person or a program meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import LOG_NAME
from onset.cli.main import main
from tests.cli.at_the_desk import Run, at
from tests.cli.test_log import document


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with takes 42C/1, circled, with A and B; 43/1 noted; 44/1 of day 2. Tests work on copies of it."""
    folder = tmp_path_factory.mktemp("logged") / "Harbour"
    with pytest.MonkeyPatch.context() as patch:  # made before any test has its home
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp("home")))
        patch.setenv("ONSET_RESERVE", "65536")
        patch.setenv("TZ", "UTC")
        assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "23.976"]) == 0  # wrap wants all of it
        for words in (  # just after midnight: a time that is still to come today is yesterday's
            ("add", "42C/1", "--at", "00:00", "--for", "20", "--set", "status=circled"),
            ("set", "42C/1", "A.roll=A014", "B.roll=B003"),
            ("add", "43/1", "--at", "00:02", "--for", "20"),
            ("note", "43/1", "boom at the door"),
            ("tag", "43/1", "two words"),
            ("add", "44/1", "--at", "00:03", "--for", "20"),
        ):
            assert main(["-p", str(folder), "log", *words]) == 0, words
        assert main(["-p", str(folder), "wrap"]) == 0
        assert main(["-p", str(folder), "log", "stamp", "call"]) == 0  # opens day 2
        assert main(["-p", str(folder), "log", "set", "44/1", "day=2"]) == 0
    return folder / LOG_NAME


@pytest.fixture
def log(logged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("list")` in a production of the test."""
    shutil.copy(logged, tmp_path)
    return at(tmp_path, capsys)


def labels(run: Run, *words: str) -> list[str]:
    code, out, err = run(words[0], "--json", *words[1:])
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return [f"{take['slate']}/{take['take']}" for take in found["takes"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("list",), ["44/1", "43/1", "42C/1"]),
        (("list", "status:circled"), ["42C/1"]),
        (("list", "--status", "circled,hold"), ["42C/1"]),
        (("list", "--camera", "A", "--camera", "b"), ["42C/1"]),
        (("list", "--roll", "B003"), ["42C/1"]),
        (("list", "--day", "1"), ["43/1", "42C/1"]),
        (("list", "--day", "2-5"), ["44/1"]),
        (("list", "--scenes", "42-43"), ["43/1", "42C/1"]),
        (("list", "--slate", "042c"), ["42C/1"]),
        (("list", "--tag", "two words"), ["43/1"]),
        (("list", 'tag:"two words"', "boom"), ["43/1"]),
        (("list", "--lacks", "notes", "--day", "1"), ["42C/1"]),
        (("list", "--has", "notes"), ["43/1"]),
        (("list", "--mos"), []),
        (("list", "--no-mos", "--limit", "1"), ["44/1"]),
        (("search", "doo", "boom"), ["43/1"]),
        (("search", "042c"), ["42C/1"]),
        (("search", "door:", "--", "-boom"), ["43/1"]),
        (("search", "boom", "OR", "circled"), []),
        (("search", "1", "--day", "2"), ["44/1"]),
    ],
)
def test_list_and_search_find(log: Run, words: tuple[str, ...], found: list[str]) -> None:
    assert labels(log, *words) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "statsu:circled"), "do you mean status:"),
        (("list", "--status", "circeld"), "do you mean status:circled"),
        (("list", "--has", "clip"), "do you mean has:clips"),
        (("list", "--day", "x"), "day:3 or day:3-5"),
        (("list", "--day", "1", "--day", "2"), "day: is there twice"),
        (("list", "--filter", "nope"), 'no filter "nope"; none is saved'),
        (("filter", "save", "x", "statsu:circled"), "do you mean status:"),
        (("filter", "save"), "filter save NAME QUERY"),
        (("filter", "save", "x"), "would find every take"),
        (("filter", "delete", "a", "b"), "by its name alone"),
        (("filter", "list", "a"), "takes no name"),
    ],
)
def test_wrong_word_is_one_sentence(log: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = log(*words)
    assert code in (1, 2)
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_filter_is_saved_used_narrowed_and_taken_back(log: Run) -> None:
    code, out, _ = log("filter", "save", "good B", "camera:B", "status:circled")
    assert (code, out) == (0, "Filter good B: camera:B status:circled\n")
    assert labels(log, "list", "--filter", "good b") == ["42C/1"]
    assert labels(log, "list", "--filter", "good b", "lacks:roll") == []
    assert labels(log, "search", "42", "--filter", "good B") == ["42C/1"]
    assert log("filter", "list")[1] == "good B: camera:B status:circled\n"
    listed = json.loads(log("filter", "list", "--json")[1])
    assert [(one["name"], one["query"]) for one in listed["filters"]] == [("good B", "camera:B status:circled")]
    assert log("filter", "delete", "good B")[0] == 0
    assert log("filter", "list")[1] == "No filters are saved.\n"
    assert log("undo")[1] == 'filter "good B" is saved again.\n'


def test_escapes_in_a_saved_name_do_not_reach_the_terminal(log: Run) -> None:
    assert log("filter", "save", "a\x1b]0;x\x07", "door")[0] == 1
    assert log("filter", "save", "a", "do\x1b[31mor")[0] == 0
    assert "\x1b" not in log("filter", "list")[1]


def test_history_in_words_and_pages(log: Run) -> None:
    assert log("set", "42C/1", "status=ng")[0] == log("undo")[0] == 0
    lines = log("history", "42C/1", "--field", "status")[1].splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "take 42C/1 status = ng -> circled (undo)",
        "take 42C/1 status = circled -> ng (undone)",
        "take 42C/1 status = circled",
    ]
    page = json.loads(log("history", "42C/1", "--limit", "1", "--json")[1])
    assert {change["verb"] for change in page["changes"]} == {"undo"}
    rest = json.loads(log("history", "42C/1", "--before", str(page["before"]), "--json")[1])
    assert rest["changes"][0]["undone"] is True
    assert rest["before"] is None
    assert "Older ones: onset log history 42C/1 --limit 1 --before " in log("history", "42C/1", "--limit", "1")[1]
    assert "angle B of 42C/1 roll = B003" in log("history", "42C/1")[1]
    assert log("history", "setup:042c", "--since", "2001-01-01")[1].count("setup 42C slate = 42C") == 1
    assert log("history", "setup:42C", "--since", "2199-01-01T10:00")[1] == "No changes.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("history", "setup:99"), 'no setup "99"'),
        (("history", "scene:"), "Say which scene"),
        (("history", "day:x"), "no day x"),
        (("history", "nonsense:42"), "is no take"),
        (("history", "--field", "statu"), "do you mean status"),
        (("history", "--since", "2026-99-01"), "is no date"),
        (("history", "--since", "2999-01-01"), "is no date"),
        (("history", "--since", "25:00"), "not a time of day"),
        (("history", "--before", "-1"), "--before"),
    ],
)
def test_history_of_nothing_is_one_sentence(log: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = log(*words)
    assert code in (1, 2)
    assert (out, len(err.splitlines())) == ("", 1)
    assert said in err


def test_missed_take_stands_where_it_was_shot_and_is_the_last_one(log: Run) -> None:
    assert log("add", "42A/3", "--at", "00:01", "--for", "30", "--day", "1")[0] == 0
    assert labels(log, "list") == ["44/1", "43/1", "42A/3", "42C/1"]
    assert labels(log, "list", "--limit", "2") == ["44/1", "43/1"]
    code, out, _ = log("list", "day:1")
    assert (code, [line.split()[1] for line in out.splitlines()[1:]]) == (0, ["43/1", "42A/3", "42C/1"])
    log("note", "42C/1", "boom again")
    log("note", "last", "boom, they say")
    assert labels(log, "search", "boom") == ["43/1", "42A/3", "42C/1"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("search", "kitchen", "wide"), "[INT. KITCHEN - NIGHT]; [wide, fr…"),
        (("list", "night", "door"), "[INT. KITCHEN - NIGHT]; [wide, fr…"),
        (("search", "25mm", "42C"), "[A 25mm]; added"),
        (("search", "küch"), "[MRS KÜCHE]; added"),
        (("search", "042c"), "added"),
    ],
)
def test_what_a_take_was_found_by_stands_on_its_line(log: Run, words: tuple[str, ...], line: str) -> None:
    log("scene", "42", "heading=INT. KITCHEN - NIGHT", "characters=MARA, MRS KÜCHE")
    log("setup", "42C", "description=wide, from the door", "A.lens=25mm")
    code, out, err = log(*words)
    (_, shown) = out.splitlines()
    assert (code, err) == (0, "")
    assert len(shown) <= 80
    assert shown.split("~0:20.0")[1].strip() == line


def test_what_shows_on_the_line_is_not_said_again(log: Run) -> None:
    log("scene", "43", "heading=INT. HALL - DAY", "note=two doors")
    assert "[" not in log("search", "two")[1]  # its tag
    assert "[INT. HALL - DAY]; added" in log("search", "two", "hall")[1]


def test_take_under_another_scene_shows_its_own_setup(log: Run) -> None:
    log("setup", "42C", "description=crane up")
    log("set", "42C/1", "scene=50")
    log("scene", "50", "heading=EXT. PIER")
    assert "[EXT. PIER]; [crane up]" in log("search", "pier", "crane")[1]


def test_list_that_ends_in_silence(log: Run) -> None:
    for take in ("9/1", "9/2", "9/3"):
        log("add", take, "--at", "09:00")
    code, out, _ = log("list", "--slate", "9", "--limit", "2")
    assert (code, out.splitlines()[-1]) == (0, "1 more; --limit 0 shows all.")
    assert document(log, "list", "--slate", "9", "--limit", "2")["more"] == 1
    assert document(log, "list", "--slate", "9", "--limit", "3")["more"] == 0
    assert "more" not in log("list", "--limit", "0")[1]
    assert log("search", "--slate", "9", "--limit", "1", "9")[1].splitlines()[-1] == "2 more; --limit 0 shows all."
    assert len(document(log, "history", "--limit", "0")["changes"]) > len(
        document(log, "history", "--limit", "1")["changes"]
    )
