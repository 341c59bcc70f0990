"""300 takes and three devices matched from nothing, and one new clip on a warm matcher.

Run by `make bench`. Bars: 1 s from nothing, 50 ms for one new clip. The days are simulated (tests/onset/match), at a
quicker pace and with every camera in every setup.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

from onset.match.observed import Observed
from onset.match.solve import Matcher, match
from tests.onset.match.day_faults import FAULTS
from tests.onset.match.day_plan import Plan
from tests.onset.match.simulated_day import see
from tests.onset.match.true_day import Events

TAKES = 300
RUNS = 11
NEW_CLIPS = 60
BAR_ALL_MS, BAR_ONE_MS = 1_000.0, 50.0
DAYS = ("none", "never jammed", "A rec run, cards restart", "B jumps 8 s")


def a_long_day(fault: str) -> Observed:
    """300 takes, all cameras in all of them, shot in less than a day."""
    random = Random(f"long {fault}")
    plan = FAULTS[fault](Plan(events=Events(takes=(TAKES, TAKES), pace=0.35, b_absent=0.0)), random)
    return see(plan, random).observed


def milliseconds(solve: Callable[[Observed], object], day: Observed) -> float:
    start = time.perf_counter()
    solve(day)
    return (time.perf_counter() - start) * 1000


def row(what: str, found: list[float], bar: float | None) -> bool:
    """Print it; True when the bar is missed."""
    found.sort()
    median, p95 = statistics.median(found), found[int(len(found) * 0.95)]
    print(f"| {what} | {median:.1f} | {p95:.1f} | {'' if bar is None else f'{bar:.0f}'} |")
    return bar is not None and median > bar


def main() -> int:
    print("| what | median ms | p95 ms | bar |\n|---|---|---|---|")
    missed = False
    for fault in DAYS:
        day = a_long_day(fault)
        name = f"{TAKES} takes, {len(day.media)} media, {fault}"
        missed |= row(f"{name}: from nothing", [milliseconds(match, day) for _ in range(RUNS)], BAR_ALL_MS)
        arrivals = list(day.media)
        Random(1).shuffle(arrivals)
        matcher, found = Matcher(), dict[str, list[float]]()
        matcher.match(replace(day, media=tuple(arrivals[NEW_CLIPS:])))
        for left in range(NEW_CLIPS - 1, -1, -1):
            took = milliseconds(matcher.match, replace(day, media=tuple(arrivals[left:])))
            found.setdefault(arrivals[left].device, []).append(took)
        slowest = max(found, key=lambda device: statistics.median(found[device]))
        missed |= row(f"{name}: one new file of {slowest}, the slowest", found[slowest], BAR_ONE_MS)
        row(f"{name}: nothing new", [milliseconds(matcher.match, day) for _ in range(RUNS)], None)
    print(f"match: bars {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
