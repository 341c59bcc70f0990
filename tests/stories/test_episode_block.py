"""Two days of an episode block, two units, and everything that goes wrong on them, logged through the command line.

The sheet that the totals must agree with, worked out by hand. Script: 101:1 is 3 pages, 101:12 is 1 4/8, 101:13 is 3/8,
102:12 is 2, 102:40 is 6/8: five scenes, 7 5/8. The log begins on Main's day 12: eleven days before, with 148 setups,
402 takes, 201 of them circled, and scene 101:1, 3 pages, 4:00.

Day 1, Main:
  101:12/1    rolled, no good; circled after lunch
  101:12/2    action, reset: a series of two runs; circled, taken back after lunch
  101:12A/1   B camera late; circled
  101:12A/2   a pickup
  101:12B/1   slated as 12C/1 by mistake
  101:12B/2   missed, entered afterwards
  101:12C/1   logged as 12B/3, moved to its slate
  101:12WT/1  a wild track
  102:12/1    the other episode's scene 12; circled
Setups 12, 12A, 12B, 12C and 102's 12: 5. Takes 8, and one wild track. Circled 12/1, 12A/1, 102:12/1: 3.
Credited: 101:12 part, 1 page, 0:50. To date: 12 days, 153 setups, 410 takes, 204 circled, 4 pages, 4:50. Planned were
101:12 and 102:12, 3 4/8 pages. Of the script remain 101:12 (4/8), 101:13 and 102:12: 3 scenes, 2 7/8 pages.

Day 1, 2nd unit: X40/1, X40/2 (circled), an insert of scene 40 of episode 102. 1 setup, 2 takes, 1 circled.
Credited: 102:40 complete, 6/8, 0:35.

Day 2, Main: 101:12D/1, circled. 1 setup, 1 take. Credited: 101:12 complete, the other 4/8, 0:25.
To date: 13 days, 154 setups, 411 takes, 205 circled, 4 4/8 pages, 5:15; two scenes complete, with the one of before.
Of the script then remain 101:13 and 102:12 in full: 2 scenes, 2 3/8 pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onset.cli.main import main

Say = Callable[..., dict[str, Any]]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """`say("log", "roll", "42C")` in the production: the JSON that the command prints."""
    made = tmp_path / "Block"
    assert main(["new", str(made), "--title", "Harbour Lights", "--rate", "25", "--slating", "us"]) == 0
    capsys.readouterr()

    def run(*words: str) -> dict[str, Any]:
        code = main(["-p", str(made), *words, "--json"])
        out, err = capsys.readouterr()
        assert code == 0, err
        found = json.loads(out)
        assert isinstance(found, dict)
        return found

    return run


def shoot(say: Say, *roll: str, unit: str = "Main", actions: int = 1) -> dict[str, Any]:
    """Roll, action (again: a reset), cut."""
    say("log", "roll", *roll, "--unit", unit)
    for _ in range(actions):
        say("log", "action", "--unit", unit)
    take: dict[str, Any] = say("log", "cut", "--unit", unit)["take"]
    return take


def before_the_call(say: Say) -> None:
    script = {"101:1": "3", "101:12": "1 4/8", "101:13": "3/8", "102:12": "2", "102:40": "6/8"}
    for scene, length in script.items():
        say("log", "scene", scene, f"eighths={length}")
    say("log", "unit", "2nd", "--prefix", "X")
    opening = ("days=11", "setups=148", "takes=402", "circled=201", "scenes=1", "eighths=3", "seconds=4:00")
    say("log", "balance", *opening)
    say("log", "plan", "1", "101:12", "102:12")
    say("log", "load", "A", "A014")
    say("log", "load", "B", "B003")
    say("log", "load", "sound", "SR001")


def main_unit_until_lunch(say: Say) -> None:
    say("log", "stamp", "call", "--at", "00:01")
    say("log", "next", "--episode", "101", "--scene", "12", "--camera", "A=on", "--camera", "B=on")
    first = shoot(say)
    assert (first["slate"], first["take"], first["episode"], first["scene"]) == ("12", "1", "101", "12")
    assert {angle["camera"]: angle["roll"] for angle in first["angles"]} == {"A": "A014", "B": "B003"}
    say("log", "set", "101:12/1", "status=ng", "status_reason=boom in shot")
    series = shoot(say, actions=2)
    assert (series["kind"], len(series["runs"])) == ("series", 2)
    say("log", "set", "101:12/2", "status=circled")
    assert say("log", "next")["board"]["slate"] == "12A"
    late = say("log", "roll", "--camera", "B=off")["take"]
    assert [angle["camera"] for angle in late["angles"]] == ["A"]
    say("log", "camera", "B", "late")
    on_a, on_b = say("log", "cut")["take"]["angles"]
    assert (on_a["camera"], on_a["start"]) == ("A", None)
    assert (on_b["camera"], on_b["roll"]) == ("B", "B003")
    assert on_b["start"] >= late["tc_in"]
    say("log", "set", "101:12A/1", "status=circled")
    pickup = shoot(say, "--kind", "pickup", "--camera", "B=on")
    assert (pickup["slate"], pickup["take"], pickup["kind"]) == ("12A", "2", "pickup")


def mistakes_of_the_morning(say: Say) -> None:
    say("log", "next")
    misslated = shoot(say)
    say("log", "set", "last", "slated_as=12C/1")
    assert misslated["slate"] == "12B"
    added = say("log", "add", "101:12B/2", "--at", "00:05", "--for", "45")["take"]
    assert (added["take"], added["duration_frames"], added["episode"]) == ("2", 45 * 25, "101")
    wrong = shoot(say)
    assert (wrong["slate"], wrong["take"]) == ("12B", "3")
    say("log", "note", "last", "the look to the door")
    moved = say("log", "move", "101:12B/3", "12C")["take"]
    assert (moved["id"], moved["slate"], moved["take"]) == (wrong["id"], "12C", "1")
    assert [note["text"] for note in moved["notes"]] == ["the look to the door"]
    wild = shoot(say, "--kind", "wild track")
    assert (wild["slate"], wild["take"], wild["kind"]) == ("12WT", "1", "wild track")
    assert say("log", "board")["board"]["slate"] == "12B"  # what stood there before the wild track


def main_unit_after_lunch(say: Say) -> None:
    say("log", "stamp", "lunch out", "--at", "00:06")
    say("log", "stamp", "lunch in", "--at", "00:07")
    say("log", "set", "101:12/2", "status=none")
    say("log", "set", "101:12/1", "status=circled")
    other = shoot(say, "--episode", "102", "--scene", "12")
    assert (other["episode"], other["slate"], other["take"]) == ("102", "12", "1")  # a slate of its own
    say("log", "set", "102:12/1", "status=circled")
    say("log", "credit", "101:12", "part", "--eighths", "1", "--minutes", "0:50")


def second_unit(say: Say) -> None:
    say("log", "next", "--unit", "2nd", "--episode", "102", "--scene", "40")
    assert say("log", "board", "--unit", "2nd")["board"]["slate"] == "X40"
    shoot(say, unit="2nd")
    last = shoot(say, unit="2nd")
    assert (last["unit"], last["slate"], last["take"], last["scene"], last["day"]) == ("2nd", "X40", "2", "40", 1)
    say("log", "set", "last", "status=circled", "--unit", "2nd")
    say("log", "credit", "102:40", "complete", "--eighths", "6/8", "--minutes", "0:35", "--unit", "2nd")


def second_day(say: Say) -> None:
    say("wrap", "--day", "1")
    last = shoot(say, "--episode", "101", "12D")
    assert (last["day"], last["slate"], last["episode"]) == (2, "12D", "101")
    say("log", "set", "last", "status=circled")
    say("log", "credit", "101:12", "complete", "--eighths", "4/8", "--minutes", "0:25")


def said(tally: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(tally[name] for name in names)


_SHOT = ("days", "setups", "takes", "circled", "wild_tracks", "scenes_complete", "length", "time")


def test_totals_of_an_episode_block_differ_from_the_sheet(say: Say) -> None:
    before_the_call(say)
    main_unit_until_lunch(say)
    mistakes_of_the_morning(say)
    main_unit_after_lunch(say)
    second_unit(say)
    day_1 = say("log", "totals")["totals"]
    assert (day_1["unit"], day_1["day"]) == ("Main", 1)
    assert said(day_1["today"], *_SHOT) == (1, 5, 8, 3, 1, 0, "1", "0:50")
    assert said(day_1["to_date"], *_SHOT) == (12, 153, 410, 204, 1, 1, "4", "4:50")
    assert said(day_1["script"], "scenes", "length") == (5, "7 5/8")
    assert said(day_1["remaining"], "scenes", "length") == (3, "2 7/8")
    assert (day_1["planned_eighths"], day_1["shot"], day_1["part"], day_1["not_shot"]) == (
        28,
        [],
        ["101:12"],
        ["102:12"],
    )
    of_second = say("log", "totals", "--unit", "2nd")["totals"]
    assert said(of_second["today"], *_SHOT) == (1, 1, 2, 1, 0, 1, "6/8", "0:35")
    second_day(say)
    day_2 = say("log", "totals")["totals"]
    assert day_2["day"] == 2
    assert said(day_2["today"], *_SHOT) == (1, 1, 1, 1, 0, 1, "4/8", "0:25")
    assert said(day_2["to_date"], *_SHOT) == (13, 154, 411, 205, 1, 2, "4 4/8", "5:15")
    assert said(day_2["remaining"], "scenes", "length") == (2, "2 3/8")
    assert [
        (one["day"], one["state"], one["length"]) for one in say("log", "credits", "--scene", "101:12")["credits"]
    ] == [
        (1, "part", "1"),
        (2, "complete", "4/8"),
    ]


def test_what_was_shot_is_not_in_the_list_as_it_happened(say: Say) -> None:
    """The same day as the editor reads it: labels, kinds, circles, and which roll each camera was on."""
    before_the_call(say)
    main_unit_until_lunch(say)
    mistakes_of_the_morning(say)
    main_unit_after_lunch(say)
    takes = {f"{take['episode']}:{take['slate']}/{take['take']}": take for take in say("log", "list")["takes"]}
    assert {label: take["kind"] for label, take in takes.items() if take["kind"] != "normal"} == {
        "101:12/2": "series",
        "101:12A/2": "pickup",
        "101:12WT/1": "wild track",
    }
    assert sorted(label for label, take in takes.items() if take["status"] == "circled") == [
        "101:12/1",
        "101:12A/1",
        "102:12/1",
    ]
    assert takes["101:12/1"]["status_reason"] is None  # the reason was of the no good
    assert takes["101:12B/1"]["slated_as"] == "12C/1"
    assert takes["101:12WT/1"]["angles"] == []
    assert {angle["roll"] for take in takes.values() for angle in take["angles"]} == {"A014", "B003"}
    words = [change["field"] for change in say("log", "history", "101:12C/1")["changes"] if change["entity"] == "take"]
    assert words.index("slate") < words.index("state")  # newest first: it was moved after it was cut
    undone = say("log", "undo")
    assert "credit" in undone["sentence"]
