"""`onset log set TAKE at=`: when a take was shot, put right."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, open_log
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.cli.test_log import Run, document, fresh

NS = 1_000_000_000


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A night of 2026-05-29 at a place of UTC: 1/1 at 17:00, 1/2 at 23:30, 1/9 entered as of 19:00."""
    run = fresh(tmp_path, capsys)
    with closing(open_log(tmp_path / LOG_NAME)) as opened:
        for hour, minute in ((17, 0), (23, 30)):
            opened.cut(opened.roll(_at(hour, minute), change=Next(slate="1")).id, _at(hour, minute + 1))
        opened.set_day(1, {"timezone": "+00:00", "date": "2026-05-29"})
        opened.add_take(slate="1", take="9", stamp=_at(19, 0), duration_frames=50)
    return run


def _at(hour: int, minute: int) -> Stamp:
    moment = datetime(2026, 5, 29, hour, minute, tzinfo=UTC)
    label = f"{hour:02d}:{minute:02d}:00:00"
    return Stamp(wall_ns=int(moment.timestamp()) * NS, mono_ns=0, tc=label, tc_source="clock")


def shot_at(log: Run, take: str) -> str:
    return str(document(log, "show", take)["take"]["rolled_at"])


def order(log: Run) -> list[str]:
    return [str(take["take"]) for take in reversed(document(log, "list")["takes"])]


def test_added_take_gets_its_place_in_the_day(log: Run) -> None:
    assert order(log) == ["1", "9", "2"]
    assert log("set", "1/9", "at=16:20:30") == (0, "1/9: at 16:20:30.\n", "")
    assert order(log) == ["9", "1", "2"]
    assert shot_at(log, "1/9").startswith("2026-05-29T16:20:30")
    assert document(log, "show", "1/9")["take"]["tc_in"] == "16:20:30:00"
    assert "(moved by hand)" in log("history", "1/9", "--field", "rolled_ns")[1]
    assert log("undo") == (0, "1/9 is at 19:00:00 again.\n", "")


def test_take_after_midnight_stays_of_its_day(log: Run) -> None:
    log("set", "1/9", "at=00:40", "status=circled")
    take = document(log, "show", "1/9")["take"]
    assert (take["day"], take["status"]) == (1, "circled")
    assert str(take["rolled_at"]).startswith("2026-05-30T00:40")
    assert order(log) == ["1", "2", "9"]


def test_clock_was_wrong_for_a_range(log: Run) -> None:
    assert log("set", "1/1-2", "at=-0:30")[0] == 0
    assert [shot_at(log, take)[11:16] for take in ("1/1", "1/2")] == ["16:30", "23:00"]
    assert log("undo") == (0, "2 takes of 1 are where they were.\n", "")
    log("set", "1/1", "at=+2:00:00")
    assert shot_at(log, "1/1")[11:16] == "19:00"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("set", "1/9", "at=soon"), "is not when a take was shot"),
        (("set", "1/9", "at="), "is not when a take was shot"),
        (("set", "1/9", "at=25:10"), "is not a time of day"),
        (("set", "1/9", "at=+1:75"), "is not when a take was shot"),
        (("set", "1/9", "at=10:00:00:12"), "is not when a take was shot"),
        (("set", "1/9", "at=10:00", "at=11:00"), "say at= once"),
        (("set", "1/1-2", "at=17:20"), "say how far they are off"),
        (("set", "1/9", "at=+72:00"), "more than a day away"),
        (("earlier", "1/9", "99999999"), "more than a day"),
        (("earlier", "1/1", "99999999"), "more than a day"),
    ],
)
def test_moment_that_makes_no_sense(log: Run, words: tuple[str, ...], complaint: str) -> None:
    before = document(log, "history")
    code, out, err = log(*words)
    assert code != 0
    assert out == ""
    assert complaint in err
    assert err.count("\n") == 1
    assert document(log, "history") == before


def test_added_take_that_was_earlier_goes_as_a_whole(log: Run) -> None:
    code, out, err = log("earlier", "1/9", "17000")
    assert (code, err) == (0, "")
    assert out == "1/9 shot 17000 s earlier, at 14:16:40:00 (clock).\n"
    assert order(log) == ["9", "1", "2"]
