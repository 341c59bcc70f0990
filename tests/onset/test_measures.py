"""Pages in eighths and screen time, as they stand on paper."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.domain.measures import eighths_of, in_eighths, in_screen_time, screen_time_of
from onset.errors import RefusedError

# What sheets show (facts on page eighths: whole pages, then 1/8 to 7/8), and what that is in eighths.
ON_PAPER = [("1/8", 1), ("7/8", 7), ("1", 8), ("1 1/8", 9), ("1 4/8", 12), ("2", 16), ("3 7/8", 31), ("119", 952)]


@pytest.mark.parametrize(("text", "eighths"), ON_PAPER)
def test_sheet_says_it_otherwise(text: str, eighths: int) -> None:
    assert eighths_of(text) == eighths
    assert in_eighths(eighths) == text


@given(st.integers(0, 79_999))
def test_pages_come_back_as_another_length(count: int) -> None:
    text = in_eighths(count)
    assert eighths_of(text) == count
    assert re.fullmatch(r"\d+|[1-7]/8|[1-9]\d* [1-7]/8", text, re.ASCII)


@given(st.text(alphabet="0123456789/ -.½", max_size=8))
def test_something_else_is_taken_for_pages(text: str) -> None:
    try:
        count = eighths_of(text)
    except RefusedError:
        return
    assert eighths_of(in_eighths(count)) == count


@pytest.mark.parametrize("text", ["8/8", "1 1/2", "0/8", "1 0/8", "9/8", "1.5", "", "-1", "½", "1 4/80", "٣", "12345"])
def test_length_that_no_sheet_shows_is_accepted(text: str) -> None:
    with pytest.raises(RefusedError, match="1 4/8"):
        eighths_of(text)


@given(st.integers(0, 86_400))
def test_screen_time_comes_back_as_another(seconds: int) -> None:
    text = in_screen_time(seconds)
    assert screen_time_of(text) == seconds
    *hours, minutes, rest = map(int, text.split(":"))
    assert sum(hours) * 3600 + minutes * 60 + rest == seconds
    assert rest < 60


@pytest.mark.parametrize("text", ["1:60", "1:2", ":20", "1:20.5", "a", "", "-1:00", "1:2:3", "٣:٠٠"])
def test_time_that_no_stopwatch_shows_is_accepted(text: str) -> None:
    with pytest.raises(RefusedError, match="1:20"):
        screen_time_of(text)
