"""The Day screen: it says ready only when nothing is missing, and leads to what mends the rest."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from onset.capture.signals import ClockNow, ClocksNow, TimecodeNow
from onset.domain.camera import LinkState
from onset.domain.card import Card, Copy
from onset.domain.production import Day, Moment
from onset.domain.script import ScriptScene, ScriptVersion
from onset.logbook.terms import Event
from tests.tui.compared import a_compared_day, clip, link, shoot, starts
from tests.tui.support import CONFIG, At, Bus, Set, at_work
from tui import disk_question
from tui.day_morning import GIB, Morning, is_due, morning_items, room_items
from tui.day_sheet import DaySheet
from tui.screens import day as day_screen
from tui.screens.day import DayScreen
from tui.screens.review import ReviewScreen


async def _open(at: At) -> DayScreen:
    await at.press("g", "6")
    await at.until(lambda: isinstance(at.app.screen, DayScreen) and at.app.screen.is_mounted)
    screen = at.app.screen
    assert isinstance(screen, DayScreen)
    await at.until(lambda: screen.facts is not None and not screen._reread.busy)
    await at.settled()
    return screen


def _card(place: Set, verdict: str, *reasons: str) -> Card:
    copies = tuple(
        Copy(path=f"/nowhere/{disk}/A014", verified=3, failed=0, read_back="direct", manifest=None, disk=disk)
        for disk in ("RAID", "SHUTTLE")
    )
    return Card(
        id="", label="A014", fingerprint="f" * 32, files=3, size=9, verdict=verdict, reasons=reasons,
        wall_ns=place.clock.wall_ns(), copies=copies, day=1, camera="A", reel="A014", clips=0,
    )  # fmt: skip


def _a_good_day(place: Set) -> None:
    """A day with its call, and one take of two cameras with its clips."""
    place.open().close()
    log = place.open(role="dit")
    try:
        log.stamp_day(Moment.CALL, place.stamp())
        take = shoot(log, place, "42A", rolls={"A": "A014"})
        log.bring_in(
            [clip("A014C001", starts(take, -0.5)), clip("B007C001", starts(take, -0.5), camera="B", reel="B007")]
        )
        link(log, (take, "A014C001", LinkState.CONFIRMED, ""), (take, "B007C001", LinkState.CONFIRMED, ""))
    finally:
        log.close()


async def test_a_day_with_everything_in_its_place_is_ready(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    async with at_work(place) as at:
        await _open(at)
        drawn = at.drawn()
        assert "READY: nothing is missing" in drawn
        assert "NOT READY" not in drawn
        assert "day 1  2025-11-21" in drawn


async def test_the_morning_names_what_is_not_there_and_each_goes_when_it_is_mended(tmp_path: Path) -> None:
    config = (
        f'{CONFIG}[log]\nbackup_to = "{tmp_path / "disk"}"\n[capture]\ntimecode = ["MIX.ltc", "clock"]\n'
        '[[device]]\nname = "MIX"\nkind = "pyaudio"\n'
    )
    place = Set(tmp_path, config=config)
    place.start = lambda: setattr(place, "running", True)
    log = place.open(role="dit")
    try:
        async with at_work(place, size=(100, 40)) as at:
            screen = await _open(at)

            async def mended(words: str) -> None:
                screen._reread.now()
                await at.until(lambda: not screen._reread.busy and words not in at.drawn(), words)

            drawn = at.drawn()
            assert "no shooting day yet  NOT READY: 1 thing is open" in drawn
            wanted = (
                "no capture service",
                "stamped the call",
                "no clock was jammed",
                "no script is in",
                "nobody is on",
            )
            assert [words for words in wanted if words not in drawn] == []
            assert "on one disk only" not in drawn
            assert screen.page.stand_on("service:")
            await at.press("enter")
            await at.until(lambda: at.status == "The capture service runs: what rolls is recorded.")
            await mended("no capture service")
            assert "timecode comes from clock and not from MIX.ltc" in at.drawn(), "the service runs, and is not heard"
            place.source = "MIX.ltc"
            await mended("timecode comes from clock")
            assert "NOT YET READY: 2 things are still to come" in at.drawn()
            assert screen.page.stand_on("stamp:call")
            await at.press("s")
            await mended("stamped the call")
            log.jam("MIX", place.stamp(), tc="12:00:00:00")
            await mended("no clock was jammed")
            assert "READY: nothing is missing" in at.drawn()
            log.set_scene("41", {"heading": "INT. HALL - NIGHT"})
            await at.until(lambda: "nothing is scheduled for day 1" in at.drawn())
            assert "no script is in" in at.drawn(), "a scene that somebody typed is no script"
            log.take_script(ScriptVersion(name="White"), [ScriptScene(number="42", heading="INT. KITCHEN - NIGHT")])
            await mended("no script is in")
            log.plan(1, [("42", None)])
            await mended("nothing is scheduled")
            log.set_person("Maya Lind", {"role": "script supervisor"})
            await mended("nobody is on")
    finally:
        log.close()


def test_a_full_disk_is_told_and_the_evening_after_a_wrap_asks_for_nothing() -> None:
    (full,) = room_items(Path("/media/SHUTTLE"), GIB)
    facts = Morning(service=True, master="", jammed=False, script=True, scenes=True, copied=True)
    (call,) = morning_items(facts, DaySheet(day=None, number=1), "clock")
    assert (full.text, full.alarm) == ("/media/SHUTTLE has 1.0 GiB free; make room before recording", True)
    assert (call.name, call.alarm) == ("stamp:call", False)
    hour = 3_600_000_000_000
    wrapped = Day(id="", number=1, unit="Main", date="2025-11-21", wrapped_ns=hour)
    assert [is_due(wrapped, hours * hour) for hours in (2, 12)] == [False, True]


async def test_open_differences_lead_to_review_while_the_recording_disk_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = threading.Event()
    monkeypatch.setattr(disk_question, "ANSWERS_S", 0.01)
    monkeypatch.setattr(day_screen, "free_on", lambda _: GIB if mounted.wait() else 0)
    place = Set(tmp_path)
    place.open().close()
    a_compared_day(place)
    async with at_work(place) as at:
        await _open(at)
        await at.until(lambda: "does not answer; nothing can be recorded" in " ".join(at.drawn().split()))
        assert "NOT READY" in at.drawn()
        assert "script circled 42A/1" in at.drawn()
        assert "Enter go to Review" in at.footer
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, ReviewScreen) and at.app.screen.page is not None)
        mounted.set()


async def test_a_card_that_is_not_safe_says_why(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    log = place.open(role="dit")
    try:
        log.record_card(_card(place, "not safe", "SHUTTLE holds a file that differs"))
    finally:
        log.close()
    async with at_work(place) as at:
        await _open(at)
        drawn = " ".join(at.drawn().split())
        assert "!Do NOT format A014" in drawn
        assert "SHUTTLE holds a file that differs" in drawn
        assert "NOT READY: 1 thing is open" in drawn


async def test_a_safe_card_waits_for_the_person_who_clears_it_and_a_roll_for_its_offload(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    log = place.open(role="dit")
    try:
        card = log.record_card(_card(place, "safe"))
        async with at_work(place) as at:
            await _open(at)
            drawn = " ".join(at.drawn().split())
            assert "nobody has cleared it yet" in drawn
            assert "NOT YET READY: 1 thing is still to come" in drawn
            log.clear_card(card.id, by="Noor")
            await at.until(lambda: "READY: nothing is missing" in at.drawn())
            assert "cleared by Noor" in " ".join(at.drawn().split())
            take = shoot(log, place, "42B", rolls={"A": "A077", "B": "B007"})
            await at.until(lambda: "A077" in at.drawn())
            assert "READY: nothing is missing" not in at.drawn(), take.label
    finally:
        log.close()


async def test_a_take_whose_cut_nobody_saw_and_an_open_yesterday_are_missing(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    log = place.open()
    try:
        take = log.roll(place.stamp())
        place.clock.advance(30)
        log.interrupt(take.id, place.stamp())
    finally:
        log.close()
    place.clock.advance(86_400)
    async with at_work(place) as at:
        await _open(at)
        drawn = " ".join(at.drawn().split())
        assert f"{take.label} has no cut" in drawn
        assert "yesterday is still open: day 1 of 2025-11-21" in drawn


async def test_a_night_that_is_still_being_shot_is_no_yesterday(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.clock.advance(11.5 * 3_600)  # 23:30
    _a_good_day(place)
    place.clock.advance(3_600)
    async with at_work(place) as at:
        await _open(at)
        assert "yesterday" not in at.drawn()
        assert "READY: nothing is missing" in at.drawn()


async def test_wrapping_the_day_takes_two_steps(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    async with at_work(place) as at:
        screen = await _open(at)
        await at.press("ctrl+w")
        assert "again wraps day 1" in at.status
        assert (await at.app.hand.desk.read(lambda log: log.days()))[0].wrapped_ns is None
        at.later(30)  # the second press comes too late to be meant
        await at.press("ctrl+w")
        assert (await at.app.hand.desk.read(lambda log: log.days()))[0].wrapped_ns is None
        await at.press("ctrl+w")
        assert at.status == "Day 1 is wrapped."
        await at.until(lambda: "was wrapped at" in at.drawn())
        assert screen.hints()[0].text != "wrap day 1 (twice)"


async def test_a_rolling_take_keeps_the_day_open(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    async with at_work(place) as at:
        await at.press("space")
        await _open(at)
        await at.press("ctrl+w", "ctrl+w")
        assert "still rolls" in at.status


async def test_clocks_of_the_devices_and_alarms_stand_on_the_page(tmp_path: Path) -> None:
    bus = Bus()
    config = CONFIG + '[capture]\ntimecode = ["MIX.ltc", "clock"]\n'
    place = Set(tmp_path, live=bus, config=config)
    _a_good_day(place)
    now_ns = place.clock.monotonic_ns()
    bus.put("MIX.ltc", TimecodeNow(source="MIX.ltc", frames=1000, rate="24", mono_ns=now_ns))
    master = ClockNow(source="MIX.ltc", state="master", tc="00:00:41:16", rate="24")
    bus.put("clock", ClocksNow(device="clock", master="MIX.ltc", clocks=[master], mono_ns=now_ns))
    async with at_work(place, size=(120, 40)) as at:
        await _open(at)
        await at.until(lambda: "MIX.ltc" in at.drawn())
        assert "00:00:41:16" in at.drawn()
        log = place.open(role="dit")
        try:
            log.event(Event(wall_ns=place.clock.wall_ns(), device="A014", what="x", detail="C007 is lost", alarm=True))
        finally:
            log.close()
        await at.until(lambda: "alarm: C007 is lost" in at.drawn())
        bus.clear()  # as when the service ended with the wrap
        at.later(5)
        await at.until(lambda: "MIX.ltc not heard" in at.drawn())
        assert "NOT READY" in at.drawn()


async def test_a_production_without_a_take_has_a_day_page(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        await _open(at)
        assert "no shooting day yet  NOT YET READY: 1 thing is still to come   " in at.drawn(), "cut at 80 columns"
        await at.press("ctrl+w")
        assert at.status == "No shooting day is open."


async def test_what_is_mended_elsewhere_leaves_the_page_without_a_key(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_good_day(place)
    log = place.open(role="dit")
    try:
        take = log.takes()[0]
        log.set_angle(take.id, "A", {"roll": "A099"})
        async with at_work(place) as at:
            await _open(at)
            assert "NOT READY" in at.drawn()
            log.set_angle(take.id, "A", {"roll": "A014"})
            await at.until(lambda: "READY: nothing is missing" in at.drawn())
    finally:
        log.close()


async def test_day_that_nobody_ended_yesterday_is_offered_for_closing_at_the_start(tmp_path: Path) -> None:
    place = Set(tmp_path)
    log = place.open()
    try:
        log.cut(log.roll(place.stamp()).id, place.stamp())
    finally:
        log.close()
    place.clock.advance(36 * 3600)
    async with at_work(place) as at:
        await at.until(lambda: "is still open" in at.status)
        assert at.status.startswith("! Day 1 of 2025-11-21 is still open, last at ")
        assert at.status.endswith("; G 6, Ctrl+W twice wraps it.")
