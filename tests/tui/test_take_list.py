"""A list of ten thousand takes: only what is looked at is fetched, and nothing shifts when takes come and go."""

from __future__ import annotations

import dataclasses

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from onset.domain.take import State, Take
from tui.take_pages import KEPT, PAGE, TakePages
from tui.widgets.numerals import drawn
from tui.widgets.take_row import columns, media_text


def _take(number: int) -> Take:
    return Take(
        id=f"{number:032x}", unit="Main", day=1, episode=None, scene="1", slate="1", take=str(number), ordinal=number,
        arrival=number * 3, state=State.CUT, rate="24", rolled_ns=number, cut_ns=number,
    )  # fmt: skip


class Log:
    """So many takes, paged as the logbook pages them."""

    def __init__(self, count: int) -> None:
        self.takes = [_take(number) for number in range(count)]
        self.asked = 0

    def page(self, before: str | None, size: int = PAGE) -> list[Take]:
        self.asked += 1
        place = None if before is None else next(take.shot for take in self.takes if take.id == before)
        there = sorted((take for take in self.takes if not take.deleted), key=lambda take: take.shot, reverse=True)
        return [take for take in there if place is None or take.shot < place][:size]

    def fetch(self, pages: TakePages, row: int) -> None:
        while pages.at(row) is None and (step := pages.next_to_fetch(pages.page_of(row))) is not None:
            pages.add(step[0], self.page(*step[1:]))


def _begun(log: Log) -> TakePages:
    pages = TakePages()
    pages.begin(log.page(None), len(log.takes))
    return pages


def test_any_row_of_ten_thousand_is_the_right_take() -> None:
    log = Log(10_000)
    pages = _begun(log)
    for row in (9_999, 9_800, 9_799, 5_000, 0, 4_321):
        log.fetch(pages, row)
        take = pages.at(row)
        assert take is not None
        assert take.take == str(row)


def test_only_what_is_looked_at_is_fetched_and_little_is_kept() -> None:
    log = Log(10_000)
    pages = _begun(log)
    assert log.asked == 1
    log.fetch(pages, 0)
    kept = sum(pages.at(row) is not None for row in range(10_000))
    assert kept <= (KEPT + 1) * PAGE
    log.fetch(pages, 9_700)  # the way back, to a page that was let go
    assert pages.at(9_700) is not None


def test_new_takes_shift_nothing_above_them() -> None:
    log = Log(1_000)
    pages = _begun(log)
    log.fetch(pages, 100)
    for number in range(1_000, 1_450):
        assert pages.put(_take(number))
    for row in (100, 1_449, 1_000, 999):
        take = pages.at(row)
        assert take is not None
        assert take.take == str(row)
    assert pages.row_of(f"{100:032x}") == 100


def test_a_deleted_take_goes_and_one_that_is_not_here_asks_for_the_list_anew() -> None:
    log = Log(1_000)
    pages = _begun(log)
    assert pages.put(dataclasses.replace(_take(999), deleted=True), moved=True)
    assert pages.count == 999
    assert pages.put(dataclasses.replace(_take(5), description="wide"))
    assert not pages.put(dataclasses.replace(_take(5), deleted=True), moved=True)


def test_an_empty_log_gets_its_first_take() -> None:
    pages = TakePages()
    pages.begin([], 0)
    assert pages.put(_take(1))
    assert pages.count == 1
    assert pages.at(0) is not None


def test_columns_fill_any_width_without_overflow() -> None:
    for width in range(16, 260):  # beside a panel there is little
        for cameras in ((), ("A",), ("A", "B"), ("A", "B", "C", "D")):
            found = columns(cameras, width)
            assert 2 + sum(column.width + 1 for column in found) <= width + 1
            assert found[0].key == "slate"
            assert width < 80 or found[-1].key == "notes"


def test_nothing_on_a_take_is_called_linked_without_a_link() -> None:
    assert media_text(_take(1)) == "-"


def test_numerals_fall_back_to_text_that_fits() -> None:
    for text in ("42C/3", "41+122AA/12", "KÜCHE 2/1", "x" * 60, "[/]\x1b[3J"):
        assert all(len(line) == 39 for line in drawn(text, 39))
        assert "\x1b" not in "".join(drawn(text, 39))


class _Anyhow(RuleBasedStateMachine):
    """Takes come, go and move, pages are fetched and let go: what is shown is what the log lists, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log(0)
        self.pages = TakePages()
        self.made = 0

    @initialize(count=st.sampled_from([0, 3, PAGE - 1, PAGE, 3 * PAGE + 7, (KEPT + 4) * PAGE]))
    def begin(self, count: int) -> None:
        self.log = Log(count)
        self.made = count
        self.pages.begin(self.log.page(None), count)

    def _there(self) -> list[Take]:
        return sorted((take for take in self.log.takes if not take.deleted), key=lambda take: take.shot)

    def _told(self, take: Take, *, came: bool, moved: bool) -> None:
        self.log.takes = [one for one in self.log.takes if one.id != take.id] + [take]
        if not self.pages.put(take, came=came, moved=moved):
            self.pages.begin(self.log.page(None), len(self._there()))

    @rule(place=st.integers(0, 9_000))
    def fetch(self, place: int) -> None:
        if self.pages.count:
            self.log.fetch(self.pages, place % self.pages.count)

    @rule(rolled=st.integers(0, 9_000) | st.none(), deleted=st.booleans())
    def come(self, rolled: int | None, deleted: bool) -> None:
        self.made += 1
        new = dataclasses.replace(_take(self.made), deleted=deleted)
        self._told(new if rolled is None else dataclasses.replace(new, rolled_ns=rolled), came=True, moved=True)

    @rule(which=st.integers(0, 9_000), last=st.booleans())
    def delete(self, which: int, last: bool) -> None:
        if there := self._there():
            take = there[-1 - which % min(4, len(there))] if last else there[which % len(there)]
            self._told(dataclasses.replace(take, deleted=True), came=False, moved=True)

    @rule(which=st.integers(0, 9_000))
    def restore(self, which: int) -> None:
        if gone := [take for take in self.log.takes if take.deleted]:
            self._told(dataclasses.replace(gone[which % len(gone)], deleted=False), came=True, moved=True)

    @rule(which=st.integers(0, 9_000), rolled=st.integers(0, 9_000), day=st.sampled_from([1, 1, 2]))
    def move(self, which: int, rolled: int, day: int) -> None:
        if there := self._there():
            take = there[which % len(there)]
            self._told(dataclasses.replace(take, rolled_ns=rolled, day=day), came=False, moved=True)

    @rule(which=st.integers(0, 9_000))
    def note(self, which: int) -> None:
        if there := self._there():
            take = dataclasses.replace(there[which % len(there)], description="wide")
            self._told(take, came=False, moved=False)

    @invariant()
    def rows_are_the_list(self) -> None:
        there = self._there()
        assert self.pages.count == len(there)
        for row in range(0, len(there), 1 + len(there) // 100):
            take = self.pages.at(row)
            assert take in (None, there[row])
            assert take is None or self.pages.row_of(take.id) == row
        for row in range(max(0, len(there) - PAGE // 2), len(there)):
            assert self.pages.at(row) == there[row]


_Anyhow.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestTakesComeGoAndMoveAnyhow = _Anyhow.TestCase
