"""Takes that belong further up appear there, and what a person looks at or shoots stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.domain.take import Stamp
from onset.logbook.protocol import Logbook
from tests.tui.support import At, Set, at_work, short_pages
from tui.take_pages import PAGE

SHOT = 40


@pytest.fixture
def place(tmp_path: Path) -> Set:
    return Set(tmp_path)


@pytest.fixture
def other(place: Set) -> Iterator[Logbook]:
    """Another seat at the same log, with forty takes a minute apart."""
    log = place.open(role="assistant")
    shoot(log, place, SHOT)
    yield log
    log.close()


def shoot(log: Logbook, place: Set, count: int, minutes: float = 1.0) -> list[str]:
    made = []
    for _ in range(count):
        place.clock.advance(60.0 * minutes)
        made.append(log.add_take(slate="42A", take=None, stamp=place.stamp()).id)
    return made


def ago(place: Set, minutes: float) -> Stamp:
    return Stamp(wall_ns=place.clock.wall_ns() - int(minutes * 60e9), mono_ns=0)


async def listed(at: At) -> list[str]:
    """Labels of the list on the screen, from the first row on; as the log has them too."""
    pages = at.log.takes.pages
    takes = [pages.at(row) for row in range(pages.count)]
    shown = [take.id for take in takes if take is not None]
    there = await at.app.hand.desk.read(lambda log: log.takes(at.log.list.filter))
    assert shown[-PAGE:] == [take.id for take in reversed(there)]
    return [take.label for take in takes if take is not None]


def where(at: At) -> tuple[str, int]:
    """The take under the cursor, and its line on the screen."""
    takes = at.log.takes
    assert takes.take is not None
    return takes.take.id, takes.cursor_row - takes.scroll_offset.y


async def test_missed_take_appears_where_it_was_shot_and_the_cursor_stays(place: Set, other: Logbook) -> None:
    async with at_work(place, size=(80, 24)) as at:
        await at.press(*["up"] * 20)
        before, count = where(at), at.log.takes.pages.count
        other.add_take(slate="50", take="1", stamp=ago(place, 30.5))
        await at.until(lambda: at.log.takes.pages.count == count + 1)
        await at.settled()
        assert where(at) == before
        assert (await listed(at))[8:11] == ["42A/9", "50/1", "42A/10"]
        other.add_take(slate="51", take="1", stamp=ago(place, 5.5))  # below it
        await at.until(lambda: at.log.takes.pages.count == count + 2)
        await at.settled()
        assert where(at) == before
        assert (await listed(at))[-7] == "51/1"
        assert at.log.target is not None
        assert at.log.target.id == before[0]


async def test_takes_deleted_and_restored_above_the_cursor_leave_it_where_it_is(place: Set, other: Logbook) -> None:
    async with at_work(place, size=(80, 24)) as at:
        await at.press(*["up"] * 20)
        before, count = where(at), at.log.takes.pages.count
        gone = other.find_take("42A/3").id
        other.delete(gone)
        await at.until(lambda: at.log.takes.pages.count == count - 1)
        await at.settled()
        assert where(at) == before
        other.restore(gone)
        await at.until(lambda: at.log.takes.pages.count == count)
        await at.settled()
        assert where(at) == before
        assert (await listed(at))[2] == "42A/3"


async def test_the_cursors_own_take_is_deleted_and_the_one_below_it_has_the_cursor(place: Set, other: Logbook) -> None:
    async with at_work(place) as at:
        await at.press("up", "up")
        other.delete(where(at)[0])
        await at.until(lambda: at.log.takes.pages.count == SHOT - 1)
        await at.settled()
        assert where(at)[0] == other.find_take("42A/39").id
        assert at.status == "42A/38 was deleted; the cursor is on 42A/39."
        assert "circles 42A/39" in at.footer
        await at.press("down")
        other.delete(where(at)[0])  # the last: there is none below
        await at.until(lambda: at.log.takes.pages.count == SHOT - 2)
        await at.settled()
        assert where(at)[0] == other.find_take("42A/39").id


async def test_take_whose_time_or_day_changes_moves_and_moves_back(place: Set, other: Logbook) -> None:
    async with at_work(place) as at:
        at.later()
        await at.press("space")
        rolling = at.board().rolling
        assert rolling is not None
        other.earlier(rolling.id, 150)
        await at.until(lambda: at.log.takes.pages.row_of(rolling.id) == SHOT - 3)
        await at.settled()
        assert (await listed(at))[-4:] == ["42A/41", "42A/38", "42A/39", "42A/40"]
        assert where(at)[0] == rolling.id  # a cursor that nobody moved stays on what rolls
        at.later()
        await at.press("space")
        other.wrap_day("Main", place.stamp())
        other.set_take(other.find_take("42A/1").id, {"day": 1})
        place.clock.advance(20 * 3_600)
        await at.press("space")
        assert (await listed(at))[-1] == "42A/42"
        other.set_take(other.find_take("42A/1").id, {"day": 2})
        await at.until(lambda: at.log.takes.pages.row_of(other.find_take("42A/1").id) == SHOT)
        await at.settled()
        assert (await listed(at))[-2:] == ["42A/1", "42A/42"]
        assert other.undo(wall_ns=place.clock.wall_ns()).take is not None
        await at.until(lambda: at.log.takes.pages.row_of(other.find_take("42A/1").id) == 0)


async def test_take_of_a_laptop_whose_clock_is_ahead_does_not_carry_the_cursor_off(place: Set, other: Logbook) -> None:
    async with at_work(place) as at:
        at.later()
        await at.press("space")
        rolling = at.board().rolling
        assert rolling is not None
        other.add_take(slate="50", take="1", stamp=ago(place, -30))
        await at.until(lambda: at.log.takes.pages.count == SHOT + 2)
        await at.settled()
        assert (await listed(at))[-2:] == [rolling.label, "50/1"]
        assert where(at)[0] == rolling.id


async def test_take_restored_among_those_that_are_not_fetched_keeps_the_cursor(
    place: Set, other: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = short_pages(monkeypatch)
    shoot(other, place, 2 * page)
    first = other.find_take("42A/5").id
    other.delete(first)
    async with at_work(place, size=(80, 24)) as at:
        assert at.log.takes.pages.count == SHOT + 2 * page - 1
        await at.press(*["pageup"] * 3)
        before = where(at)
        other.restore(first)
        await at.until(lambda: at.log.takes.pages.count == SHOT + 2 * page)
        await at.settled()
        assert where(at) == before
        await at.press("home", "down", "down", "down", "down")
        await at.until(lambda: at.log.takes.take is not None)
        assert where(at)[0] == first


async def test_another_units_takes_stay_in_its_own_list(place: Set, other: Logbook) -> None:
    async with at_work(place) as at:
        other.add_unit("2nd")
        taken = other.add_take(slate="9X", take="1", stamp=place.stamp(), unit="2nd")
        mine = shoot(other, place, 1)[0]
        await at.until(lambda: at.log.takes.pages.row_of(mine) is not None)
        assert at.log.takes.pages.row_of(taken.id) is None
        assert at.log.takes.pages.count == SHOT + 1
