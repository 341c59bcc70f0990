"""What can be wrong with a simulated day, as data: a name, and the plan of the day with that fault in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from random import Random

from tests.onset.match.day_plan import Plan

Fault = Callable[[Plan, Random], Plan]
_SLOW, _FAST = Fraction(1000, 1001), Fraction(1001, 1000)


def _clock(plan: Plan, device: str, **changes: object) -> Plan:
    return replace(plan, clocks={**plan.clocks, device: replace(plan.clock(device), **changes)})  # type: ignore[arg-type]  # the fields of ClockPlan


def _off(plan: Plan, device: str, seconds: float) -> Plan:
    return _clock(plan, device, offset_s=plan.clock(device).offset_s + seconds)


def _either(random: Random, least: float, most: float) -> float:
    return random.choice((-1, 1)) * random.uniform(least, most)


def _logger_off(plan: Plan, random: Random) -> Plan:
    return replace(plan, logger_off_s=plan.logger_off_s + _either(random, 20, 180), label_source="clock")


def _logger_hours(plan: Plan, random: Random) -> Plan:
    return replace(plan, logger_off_s=plan.logger_off_s + random.choice((-2, -1, 1, 2, 8)) * 3600, label_source="clock")


def _b_off(plan: Plan, random: Random) -> Plan:
    return _off(plan, "B", _either(random, 15, 240))


def _b_hours(plan: Plan, random: Random) -> Plan:
    return _off(plan, "B", random.choice((-9, -2, -1, 1, 2, 6)) * 3600.0)


def _b_jumps(plan: Plan, random: Random) -> Plan:
    return _clock(plan, "B", jump_s=random.choice((-8.0, 8.0)), jump_at=random.uniform(0.3, 0.7))


def _sound_jumps(plan: Plan, random: Random) -> Plan:
    return _clock(plan, "MIX", jump_s=_either(random, 3, 12), jump_at=random.uniform(0.3, 0.7))


def _labels_jump(plan: Plan, random: Random) -> Plan:
    return replace(_sound_jumps(plan, random), label_clock="MIX", label_source=plan.label_source and "MIX.ltc")


def _never_jammed(plan: Plan, random: Random) -> Plan:
    for device in ("A", "B", "MIX"):
        plan = _off(plan, device, random.uniform(0, 86_400))
    return plan


def _ratio(plan: Plan, random: Random, device: str) -> Plan:
    ratio = plan.clock(device).ratio * random.choice((_SLOW, _FAST))
    return _clock(plan, device, ratio=ratio, jammed=random.random() < 0.5)


def _events(plan: Plan, **changes: object) -> Plan:
    return replace(plan, events=replace(plan.events, **changes))  # type: ignore[arg-type]  # the fields of Events


FAULTS: Mapping[str, Fault] = {
    "none": lambda plan, _: plan,
    "logger off 20-180 s": _logger_off,
    "logger off hours": _logger_hours,
    "no labels": lambda plan, _: replace(plan, label_source=None),
    "labels change source": lambda plan, random: replace(
        plan, labels_change=True, logger_off_s=plan.logger_off_s + _either(random, 20, 180)
    ),
    "B off 15-240 s": _b_off,
    "B off hours": _b_hours,
    "B jumps 8 s": _b_jumps,
    "sound jumps": _sound_jumps,
    "sound jumps, and the log with it": _labels_jump,
    "B drifts": lambda plan, random: _clock(
        plan, "B", ratio=plan.clock("B").ratio * (1 + Fraction(random.choice((-100, 100)), 1_000_000)), jammed=True
    ),
    "A rec run, cards restart": lambda plan, _: _clock(plan, "A", rec_run="restart"),
    "A rec run, goes on": lambda plan, _: _clock(plan, "A", rec_run="continue"),
    "never jammed": _never_jammed,
    "sound 24 for 23.976": lambda plan, random: _ratio(plan, random, "MIX"),
    "A 24 for 23.976": lambda plan, random: _ratio(plan, random, "A"),
    "B drop for non-drop": lambda plan, _: _clock(plan, "B", drop_as_nondrop=True),
    "off-speed": lambda plan, _: replace(plan, offspeed=0.15),
    "sound pre-record": lambda plan, random: replace(plan, preroll_s=random.uniform(3, 15), declared=False),
    "sound pre-record declared": lambda plan, random: replace(plan, preroll_s=random.uniform(3, 15), declared=True),
    "sound rolls early": lambda plan, _: _events(plan, sound_first_s=(3.0, 15.0)),
    "B late": lambda plan, _: _events(plan, b_late=0.15),
    "B through two takes": lambda plan, _: _events(plan, b_through=0.12),
    "rolled again": lambda plan, _: _events(plan, rerolled=0.08),
    "series": lambda plan, _: _events(plan, series=0.2),
    "more strays": lambda plan, _: _events(plan, strays=0.2),
    "late keys": lambda plan, _: replace(plan, late_keys=0.05),
    "unlogged takes": lambda plan, _: replace(plan, unlogged=0.08),
    "unclaimed takes": lambda plan, _: _events(plan, unclaimed=0.08),
    "cameras not noted": lambda plan, _: replace(plan, cameras_noted=False),
    "wrong rolls": lambda plan, _: replace(plan, wrong_rolls=0.3),
    "two cards of one name": lambda plan, _: replace(plan, twins=True),
    "a card of no camera": lambda plan, _: replace(plan, nameless=True),
    "midnight": lambda plan, _: _events(plan, night=True),
    "compound slates": lambda plan, _: replace(plan, compound=True, names=True),
    "names": lambda plan, _: replace(plan, names=True, clip_names=True),
    "names misspelt": lambda plan, _: replace(plan, names=True, misspelt=0.05),
    "mis-slated, noticed": lambda plan, _: replace(plan, names=True, misslated=0.06, noticed=True),
    "mis-slated": lambda plan, _: replace(plan, names=True, misslated=0.06),
    "reports": lambda plan, _: replace(plan, reports=True),
    "reports with errors": lambda plan, _: replace(plan, reports=True, misreported=0.06),
    "rows typed afterwards": lambda plan, _: replace(plan, afterwards=0.08),
}

# Not one of the faults that are gated on what stays open: some such days nobody could tell without asking.
TAKES_ALIKE: Fault = lambda plan, _: _events(plan, alike=True)  # noqa: E731  # as the faults above

# What cannot be together: the second would undo the first.
_EITHER_OR: tuple[frozenset[str], ...] = (
    frozenset({"A rec run, cards restart", "A rec run, goes on"}),
    frozenset({"sound pre-record", "sound pre-record declared"}),
    frozenset({"mis-slated, noticed", "mis-slated"}),
    frozenset({"sound jumps", "sound jumps, and the log with it"}),
    frozenset({"no labels", "sound jumps, and the log with it"}),
    frozenset({"logger off 20-180 s", "sound jumps, and the log with it"}),
    frozenset({"logger off hours", "sound jumps, and the log with it"}),
    frozenset({"no labels", "labels change source"}),
    frozenset({"no labels", "logger off 20-180 s"}),
    frozenset({"no labels", "logger off hours"}),
    frozenset({"labels change source", "logger off 20-180 s"}),
    frozenset({"labels change source", "logger off hours"}),
)

REC_RUN = frozenset({"A rec run, cards restart", "A rec run, goes on"})
JUMPS = frozenset({"B jumps 8 s", "sound jumps", "sound jumps, and the log with it"})


def pairs() -> list[tuple[str, str]]:
    """All pairs of faults that can be on one day."""
    names = [name for name in FAULTS if name != "none"]
    return [pair for pair in combinations(names, 2) if frozenset(pair) not in _EITHER_OR]
