"""The highlighted row is the take that the keys mean, whatever happens around it; footer, cursor and log agree."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from logging_db.logbook import SqliteLogbook
from logging_db.taking_in import edits_after, take_in, vector
from onset.domain.take import Stamp, State, Status, Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next, TakeFilter
from tests.in_memory import MEMORY
from tests.logging_db.support import an_empty_log
from tests.tui.support import At, Set, at_work, short_pages
from tui.widgets.lines import Footer

_NS = 1_000_000_000


@pytest.fixture
def place(tmp_path: Path) -> Set:
    return Set(tmp_path)


@pytest.fixture
def shell(place: Set) -> Iterator[Logbook]:
    """`onset log` of the same person on the same machine: the app's own seat."""
    log = place.open()
    yield log
    log.close()


def off(place: Set, hours: float) -> Stamp:
    return Stamp(wall_ns=place.clock.wall_ns() + int(hours * 3_600 * _NS), mono_ns=0)


async def shoot(at: At, seconds: float = 30) -> None:
    at.later()
    await at.press("space")
    at.later(seconds)
    await at.press("space")


def highlighted(at: At) -> str | None:
    """The row of the list that has `>` before it: its slate and number; None where none has."""
    takes = at.log.takes
    lines = ["".join(segment.text for segment in takes.render_line(y)) for y in range(1, takes.size.height)]
    found = [line[2:].split()[:2] for line in lines if line.startswith(">")]
    assert len(found) <= 1
    return "/".join(found[0]) if found else None


def says(at: At, what: str) -> str:
    return next(hint.text for hint in at.app.screen.query_one(Footer).hints if hint.action == what)


async def agreed(at: At) -> Take | None:
    """Footer, cursor and row name one take, and it is in view; returns the one that status keys mean."""
    await at.settled()
    takes, board = at.log.takes, at.board()
    meant = takes.take if takes.on_purpose else board.rolling or board.last_cut
    await at.until(lambda: takes.take is not None or (meant is None and not takes.on_purpose))
    await at.settled()
    meant = takes.take if takes.on_purpose else board.rolling or board.last_cut
    assert (takes.take.id if takes.take else None) == (meant.id if meant else None)
    assert highlighted(at) == (meant.label if meant else None)
    target = meant if takes.on_purpose else board.last_cut
    assert says(at, "log.circle") == f"circles {target.label if target else '-'}"
    noted = board.rolling or target
    assert says(at, "log.note") == f"note {noted.label if noted else '-'}"
    return target


async def test_take_that_a_shell_adds_is_not_what_the_keys_mean(place: Set, shell: Logbook) -> None:
    async with at_work(place) as at:
        await shoot(at)
        for number, hours in (("8", -3), ("9", 3)):
            shell.add_take(slate="42A", take=number, stamp=off(place, hours))
            await at.until(lambda number=number: at.log.takes.pages.count == int(number) - 6)  # type: ignore[misc]
            target = await agreed(at)
            assert target is not None
            assert target.label == "42A/1"
        await at.press("c")
        assert at.status == "42A/1 circled."
        assert (await at.takes())["42A/1"].status is Status.CIRCLED


async def test_takes_of_a_clock_that_was_set_back_keep_the_cursor(place: Set) -> None:
    async with at_work(place) as at:
        await shoot(at)
        place.clock.set_wall(place.clock.wall_ns() - 2 * 3_600 * _NS)
        at.later()
        await at.press("space")
        await agreed(at)
        assert highlighted(at) == "42A/2"
        at.later(30)
        await at.press("space")
        target = await agreed(at)
        assert target is not None
        assert target.label == highlighted(at) == "42A/2"
        await at.press("right", "enter")
        await at.pilot.press("backspace", "7", "enter")
        await at.settled()
        assert set(await at.takes()) == {"42A/1", "42A/7"}


