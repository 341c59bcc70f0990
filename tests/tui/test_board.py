"""The village's board follows the log on any terminal, says no word that was meant for others, and outlives the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len

from logging_db.onlooker import Onlooker
from onset.domain.note import Audience
from onset.domain.take import Status
from onset.logbook.village import village_board
from tests.tui.support import Set
from tests.tui.test_hostile import FORBIDDEN, HOSTILE
from tui.board_app import BoardApp, BoardDeps
from tui.widgets.village import VillageView

PRIVATE = "the producer is asleep"


def _deps(place: Set, unit: str = "Main") -> BoardDeps:
    return BoardDeps(
        onlooker=Onlooker(place.folder / "log.onset", place.clock),
        read=lambda log, most: village_board(log, unit, most=most),
        clock=place.clock,
        label_at=place.label_at,
    )


def _drawn(app: BoardApp) -> list[str]:
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def _shows(app: BoardApp, words: str) -> bool:
    return words in "\n".join(_drawn(app))


async def _until(app: BoardApp, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def test_board_shows_a_note_or_stays_behind_the_log(tmp_path: Path) -> None:
    place = Set(tmp_path)
    with closing(place.open()) as log:
        take = log.roll(place.stamp())
        log.note(take.id, PRIVATE, audience=Audience.PRIVATE)
        log.set_take(take.id, {"description": PRIVATE, "status_reason": PRIVATE})
        log.tag(take.id, add=["asleep"])
        app, other = BoardApp(_deps(place)), BoardApp(_deps(place))
        async with app.run_test(size=(80, 24)) as pilot, other.run_test(size=(250, 80)):
            await _until(app, lambda: app.board is not None)
            place.clock.advance(41)
            await _until(app, lambda: "● ROLLING 42A/1" in "\n".join(_drawn(app)))
            app.screen.query_one(VillageView).tick()
            await pilot.pause()
            assert "~ ┃ ┃ ╏ ┗━┫  ┃" in "\n".join(_drawn(app))  # 0:41, and nobody stamped an action
            log.cut(take.id, place.stamp())
            log.set_take(take.id, {"status": Status.CIRCLED})
            for each in (app, other):
                await _until(each, partial(_shows, each, "CIRCLED"))
            shown = _drawn(app)
            assert all(len(row) == 80 for row in shown)
            assert len(shown) == 24
            for words in ("Harbour Lights  day 1", "○ NOT ROLLING", "last 42A/1 ~0:41 CIRCLED", "(1)", "Q close"):
                assert words in "\n".join(shown), words
            assert "asleep" not in "\n".join([*shown, *_drawn(other)])
            board = app.board
            assert board is not None
            for text in HOSTILE:  # as another laptop's log may bring it in
                spoiled = replace(board.takes[0], slate=text, scene=text, cameras=((text, text),))
                app._show(
                    replace(board, title=text, unit=text, heading=text, slate=text, rolling=spoiled, takes=(spoiled,))
                )
                await pilot.pause()
                drawn = _drawn(app)
                assert not set("".join(drawn)) & set(FORBIDDEN), text
                assert all(cell_len(row) == 80 for row in drawn), text
            await pilot.press("Q")
        await asyncio.sleep(0)
        assert not app.is_running
        for each in (app, other):
            each.end()


async def test_log_that_is_away_ends_the_board_or_empties_it(tmp_path: Path) -> None:
    place = Set(tmp_path)
    with closing(place.open()) as log:
        take = log.roll(place.stamp())
        log.cut(take.id, place.stamp())
    path, away = tmp_path / "log.onset", tmp_path / "away"
    deps = _deps(place)
    app = BoardApp(deps)
    async with app.run_test(size=(80, 24)):
        await _until(app, lambda: app.board is not None)
        path.rename(away)
        await _until(app, lambda: app.trouble != "")
        assert "waits until it is there again" in app.trouble
        assert app.board is not None
        assert app.board.takes[0].label == "42A/1"
        away.rename(path)
        place.clock.advance(1.5)
        await _until(app, lambda: app.trouble == "")
        with closing(place.open()) as log:
            log.set_take(take.id, {"status": Status.HOLD})
            await _until(app, lambda: app.board is not None and app.board.takes[0].words == "hold")
    app.end()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log.onset"]


def test_onlooker_takes_a_seat_or_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path)
    place.open().close()
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    before = (tmp_path / "log.onset").read_bytes()
    with closing(Onlooker(tmp_path / "log.onset", place.clock)) as onlooker:
        assert onlooker.moved()
        assert not onlooker.moved()
        assert onlooker.read(lambda log: log.board().slate) == "42A"
    assert (tmp_path / "log.onset").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["log.onset"]


def test_log_on_a_read_only_medium_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path)
    with closing(place.open()) as log:
        monkeypatch.setattr("logging_db.opening._is_here", lambda path: False)  # as from another program
        monkeypatch.setattr("logging_db.opening._why_read_only", lambda path: "It is on a read-only medium.")
        with closing(Onlooker(tmp_path / "log.onset", place.clock)) as onlooker:
            assert onlooker.moved()
            assert onlooker.read(lambda log: log.board().rolling) is None
            log.roll(place.stamp())
            assert not onlooker.moved()  # a second has not passed: a copy is no small thing
            place.clock.advance(1.5)
            assert onlooker.moved()
            rolling = onlooker.read(lambda log: log.board().rolling)
            assert rolling is not None
            assert rolling.label == "42A/1"


def test_log_of_an_earlier_version_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Set(tmp_path)
    place.open().close()
    before = (tmp_path / "log.onset").read_bytes()
    monkeypatch.setattr("logging_db.schema.VERSION", 1_000)
    with (
        closing(Onlooker(tmp_path / "log.onset", place.clock)) as onlooker,
        pytest.raises(Exception, match="earlier onset"),
    ):
        onlooker.moved()
    assert (tmp_path / "log.onset").read_bytes() == before
