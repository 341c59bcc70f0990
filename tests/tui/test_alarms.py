"""Alarms: on every screen, on every seat, until somebody has seen them or they are over; and never in the way."""

from __future__ import annotations

from pathlib import Path

from logging_db.logbook import SqliteLogbook
from onset.capture.signals import AlarmNow, Standing
from onset.logbook.terms import Event, Next, TakeFilter
from tests.logging_db.support import DyingDisk
from tests.tui.support import CONFIG, MONO, At, Bus, Set, at_work
from tui.screens.day import DayScreen
from tui.screens.devices import DevicesScreen
from tui.screens.offload import OffloadScreen
from tui.screens.place import PlaceScreen
from tui.screens.review import ReviewScreen
from tui.widgets.alarm_line import AlarmLine

LOST = "A014C007 unreadable: 42C/3 circled; B is safe"


def _ring(place: Set, detail: str = LOST, *, what: str = "unreadable A014C007", alarm: bool = True) -> None:
    """Another seat writes an event."""
    log = place.open(role="dit")
    try:
        log.event(Event(wall_ns=place.clock.wall_ns(), device="A014", what=what, detail=detail, alarm=alarm))
    finally:
        log.close()


def _line(at: At) -> AlarmLine:
    return at.app.screen.query_one(AlarmLine)