async def test_rolling_take_is_in_view_wherever_the_clock_puts_it(
    place: Set, shell: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    shot = 2 * short_pages(monkeypatch) + 50
    for _ in range(shot):
        place.clock.advance(60)
        shell.add_take(slate="42A", take=None, stamp=place.stamp())
    async with at_work(place) as at:
        await agreed(at)
        place.clock.set_wall(place.clock.wall_ns() - (shot - 20) * 60 * _NS)
        for state in ("rolls", "cut"):
            at.later()
            await at.press("space")
            assert state in at.status
            await agreed(at)
            assert highlighted(at) == f"42A/{shot + 1}"
        await at.press("up", "up", "escape")
        await agreed(at)
        assert highlighted(at) == f"42A/{shot + 1}"


async def test_search_that_does_not_find_the_take_meant_highlights_none(place: Set) -> None:
    async with at_work(place) as at:
        await shoot(at)
        await at.press("q", "4")
        await shoot(at)
        await at.press("slash")
        await at.type("soft")
        await at.until(lambda: at.log.takes.pages.count == 1)
        await at.press("enter")
        assert highlighted(at) is None
        assert says(at, "log.circle") == "circles 42A/2"
        await at.press("up")
        await agreed(at)
        assert highlighted(at) == "42A/1"
        await at.press("escape")
        await at.until(lambda: at.log.takes.pages.count == 2)
        await agreed(at)
        assert highlighted(at) == "42A/2"


async def test_take_inserted_here_has_the_cursor_until_the_next_roll_or_until_it_is_undone(place: Set) -> None:
    async with at_work(place) as at:
        await shoot(at)
        for end in ("z", "space"):
            at.later(5)
            await at.press("i")
            await at.type("42A/9 at 9:30 for 45")
            await at.press("enter")
            await agreed(at)
            assert highlighted(at) == "42A/9"
            assert at.log.takes.on_purpose
            await at.press("c" if end == "space" else "right", end)
            await at.settled()
            await agreed(at)
            assert not at.log.takes.on_purpose
        assert (await at.takes())["42A/9"].status is Status.CIRCLED
        assert highlighted(at) == "42A/10"


# -- anything ---------------------------------------------------------------------------------------------------------


class Anything:
    """What may happen to an open app, from its keys and from elsewhere; knows what the keys then mean."""

    def __init__(self, at: At, shell: SqliteLogbook) -> None:
        self.at = at
        self.shell = shell
        self.merged: set[str] = set()
        self.numbers = 100

    async def roll_or_cut(self) -> None:
        self.at.later()
        await self.at.press("space")
        rolling = self.at.board().rolling
        if rolling is not None:
            assert not self.at.log.takes.on_purpose

    async def add_early(self) -> None:
        self._add(-5)

    async def add_late(self) -> None:
        self._add(5)

    def _add(self, hours: float) -> None:
        self.numbers += 1
        self.shell.add_take(slate="60", take=str(self.numbers), stamp=off(self.at.set, hours))

    async def delete_under_cursor(self) -> None:
        take = self.at.log.takes.take
        if take is not None and take.state is not State.ROLLING:
            self.shell.delete(take.id)

    async def restore(self) -> None:
        gone = self.shell.takes(TakeFilter(limit=None, deleted=True))
        for take in [one for one in gone if one.deleted][:1]:
            with suppress(RefusedError):  # its number was given again
                self.shell.restore(take.id)

    async def up(self) -> None:
        await self.at.press("up")

    async def home(self) -> None:
        await self.at.press("home")

    async def end(self) -> None:
        await self.at.press("end")

    async def clock_back(self) -> None:
        clock = self.at.clock
        clock.set_wall(clock.wall_ns() - 2 * 3_600 * _NS)

    async def merge(self) -> None:
        clock = self.at.clock
        ben = an_empty_log(self.shell, "Ben", clock)
        try:
            if ben.board().rolling is not None:
                return
            ben.set_next(Next(slate=f"5{self.numbers}"))
            self.numbers += 1
            self.merged.add(ben.roll(self.at.set.stamp()).id)
            edits = edits_after(ben._writer, vector(self.shell._writer))
            take_in(self.shell._writer, edits, clock.wall_ns(), from_elsewhere=True)
        finally:
            ben.close()

    async def check(self) -> None:
        there = {take.id: take for take in self.shell.takes(TakeFilter(limit=None))}
        takes = self.at.log.takes
        await self.at.until(lambda: takes.pages.count == len(there))
        target = await agreed(self.at)
        if not takes.on_purpose:
            cut = [take for take in there.values() if take.state is State.CUT and take.id not in self.merged]
            rolled = [take for take in cut if not take.added] or cut
            last = max(rolled, key=lambda take: take.arrival, default=None)
            assert (target.id if target else None) == (last.id if last else None)
        self.at.later()
        await self.at.press("c")
        after = {take.id: take for take in self.shell.takes(TakeFilter(limit=None))}
        changed = [one for one in after if after[one].status is not there[one].status]
        assert changed == ([target.id] if target else [])


EVENTS: dict[str, Callable[[Anything], Awaitable[None]]] = {
    "roll_or_cut": Anything.roll_or_cut,
    "add_early": Anything.add_early,
    "add_late": Anything.add_late,
    "delete_under_cursor": Anything.delete_under_cursor,
    "restore": Anything.restore,
    "up": Anything.up,
    "home": Anything.home,
    "end": Anything.end,
    "clock_back": Anything.clock_back,
    "merge": Anything.merge,
}


@pytest.mark.timeout(240)  # eleven apps, one after the other
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(happens=st.lists(st.sampled_from(sorted(EVENTS)), min_size=3, max_size=8))
@example(["roll_or_cut", "clock_back", "roll_or_cut", "add_late", "roll_or_cut", "roll_or_cut", "merge"])
@example(["roll_or_cut", "add_early", "up", "delete_under_cursor", "merge", "restore", "add_late", "roll_or_cut"])
@example(["add_late", "delete_under_cursor", "restore", "home", "merge", "end", "roll_or_cut", "delete_under_cursor"])
def test_footer_cursor_row_and_log_agree_whatever_happens(happens: list[str]) -> None:
    async def work(folder: Path) -> None:
        place = Set(folder)
        shell = cast(SqliteLogbook, place.open())
        try:
            async with at_work(place) as at:
                await shoot(at)
                anything = Anything(at, shell)
                for each in happens:
                    await EVENTS[each](anything)
                    await anything.check()
        finally:
            shell.close()

    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        asyncio.run(work(Path(folder)))
