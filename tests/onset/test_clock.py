"""A clock that jumps, stands, or is read from two threads."""

from __future__ import annotations

import threading
import time

from onset.clock import ManualClock, SystemClock


def test_system_clock_reads_another_clock() -> None:
    clock = SystemClock()
    before, wall_before = time.monotonic_ns(), time.time_ns()
    readings = clock.monotonic_ns(), clock.wall_ns()
    assert before <= readings[0] <= time.monotonic_ns()
    assert abs(readings[1] - wall_before) < 5_000_000_000


def test_system_clock_wakes_too_early() -> None:
    clock = SystemClock()
    before = clock.monotonic_ns()
    clock.sleep(0.01)
    assert clock.monotonic_ns() - before >= 10_000_000


def test_setting_the_wall_clock_moves_durations() -> None:
    clock = ManualClock(wall_ns=1_000, monotonic_ns=7)
    clock.set_wall(5)
    assert (clock.wall_ns(), clock.monotonic_ns()) == (5, 7)
    clock.advance(0.000_000_002)
    assert (clock.wall_ns(), clock.monotonic_ns()) == (7, 9)


def test_two_threads_lose_a_step() -> None:
    clock = ManualClock()

    def step() -> None:
        for _ in range(1000):
            clock.sleep(0.001)

    threads = [threading.Thread(target=step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.monotonic_ns() == 4 * 1000 * 1_000_000
