"""Two shooting days of a film that was half shot before, in a log in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from logging_db.logbook import SqliteLogbook
from logging_db.sqlite_library import Connection, connect
from onset.clock import ManualClock
from onset.domain.note import Audience
from onset.domain.production import Moment
from onset.domain.scene import Coverage, OwedKind
from onset.domain.script import ScriptScene, ScriptVersion
from onset.domain.take import Kind
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet, assert_projections_are_a_rebuild, memory_log

_FIRST = ("1", 10, 60), ("2", 12, 80), ("40", 30, 200)
WHITE = (*_FIRST, ("41", 8, 60), ("42", 12, 90), ("43", 19, 120), ("44", 3, 20), ("45", 2, None))
BLUE = (*WHITE[:5], ("43", 21, 130), *WHITE[6:], ("46", 6, 45))


@cache
def _shot() -> tuple[Connection, OnSet]:
    """The film as it was shot once; kept in memory, and never changed."""
    with memory_log(Path("/nowhere")) as on_set:
        _before(on_set)
        _day_one(on_set)
        _day_two(on_set)
        return _copied(on_set.log._writer), on_set


def _copied(log: Connection) -> Connection:
    copy = connect(None)
    log.backup(copy)  # type: ignore[attr-defined]  # of both SQLite libraries
    return copy


def _opened(connection: Connection, then: OnSet, folder: Path, clock: ManualClock) -> SqliteLogbook:
    seat = then.log.seat
    return SqliteLogbook(connection, connection, None, folder, seat=seat, author=seat.name, clock=clock, read_only=None)


@contextmanager
def a_film(folder: Path) -> Iterator[OnSet]:
    """A copy to work on: day 1 is over, day 2 goes on."""
    shot, then = _shot()
    clock = ManualClock(wall_ns=then.clock.wall_ns(), monotonic_ns=then.clock.monotonic_ns())
    log = _opened(_copied(shot), then, folder, clock)
    try:
        yield OnSet(log, clock)
        assert_projections_are_a_rebuild(log)
    finally:
        log.close()


def shoot(on_set: OnSet, slate: str, *seconds: float, kind: Kind = Kind.NORMAL, circle: bool = True) -> list[str]:
    """Takes of a slate, each with its action a second after the roll; the last is circled. Returns their ids."""
    log = on_set.log
    made = []
    for length in seconds:
        log.set_next(Next(slate=slate, kind=kind))
        take = on_set.roll("10:00:00:00")
        if kind is not Kind.WILD_TRACK:
            on_set.clock.advance(1.0)
            log.action(take.id, on_set.stamp())
        on_set.clock.advance(length)
        log.cut(take.id, on_set.stamp())
        on_set.clock.advance(30.0)
        made.append(take.id)
    if circle:
        log.set_take(made[-1], {"status": "circled"})
    return made


def _before(on_set: OnSet) -> None:
    log = on_set.log
    log.set_production({"script_supervisor": "Maya Lind"})
    log.set_balance(
        {"days": 11, "scenes": 2, "setups": 204, "takes": 900, "circled": 310, "eighths": 20, "seconds": 150}
    )
    log.take_script(ScriptVersion(name="white", digest="w"), [_scene(*one) for one in WHITE])


def _scene(number: str, eighths: int, estimate_s: int | None) -> ScriptScene:
    return ScriptScene(
        number=number,
        heading=f"INT. ROOM {number} - DAY",
        eighths=eighths,
        eighths_estimated=estimate_s is None,
        estimate_s=estimate_s,
    )


def _day_one(on_set: OnSet) -> None:
    log = on_set.log
    log.set_next(Next(rolls={"A": "A012"}, sound_roll="S001"))
    shoot(on_set, "42", 40.0, 42.0)
    log.owe(OwedKind.INSERT, "the letter", scene="42")
    log.owe(OwedKind.RETAKE, "out of focus", scene="41")
    log.credit("42", Coverage.PART, eighths=8, seconds=40)
    log.credit("41", Coverage.COMPLETE, eighths=8, seconds=70)
    log.wrap_day("Main", on_set.stamp())


def _day_two(on_set: OnSet) -> None:
    log = on_set.log
    on_set.clock.advance(20 * 3600.0)
    log.stamp_day(Moment.CALL, on_set.stamp())
    log.set_day(2, {"location": "Quay 4", "weather": "rain", "timezone": "+02:00"})
    log.plan(2, [("42", None), ("43", None)])
    log.plan(2, [("44", None)], eighths=2)
    log.take_script(ScriptVersion(name="blue", digest="b"), [_scene(*one) for one in BLUE])
    log.set_next(Next(rolls={"A": "A013"}))
    (insert,) = shoot(on_set, "42A", 12.0)
    shoot(on_set, "43", 25.0, 61.0)
    log.set_setup("43", {"description": "Master, from the door", "size": "WS"}, cameras={"A": {"lens": "35mm"}})
    (again,) = shoot(on_set, "41", 66.0)
    (late,) = shoot(on_set, "45", 15.0)
    log.note(late, "window reflects", audience=Audience.PRODUCTION)
    log.note(late, "he forgot everything", audience=Audience.PRIVATE)
    log.note(late, "use the end only")
    shoot(on_set, "43WT", 20.0, kind=Kind.WILD_TRACK)
    shoot(on_set, "43", 2.0, kind=Kind.FALSE_START, circle=False)
    owed = {one.text: one.id for one in log.owed()}
    log.settle_owed(owed["the letter"], insert)
    log.settle_owed(owed["out of focus"], again)
    log.owe(OwedKind.WILD_TRACK, "gulls", scene="43")
    log.note_scene("43", "rain cover asked for", audience=Audience.PRODUCTION)
    log.credit("42", Coverage.COMPLETE, eighths=4, seconds=55, note="with the letter")
    log.credit("43", Coverage.PART, eighths=10, seconds=61)
    log.credit("45", Coverage.COMPLETE, eighths=2, seconds=15)