async def test_an_alarm_of_another_seat_stands_on_every_screen(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        assert not _line(at).display
        _ring(place)
        await at.until(lambda: _line(at).display)
        assert LOST in _line(at).text
        places: tuple[tuple[str, type[PlaceScreen]], ...] = (
            ("2", ReviewScreen), ("3", OffloadScreen), ("4", DevicesScreen), ("6", DayScreen),
        )  # fmt: skip
        for digit, screen in places:
            await at.press("g", digit)
            await at.until(lambda screen=screen: isinstance(at.app.screen, screen) and at.app.screen.is_mounted)  # type: ignore[misc]
            await at.settled()
            assert LOST in _line(at).text, digit
            assert "ALARM" in at.drawn(), digit


async def test_what_is_said_afterwards_does_not_hide_an_alarm(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        _ring(place)
        await at.until(lambda: _line(at).display)
        await at.press("space")
        at.later(10)
        await at.press("space", "c")
        assert "circled" in at.status
        assert LOST in at.drawn()


async def test_an_app_that_is_opened_afterwards_shows_it_and_one_that_saw_it_does_not(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    _ring(place)
    async with at_work(place) as at:
        assert LOST in _line(at).text
        await at.press("ctrl+a")
        assert not _line(at).display
        assert at.status == f"Seen: {LOST}."
    async with at_work(place) as at:
        assert not _line(at).display
        _ring(place, "A014C008 unreadable: 42C/4", what="unreadable A014C008")
        await at.until(lambda: _line(at).display)
        assert LOST not in _line(at).text


async def test_several_alarms_are_counted_and_come_up_one_by_one(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        for number in (7, 8, 9):
            _ring(place, f"A014C00{number} unreadable", what=f"unreadable A014C00{number}")
            at.later(1)
        await at.until(lambda: "ALARM 1 of 3" in _line(at).text)
        assert "A014C009" in _line(at).text
        await at.pilot.click(_line(at))
        await at.until(lambda: "ALARM 1 of 2, Ctrl+A when seen: A014C008 unreadable" in _line(at).text)
        await at.press("ctrl+a", "ctrl+a", "ctrl+a")
        assert not _line(at).display
        assert at.status == "No alarm stands."


async def test_an_alarm_ends_by_itself_when_the_file_could_be_read_after_all(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        _ring(place)
        await at.until(lambda: _line(at).display)
        at.later(60)
        _ring(place, "A014C007 could be read after all", alarm=False)
        await at.until(lambda: not _line(at).display)


async def test_an_alarm_of_yesterday_rings_no_more(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    _ring(place)
    log = place.open()
    try:
        log.cut(log.roll(place.stamp()).id, place.stamp())
        log.wrap_day("Main", place.stamp())
        place.clock.advance(86_400)
        log.cut(log.roll(place.stamp()).id, place.stamp())
    finally:
        log.close()
    async with at_work(place) as at:
        assert not _line(at).display


async def test_an_alarm_may_be_long_and_the_keys_stay_readable(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        _ring(place, "A014C007 unreadable: " + " and ".join(f"42C/{n} circled" for n in range(1, 30)))
        await at.until(lambda: _line(at).display)
        await at.settled()
        assert _line(at).size.height <= 3
        assert "Space" in at.drawn()
        assert "Ctrl+A when seen" in at.drawn()


async def test_marks_that_another_version_kept_ring_again(tmp_path: Path) -> None:
    place = Set(tmp_path)
    log = place.open()
    try:
        log.keep_draft("alarms seen", '{"not": "a list of ours"}')
    finally:
        log.close()
    _ring(place)
    async with at_work(place) as at:
        assert LOST in _line(at).text


async def test_take_that_is_in_the_journal_only_is_never_called_saved(tmp_path: Path) -> None:
    for name in ("Harbour", "SHUTTLE"):
        (tmp_path / name).mkdir()
    place = Set(tmp_path / "Harbour", second_to=tmp_path / "SHUTTLE")
    async with at_work(place) as at:
        log = at.app.hand.desk._log
        assert isinstance(log, SqliteLogbook)
        await at.press("b")
        await at.press("o")
        assert "saved 1" in at.drawn()
        log._writer = DyingDisk(log._writer)
        await at.press("space")
        await at.until(lambda: _line(at).display)
        await at.settled()
        assert "in the journal only" in at.drawn().splitlines()[0]
        assert "saved 1" not in at.drawn()
        assert "In the journal only" in _line(at).text
        assert at.app.hand.board.rolling is not None
        at.later(10)
        await at.press("space", "c")
        assert "circled" in at.status
        log.look_after()  # the disk is back
        await at.until(lambda: "In the journal only" not in _line(at).text)
        await at.settled()
        assert "saved 1" in at.drawn().splitlines()[0]
        assert [take.take for take in log.takes(TakeFilter(limit=None))] == ["1"]


async def test_edit_that_is_nowhere_is_never_called_saved(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        log = at.app.hand.desk._log
        assert isinstance(log, SqliteLogbook)
        await at.press("o")
        assert "saved 1" in at.drawn().splitlines()[0]
        disk, log._writer = log._writer, DyingDisk(log._writer)
        await at.press("e")
        assert "NOT saved" in at.drawn().splitlines()[0]
        log._writer = disk
        await at.press("o")
        assert "saved 1" in at.drawn().splitlines()[0]
        assert "NOT" not in at.drawn().splitlines()[0]


async def test_an_alarm_that_lasts_goes_when_it_is_over_and_rings_again_when_it_comes_twice_as_often(
    tmp_path: Path,
) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        log = place.open(role="capture")
        try:
            now_ns = place.clock.wall_ns()
            black = Event(wall_ns=now_ns, device="B", what="black", detail="B: black.", alarm=True, last_ns=now_ns)
            alarm_id = log.alarm_raised(black)
            await at.until(lambda: "B: black." in _line(at).text)
            log.alarm_cleared(alarm_id, cleared_ns=now_ns + 5)
            await at.until(lambda: not _line(at).display)
            log.alarm_again(alarm_id, last_ns=now_ns + 9, count=2)
            await at.until(lambda: _line(at).display)
            await at.press("ctrl+a")
            assert not _line(at).display
            log.alarm_again(alarm_id, last_ns=now_ns + 10, count=3)
            log.set_next(Next(slate="7"))
            await at.until(lambda: at.board().slate == "7")
            assert not _line(at).display, "three times is not twice as often as two"
            log.alarm_again(alarm_id, last_ns=now_ns + 11, count=4)
            await at.until(lambda: _line(at).display)
        finally:
            log.close()


async def test_alarm_that_the_log_cannot_take_is_heard_on_the_live_bus(tmp_path: Path) -> None:
    bus = Bus()
    place = Set(tmp_path, live=bus)
    async with at_work(place) as at:
        standing = AlarmNow(device="B", what="black", detail="B: black.", since_ns=place.clock.wall_ns())
        bus.put("capture", Standing(device="capture", alarms=[standing], mono_ns=MONO))
        await at.until(lambda: "B: black." in _line(at).text)
        log = place.open(role="capture")
        try:
            ns = standing.since_ns
            log.alarm_raised(Event(wall_ns=ns, device="B", what="black", detail="B: black.", alarm=True, last_ns=ns))
        finally:
            log.close()
        await at.settled()
        assert "1 of" not in _line(at).text, "the same alarm from both sides rings once"
        bus.put("capture", Standing(device="capture", alarms=[standing], mono_ns=MONO - 60_000_000_000))
        await at.press("ctrl+a")
        assert not _line(at).display


async def test_alarm_that_only_stands_in_the_list_rings_by_the_live_bus(tmp_path: Path) -> None:
    bus = Bus()
    place = Set(tmp_path, live=bus)
    async with at_work(place) as at:
        since_ns = place.clock.wall_ns()
        quiet = AlarmNow(device="DECK", what="timecode stopped", detail="DECK stopped.", since_ns=since_ns, rings=False)
        loud = AlarmNow(device="B", what="black", detail="B: black.", since_ns=since_ns)
        bus.put("capture", Standing(device="capture", alarms=[loud, quiet], mono_ns=MONO))
        await at.until(lambda: "B: black." in _line(at).text)
        assert "1 of" not in _line(at).text


CAMERA = CONFIG + '[[device]]\nname = "A"\nkind = "sim-camera"\n'


async def test_a_service_that_was_killed_in_a_take_is_seen_on_the_devices_screen_only(tmp_path: Path) -> None:
    bus = Bus()
    place = Set(tmp_path, live=bus, config=CAMERA)
    async with at_work(place) as at:
        bus.put("capture", Standing(device="capture", alarms=[], mono_ns=MONO))
        await at.press("space")
        await at.until(lambda: at.board().rolling is not None)
        at.later(4)
        await at.settled()
        assert not _line(at).display, "it may be busy"
        at.later(2)
        await at.until(lambda: "The capture service is gone: nothing is recorded." in _line(at).text)
        bus.put("capture", Standing(device="capture", alarms=[], mono_ns=place.clock.monotonic_ns()))
        await at.until(lambda: not _line(at).display)


async def test_a_service_that_ended_as_it_was_asked_to_rings(tmp_path: Path) -> None:
    bus = Bus()
    place = Set(tmp_path, live=bus, config=CAMERA)
    async with at_work(place) as at:
        bus.put("capture", Standing(device="capture", alarms=[], mono_ns=MONO, last=True))
        at.later(60)
        await at.settled()
        assert not _line(at).display
        await at.press("space")
        await at.until(lambda: "nothing is recorded" in _line(at).text)
