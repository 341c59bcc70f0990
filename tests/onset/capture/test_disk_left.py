"""The disk of the recordings: told in time, for all devices together, and not again and again at its edge."""

from __future__ import annotations

import pytest

from onset.capture.disk_left import minutes_left
from onset.capture.signals import Health
from tests.onset.capture.pretend import OnSet


def health(minutes: float | None, mono_ns: int = 0) -> Health:
    return Health(
        device="A", kind="x", state="live", detail="", recording=None, dropped=0, free_minutes=minutes, mono_ns=mono_ns
    )


def test_two_cameras_on_one_disk_fill_it_twice_as_fast() -> None:
    assert minutes_left([health(60.0), health(60.0), None], 0) == pytest.approx(30.0)
    assert minutes_left([health(60.0), health(None)], 0) == pytest.approx(60.0)
    assert minutes_left([health(None), None], 0) is None
    assert minutes_left([health(0.0), health(60.0)], 0) == 0.0
    assert minutes_left([health(1.0), health(60.0, 9_000_000_000)], 9_000_000_000) == pytest.approx(60.0)


def seconds(on_set: OnSet, minutes: float, count: int = 3) -> None:
    """So long the disk lasts for A, and MIX writes a tenth as much."""
    for _ in range(count * 100):
        on_set.clock.advance(0.01)
        for device, share in (("A", 1.1), ("MIX", 11.0)):
            on_set.pulses[device] = on_set.clock.monotonic_ns()
            on_set.free[device] = minutes * share
        on_set.turn()


def test_disk_that_fills_up_is_told_at_twenty_and_at_five_minutes_and_ends_with_room(on_set: OnSet) -> None:
    seconds(on_set, 21)
    assert on_set.log.events == []
    seconds(on_set, 19)
    seconds(on_set, 21)  # at its edge: no flicker
    seconds(on_set, 19)
    assert [(each.what, each.count, each.stands) for each in on_set.log.events] == [("disk low", 1, True)]
    assert on_set.log.events[0].detail == "The disk of the recordings lasts 19 min more."
    seconds(on_set, 4)
    assert [each.what for each in on_set.session.status().alarms] == ["disk nearly full"]
    seconds(on_set, 5.2)  # at its edge
    assert [each.what for each in on_set.session.status().alarms] == ["disk nearly full"]
    seconds(on_set, 10)
    assert [each.what for each in on_set.session.status().alarms] == ["disk low"]
    seconds(on_set, 300)
    assert [each.stands for each in on_set.log.events] == [False, False]
