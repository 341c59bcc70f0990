"""`onset log` where takes are put right: several at once, moved, renumbered, stamped too late."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, open_log
from onset.clock import SystemClock
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.cli.test_log import Run, document, fresh


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("move", "42C/3", "43A")` in a production with three takes of 42C and one of 43A."""
    run = fresh(tmp_path, capsys)
    with closing(open_log(tmp_path / LOG_NAME)) as opened:
        for slate in ("42C", "42C", "42C", "43A"):
            opened.cut(opened.roll(_now(), change=Next(slate=slate)).id, _now())
    return run


def _now() -> Stamp:
    clock = SystemClock()
    return Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns())


def labels(log: Run) -> list[str]:
    return [f"{take['slate']}/{take['take']}" for take in reversed(document(log, "list")["takes"])]


def test_take_under_the_wrong_slate_is_moved(log: Run) -> None:
    assert log("move", "42C/3", "43A") == (0, "42C/3 is 43A/2 now.\n", "")
    assert log("undo") == (0, "43A/2 is 42C/3 again.\n", "")
    assert log("move", "42C/2-3", "43A", "--keep-numbers", "--slated") == (
        0,
        "42C/2 is 43A/2 now, slated as 42C/2.\n42C/3 is 43A/3 now, slated as 42C/3.\n",
        "",
    )
    assert log("undo") == (0, "2 takes of 43A are in 42C again.\n", "")
    assert [take["take"] for take in document(log, "move", "42C/3", "42C/1", "43A")["takes"]] == ["3", "2"]
    assert document(log, "move", "42C/2", "44", "--scene", "45")["take"]["scene"] == "45"


def test_number_that_is_taken_offers_the_swap(log: Run) -> None:
    code, out, err = log("renumber", "42C/3", "1")
    assert (code, out) == (1, "")
    assert err == "onset: 42C/1 is in the log already; swap the two (--swap), or choose another number.\n"
    assert log("renumber", "42C/3", "1", "--swap") == (0, "42C/3 and 42C/1 have swapped numbers.\n", "")
    assert labels(log) == ["42C/3", "42C/2", "42C/1", "43A/1"]
    assert log("undo") == (0, "42C/1 and 42C/3 swapped back.\n", "")
    assert document(log, "renumber", "42C/3", "4 PU")["take"]["take"] == "4 PU"


def test_several_takes_are_one_edit(log: Run) -> None:
    assert log("set", "42C/1-2", "43A/1", "status=circled") == (0, "3 takes: status circled.\n", "")
    assert log("undo") == (0, "3 takes no longer circled.\n", "")
    assert log("set", "42C/*", "status=hold") == (0, "3 takes of 42C: status hold.\n", "")
    assert log("redo")[0] == 1
    assert log("undo") == (0, "3 takes of 42C no longer on hold.\n", "")


def test_json_of_a_range_is_a_list_even_of_one(log: Run) -> None:
    assert [take["status"] for take in document(log, "set", "43A/*", "status=hold")["takes"]] == ["hold"]
    assert document(log, "set", "43A/1", "status=ng")["take"]["status"] == "ng"
    assert document(log, "tag", "42C/1,3", "rain")["takes"][1]["tags"] == ["rain"]
    assert document(log, "note", "42C/2", "boom in")["take"]["notes"][0]["text"] == "boom in"
    assert len(document(log, "note", "42C/*", "boom in")["takes"]) == 3
    assert log("note", "42C/2-3", "again") == (0, "Noted on 2 takes of 42C.\n", "")
    assert log("tag", "42C/*", "--remove", "rain")[1] == "42C/1: no tags.\n42C/2: no tags.\n42C/3: no tags.\n"


def test_several_takes_are_deleted_and_come_back(log: Run) -> None:
    code, out, _ = log("delete", "42C/1-2", "43A/1")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["42C/1", "42C/2", "43A/1"]
    assert labels(log) == ["42C/3"]
    assert log("undo")[1] == "3 takes restored.\n"
    assert len(labels(log)) == 4


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("set", "42C/9", "status=ng"), 1, "no take 42C/9"),
        (("set", "42C/1", "43A/9", "status=ng"), 1, "no take 43A/9"),
        (("set", "42C/1", "circled"), 2, "is not FIELD=VALUE"),
        (("set", "42C/*", "A.rating=ng"), 1, 'no camera "A"'),
        (("set", "42C/1-2", "take=8"), 1, "42C/8 is in the log already"),
        (("move", "42C/1", ""), 1, "slate must not be empty"),
        (("move", "42C/1", "42C"), 1, "is of slate 42C already"),
        (("move", "42C/7-9", "43A"), 1, "no take 42C/7-9"),
        (("renumber", "42C/1", "1"), 1, "has that number already"),
        (("earlier", "42C/1", "86400"), 1, "would come before"),
        (("earlier", "0"), 1, "say how many"),
        (("delete", "42C/3-1"), 1, "runs backwards"),
    ],
)
def test_what_makes_no_sense_changes_nothing(log: Run, words: tuple[str, ...], code: int, complaint: str) -> None:
    before = document(log, "history")
    found, out, err = log(*words)
    assert (found, out) == (code, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert document(log, "history") == before


def test_stamp_that_came_too_late_is_earlier(log: Run) -> None:
    log("roll", "44")
    before = document(log, "show", "44/1")["take"]["rolled_at"]
    assert log("earlier")[1].startswith("44/1 rolled 5 s earlier, at ")
    assert document(log, "earlier", "2")["take"]["rolled_at"] < before
    log("action")
    assert log("earlier", "1")[1].startswith("44/1 action 1 s earlier, ")
    log("cut")
    code, out, _ = log("earlier", "44/1", "1")
    assert code == 0
    assert out.startswith("44/1 cut 1 s earlier, ")
    assert log("undo")[1] == "a stamp of 44/1 is where it was.\n"
