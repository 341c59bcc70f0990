"""Two laptops apart and brought together, through the command line: what each says, and that neither loses anything."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.cli.log_merging_lines import conflict_lines
from onset.cli.main import main
from onset.cli.wrap import left_open
from onset.clock import SystemClock
from onset.logbook.terms import Conflict

Run = Callable[..., tuple[int, str, str]]
DAY_NS = 86_400_000_000_000


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("maya", "log", "roll")`; Maya's laptop has a production with 12A/1, Ben's a copy of that."""
    maya, ben = tmp_path / "maya", tmp_path / "ben"
    maya.mkdir()
    create_log(maya, title="Harbour Lights", rate="25")

    def command(whose: str, *words: str) -> tuple[int, str, str]:
        code = main(["-p", str(tmp_path / whose), *words])
        out, err = capsys.readouterr()
        return code, out, err

    for words in (("roll", "12A"), ("cut",)):
        command("maya", "log", *words)
    shutil.copytree(maya, ben)
    return command


def said(run: Run, whose: str, *words: str) -> Any:
    """The JSON that a command prints."""
    code, out, err = run(whose, *words, "--json")
    assert (code, err) == (0, ""), (out, err)
    return json.loads(out)


def meet(run: Run, folder: Path, *, first: str = "maya") -> dict[str, Any]:
    """Both merge the other's, in either order; what each said."""
    other = {"maya": "ben", "ben": "maya"}
    return {whose: said(run, whose, "merge", str(folder / other[whose])) for whose in (first, other[first])}


def takes(run: Run, whose: str) -> dict[str, Any]:
    found = {take["id"]: take for take in said(run, whose, "log", "list", "--deleted", "--limit", "0")["takes"]}
    assert isinstance(found, dict)
    return found


def conflicts(run: Run, whose: str) -> list[tuple[str, str, list[Any]]]:
    return [
        (one["take"]["slate"] + "/" + one["take"]["take"], one["field"], one["values"])
        for one in said(run, whose, "log", "conflicts")["conflicts"]
    ]


@pytest.mark.parametrize("first", ["maya", "ben"])
def test_scenario_22_different_fields_of_one_take_both_stand(run: Run, tmp_path: Path, first: str) -> None:
    run("maya", "log", "set", "12A/1", "status=circled")
    run("ben", "log", "set", "12A/1", "description=wide")
    told = meet(run, tmp_path, first=first)
    for whose in ("maya", "ben"):
        (take,) = takes(run, whose).values()
        assert (take["status"], take["description"]) == ("circled", "wide")
        assert conflicts(run, whose) == told[whose]["conflicts"] == []


@pytest.mark.parametrize("first", ["maya", "ben"])
def test_scenario_23_same_field_is_the_same_open_conflict_everywhere(run: Run, tmp_path: Path, first: str) -> None:
    run("maya", "log", "set", "12A/1", "status=circled")
    run("ben", "log", "set", "12A/1", "status=ng")
    meet(run, tmp_path, first=first)
    assert takes(run, "maya") == takes(run, "ben")
    open_now = conflicts(run, "maya")
    assert open_now == conflicts(run, "ben") == [("12A/1", "status", ["ng", "circled"])]
    code, out, _ = run("ben", "log", "resolve", "12A/1", "status", "2")
    assert (code, out) == (0, "12A/1 status is circled.\n")
    meet(run, tmp_path, first=first)
    assert takes(run, "maya") == takes(run, "ben")
    assert conflicts(run, "maya") == conflicts(run, "ben") == []
    assert run("ben", "log", "undo")[1] == "12A/1 status: ng or circled is open again.\n"
    meet(run, tmp_path, first=first)
    assert conflicts(run, "maya") == conflicts(run, "ben") == open_now


def test_scenario_24_one_number_given_twice_survives_twice_and_is_marked(run: Run, tmp_path: Path) -> None:
    for whose in ("maya", "ben"):
        run(whose, "log", "roll")
        run(whose, "log", "cut")
    told = meet(run, tmp_path)
    both = {take["id"] for take in takes(run, "maya").values() if take["take"] == "2"}
    assert len(both) == 2
    for whose in ("maya", "ben"):
        assert [set(group) for group in told[whose]["duplicates"]] == [both]
        listed = said(run, whose, "log", "list", "--duplicates")["takes"]
        assert {take["id"] for take in listed} == both
        assert all(take["duplicate"] for take in listed)
    assert "number twice" in run("ben", "log", "list")[1]
    later = max(both)
    assert run("ben", "log", "set", later, "take=3")[0] == 0
    assert said(run, "ben", "log", "list", "--duplicates")["takes"] == []


def test_scenario_25_what_one_deleted_and_one_edited_survives_with_a_conflict(run: Run, tmp_path: Path) -> None:
    run("maya", "log", "delete", "12A/1")
    run("ben", "log", "note", "12A/1", "the best one")
    meet(run, tmp_path)
    for whose in ("maya", "ben"):
        (take,) = said(run, whose, "log", "list")["takes"]
        assert [note["text"] for note in take["notes"]] == ["the best one"]
        assert [(label, field) for label, field, _ in conflicts(run, whose)] == [("12A/1", "deleted")]


