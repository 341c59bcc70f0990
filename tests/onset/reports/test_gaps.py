"""What a report lacks is told by take, once, and only where its reader needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.take import Kind, Stamp, Take
from onset.logbook.terms import Next
from onset.reports.day import DayPaper
from onset.reports.editor import editor_log
from onset.reports.gaps import gaps_of

NOON = 1_763_726_400_000_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLogbook]:
    clock = ManualClock(wall_ns=NOON, monotonic_ns=1)
    with closing(log_in_memory(folder=tmp_path, clock=clock)) as made:
        made.set_next(Next(scene="42", slate="42A", cameras={"A": True}, rolls={"A": "A001"}))
        yield made


def _shoot(log: SqliteLogbook, number: int, *, cut: bool = True) -> Take:
    at = NOON + number * 60_000_000_000
    take = log.roll(Stamp(wall_ns=at, mono_ns=at))
    return log.cut(take.id, Stamp(wall_ns=at + 9_000_000_000, mono_ns=at + 9_000_000_000)) if cut else take


def _paper(log: SqliteLogbook) -> DayPaper:
    return editor_log(log, 1)


def test_gap_of_a_take_leads_nowhere_or_hides_the_report(log: SqliteLogbook) -> None:
    takes = [_shoot(log, number) for number in range(11)]
    log.set_take(takes[0].id, {"kind": Kind.FALSE_START})
    rolling = _shoot(log, 12, cut=False)
    gaps = gaps_of(log, "editor", _paper(log))
    assert gaps[0].take_id == rolling.id
    assert "still rolling" in gaps[0].text
    assert [(gap.text, gap.take_id) for gap in gaps[1:9]] == [
        (f"42A/{number}: no confirmed file", take.id) for number, take in enumerate(takes[1:9], 2)
    ]
    assert [(gap.text, gap.take_id) for gap in gaps[9:]] == [("2 more: no confirmed file", None)]


def test_sound_is_missed_of_a_take_without_any(log: SqliteLogbook) -> None:
    with_sound, mos = _shoot(log, 1), _shoot(log, 2)
    log.set_take(mos.id, {"mos": True})
    assert {gap.take_id for gap in gaps_of(log, "sound", _paper(log))} == {with_sound.id}
    (lens, other) = gaps_of(log, "camera", _paper(log))
    assert (lens.text, lens.take_id) == ("42A/1: a camera without a logged lens", with_sound.id)
    assert other.take_id == mos.id


def test_end_of_a_day_that_goes_on_is_missed(log: SqliteLogbook) -> None:
    _shoot(log, 1)
    said = [gap.text for gap in gaps_of(log, "progress", _paper(log), partial=True)]
    assert len(said) == 1
    assert said[0].startswith("nobody stamped the call")
    assert len(gaps_of(log, "progress", _paper(log))) == 2
