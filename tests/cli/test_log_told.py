"""What `onset log` says of a take to a person: nothing that was logged is left out, no line runs over the edge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.at_the_desk import Run, document, new_production


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return new_production(tmp_path / "harbour", capsys)


def test_a_camera_that_came_late_is_shown_as_if_it_had_rolled_throughout(log: Run) -> None:
    log("roll", "42C", "--camera", "A=on", "--camera", "B=on", "--roll", "B=B001")
    log("camera", "B", "late")
    log("camera", "B", "cut")
    log("cut")
    _, camera = document(log, "show", "last")["take"]["angles"]
    shown = log("show", "last")[1].splitlines()
    assert "  camera A, roll ?" in shown
    assert f"  camera B, roll B001, {camera['start']} to {camera['end']}" in shown
    assert log("undo")[1] == "42C/1 still rolling.\n"
    assert log("undo")[1] == "42C/1 camera B no longer cut on its own.\n"
    assert log("undo")[1] == "42C/1 camera B no longer started on its own.\n"
    assert log("redo")[1] == f"42C/1 camera B started at {camera['start']}.\n"


def test_the_sound_roll_of_a_take_without_files_is_forgotten(log: Run) -> None:
    log("roll", "42C", "--sound-roll", "26Y03M05")
    log("cut")
    assert document(log, "show", "last")["take"]["sound_roll"] == "26Y03M05"
    assert "  sound roll 26Y03M05\n" in log("show", "last")[1]


def test_long_words_run_over_the_edge(log: Run) -> None:
    words = "the look at the door, then down to the letter " * 9
    log("add", "42C/1", "--at", "00:00")
    log("set", "42C/1", f"description={words}")
    log("note", "42C/1", words)
    shown = log("show", "42C/1")[1]
    assert " ".join(shown.split()).count(" ".join(words.split())) == 2
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    log("set", "42C/1", "description=short")
    said = log("undo")[1]
    assert said.startswith('42C/1 description is "the look at the door')
    assert len(said.splitlines()[0]) < 120


def test_the_episode_on_the_board_cannot_be_seen(log: Run) -> None:
    assert log("next", "42C", "--episode", "102")[1].splitlines()[0] == "Next: 102:42C/1, day 1"
    assert log("roll")[1].startswith("102:42C/1 rolls at ")
    assert "\nRolling: 102:42C/1 since " in log("board")[1]


def test_a_deleted_take_was_never_there(log: Run) -> None:
    log("add", "42C/1", "--at", "00:00")
    log("delete", "42C/1")
    for words in (("show", "42C/1"), ("set", "42C/1", "status=ng"), ("note", "42C/1", "boom")):
        refused = log(*words)
        assert refused == (1, "", 'onset: 42C/1 was deleted; "onset log restore 42C/1" brings it back.\n')
    assert log("restore", "42C/1")[1] == "42C/1 restored.\n"
    said = 'onset: No take 42C/1 is deleted; "onset log list --deleted" shows which are.\n'
    assert log("restore", "42C/1") == (1, "", said)


def test_a_deleted_take_of_an_episode_cannot_be_named(log: Run) -> None:
    log("add", "101:42C/1", "--at", "00:00")
    log("delete", "101:42C/1")
    assert log("show", "042c/1")[2] == 'onset: 101:42C/1 was deleted; "onset log restore 101:42C/1" brings it back.\n'
    assert log("restore", "102:42C/1")[0] == 1
    assert log("restore", "101:42C/1")[1] == "42C/1 restored.\n"


def test_undo_names_half_of_what_it_takes_back(log: Run) -> None:
    log("add", "42C/1", "--at", "00:00")
    log("set", "42C/1", "mos=yes", "tail_slate=yes")
    assert log("undo")[1] == '42C/1 mos is "no" again, tail slate too.\n'
    assert log("redo")[1] == '42C/1 mos is "yes", tail slate too.\n'


def test_an_article_is_wrong(log: Run) -> None:
    assert log("episode", "101", "colour=pink")[2].startswith("onset: An episode has no field")