def test_scenario_26_clock_a_day_ahead_is_named_and_a_later_informed_edit_wins(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = SystemClock.wall_ns
    monkeypatch.setattr(SystemClock, "wall_ns", lambda self: right(self) + DAY_NS)
    run("ben", "log", "set", "12A/1", "status=ng")
    monkeypatch.setattr(SystemClock, "wall_ns", right)
    run("maya", "log", "set", "12A/1", "description=wide")
    told = said(run, "maya", "merge", str(tmp_path / "ben"))
    (clock,) = told["clocks"]
    assert clock["ahead_of"] is None
    assert abs(clock["ahead_s"] - 86_400) < 60
    run("maya", "log", "set", "12A/1", "status=circled")
    monkeypatch.setattr(SystemClock, "wall_ns", lambda self: right(self) + DAY_NS)
    code, out, _ = run("ben", "merge", str(tmp_path / "maya"))
    assert code == 0
    assert "23 h 59 min ahead" in out.replace("\n  ", " ") or "1 d ahead" in out.replace("\n  ", " ")
    for whose in ("maya", "ben"):
        (take,) = takes(run, whose).values()
        assert (take["status"], take["description"]) == ("circled", "wide")
        assert conflicts(run, whose) == []


def test_scenario_30_cloned_laptop_is_told_and_saved(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logging_db.seats.went_on", lambda *_: True)  # as on two laptops with one disk image
    before = (tmp_path / "maya" / LOG_NAME).read_bytes()
    run("maya", "log", "note", "12A/1", "by the original")
    original = (tmp_path / "maya" / LOG_NAME).read_bytes()
    (tmp_path / "maya" / LOG_NAME).write_bytes(before)
    run("maya", "log", "note", "12A/1", "by the clone")
    shutil.copyfile(tmp_path / "maya" / LOG_NAME, tmp_path / "clone.onset")
    (tmp_path / "maya" / LOG_NAME).write_bytes(original)
    code, out, _ = run("maya", "merge", str(tmp_path / "clone.onset"))
    assert code == 1
    assert "two copies of one log" in out.replace("\n  ", " ")
    assert "--as-new-seat" in out
    code, out, _ = run("maya", "merge", str(tmp_path / "clone.onset"), "--as-new-seat")
    assert (code, "1 note" in out.replace("\n  ", " ")) == (0, True)
    (take,) = takes(run, "maya").values()
    assert {note["text"] for note in take["notes"]} == {"by the original", "by the clone"}


def test_merge_complains_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff" * 1000)
    (tmp_path / "empty").mkdir()
    for wrong in ("holiday.jpg", "empty", "missing", "a\x1b]0;b", "maya"):
        code, out, err = run("maya", "merge", str(tmp_path / wrong))
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert "\x1b" not in err


def test_lines_of_a_merge_fit_80_columns(run: Run, tmp_path: Path) -> None:
    run("maya", "log", "set", "12A/1", f"description={'long ' * 60}")
    run("ben", "log", "set", "12A/1", "description=\x1b[31mred", "status=ng")
    run("ben", "log", "roll")
    run("ben", "log", "cut")
    for words in (("merge", str(tmp_path / "ben")), ("log", "conflicts")):
        code, out, _ = run("maya", *words)
        assert code == 0
        assert max(map(len, out.splitlines())) <= 80
        assert "\x1b" not in out


def test_resolve_names_what_is_not_in_conflict(run: Run, tmp_path: Path) -> None:
    code, _, err = run("maya", "log", "resolve", "12A/1", "status", "ng")
    assert (code, "not in conflict" in err) == (1, True)
    for whose, status, words in (("maya", "circled", "wide"), ("ben", "ng", "tight")):
        run(whose, "log", "set", "12A/1", f"status={status}", f"description={words}")
    meet(run, tmp_path)
    code, _, err = run("maya", "log", "resolve", "12A/1", "mos", "1")
    assert (code, "in conflict there: status, description" in err) == (1, True)
    assert run("maya", "log", "resolve", "12A/1", "all", "7")[0] == 1
    assert run("maya", "log", "resolve", "12A/1", "all", "1")[1] == "2 conflicts of 12A/1 are resolved.\n"
    assert conflicts(run, "maya") == []
    assert run("maya", "log", "undo")[0] == 0
    assert run("maya", "log", "resolve", "12A/1", "description", "wide, then tight")[0] == 0
    (take,) = takes(run, "maya").values()
    assert take["description"] == "wide, then tight"


def test_time_that_both_stamped_is_told_and_picked_in_nanoseconds(run: Run, tmp_path: Path) -> None:
    for whose, minute in (("maya", "07:01"), ("ben", "07:02")):
        run(whose, "log", "stamp", "call", "--at", minute)
    run("maya", "merge", str(tmp_path / "ben"))
    with closing(open_log(tmp_path / "maya" / LOG_NAME)) as log:
        (call,) = log.conflicts()
        (open_now,) = left_open(log, "Main", 1).conflicts
    assert re.fullmatch(r"day stamp call of day 1 time is \S+ 07:0[12]:00 or \S+ 07:0[12]:00", open_now)
    code, out, _ = run("maya", "log", "resolve", call.entity_id, "time", "2")
    assert (code, out) == (0, f"day stamp call of day 1 time is {open_now.partition(' or ')[2]}.\n")
    values = open_now.partition(" is ")[2]
    assert run("maya", "log", "undo")[1] == f"call of day 1 time: {values} is open again.\n"
    _, out, _ = run("maya", "log", "undo")


def test_person_at_two_seats_and_a_time_that_both_stamped() -> None:
    at = (1_764_165_600_000_000_000, 1_764_165_660_000_000_000)
    call = Conflict(
        take=None, entity="day_stamp", entity_id="f7", field="wall_ns", values=at, by=("root", "root"), wall_ns=at,
        seats=("root, script", "root, dit"), about="call of day 3",
    )  # fmt: skip
    name, first, second = conflict_lines([call])
    assert name == "day stamp call of day 3 time  [f7]"
    assert re.fullmatch(r"  1 \d\d-\d\d \d\d:\d\d:00 \(root, script, \d\d-\d\d \d\d:\d\d\)", first)
    assert "root, dit" in second
