"""The numbers of a shooting day, to date, and what remains of the script: plain arithmetic over values.

What a take counts as is said here and nowhere else: reports and screens with takes at hand ask `shot_in`. Pages and
screen time are what people credited, never what takes add up to. A setup counts once a unit and production day; false
starts, wild tracks and charts are counted apart, deleted takes not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from onset.domain.credit import Balance, Credit, Owed, PlannedScene
from onset.domain.scene import Coverage, Scene
from onset.domain.take import Kind, Status, Take

UnitDay = tuple[str, int]
APART = frozenset((Kind.FALSE_START, Kind.WILD_TRACK, Kind.CHART))  # neither takes nor setups


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How many takes of a slate there are on a day, of one kind and status; deleted ones are left out."""

    unit: str
    day: int
    episode: str | None
    slate: str
    kind: Kind = Kind.NORMAL
    status: Status = Status.NONE
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was shot and credited in some days.

    Attributes:
        takes: without false starts, wild tracks and charts.
        scenes_started: that nobody had credited before, `scenes_complete` that were not complete before.
        eighths: of pages credited, seconds of screen time credited.
    """

    days: int = 0
    setups: int = 0
    takes: int = 0
    circled: int = 0
    false_starts: int = 0
    wild_tracks: int = 0
    charts: int = 0
    scenes_started: int = 0
    scenes_complete: int = 0
    eighths: int = 0
    seconds: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of the script: scenes, eighths of pages, seconds it should run; how many scenes nobody measured."""

    scenes: int = 0
    eighths: int = 0
    seconds: int = 0
    without_eighths: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A day, what was before it, both together, and what remains.

    Attributes:
        unit: None: all units together.
        date: of the day, empty while it is not opened.
        before: with the opening balance.
        planned_seconds: what the planned scenes should run; of one that is planned in part, as much as of its pages.
        shot: labels of the planned scenes that are complete, `part` of those credited in part, `not_shot` of the
            others; `added`: credited that day without being planned.
        owed: what is still owed now.
    """

    unit: str | None
    day: int
    date: str
    today: Tally
    before: Tally
    script: Extent
    remaining: Extent
    planned: tuple[PlannedScene, ...] = ()
    planned_eighths: int = 0
    planned_seconds: int = 0
    shot: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    not_shot: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    owed: tuple[Owed, ...] = ()

    @property
    def to_date(self) -> Tally:
        """Everything up to the end of the day."""
        return self.before + self.today


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days a sheet is about.

    Attributes:
        today: the day, of each unit asked for; `before`: those units' days before it.
        elsewhere: days of other units up to then; they count only towards what remains of the script.
    """

    unit: str | None
    day: int
    date: str
    today: frozenset[UnitDay]
    before: frozenset[UnitDay]
    elsewhere: frozenset[UnitDay] = frozenset()


def totals(
    asked: Asked,
    *,
    scenes: Sequence[Scene],
    attempts: Sequence[Attempts],
    credits: Sequence[Credit],
    planned: Sequence[PlannedScene],
    balances: Mapping[str, Balance],
    owed: Sequence[Owed],
) -> Totals:
    """The sheet of a day.

    Args:
        asked: which day, of which unit.
        scenes: of the script, omitted ones too.
        attempts: of any days.
        credits: of any days.
        planned: for the day.
        balances: unit to what it had shot before this log began.
        owed: what is open now.
    """
    root = roots(scenes)
    own = [one for one in credits if (one.unit, one.day) in asked.today | asked.before]
    before = _tally(asked.before, frozenset(), attempts, own, root)
    today = _tally(asked.today, asked.before, attempts, own, root)
    opening = [one for unit, one in balances.items() if asked.unit in (None, unit)]
    reckoned = [one for one in credits if (one.unit, one.day) in asked.today | asked.before | asked.elsewhere]
    on_the_day = [one for one in own if (one.unit, one.day) in asked.today]
    coverage = _coverage(reckoned, root)
    by_label = {scene.label: scene for scene in scenes}
    credited_today = _coverage(on_the_day, root)
    shot: dict[Coverage, list[str]] = {state: [] for state in Coverage}
    for one in planned:
        here = by_label.get(one.label)
        key = root.get(here.id, here.id) if here else one.label
        state = credited_today.get(key, Coverage.NOT_STARTED)
        done = coverage.get(key) is Coverage.COMPLETE
        shot[Coverage.COMPLETE if done else state].append(one.label)
    plans = {one.label for one in planned}
    credited = {one.label for one in on_the_day if one.state is not Coverage.NOT_STARTED}
    place = {scene.label: number for number, scene in enumerate(scenes)}
    return Totals(
        unit=asked.unit,
        day=asked.day,
        date=asked.date,
        today=today,
        before=sum(map(_opening, opening), before),
        script=extent_of(scene for scene in scenes if not scene.omitted),
        remaining=_remaining(scenes, reckoned, coverage, root, balances.values()),
        planned=tuple(planned),
        planned_eighths=sum(_planned_eighths(one, by_label.get(one.label)) for one in planned),
        planned_seconds=sum(_planned_seconds(one, by_label.get(one.label)) for one in planned),
        shot=tuple(shot[Coverage.COMPLETE]),
        part=tuple(shot[Coverage.PART]),
        not_shot=tuple(shot[Coverage.NOT_STARTED]),
        added=tuple(sorted(credited - plans, key=lambda label: (place.get(label, len(place)), label))),
        owed=tuple(owed),
    )


