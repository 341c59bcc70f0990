"""Times typed on a command line: the moment at which a clock of this place showed them, also when clocks change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from onset.domain.production import Day
from onset.domain.take import Stamp
from onset.errors import UsageError
from onset.logbook.typed_times import stamp_at, stamp_on_day
from onset.timecode import rate


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Summer time begins on 2026-03-29 at 02:00 and ends on 2026-10-25 at 03:00 (Directive 2000/84/EC)."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def meant(typed: str, now: datetime, project: str = "25") -> datetime:
    stamp = stamp_at(typed, Stamp(wall_ns=int(now.timestamp()) * 1_000_000_000, mono_ns=0), rate(project))
    return datetime.fromtimestamp(stamp.wall_ns / 1_000_000_000, UTC)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "now", "expected"),
    [
        ("14:02", utc(5, 29, 13), utc(5, 29, 12, 2)),  # a day like any other, at UTC+2
        ("14:02", utc(5, 29, 11), utc(5, 28, 12, 2)),  # still to come: yesterday
        ("10:00", utc(3, 29, 12), utc(3, 29, 8)),  # the clocks went forward this morning: not 09:00 UTC
        ("10:00", utc(10, 25, 12), utc(10, 25, 9)),  # they went back: not 08:00 UTC
        ("23:00", utc(3, 29, 12), utc(3, 28, 22)),  # yesterday evening, still at UTC+1
        ("23:00", utc(10, 25, 12), utc(10, 24, 21)),
        ("02:30", utc(10, 25, 12), utc(10, 25, 1, 30)),  # shown twice: the later one
        ("02:30", utc(10, 25, 1), utc(10, 25, 0, 30)),  # only the first one has been
        ("02:30", utc(3, 29, 12), utc(3, 28, 1, 30)),  # never shown today
        ("10:00:00:00", utc(3, 29, 12), utc(3, 29, 8)),  # timecode of the day as well
    ],
)
def test_time_is_read_by_the_calendar(typed: str, now: datetime, expected: datetime) -> None:
    assert meant(typed, now) == expected


def test_last_label_of_a_slow_clock_is_a_moment(berlin: None) -> None:
    """At 23.976 a label runs behind the clock: 23:59:00:00 is 26.3 s beyond midnight."""
    assert meant("23:59:00:00", utc(5, 29, 12), "23.976").replace(microsecond=0) == utc(5, 28, 22).replace(second=26)


def of_night(typed: str, *, known: tuple[datetime, ...], timezone: str = "", **told: bool | int) -> datetime:
    """The moment of the night of 29 May that is meant, typed two days later."""
    day = Day(id="", unit="Main", number=1, date="2026-05-29", timezone=timezone)
    now = Stamp(wall_ns=int(utc(5, 31, 12).timestamp()) * 1_000_000_000, mono_ns=0)
    known_ns = [int(moment.timestamp()) * 1_000_000_000 for moment in known]
    stamp = stamp_on_day(typed, day, known_ns, now, rate("25"), **told)  # type: ignore[arg-type]
    return datetime.fromtimestamp(stamp.wall_ns / 1_000_000_000, UTC)


NIGHT = (utc(5, 29, 16), utc(5, 30, 1))  # takes from 18:00 to 03:00 of this place


@pytest.mark.parametrize(
    ("typed", "known", "expected"),
    [
        ("00:30", NIGHT, utc(5, 29, 22, 30)),
        ("05:00", NIGHT, utc(5, 30, 3)),
        ("17:00", NIGHT, utc(5, 29, 15)),
        ("19:00", NIGHT, utc(5, 29, 17)),
        ("07:00", (), utc(5, 29, 5)),  # nothing is known of the day: on its date
        ("07:00", (utc(5, 29, 7), utc(5, 29, 16)), utc(5, 29, 5)),  # a day's call, not the next morning
    ],
)
def test_time_of_a_night_shoot_is_on_the_side_of_midnight_where_the_shooting_was(
    typed: str, known: tuple[datetime, ...], expected: datetime
) -> None:
    assert of_night(typed, known=known) == expected


def test_nothing_comes_before_the_call() -> None:
    short = (utc(5, 29, 12), utc(5, 29, 13))
    call_ns = int(utc(5, 29, 5).timestamp()) * 1_000_000_000
    assert of_night("01:30", known=(utc(5, 29, 5), *short), call_ns=call_ns) == utc(5, 29, 23, 30)
    assert of_night("16:30", known=NIGHT, first=True) == utc(5, 29, 14, 30)
    assert of_night("17:59", known=(utc(5, 30, 1),), first=True) == utc(5, 29, 15, 59)


def test_times_of_a_day_are_those_of_its_place() -> None:
    assert of_night("20:00", known=NIGHT, timezone="-03:00") == utc(5, 29, 23)
    assert of_night("20:00:10:00", known=NIGHT, timezone="UTC") == datetime(2026, 5, 29, 20, 0, 10, tzinfo=UTC)


def test_time_of_a_day_that_is_still_to_come_is_refused() -> None:
    day = Day(id="", unit="Main", number=3, date="2026-05-29")
    now = Stamp(wall_ns=int(utc(5, 29, 10).timestamp()) * 1_000_000_000, mono_ns=0)
    with pytest.raises(UsageError, match=r"12:30 of day 3 \(2026-05-29\) is still to come"):
        stamp_on_day("12:30", day, [], now, rate("25"))
