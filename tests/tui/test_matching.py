"""Matching by itself while the app is open: in idle moments, never in the way of a key, and never written twice."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from onset.domain.camera import LinkState
from onset.errors import LogError
from onset.logbook.protocol import Logbook
from onset.reconcile import day as matching_day
from tests.tui.compared import clip, media_ids, shoot, starts
from tests.tui.support import At, Set, at_work
from tui.matching import IDLE_NS, Matching
from tui.screens.log import LogScreen


def _matching(at: At) -> Matching:
    return next(each for each in at.app.hand.shows if isinstance(each, Matching))


def _shot(place: Set, takes: int = 3, *, come: bool = True) -> None:
    """Takes, and then (`come`) their clips from a card whose camera was 36.7 s ahead; nothing is linked."""
    place.open().close()
    log = place.open(role="dit")
    try:
        for number in range(takes):
            shoot(log, place, "42A", seconds=20 + 11 * number, rolls={"A": "A014"})
        if come:
            _bring(log)
    finally:
        log.close()


def _bring(log: Logbook) -> None:
    shot = sorted((take for take in log.takes() if take.duration_frames), key=lambda take: take.arrival)
    log.bring_in(
        [
            clip(f"A014C{number:03}", starts(take, 36.7), (take.duration_frames or 0) / 24 + 1)
            for number, take in enumerate(shot, 1)
        ]
    )


async def _idle(at: At) -> None:
    """Let the quiet time pass and wait until nothing is left to match."""
    await at.settled()
    at.later(IDLE_NS / 1e9 + 0.5)
    matching = _matching(at)
    await at.until(lambda: not matching.waiting)


async def test_files_that_came_while_the_app_was_closed_are_linked_when_it_opens(tmp_path: Path) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place)
    async with at_work(place) as at:
        await _idle(at)
        links = await at.app.hand.desk.read(lambda log: log.links())
        names = {media_id: name for name, media_id in (await at.app.hand.desk.read(media_ids)).items()}
        takes = {take.id: take.label for take in (await at.takes()).values()}
        assert {(takes[each.take_id], names[each.media_id]) for each in links} == {
            ("42A/1", "A014C001"),
            ("42A/2", "A014C002"),
            ("42A/3", "A014C003"),
        }
        assert all(each.state is not LinkState.REFUSED and each.evidence for each in links)


async def test_files_that_come_in_at_another_seat_are_linked_and_undo_still_means_one_s_own_edit(
    tmp_path: Path,
) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place, come=False)
    async with at_work(place) as at:
        await at.press("c")
        await _idle(at)
        other = place.open(role="dit")
        try:
            _bring(other)
        finally:
            other.close()
        await at.app.hand.catch_up()
        await _idle(at)
        assert len(await at.app.hand.desk.read(lambda log: log.links())) == 3
        await at.press("z")
        assert "no longer circled" in at.status
        assert len(await at.app.hand.desk.read(lambda log: log.links())) == 3


async def test_two_seats_that_match_at_once_write_nothing_twice(tmp_path: Path) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place)
    async with at_work(place) as one:
        await _idle(one)
        before = await one.app.hand.desk.read(lambda log: log.arrival())
        async with at_work(place) as two:
            await _idle(two)
            assert _matching(two).written == 0
            assert await two.app.hand.desk.read(lambda log: log.arrival()) == before
        await _idle(one)
        assert await one.app.hand.desk.read(lambda log: log.arrival()) == before


async def test_what_a_match_wrote_starts_no_match(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place)
    runs: list[int] = []
    real = matching_day.bring_up_to_date

    def counted(log: Logbook, unit: str, day: int, matcher: Any = None) -> int:
        runs.append(day)
        return real(log, unit, day, matcher)

    monkeypatch.setattr(matching_day, "bring_up_to_date", counted)
    async with at_work(place) as at:
        for _ in range(3):
            await _idle(at)
        assert runs == [1]


async def test_a_key_does_not_wait_for_a_match_that_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place)
    begun, go_on = threading.Event(), threading.Event()

    def slow(log: Logbook, unit: str, day: int, matcher: object = None) -> int:
        begun.set()
        go_on.wait(30)
        return 0

    monkeypatch.setattr(matching_day, "bring_up_to_date", slow)
    async with at_work(place) as at:
        try:
            at.later(IDLE_NS / 1e9 + 0.5)
            await at.until(begun.is_set)
            at.later(2)
            await at.press("space")
            assert at.board().rolling is not None  # logged and drawn while the match goes on
            at.later(30)
            await at.press("space")
            assert at.board().rolling is None
        finally:
            go_on.set()


async def test_nothing_is_matched_while_the_set_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place)
    runs: list[int] = []

    def counted(*_: object) -> int:
        runs.append(1)
        return 0

    monkeypatch.setattr(matching_day, "bring_up_to_date", counted)
    async with at_work(place) as at:
        other = place.open(role="dit")
        try:
            take = other.takes()[0]
            for number in range(6):  # something moves every 0.4 s
                at.later(0.4)
                other.set_angle(take.id, "A", {"roll": f"A0{number + 20}"})
                await at.app.hand.catch_up()
                await at.pilot.pause(0.3)
        finally:
            other.close()
        assert runs == []


async def test_a_match_that_fails_is_said_and_the_app_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path, matching=True)
    _shot(place)

    def broken(*_: object) -> int:
        raise ZeroDivisionError("nobody thought of that")

    monkeypatch.setattr(matching_day, "bring_up_to_date", broken)
    async with at_work(place) as at:
        at.later(2)
        await at.until(lambda: "nobody thought of that" in at.status)
        at.later(2)
        await at.press("space")
        assert at.board().rolling is not None


async def test_a_log_that_cannot_be_opened_again_is_said_once_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Set(tmp_path)
    _shot(place)
    tries: list[int] = []

    def refuse() -> Logbook:
        tries.append(1)
        raise LogError("The log is locked.")

    deps = place.deps
    monkeypatch.setattr(place, "deps", lambda: dataclasses.replace(deps(), open_aside=refuse))
    async with at_work(place) as at:
        at.later(2)
        await at.until(lambda: "The log is locked." in at.status)
        at.later(60)
        await at.pilot.pause(0.6)
        assert len(tries) == 1
        assert isinstance(at.app.screen, LogScreen)


async def test_the_screen_answers_a_key_in_time_while_a_big_day_is_matched(tmp_path: Path) -> None:
    """A real match of a day goes on in its thread; a roll has to be in the log and drawn all the same."""
    place = Set(tmp_path, matching=True)
    _shot(place, 9)
    async with at_work(place) as at:
        at.later(2)
        began = time.monotonic()
        await at.press("space")
        took = time.monotonic() - began
        assert at.board().rolling is not None
        assert took < 2.0  # a loaded machine; the measurement stands in docs/benchmarks.md
