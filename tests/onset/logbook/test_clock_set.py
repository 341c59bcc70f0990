"""A laptop's clock that somebody set, or that was never right: it is told when the next take rolls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.domain.take import Stamp, State, Take
from onset.logbook.clock_set import clock_was_set

_S = 1_000_000_000
_NOON_NS = 1_780_056_000 * _S  # 2026-05-29 12:00 UTC
_YEAR_S = 365 * 86_400
NEWEST = Take(
    id="1" * 32, unit="Main", day=1, episode=None, scene="42", slate="42C", take="1", ordinal=1, arrival=1,
    state=State.CUT, rate="25", rolled_ns=_NOON_NS, rolled_mono_ns=100 * _S, boot="boot 1", tc_in="12:00:00:00",
    tc_source="MIX.ltc",
)  # fmt: skip


def later(wall_s: float, mono_s: float, boot: str = "boot 1", tc: str | None = None, source: str = "MIX.ltc") -> Stamp:
    return Stamp(
        wall_ns=_NOON_NS + int(wall_s * _S), mono_ns=int((100 + mono_s) * _S), boot=boot, tc=tc, tc_source=source
    )


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (later(-_YEAR_S + 600, 600), "2025-05-29 12:10. It was set 365 days back since 42C/1 rolled"),
        (later(_YEAR_S + 600, 600), "2027-05-29 12:10. It was set 365 days ahead since 42C/1 rolled"),
        (later(600 - 3600, 600), "2026-05-29 11:10. It was set 60 minutes back since 42C/1 rolled"),
        (later(-_YEAR_S, 5, boot="boot 2"), "2025-05-29 12:00. That is 365 days back of 42C/1"),
        (later(7800, 5, "boot 2", "12:10:00:00"), "By MIX.ltc it was set 2.0 hours ahead since 42C/1"),
        (later(600, 5, "boot 2", "14:10:00:00"), "By MIX.ltc it was set 2.0 hours back since 42C/1"),
    ],
)
def test_clock_that_was_set_is_told(now: Stamp, said: str) -> None:
    sentence = clock_was_set(NEWEST, now)
    assert sentence is not None
    assert said in sentence


@pytest.mark.parametrize(
    "now",
    [
        later(600, 600),
        later(600.5, 600),  # NTP
        later(9 * 3600, 9 * 3600, tc="01:00:00:00"),  # the master was jammed anew; the machine's own count agrees
        later(3 * 86_400, 5, boot="boot 2"),  # after a free weekend
        later(3 * 86_400 + 600, 5, "boot 2", "12:10:00:00"),
        later(600, 5, "boot 2", "03:00:00:00", source="DECK"),
        later(600, 5, "boot 2", "03:00:00:00", source="clock"),
        later(600, 5, "boot 2", "not a label"),
    ],
)
def test_clock_that_goes_on_is_left_alone(now: Stamp) -> None:
    assert clock_was_set(NEWEST, now) is None


def test_moment_that_was_typed_in_proves_nothing() -> None:
    assert clock_was_set(replace(NEWEST, added=True), later(-3600, 5, boot="boot 2")) is None
