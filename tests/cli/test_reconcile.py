"""`onset reconcile` as a person or a program meets it, and links that follow what `onset log` changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import SqliteLogbook, create_log, open_log
from onset.cli.main import main
from onset.clock import ManualClock
from onset.domain.camera import Clip
from onset.domain.claim import Explanation
from onset.logbook.protocol import Logbook
from tests.logging_db.support import DyingDisk
from tests.onset.reconcile.shooting import DATE, MIDNIGHT, NS, Shooting

Run = Callable[..., tuple[int, str, str]]
STARTS = [36_000.0 + 240.0 * n + (n * n * 37) % 90 for n in range(6)]
LENGTHS = [25.0 + (n * 29) % 61 for n in range(6)]


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """A day of six takes; their clips and sound are in, but for the clip of the fourth; sound circled the second."""
    create_log(tmp_path, title="Harbour Lights", rate="25")
    (tmp_path / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "25"\n')
    with shot(tmp_path) as day:
        day.log.open_day("Main", 1, DATE)
        for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
            day.shoot("42C", start, length, rolls={"A": "A014"}, sound_roll="260529", circled=n == 2)
            day.bring(day.sound(f"S{n + 1:03d}", start - 4, length + 8, named_scene="42C", named_take=str(n + 1),
                                circled=n in (1, 2)))  # fmt: skip
            if n != 3:
                day.bring(day.clip(f"A014C{n + 1:03d}", start - 1, length + 3))
    return tmp_path


@contextmanager
def shot(folder: Path) -> Iterator[Shooting]:
    clock = ManualClock(wall_ns=MIDNIGHT + 12 * 3600 * NS, monotonic_ns=NS)
    log: SqliteLogbook = open_log(folder / "log.onset", user="Maya", clock=clock)
    try:
        yield Shooting(log, clock)
    finally:
        log.close()


@pytest.fixture
def onset(production: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(production), *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def document(onset: Run, *words: str) -> dict[str, Any]:
    code, out, err = onset(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_the_board_says_what_differs_and_where(onset: Run) -> None:
    code, out, err = onset("reconcile")
    assert (code, err) == (0, "")
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "Harbour Lights: day 1, 2026-05-29, Main unit" in out
    assert "sound circled 42C/2, script did not" in out
    assert "A A014C001.mov" in out
    assert "clock: " in out
    only = onset("reconcile", "--open")[1]
    assert "42C/2" in only
    assert "42C/6" not in only


def test_a_person_drowns_in_what_has_not_come_yet(onset: Run, production: Path) -> None:
    """At noon every take waits for the same cards; that is said once, with the numbers of the differences."""
    with shot(production) as day:
        for n in range(4):
            day.shoot("43", 40_000.0 + 300 * n, 30.0, rolls={"A": "A014", "B": "B007"}, sound_roll="260529")
    out = onset("reconcile")[1]
    (said,) = [line for line in out.splitlines() if "B007 is not offloaded yet" in line]
    assert "43/1 (" in said
    number = said.partition("43/1 (")[2].partition(")")[0]
    assert onset("reconcile", "explain", number, "B was not in it")[0] == 0
    explained = [each for each in document(onset, "reconcile")["takes"][6]["differences"] if each["explanation"]]
    assert [each["what"] for each in explained] == ["B007 is not offloaded yet"]


def test_the_json_has_what_is_documented(onset: Run) -> None:
    board = document(onset, "reconcile", "--day", "1")
    assert board.keys() >= {"day", "unit", "takes", "strays", "clocks", "pending", "counts"}
    take = board["takes"][1]
    assert take.keys() >= {"id", "slate", "take", "claims", "differences"}
    assert (take["slate"], take["take"]) == ("42C", "2")
    difference = next(one for one in take["differences"] if one["field"] == "circled")
    assert difference.keys() >= {"key", "number", "standing", "field", "what", "cause", "explanation"}
    departments = {claim["department"] for claim in take["claims"]}
    assert departments == {"script", "sound", "media"}
    assert board["counts"]["open"] == sum(
        one["standing"] == "open" for take in board["takes"] for one in take["differences"]
    ) + len(board["strays"]) + len(board["others"])


def test_what_went_into_the_journal_alone_passes_for_logged(
    onset: Run, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shuttle = production / "SHUTTLE"
    shuttle.mkdir()
    with (production / "config.toml").open("a") as config:
        config.write(f'[log]\nbackup_to = "{shuttle}"\n')
    key = document(onset, "reconcile")["takes"][1]["differences"][0]["key"]
    explain = SqliteLogbook.explain

    def dies(log: SqliteLogbook, *args: Any, **named: Any) -> Explanation:
        log._writer = DyingDisk(log._writer)
        return explain(log, *args, **named)

    with monkeypatch.context() as dead:
        dead.setattr(SqliteLogbook, "explain", dies)
        code, _, err = onset("reconcile", "explain", key, "mixer's own favourite")
    assert code == 1
    assert "In the journal only" in err


def test_a_difference_is_explained_by_number_or_key_and_taken_back(onset: Run) -> None:
    board = document(onset, "reconcile")
    difference = next(one for one in board["takes"][1]["differences"] if one["field"] == "circled")
    code, out, err = onset("reconcile", "explain", str(difference["number"]), "mixer's own favourite", "--by", "Zoë")
    assert (code, err) == (0, "")
    assert "sound circled 42C/2" in out
    shown = onset("reconcile")[1]
    assert "explained: sound circled 42C/2, script did not (mixer's own" in " ".join(shown.split())
    assert onset("reconcile", "--require-clean")[0] in (0, 1)
    assert onset("reconcile", "explain", difference["key"], "")[0] == 0
    again = document(onset, "reconcile")["takes"][1]["differences"]
    assert next(one for one in again if one["field"] == "circled")["standing"] == "open"


def test_a_difference_that_is_not_there(onset: Run) -> None:
    for word in ("999", "0", "nonsense", "-1"):
        code, out, err = onset("reconcile", "explain", "--", word, "why")
        assert (code, out) == (1, "")
        assert "There is no difference" in err


def test_require_clean_fails_while_anything_is_open(onset: Run) -> None:
    assert onset("reconcile", "--require-clean")[0] == 1
    for one in document(onset, "reconcile")["takes"]:
        for difference in one["differences"]:
            if difference["standing"] == "open":
                assert onset("reconcile", "explain", difference["key"], "seen")[0] == 0
    assert onset("reconcile", "--require-clean")[0] == 0


def test_a_person_links_refuses_and_takes_back(onset: Run, production: Path) -> None:
    with shot(production) as day:
        day.bring(day.clip("A014C040", 60_000.0, 30.0))
    assert onset("reconcile", "link", "42C/4", "A014C040")[1] == "A014C040.mov is 42C/4.\n"
    clips = document(onset, "log", "show", "42C/4")["take"]["angles"][0]["clips"]
    assert [(clip["name"], clip["link"]) for clip in clips] == [("A014C040.mov", "confirmed")]
    onset("reconcile")
    assert document(onset, "log", "show", "42C/4")["take"]["angles"][0]["clips"][0]["link"] == "confirmed"
    assert onset("reconcile", "refuse", "42C/4", "A014C040")[0] == 0
    assert document(onset, "log", "show", "42C/4")["take"]["angles"][0]["clips"] == []
    assert onset("reconcile", "undecide", "42C/4", "A014C040")[0] == 0


def test_a_clip_that_nobody_knows_and_one_that_two_could_be(onset: Run, production: Path) -> None:
    code, _, err = onset("reconcile", "link", "42C/4", "Z999C001")
    assert (code, err) == (1, "onset: There is no clip or sound file Z999C001 in this log.\n")
    with shot(production) as day:
        day.bring(day.clip("A014C001", 50_000.0, 30.0, digest="xxh128:" + "cd" * 16, path="/media/RAID/A014C001.mov"))
    code, _, err = onset("reconcile", "link", "42C/4", "A014C001")
    assert code == 1
    assert "There are 2 files A014C001; give the id of one" in err


def test_a_file_of_our_own_recorder_stays_where_it_is(onset: Run, production: Path) -> None:
    with shot(production) as day:
        take = day.log.find_take("42C/1")
        ours = Clip(
            id="", name="42C-1_A.mov", path="media/day01/42C-1_A.mov", camera="A", tc_in="09:59:45:00",
            tc_source="MIX.ltc", rate="25", duration_frames=900, method="recorder",
        )  # fmt: skip
        day.log.clip_opened(take.id, ours)
    code, _, err = onset("reconcile", "refuse", "42C/1", "42C-1_A")
    assert code == 1
    assert "our own recorder" in err


def test_links_follow_what_onset_log_changes(onset: Run, production: Path) -> None:
    assert onset("reconcile")[0] == 0
    assert [clip["name"] for clip in clips_of(onset, "42C/5")] == ["A014C005.mov"]
    assert onset("log", "delete", "42C/5")[0] == 0
    with shot(production) as day:
        assert not [link for link in day.log.links(day=1) if link.media_id == day.media_id("A014C005")]
    assert onset("log", "undo")[0] == 0
    assert [clip["name"] for clip in clips_of(onset, "42C/5")] == ["A014C005.mov"]
    assert onset("log", "set", "42C/5", "slate=77")[0] == 0
    assert [clip["name"] for clip in clips_of(onset, "77/5")] == ["A014C005.mov"]


def clips_of(onset: Run, take: str) -> list[dict[str, Any]]:
    angles = document(onset, "log", "show", take)["take"]["angles"]
    found: list[dict[str, Any]] = [clip for angle in angles for clip in angle["clips"]]
    return found


def test_a_match_that_fails_does_not_fail_the_cut(
    onset: Run, production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(logbook: Logbook, unit: str, day: int, matcher: object = None) -> int:
        raise ZeroDivisionError("no such thing")

    assert onset("log", "roll", "42D")[0] == 0
    monkeypatch.setattr("onset.reconcile.day.bring_up_to_date", broken)
    code, out, err = onset("log", "cut")
    assert code == 0
    assert out.startswith("42D/1 cut")
    assert "the links are not up to date" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("reconcile", "--day", "9"), 1),
        (("reconcile", "--unit", "Second"), 2),
        (("reconcile", "--day", "x"), 2),
        (("reconcile", "explain", "1"), 2),
        (("reconcile", "link", "42C/99", "A014C001"), 1),
        (("reconcile", "sort"), 2),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(onset: Run, words: tuple[str, ...], code: int) -> None:
    done, out, err = onset(*words)
    assert (done, out) == (code, "")
    assert err.count("\n") == 1


def test_a_production_without_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_log(tmp_path, title="Harbour Lights", rate="25")
    assert main(["-p", str(tmp_path), "reconcile"]) == 1
    assert "No shooting day" in capsys.readouterr().err
