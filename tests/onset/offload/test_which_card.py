"""Which day a card is for and whether it came back: dates that mislead, labels that two cards share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.camera import Clip, Source
from onset.domain.card import Card
from onset.errors import RefusedError
from onset.logbook.terms import Next
from onset.offload.which_card import ShotOn, day_of_footage, earlier_state, iso_day, shot_on

NOON = 1_780_056_000_000_000_000  # 2026-05-29 12:00 UTC


@pytest.fixture
def log(tmp_path: Path) -> SqliteLogbook:
    """Two days: 2026-05-28 and 2026-05-29."""
    log = log_in_memory(folder=tmp_path, clock=ManualClock(wall_ns=NOON, monotonic_ns=1))
    log.open_day("Main", 1, "2026-05-28")
    log.open_day("Main", 2, "2026-05-29")
    return log


def test_yesterdays_card_is_taken_for_todays(log: SqliteLogbook) -> None:
    shot = shot_on(log, "A014", named=["2026-05-28", "2026-05-28", "2026-05-29"], files=["2026-05-29"])
    assert (shot.unit, shot.day) == ("Main", 1)
    assert "names" in shot.why


def test_a_night_after_midnight_is_another_day(log: SqliteLogbook) -> None:
    assert shot_on(log, "A014", inside=["2026-05-30"]).day == 2


def test_a_camera_that_thinks_it_is_1970(log: SqliteLogbook) -> None:
    """Its clips fit no day; the dates of the files do."""
    assert shot_on(log, "A014", inside=["1970-01-01"], files=["2026-05-28"]).day == 1
    shot = shot_on(log, "A014", inside=["1970-01-01"], files=["2099-01-01", ""])
    assert (shot.day, "newest" in shot.why) == (2, True)


def test_what_the_person_says_is_overruled(log: SqliteLogbook) -> None:
    assert shot_on(log, "A014", named=["2026-05-28"], day=2).day == 2
    with pytest.raises(RefusedError, match="has no day 7; its days are 1, 2"):
        shot_on(log, "A014", day=7)
    with pytest.raises(RefusedError, match='no unit "Splinter"'):
        shot_on(log, "A014", unit="Splinter")


def test_a_log_without_a_day_is_a_crash(tmp_path: Path) -> None:
    log = log_in_memory(folder=tmp_path, clock=ManualClock(wall_ns=NOON, monotonic_ns=1))
    shot = shot_on(log, "A014", files=["2026-05-28"])
    assert shot.day in (None, 1)
    assert log.set_next(Next(slate="42C")).slate == "42C"


@pytest.mark.parametrize("order", [("2026-03-04", "2026-03-05"), ("2026-03-05", "2026-03-04")])
def test_cards_that_come_in_another_order_are_of_other_days(tmp_path: Path, order: tuple[str, str]) -> None:
    log = log_in_memory(folder=tmp_path, slating="none", clock=ManualClock(wall_ns=NOON, monotonic_ns=1))

    def day_of(*kinds: list[str]) -> ShotOn:
        named, inside, files = [*kinds, [], [], []][:3]
        shot = shot_on(log, "A001", named=named, inside=inside, files=files)
        return day_of_footage(log, shot, kinds, today="2026-05-29")

    assert [day_of([date]).day for date in order] == [1, 2]
    assert [day_of([date]).day for date in order] == [1, 2], "they are there now"
    assert [day.date for day in log.days("Main")] == list(order)
    assert day_of(["1970-01-01"], ["2026-03-05"]).day == order.index("2026-03-05") + 1, "a clock that was never set"
    assert day_of(["0001-01-01"]).day == 2
    assert len(log.days("Main")) == 2


def test_a_date_no_calendar_has() -> None:
    assert iso_day(NOON) == "2026-05-29"
    assert iso_day(10**30) == ""


def card(identity: str, label: str = "A014", fingerprint: str = "f1") -> Card:
    return Card(
        id=identity, label=label, fingerprint=fingerprint, files=1, size=1, verdict="safe", reasons=(), wall_ns=1
    )


def clip(name: str, of: str, digest: str | None = "xxh128:aa") -> Clip:
    return Clip(
        id=name, name=name, path=name, camera="A", tc_in=None, tc_source=None, rate="24", duration_frames=None,
        source=Source.CARD, card=of, digest=digest,
    )  # fmt: skip


def test_a_card_that_came_back_is_a_new_card() -> None:
    old, held = card("old"), {"A014C001.mov": "xxh128:aa", "A014C002.mov": "xxh128:bb"}
    assert earlier_state([old], [clip("A014C001.mov", "old")], "A014", "f2", held) == "old"
    assert earlier_state([old], [clip("A014C001.mov", "old")], "called otherwise", "f2", held) == "old"


def test_two_cards_of_one_label_are_one() -> None:
    """Formatted and filled again: same label, same names even, other bytes."""
    old = card("old")
    assert (
        earlier_state([old], [clip("C0001.mov", "old", "xxh128:aa")], "A014", "f2", {"C0001.mov": "xxh128:cc"}) is None
    )
    assert earlier_state([old], [clip("A014C001.mov", "old")], "A014", "f2", {"A014C009.mov": "xxh128:aa"}) is None


def test_a_clip_that_could_not_be_read_then_proves_another_label() -> None:
    media = [clip("A014C003.mov", "old", None)]
    held = {"A014C003.mov": "xxh128:aa"}
    assert earlier_state([card("old")], media, "A_0014", "f2", held) == "old"
    assert earlier_state([card("old")], media, "B007", "f2", held) is None


def test_the_same_state_again_forgets_what_came_before() -> None:
    known = replace(card("now", fingerprint="f2"), supersedes="old")
    assert earlier_state([known, card("old")], [], "A014", "f2", {}) == "old"
