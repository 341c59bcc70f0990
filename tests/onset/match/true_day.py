"""What really happened on a simulated shooting day: takes, and which device rolled from when to when.

The first half of `simulated_day.py`: no clock, label or log is wrong here, because nobody has looked at one yet. All
times are real seconds since the midnight before the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

CAMERAS = ("A", "B")
RECORDER = "MIX"
DEVICES = (*CAMERAS, RECORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """How the day goes. Rates are shares of takes, of runs for strays; every default is an ordinary day.

    Attributes:
        night: the day begins in the evening and crosses midnight.
        strays: runs of no take: a bumped button, a chart, a test of the slate.
        series: takes that go on without a cut of the devices (reset, again).
        b_absent: setups that B is not in.
        b_late: takes that B joins when they are well under way; `b_through` those after which it just goes on rolling.
        rerolled: takes in which a camera is cut and rolled again.
        unclaimed: takes that no camera rolled.
        sound_first_s: how long before the cameras the recorder is started, at least and at most.
        alike: takes of a setup are as long as each other and follow each other evenly, as at a table top.
        takes: how many, at least and at most; `pace` how long takes and pauses are beside an ordinary day's.
    """

    night: bool = False
    strays: float = 0.05
    series: float = 0.02
    b_absent: float = 1 / 3
    b_late: float = 0.0
    b_through: float = 0.0
    rerolled: float = 0.0
    unclaimed: float = 0.0
    sound_first_s: tuple[float, float] = (0.5, 4.0)
    alike: bool = False
    takes: tuple[int, int] = (60, 80)
    pace: float = 1.0


@dataclass(slots=True, kw_only=True)
class TrueTake:
    """A take as it was shot. `with_previous`: the devices were not cut between the take before and this one."""

    scene: str
    slate: str
    take: int
    roll_s: float
    cut_s: float
    mos: bool = False
    wild: bool = False
    with_previous: bool = False
    cameras: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """A device rolled from `start_s` to `end_s`; `takes` are the numbers of those it has, none for a stray."""

    device: str
    start_s: float
    end_s: float
    takes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueDay:
    """Takes in shot order, and each device's runs in the order of time."""

    takes: tuple[TrueTake, ...]
    runs: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)

    @property
    def middle_s(self) -> float:
        """The middle of the day, by takes."""
        return self.takes[len(self.takes) // 2].roll_s


def shoot(events: Events, random: Random) -> TrueDay:
    """A day as it goes."""
    takes = tuple(_takes(events, random, random.randint(*events.takes)))
    together = _together(takes)
    runs = {device: list(_runs(device, takes, together, events, random)) for device in DEVICES}
    return TrueDay(takes=takes, runs={device: _with_strays(each, events, random) for device, each in runs.items()})


def _length_s(random: Random, events: Events) -> float:
    if events.alike:
        return random.gauss(14, 1)
    return min(600.0, max(8.0, random.lognormvariate(3.8, 0.75) * events.pace))


def _pause_s(random: Random, events: Events) -> float:
    """Mostly soon after the cut; now and then a talk, a repair, an aeroplane."""
    if events.alike:
        return random.gauss(45, 1.5)
    return min(900.0, max(30.0, random.lognormvariate(4.5, 0.8) * events.pace))


def _takes(events: Events, random: Random, count: int) -> Iterator[TrueTake]:
    now = random.uniform(17.5, 19.5) * 3600 if events.night else random.uniform(7.5, 9.5) * 3600
    scene = random.randint(2, 90)
    letters = iter("ABCDEFGHJKLMNPQRSTUVWXYZ")
    slate, done, lunch = str(scene), 0, False
    while done < count:
        cameras = frozenset("A" if random.random() < events.b_absent else CAMERAS)
        mos = random.random() < 0.06
        for number in range(1, min(random.randint(1, 8), count - done) + 1):
            length = _length_s(random, events)
            goes_on = number > 1 and random.random() < events.series
            if number > 1:
                now += random.uniform(6, 20) if goes_on else _pause_s(random, events)
            yield TrueTake(
                scene=str(scene), slate=slate, take=number, roll_s=now, cut_s=now + length,
                mos=mos, with_previous=goes_on, cameras=cameras,
            )  # fmt: skip
            now += length
            done += 1
        if not mos and done < count and random.random() < 0.12:
            now += random.uniform(60, 240)
            length = random.uniform(15, 90)
            yield TrueTake(
                scene=str(scene), slate=f"{slate}WT", take=1, roll_s=now, cut_s=now + length, wild=True
            )  # fmt: skip
            now += length
            done += 1
        now += random.uniform(240, 900) * events.pace
        if not lunch and done > count / 2:
            lunch, now = True, now + random.uniform(2700, 3600)
        if random.random() < 0.3:
            scene += random.randint(1, 6)
            letters = iter("ABCDEFGHJKLMNPQRSTUVWXYZ")
            slate = str(scene)
        else:
            slate = f"{scene}{next(letters)}"


def _together(takes: tuple[TrueTake, ...]) -> list[tuple[int, ...]]:
    """Numbers of takes between which nothing was cut."""
    found: list[tuple[int, ...]] = []
    for number, take in enumerate(takes):
        found[-1:] = [(*found[-1], number)] if take.with_previous else [*found[-1:], (number,)]
    return found


def _runs(
    device: str, takes: tuple[TrueTake, ...], together: list[tuple[int, ...]], events: Events, random: Random
) -> Iterator[Run]:
    through: Run | None = None  # B, still rolling after the take before
    for position, group in enumerate(together):
        first, last = takes[group[0]], takes[group[-1]]
        sound = device == RECORDER
        if (sound and first.mos) or (not sound and (device not in first.cameras or random.random() < events.unclaimed)):
            if through:
                yield through
            through = None
            continue
        if sound:
            run = Run(
                device, first.roll_s - random.uniform(*events.sound_first_s), last.cut_s + random.uniform(1, 6), group
            )
        else:
            late, end = random.gauss(0.3, 1.0), last.cut_s + abs(random.gauss(1.5, 1.5))
            if device == "B" and len(group) == 1 and random.random() < events.b_late:
                late = min(random.uniform(0.15, 0.6) * (first.cut_s - first.roll_s), 120.0)
            run = Run(device, first.roll_s + late, end, group)
        if through:
            run = replace(through, end_s=run.end_s, takes=(*through.takes, *run.takes))
            through = None
        following = takes[together[position + 1][0]] if position + 1 < len(together) else None
        if (
            device == "B"
            and following is not None
            and device in following.cameras
            and following.roll_s - last.cut_s < 240
            and random.random() < events.b_through
        ):
            through = run
        elif not sound and len(run.takes) == 1 and run.end_s - run.start_s > 25 and random.random() < events.rerolled:
            yield from _rolled_again(run, random)
        else:
            yield run
    if through:
        yield through


def _rolled_again(run: Run, random: Random) -> Iterator[Run]:
    cut = run.start_s + random.uniform(0.3, 0.6) * (run.end_s - run.start_s)
    yield replace(run, end_s=cut)
    yield replace(run, start_s=cut + random.uniform(2, 6))


def _with_strays(runs: list[Run], events: Events, random: Random) -> tuple[Run, ...]:
    """Some of the pauses between a device's runs get a run that belongs to nothing."""
    found = list(runs)
    for before, after in pairwise(runs):
        length = random.uniform(2, 12) if random.random() < 0.7 else random.uniform(10, 40)
        space = after.start_s - before.end_s - length - 8
        if space > 0 and random.random() < events.strays:
            start = before.end_s + 4 + random.uniform(0, min(space, 900))
            found.append(Run(runs[0].device, start, start + length))
    return tuple(sorted(found, key=lambda run: run.start_s))