def shot_in(takes: Iterable[Take]) -> Tally:
    """What these takes come to by the rule of every total of the log; nothing of it is credited, and no day is over."""
    return _shot(
        [
            Attempts(
                unit=take.unit,
                day=take.day,
                episode=take.episode,
                slate=take.slate,
                kind=take.kind,
                status=take.status,
            )
            for take in takes
            if not take.deleted
        ]
    )


def _shot(own: Sequence[Attempts]) -> Tally:
    counted = [one for one in own if one.kind not in APART]
    return Tally(
        setups=len({(one.unit, one.day, one.episode, one.slate) for one in counted}),
        takes=sum(one.count for one in counted),
        circled=sum(one.count for one in counted if one.status is Status.CIRCLED),
        false_starts=sum(one.count for one in own if one.kind is Kind.FALSE_START),
        wild_tracks=sum(one.count for one in own if one.kind is Kind.WILD_TRACK),
        charts=sum(one.count for one in own if one.kind is Kind.CHART),
    )


def _tally(
    of: Collection[UnitDay],
    earlier: Collection[UnitDay],
    attempts: Iterable[Attempts],
    credits: Sequence[Credit],
    root: Mapping[str, str],
) -> Tally:
    credited = [one for one in credits if (one.unit, one.day) in of]
    now, then = _coverage(credited, root), _coverage([one for one in credits if (one.unit, one.day) in earlier], root)
    return replace(
        _shot([one for one in attempts if (one.unit, one.day) in of]),
        days=len(of),
        scenes_started=len(now.keys() - then.keys()),
        scenes_complete=len(_complete(now) - _complete(then)),
        eighths=sum(one.eighths or 0 for one in credited),
        seconds=sum(one.seconds or 0 for one in credited),
    )


def _opening(balance: Balance) -> Tally:
    return Tally(
        days=balance.days,
        setups=balance.setups,
        takes=balance.takes,
        circled=balance.circled,
        scenes_started=balance.scenes,
        scenes_complete=balance.scenes,
        eighths=balance.eighths,
        seconds=balance.seconds,
    )


def roots(scenes: Iterable[Scene]) -> dict[str, str]:
    """Each scene's id to that of the scene it began as, under whatever number: what was credited of that counts."""
    before = {scene.id: scene.predecessor for scene in scenes}
    found = {}
    for scene_id in before:
        root, seen = scene_id, {scene_id}
        while (earlier := before.get(root)) is not None and earlier not in seen:
            seen.add(earlier)
            root = earlier
        found[scene_id] = root
    return found


def _coverage(credits: Iterable[Credit], root: Mapping[str, str]) -> dict[str, Coverage]:
    """Scenes that were started, each with the furthest that somebody said of it."""
    found: dict[str, Coverage] = {}
    for one in credits:
        key = root.get(one.scene_id, one.scene_id)
        if one.state is Coverage.COMPLETE or (one.state is Coverage.PART and key not in found):
            found[key] = one.state
    return found


def _complete(coverage: Mapping[str, Coverage]) -> frozenset[str]:
    return frozenset(key for key, state in coverage.items() if state is Coverage.COMPLETE)


def extent_of(scenes: Iterable[Scene]) -> Extent:
    """How much of the script these scenes are."""
    known = list(scenes)
    return Extent(
        scenes=len(known),
        eighths=sum(scene.eighths or 0 for scene in known),
        seconds=sum(scene.estimate_s or 0 for scene in known),
        without_eighths=sum(scene.eighths is None for scene in known),
    )


def _remaining(
    scenes: Iterable[Scene],
    credits: Sequence[Credit],
    coverage: Mapping[str, Coverage],
    root: Mapping[str, str],
    balances: Iterable[Balance],
) -> Extent:
    """Of each scene that is neither complete nor omitted what is not credited; of all that the opening balances."""
    open_scenes = [
        scene for scene in scenes if not scene.omitted and coverage.get(root[scene.id]) is not Coverage.COMPLETE
    ]
    opening = list(balances)
    eighths, seconds = (_credited(credits, root, name) for name in ("eighths", "seconds"))
    return Extent(
        scenes=max(0, len(open_scenes) - sum(one.scenes for one in opening)),
        eighths=max(
            0,
            sum(max(0, (scene.eighths or 0) - eighths.get(root[scene.id], 0)) for scene in open_scenes)
            - sum(one.eighths for one in opening),
        ),
        seconds=max(
            0,
            sum(max(0, (scene.estimate_s or 0) - seconds.get(root[scene.id], 0)) for scene in open_scenes)
            - sum(one.seconds for one in opening),
        ),
        without_eighths=sum(scene.eighths is None for scene in open_scenes),
    )


def _credited(credits: Iterable[Credit], root: Mapping[str, str], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in credits:
        key = root.get(one.scene_id, one.scene_id)
        found[key] = found.get(key, 0) + (getattr(one, name) or 0)
    return found


def _planned_eighths(planned: PlannedScene, scene: Scene | None) -> int:
    if planned.eighths is not None:
        return planned.eighths
    return (scene.eighths or 0) if scene else 0


def _planned_seconds(planned: PlannedScene, scene: Scene | None) -> int:
    if scene is None or scene.estimate_s is None:
        return 0
    if planned.eighths is None or not scene.eighths:
        return scene.estimate_s
    return round(scene.estimate_s * min(planned.eighths, scene.eighths) / scene.eighths)
