"""`onset log stamp`, `jam`, `day`, `days`, and a day that nobody ended, as a person or a program meets them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logging_db.logbook import create_log, open_log
from onset.clock import ManualClock
from onset.domain.production import Moment
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.cli.at_the_desk import Run, at, document

NOON = 1_780_056_000_000_000_000  # 2026-05-29 12:00 UTC, before any day on which this test can run
_S = 1_000_000_000


def shot_on(folder: Path, *, wrapped: bool, hours: float = 1.0) -> None:
    """Day 1 of 2026-05-29, at a place two hours ahead of UTC: one take at 14:00 there, and one `hours` later."""
    folder.mkdir()
    clock = ManualClock(wall_ns=NOON)
    create_log(folder, title="Harbour Lights", rate="25", clock=clock)
    log = open_log(folder / "log.onset", clock=clock)

    def now() -> Stamp:
        return Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b")

    log.open_day("Main", 1, "2026-05-29")
    log.set_day(1, {"timezone": "+02:00"})
    log.set_next(Next(slate="42C"))
    for seconds in (hours * 3600, 1.0):
        take = log.roll(now())
        clock.advance(20)
        log.cut(take.id, now())
        clock.advance(seconds)
    if wrapped:
        log.wrap_day("Main", now())
    log.close()


@pytest.fixture
def ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    shot_on(tmp_path / "Harbour", wrapped=True)
    return at(tmp_path / "Harbour", capsys)


@pytest.fixture
def left_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    shot_on(tmp_path / "Harbour", wrapped=False)
    return at(tmp_path / "Harbour", capsys)


def utc(iso: str) -> str:
    return datetime.fromisoformat(iso).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_ended_day_on_a_page(ended: Run) -> None:
    assert document(ended, "stamp", "call", "--at", "07:00", "--day", "1")["stamp"]["at"] == utc(
        "2026-05-29T07:00+02:00"
    )
    assert ended("stamp", "lunch-out", "--at", "14:10", "--day", "1", "--note", "on the quay")[0] == 0
    assert ended("stamp", "lunch in", "--at", "14:40", "--day", "1")[0] == 0
    assert ended("stamp", "company move", "--at", "13:30", "--day", "1")[1] == (
        "Day 1: company move             13:30.\n"
    )
    assert document(ended, "stamp", "company wrap", "--at", "01:30", "--day", "1")["stamp"]["at"] == utc(
        "2026-05-30T01:30+02:00"
    )
    assert ended("jam", "MIX", "--at", "7:45", "--tc", "07:45:00:00", "--day", "1")[0] == 0
    assert ended("day", "1", "weather=rain", "location=Quay 4")[0] == 0
    assert ended("day", "1")[1].splitlines() == [
        "Day 1, 2026-05-29, unit Main, ended 15:00",
        "  location                 Quay 4",
        "  weather                  rain",
        "  time zone                +02:00",
        "  call                     07:00",
        "  company move             13:30",
        "  first shot               14:00  (from the takes)",
        "  lunch out                14:10  on the quay",
        "  lunch in                 14:40",
        "  first shot after lunch   15:00  (from the takes)",
        "  company wrap             01:30",
        "  MIX jammed               07:45  to 07:45:00:00",
        "  2 takes of 1 setup",
    ]
    told = document(ended, "day")["day"]
    assert told["day"] == 1
    assert [one["what"] for one in told["stamps"] if one["derived"]] == ["first shot", "first shot after lunch"]
    assert told["jams"][0]["tc"] == "07:45:00:00"
    assert ended("days")[1] == "  1  2026-05-29  ended 15:00  Quay 4\n"


def test_stamp_in_the_wrong_place_is_moved_and_one_that_was_none_is_taken_out(ended: Run) -> None:
    ended("stamp", "lunch out", "--at", "23:05", "--day", "1")
    assert document(ended, "stamp", "lunch out", "--at", "14:05", "--day", "1")["stamp"]["at"] == utc(
        "2026-05-29T14:05+02:00"
    )
    for time in ("10:00", "11:00"):
        ended("stamp", "company move", "--at", time, "--day", "1")
    code, _, err = ended("stamp", "company move", "--remove", "--day", "1")
    assert (code, err) == (1, 'onset: There are 2 of "company move" on day 1; say which with --at HH:MM.\n')
    assert ended("stamp", "company move", "--remove", "--at", "11:00", "--day", "1")[0] == 0
    assert ended("undo")[1] == "company move of day 1 is in again.\n"
    assert ended("stamp", "camera wrap", "--remove", "--day", "1")[0] == 1
    assert ended("stamp", "lunch in", "--at", "13:00", "--day", "1")[0] == 0
    assert ended("day")[1].splitlines()[-1] == "  ? lunch in is before lunch out"


def test_jam_that_was_none_is_taken_out(ended: Run) -> None:
    ended("jam", "MIX", "--at", "08:00", "--day", "1")
    ended("jam", "MIX", "--at", "09:00", "--day", "1")
    assert ended("jam", "MIX", "--remove", "--day", "1")[0] == 1
    assert ended("jam", "MIX", "--remove", "--day", "1", "--at", "08:00")[0] == 0
    assert ended("jam", "MIX", "--remove", "--day", "1") == (0, "Day 1: that jam of MIX is taken out.\n", "")
    assert document(ended, "day", "1")["day"]["jams"] == []


def test_missed_take_of_an_ended_day(ended: Run) -> None:
    take = document(ended, "add", "42C/7", "--at", "14:30", "--for", "45", "--day", "1")["take"]
    assert (take["day"], take["rolled_at"]) == (1, utc("2026-05-29T14:30+02:00"))
    code, _, err = ended("add", "42C/8", "--day", "1")
    assert (code, err) == (2, "onset: Day 1 has ended; say when the take was with --at HH:MM.\n")
    assert [day["day"] for day in document(ended, "days")["days"]] == [1]  # no other day was opened for it


def test_open_yesterday_is_told_and_costs_no_take(left_open: Run) -> None:
    code, out, err = left_open("roll", "--json")
    assert code == 0
    assert '"day": 1' in out
    assert err == (
        "onset: Day 1 of 2026-05-29 is still open, last at 15:00; this take is on it. "
        '"onset wrap" ends the day; "onset log roll --new-day" also begins day 2.\n'
    )
    left_open("cut")
    assert left_open("roll")[2] == ""  # somebody works on it


def test_new_day_ends_yesterday_at_its_last_take(left_open: Run) -> None:
    code, _, err = left_open("roll", "--new-day")
    assert (code, err) == (0, "")
    days = document(left_open, "days")["days"]
    assert [(day["day"], day["ended_at"]) for day in days] == [(1, utc("2026-05-29T15:00:40+02:00")), (2, None)]


def test_call_of_today_does_not_rewrite_that_of_an_open_yesterday(left_open: Run) -> None:
    left_open("stamp", "call", "--at", "07:00", "--day", "1")
    code, _, err = left_open("stamp", "call")
    assert code == 1
    assert err.startswith("onset: Day 1 of 2026-05-29 is still open, last at 15:00; ")
    code, _, err = left_open("stamp", "company wrap", "--at", "21:00")
    assert code == 0
    assert "this is of that day" in err
    stamps = {one["what"]: one["at"] for one in document(left_open, "day")["day"]["stamps"]}
    assert stamps["call"] == utc("2026-05-29T07:00+02:00")
    assert stamps["company wrap"] == utc("2026-05-29T21:00+02:00")


def test_call_opens_the_first_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_log(tmp_path, title="Harbour Lights", rate="25")
    log = at(tmp_path, capsys)
    assert log("day")[0] == 1
    assert log("days")[1] == "No day yet; the first roll or call opens one.\n"
    assert document(log, "stamp", "call")["stamp"]["day"] == 1
    assert log("undo")[1] == "call of day 1 taken out again.\n"
    assert document(log, "days") == {"days": []}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("stamp", "luch out"), 2, 'did you mean "lunch out"?'),
        (("stamp", "\x1b[2J"), 2, "there is call, first shot"),
        (("stamp", "call", "--at", "25:00", "--day", "1"), 2, "not a time of day"),
        (("stamp", "call", "--at", "noon", "--day", "1"), 2, "HH:MM"),
        (("stamp", "call", "--day", "9"), 1, "Unit Main has not opened day 9"),
        (("stamp", "call", "--day", "1"), 2, "say when it was with --at"),
        (("stamp", "call", "--day", "-1"), 2, "--day"),
        (("stamp", "call", "--day", "1", "--at", "07:00", "--note", "a\udcff"), 1, "not text"),
        (("stamp", "call", "--remove", "--day", "1"), 1, 'No such "call" is stamped'),
        (("jam", "", "--at", "08:00", "--day", "1"), 1, "must not be empty"),
        (("jam", "MIX", "--at", "08:00", "--tc", "8 o'clock", "--day", "1"), 1, "8 o'clock"),
        (("jam", "MIX", "--remove"), 1, "No such jam of MIX"),
        (("day", "one"), 2, "neither a day's number nor FIELD=VALUE"),
        (("day", "9" * 5000), 2, "neither a day's number"),
        (("day", "1", "weather"), 2, "not FIELD=VALUE"),
        (("day", "1", "number=3"), 1, 'no field "number"'),
        (("day", "1", "date=tomorrow"), 1, "write it as"),
        (("day", "1", "timezone=Mars"), 1, "There is no time zone"),
        (("day", "--reopen", "1", "weather=rain"), 2, "--reopen stands alone"),
        (("day", "7"), 1, "has not opened day 7"),
        (("add", "42C/9", "--day", "7", "--at", "10:00"), 1, "has not opened day 7"),
    ],
)
def test_mistake_is_one_sentence(ended: Run, words: tuple[str, ...], code: int, said: str) -> None:
    before = ended("history")
    found, out, err = ended(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1
    assert ended("history") == before


def test_day_that_was_ended_by_mistake_goes_on(ended: Run) -> None:
    assert document(ended, "day", "--reopen")["day"]["ended_at"] is None
    assert ended("day", "--reopen") == (1, "", "onset: Day 1 of unit Main is open.\n")
    assert ended("undo")[1] == "day 1 has ended again.\n"
    assert document(ended, "days")["days"][0]["ended_at"] is not None


def test_every_moment_can_be_stamped(ended: Run) -> None:
    for hour, moment in enumerate(Moment, 7):
        assert ended("stamp", str(moment), "--at", f"{hour}:00", "--day", "1")[0] == 0
    assert [one["what"] for one in document(ended, "day")["day"]["stamps"]] == [str(moment) for moment in Moment]
