"""`onset log production`, `person`, `unit`, `episode` as a person or a program meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.at_the_desk import Run, document, new_production


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return new_production(tmp_path / "Harbour", capsys)


def test_production_is_read_and_changed(log: Run) -> None:
    before = document(log, "production")["production"]
    assert (before["title"], before["rate"], before["director"], before["paper"]) == (
        "Harbour Lights",
        "25",
        None,
        None,
    )
    code, out, err = log("production", "director=Ana Reyes", "paper=Letter", "false_start_counts=no")
    assert (code, err) == (0, "")
    assert "director           Ana Reyes" in out.splitlines()
    assert "false start counts no" in out.splitlines()
    assert document(log, "production")["production"]["director"] == "Ana Reyes"
    assert log("undo")[1] == "the production: director is empty again.\n"


def test_configuration_that_says_otherwise_is_told(log: Run) -> None:
    code, _, err = log("production", "title=Harbour Nights")
    assert code == 0
    assert err == 'onset: config.toml says title = "Harbour Lights"; what the log says counts: "Harbour Nights".\n'


def test_people_are_listed_changed_and_removed(log: Run) -> None:
    assert log("people") == (0, "Nobody yet.\n", "")
    made = document(log, "person", "Kim Lee", "role=1st AC", "department=camera")["person"]
    assert (made["name"], made["role"], made["unit"]) == ("Kim Lee", "1st AC", None)
    assert log("people")[1] == "Kim Lee                  1st AC, camera\n"
    assert log("person", "Kim Lee", "--remove") == (0, "Kim Lee is off the list.\n", "")
    assert document(log, "people") == {"people": []}


def test_second_unit_shoots_beside_the_first(log: Run) -> None:
    assert log("unit", "Second", "--prefix", "X") == (0, "Second                   slates begin with X\n", "")
    assert [one["name"] for one in document(log, "units")["units"]] == ["Main", "Second"]
    log("roll", "42C")
    assert document(log, "roll", "X7", "--unit", "Second")["take"]["unit"] == "Second"
    code, _, err = log("roll", "--unit", "Second")
    assert (code, err) == (1, "onset: X7/1 rolls already; cut it first.\n")
    assert document(log, "cut", "--unit", "Second")["take"]["slate"] == "X7"
    assert document(log, "note", "last", "wind", "--unit", "Second")["take"]["slate"] == "X7"
    assert log("undo", "--unit", "Second")[1] == 'note on X7/1 taken back: "wind".\n'
    assert [one["slate"] for one in document(log, "list", "--unit", "Second")["takes"]] == ["X7"]
    assert [one["slate"] for one in document(log, "list")["takes"]] == ["42C"]
    assert document(log, "cut")["take"]["slate"] == "42C"
    assert document(log, "unit", "second", "--prefix", "")["unit"] == document(log, "units")["units"][1]
    assert document(log, "units")["units"][1]["slate_prefix"] is None


def test_episodes_are_named_and_listed(log: Run) -> None:
    assert log("episode")[1].startswith("No episodes;")
    log("next", "42C", "--episode", "102")
    assert document(log, "episode", "101", "title=Pilot")["episode"] == {
        "number": "101",
        "title": "Pilot",
        "note": None,
    }
    assert log("episode")[1] == "101      Pilot\n102\n"
    assert log("episode", "101")[1] == "101      Pilot\n"


def test_slate_of_another_episode_is_typed_with_it(log: Run) -> None:
    assert document(log, "roll", "101:42C")["take"]["episode"] == "101"
    log("cut")
    board = document(log, "next", "102:42C")["board"]
    assert (board["episode"], board["slate"], board["take"]) == ("102", "42C", "1")
    missed = document(log, "add", "101:42C/2", "--at", "00:00:10")["take"]
    assert (missed["episode"], missed["scene"], missed["slate"]) == ("101", "42", "42C")
    assert document(log, "set", "101:42C/1", "status=circled")["take"]["status"] == "circled"
    assert "  1 101:42C/1      (c)" in log("list")[1]


def test_long_words_stay_in_80_columns_and_are_all_there(log: Run) -> None:
    words = "by the old boathouse and the quay "
    log("production", f"company={words * 9}")
    log("person", "Kim Lee", f"note={words * 9}")
    log("episode", "101", f"title={words * 9}")
    log("stamp", "call", f"--note={words * 9}")
    log("day", f"location={words * 9}", f"note={words * 9}")
    log("load", "A", "A014")
    log("rolls", "A014", f"note={words * 9}")
    for verb, whole in (("production", 9), ("people", 9), ("episode", 9), ("day", 18), ("days", 0), ("rolls", 0)):
        _, out, _ = log(verb)
        assert max(map(len, out.splitlines())) <= 80
        assert " ".join(out.split()).count("boathouse") >= whole


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("production", "rate=24"), 1, "The rate is fixed when a production is made"),
        (("production", "colour=red"), 1, 'no field "colour"'),
        (("production", "paper=A3"), 1, "A4, Letter"),
        (("production", "paper"), 2, "not FIELD=VALUE"),
        (("person", " "), 1, "person's name"),
        (("person", "Kim", "age=40"), 1, 'no field "age"'),
        (("person", "Kim", "role=AC", "--remove"), 2, "not both"),
        (("person", "Kim", "--remove"), 1, 'Nobody called "Kim"'),
        (("person", "Kim\udcff"), 1, "not text"),
        (("unit", ""), 1, "must not be empty"),
        (("unit", "a\x1b[2J"), 1, "cannot be shown"),
        (("episode", "7"), 1, "no episode 7 yet"),
        (("episode", "7", "length=2"), 1, 'no field "length"'),
    ],
)
def test_mistake_is_one_sentence(log: Run, words: tuple[str, ...], code: int, said: str) -> None:
    before = log("history")
    found, out, err = log(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1
    assert log("history") == before
