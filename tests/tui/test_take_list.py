"""A list of ten thousand takes: only what is looked at is fetched, and nothing shifts when takes come and go."""

from __future__ import annotations

import dataclasses

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

    def page(self, before: str | None) -> list[Take]:
        self.asked += 1
        older = [take for take in reversed(self.takes) if before is None or take.id < before]
        return older[:PAGE]

    def fetch(self, pages: TakePages, row: int) -> None:
        while (step := pages.next_to_fetch(pages.page_of(row))) is not None:
            pages.add(step[0], self.page(step[1]))


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


def test_a_deleted_take_asks_for_the_list_anew_and_an_unseen_one_does_not() -> None:
    log = Log(1_000)
    pages = _begun(log)
    assert not pages.put(dataclasses.replace(_take(999), deleted=True))
    assert pages.put(dataclasses.replace(_take(5), deleted=False))


def test_an_empty_log_gets_its_first_take() -> None:
    pages = TakePages()
    pages.begin([], 0)
    assert pages.put(_take(1))
    assert pages.count == 1
    assert pages.at(0) is not None


def test_columns_fill_any_width_without_overflow() -> None:
    for width in range(60, 260):
        for cameras in ((), ("A",), ("A", "B"), ("A", "B", "C", "D")):
            found = columns(cameras, width)
            assert 2 + sum(column.width + 1 for column in found) <= max(width, 74) + 1


def test_nothing_on_a_take_is_called_linked_without_a_link() -> None:
    assert media_text(_take(1)) == "-"


def test_numerals_fall_back_to_text_that_fits() -> None:
    for text in ("42C/3", "41+122AA/12", "KÜCHE 2/1", "x" * 60, "[/]\x1b[3J"):
        assert all(len(line) == 39 for line in drawn(text, 39))
        assert "\x1b" not in "".join(drawn(text, 39))
