"""What every command calls after media or takes changed: which days are matched, and what is said about their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.cli.matching import Matched, match_days
from onset.domain.camera import LinkState
from onset.logbook.protocol import Logbook
from onset.logbook.terms import WantedLink
from tests.onset.reconcile.shooting import Shooting, new_shooting


@pytest.fixture
def shooting(tmp_path: Path) -> Shooting:
    return new_shooting(tmp_path)


def test_a_day_without_foreign_files_is_not_matched(shooting: Shooting, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(logbook: Logbook, unit: str, day: int, matcher: object = None) -> int:
        raise AssertionError("there is nothing to match")

    monkeypatch.setattr("onset.reconcile.day.bring_up_to_date", never)
    shooting.shoot("1", 36_000.0)
    assert match_days(shooting.log) == Matched()
    assert match_days(shooting.log, "Main", {1}) == Matched()
    assert Matched().sentence == ""


def test_files_are_counted_by_how_they_stand(shooting: Shooting, monkeypatch: pytest.MonkeyPatch) -> None:
    takes = [shooting.shoot("1", 36_000.0 + 300 * n) for n in range(4)]
    shooting.bring(*(shooting.clip(f"A014C{n + 1:03d}", 36_000.0 + 300 * n) for n in range(5)))
    ids = [shooting.media_id(f"A014C{n + 1:03d}") for n in range(5)]
    wanted = [
        WantedLink(
            take_id=takes[n].id, media_id=ids[n], method="time", evidence="", question="which?" if n == 3 else "",
            state=LinkState.CONFIRMED if n < 2 else LinkState.PROPOSED,
        )
        for n in range(4)
    ]  # fmt: skip
    shooting.log.write_links("Main", 1, wanted, seen=shooting.log.arrival())

    def done(logbook: Logbook, unit: str, day: int, matcher: object = None) -> int:
        return 0

    monkeypatch.setattr("onset.reconcile.day.bring_up_to_date", done)
    found = match_days(shooting.log)
    assert (found.linked, found.proposed, found.questions, found.without_take) == (2, 1, 1, 1)
    assert found.sentence == "5 files: 2 linked, 1 proposed, 1 question, 1 without a take"
    assert match_days(shooting.log, only={ids[4]}).sentence == "1 file: 1 without a take"
    shooting.log.decide_link(takes[3].id, ids[3], LinkState.REFUSED)
    assert match_days(shooting.log).without_take == 2


def test_a_file_that_waits_on_the_day_beside_is_looked_at_too(
    shooting: Shooting, monkeypatch: pytest.MonkeyPatch
) -> None:
    matched: list[int] = []

    def seen(logbook: Logbook, unit: str, day: int, matcher: object = None) -> int:
        matched.append(day)
        return 0

    shooting.shoot("1", 36_000.0)
    for day in (2, 3, 4):
        shooting.log.wrap_day("Main", shooting.stamp(80_000.0))
        shooting.log.open_day("Main", day, f"2026-06-{day:02d}")
    shooting.bring(shooting.clip("A014C001", 36_000.0, day=2), shooting.clip("A014C002", 36_000.0, day=4))
    monkeypatch.setattr("onset.reconcile.day.bring_up_to_date", seen)
    match_days(shooting.log, "Main", {1})
    assert matched == [2], "day 1 has no files itself; those of day 2 may be its own; day 4 is too far"
