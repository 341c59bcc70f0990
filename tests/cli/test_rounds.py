"""Backups that are not made on time, and alarms about them that ring twice or for ever."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log
from onset.cli.find import open_logbook
from onset.cli.rounds import Rounds, rounds_beside
from onset.clock import ManualClock, SystemClock
from onset.config import LogConfig
from onset.domain.take import Stamp
from onset.logbook.terms import Event, Next
from tests.logging_db.support import a_clock

EVERY_S = 600.0


class Place:
    """A production and the disk that it is backed up to."""

    def __init__(self, folder: Path) -> None:
        self.clock: ManualClock = a_clock()
        self.production = folder / "Harbour"
        self.shuttle = folder / "SHUTTLE"
        for each in (self.production, self.shuttle):
            each.mkdir()
        create_log(self.production, title="Harbour", rate="25", clock=self.clock)
        self.config = LogConfig(self.shuttle, EVERY_S)

    def rounds(self) -> Rounds:
        return Rounds(self.production, self.config, self.clock)

    def take(self) -> None:
        with closing(open_logbook(self.production)) as log:
            wall_ns, mono_ns = self.clock.wall_ns(), self.clock.monotonic_ns()
            take = log.roll(Stamp(wall_ns=wall_ns, mono_ns=mono_ns), change=Next(slate="1"))
            log.cut(take.id, Stamp(wall_ns=wall_ns, mono_ns=mono_ns))

    def backups(self) -> int:
        return sum(name.endswith(".onset") for name in os.listdir(self.shuttle)) if self.shuttle.exists() else 0

    def alarms(self) -> list[Event]:
        with closing(open_logbook(self.production)) as log:
            return [event for event in log.events() if event.what == "backup"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_backup_comes_late_or_without_anything_new(place: Place) -> None:
    rounds = place.rounds()
    rounds.look()
    assert place.backups() == 1
    place.take()
    for _ in range(9):
        place.clock.advance(60.0)
        rounds.look()
    assert place.backups() == 1
    place.clock.advance(60.0)
    rounds.look()
    assert place.backups() == 2
    for _ in range(5):
        place.clock.advance(EVERY_S)
        rounds.look()
    assert place.backups() == 2


def test_app_and_service_each_make_one(place: Place) -> None:
    app, service = place.rounds(), place.rounds()
    for _ in range(3):
        place.take()
        app.look()
        service.look()
        place.clock.advance(EVERY_S)
    assert place.backups() == 3


def test_disk_that_is_away_rings_every_minute_or_for_ever(place: Place) -> None:
    away = place.shuttle.with_name("away")
    place.shuttle.rename(away)
    app, service = place.rounds(), place.rounds()
    for _ in range(5):
        app.look()
        service.look()
        place.clock.advance(60.0)
    (alarm,) = place.alarms()
    assert alarm.alarm
    assert "SHUTTLE is not there; connect its disk" in alarm.detail
    place.rounds().look()  # the app was closed and opened again
    assert len(place.alarms()) == 1
    away.rename(place.shuttle)
    place.clock.advance(60.0)
    app.look()
    service.look()
    assert place.backups() == 1
    assert [event.alarm for event in place.alarms()] == [False, True]


def test_clock_that_was_set_back_stops_the_backups(place: Place) -> None:
    rounds = place.rounds()
    rounds.look()
    place.take()
    place.clock.set_wall(place.clock.wall_ns() - 86_400_000_000_000)
    place.clock.advance(EVERY_S)
    rounds.look()
    assert place.backups() == 2


def test_production_without_backups_rings(place: Place) -> None:
    place.config = LogConfig()
    place.rounds().look()
    assert place.alarms() == []


def test_two_laptops_never_meet_while_their_apps_are_open(place: Place, tmp_path: Path) -> None:
    stick = tmp_path / "STICK"
    other = tmp_path / "Other"
    other.mkdir()
    shutil.copyfile(place.production / LOG_NAME, other / LOG_NAME)
    config = LogConfig(exchange=stick, exchange_every_s=60.0)
    here, there = Rounds(place.production, config, place.clock), Rounds(other, config, place.clock)
    place.take()
    here.look()
    with closing(open_logbook(place.production)) as log:
        (alarm,) = log.events()
        assert alarm.alarm
        assert "The logs do not meet" in alarm.detail
    stick.mkdir()
    for rounds in (here, there):
        place.clock.advance(60.0)
        rounds.look()
    with closing(open_logbook(other)) as log:
        assert [take.slate for take in log.takes()] == ["1"]
        assert not log.events()[0].alarm


def test_thread_outlives_the_app(place: Place) -> None:
    with rounds_beside(place.production, place.config, SystemClock()):
        while not place.backups():
            SystemClock().sleep(0.0)
    assert "rounds" not in {thread.name for thread in threading.enumerate()}
    assert (place.production / LOG_NAME).exists()
