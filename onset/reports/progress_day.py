"""A shooting day's progress, asked of the log and put in words: the `ProgressReport` that `progress.py` sets in tables.

Used by `onset report progress`. The numbers are those of `onset.logbook.totals`; nothing is counted a second time here.
All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from onset.domain.credit import Credit, PlannedScene
from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.production import Day, DayStamp, Moment, Person, Production
from onset.domain.scene import Coverage, Scene, scene_label
from onset.domain.take import Kind, Take
from onset.errors import ReportError
from onset.logbook.days import clock_time, known_zone
from onset.logbook.fields import field_name
from onset.logbook.terms import Conflict
from onset.logbook.totals import APART, Extent, Totals
from onset.reports.day import day_of, moment, takes_of, totals_of, warnings_of
from onset.reports.progress import (
    ProgressReport,
    ReckonedLine,
    ScheduledLine,
    StampLine,
    TimedLine,
)
from onset.reports.progress_lists import capital, remarks, retakes, rolls, settled, still_owed, wild_line
from onset.reports.progress_script import ProgressBook, ScriptSoFar
from onset.text import safe_text

_ALWAYS = tuple(each for each in Moment if each not in (Moment.COMPANY_MOVE, Moment.SECOND_MEAL))


def progress_report(
    logbook: ProgressBook, day: int, *, unit: str = "Main", company: str = "", director: str = "", partial: bool = False
) -> ProgressReport:
    """Ask the log how far a day has come.

    Args:
        logbook: asked on the caller's thread.
        day: the day's number.
        unit: name of the unit.
        company: as the configuration has it; empty leaves the line out.
        director: the same.
        partial: the day goes on, and the report says so: as at lunch.

    Raises:
        ReportError: there is no such unit or day, names those there are; or a day that has ended is asked for in part.
    """
    found = day_of(logbook, day, unit)
    if partial and found.wrapped_ns is not None:
        ended = clock_time(found.wrapped_ns, known_zone(found.timezone))
        raise ReportError(f"Day {day} ended at {ended}; the report of a part of it is for a day that goes on.")
    takes = takes_of(logbook, day, unit)
    production = logbook.production()
    newest = logbook.history(limit=1)
    numbers = logbook.totals(unit=unit, day=day)
    script = ScriptSoFar(logbook, unit, found)
    return ProgressReport(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        totals=totals_of(takes),
        warnings=tuple(_warnings(logbook, found, takes, numbers, script, partial=partial)),
        as_of=f"Log as of {moment(newest[0].wall_ns, found.timezone)}" if newest else "",
        place=tuple(_place(found, production, logbook.people())),
        partial=clock_time(newest[0].wall_ns, known_zone(found.timezone)) if partial and newest else "",
        today=numbers.today,
        stamps=tuple(_stamps(logbook.day_stamps(day, unit=unit), found)),
        schedule=(
            ("Scheduled", str(len(numbers.planned))),
            ("Pages planned", in_eighths(numbers.planned_eighths)),
            ("Shot", str(len(numbers.shot))),
            ("Part", str(len(numbers.part))),
            ("Not shot", str(len(numbers.not_shot))),
            ("Added", str(len(numbers.added))),
        ),
        reckoned=tuple(_reckoned(numbers, script)),
        scheduled=tuple(_scheduled(numbers, script)),
        timed=tuple(_timed(script)),
        owed=tuple(still_owed(logbook, unit, day)),
        settled=tuple(settled(logbook, unit, day)),
        retakes=tuple(retakes(logbook, takes, script)),
        wild_tracks=tuple(wild_line(take) for take in takes if take.kind is Kind.WILD_TRACK),
        rolls=tuple(rolls(takes)),
        remarks=tuple(remarks(logbook, found)),
    )


# -- the head ---------------------------------------------------------------------------------------------------------


def _place(day: Day, production: Production, people: Sequence[Person]) -> Iterable[tuple[str, str]]:
    supervisor = production.script_supervisor or next(
        (one.name for one in people if one.role.casefold() == "script supervisor" and one.unit in ("", day.unit)), ""
    )
    said = (("Location", day.location), ("Weather", day.weather), ("Script supervisor", supervisor))
    return ((label, safe_text(value)) for label, value in said if value)


def _warnings(
    logbook: ProgressBook, day: Day, takes: Sequence[Take], numbers: Totals, script: ScriptSoFar, *, partial: bool
) -> Iterable[str]:
    if partial:
        yield "PARTIAL: the day goes on, and so do these numbers."
    elif day.wrapped_ns is None:
        yield f"Day {day.number} has not ended; these numbers are not its last."
    conflicts = logbook.conflicts()
    yield from warnings_of(takes, day, conflicts)
    yield from _contested(conflicts, logbook, day, script)
    credited = {script.root(one.scene_id) for one in script.today}
    shot = {
        script.root_of(take.scene, take.episode): scene_label(take.scene, take.episode)
        for take in takes
        if take.kind not in APART
    }
    done = credited | script.complete_before  # of those only retakes are shot
    open_scenes = [label for root, label in shot.items() if root not in done]
    if open_scenes and not partial:
        yield f"Shot that day and not credited: {safe_text(', '.join(open_scenes))}."
    if numbers.script.without_eighths:
        yield f"Nobody counted the pages of {_scenes(numbers.script.without_eighths)}; page totals are without them."
    untimed = sum(scene.estimate_s is None for scene in script.scenes if not scene.omitted)
    if untimed and numbers.script.seconds:
        yield f"Nobody estimated the screen time of {_scenes(untimed)}; its totals are without them."


def _contested(conflicts: Sequence[Conflict], logbook: ProgressBook, day: Day, script: ScriptSoFar) -> Iterable[str]:
    """Numbers and times that two seats said otherwise; those of takes are told by `warnings_of`."""
    names = {one.id: f"Scene {one.label}, day {one.day}" for one in script.credits}
    names |= {one.id: f"{capital(one.what)}" for one in logbook.day_stamps(day.number, unit=day.unit) if one.id}
    for conflict in conflicts:
        name = "The opening balance" if conflict.entity == "balance" else names.get(conflict.entity_id)
        if name is not None:
            what = safe_text(f"{name}, {field_name(conflict.entity, conflict.field)}")
            yield f"Two seats said different things ({what}); one of them is reckoned with until somebody resolves it."


def _scenes(number: int) -> str:
    return f"{number} scene{'' if number == 1 else 's'}"


def _stamps(stamps: Sequence[DayStamp], day: Day) -> Iterable[StampLine]:
    for what in Moment:
        found = [stamp for stamp in stamps if stamp.what is what]
        for stamp in found:
            note = "from the takes" if stamp.derived else stamp.note
            yield StampLine(
                key=str(what) if what in _ALWAYS or not stamp.id else stamp.id,
                what=capital(what),
                time=_time(stamp.wall_ns, day),
                note=safe_text(note),
            )
        if not found and what in _ALWAYS:
            yield StampLine(key=str(what), what=capital(what), time="", note="not stamped")


def _time(wall_ns: int, day: Day) -> str:
    """`01:30 (next day)` after the midnight of a night's shoot."""
    zone = known_zone(day.timezone)
    date = datetime.fromtimestamp(wall_ns // 1_000_000_000).astimezone(zone).date().isoformat()
    return clock_time(wall_ns, zone) + (" (next day)" if date > day.date else "")


# -- progress ---------------------------------------------------------------------------------------------------------


def _reckoned(numbers: Totals, script: ScriptSoFar) -> Iterable[ReckonedLine]:
    before, today, to_date = numbers.before, numbers.today, numbers.to_date
    remaining, was = numbers.remaining, script.before
    whole, rest = (("~" if script.estimated(open_only=only) else "") for only in (False, True))
    yield ReckonedLine(
        what="Scenes complete",
        script=_script(str(numbers.script.scenes), str(was.scenes), was),
        before=str(before.scenes_complete),
        today=str(today.scenes_complete),
        to_date=str(to_date.scenes_complete),
        remaining=str(remaining.scenes),
    )
    yield ReckonedLine(
        what="Pages",
        script=_script(whole + in_eighths(numbers.script.eighths), whole + in_eighths(was.eighths), was),
        before=in_eighths(before.eighths),
        today=in_eighths(today.eighths),
        to_date=in_eighths(to_date.eighths),
        remaining=(rest if remaining.eighths else "") + in_eighths(remaining.eighths),
    )
    yield ReckonedLine(
        what="Screen time",
        script=_script(in_screen_time(numbers.script.seconds), in_screen_time(was.seconds), was),
        before=in_screen_time(before.seconds),
        today=in_screen_time(today.seconds),
        to_date=in_screen_time(to_date.seconds),
        remaining=in_screen_time(remaining.seconds),
    )
    for what, name in (("Setups", "setups"), ("Takes", "takes"), ("Circled", "circled"), ("Shooting days", "days")):
        yield ReckonedLine(
            what=what,
            script=(),
            before=str(getattr(before, name)),
            today=str(getattr(today, name)),
            to_date=str(getattr(to_date, name)),
            remaining="",
        )


def _script(now: str, was: str, before: Extent) -> tuple[str, ...]:
    """The total, and what it was when the day began where a revision changed it."""
    return (now,) if now == was or not before.scenes else (now, f"was {was}")


def _scheduled(numbers: Totals, script: ScriptSoFar) -> Iterable[ScheduledLine]:
    results = {
        **dict.fromkeys(numbers.shot, "shot"),
        **dict.fromkeys(numbers.part, "part"),
        **dict.fromkeys(numbers.not_shot, "not shot"),
    }
    today = {one.label: one for one in script.today}
    for planned in numbers.planned:
        yield _scene_line(planned.label, planned, results.get(planned.label, "not shot"), today, script)
    for label in numbers.added:
        state = today[label].state if label in today else Coverage.PART
        result = f"added, {'shot' if state is Coverage.COMPLETE else 'part'}"
        yield _scene_line(label, None, result, today, script)


def _scene_line(
    label: str, planned: PlannedScene | None, result: str, today: Mapping[str, Credit], script: ScriptSoFar
) -> ScheduledLine:
    scene, credit = script.named.get(label), today.get(label)
    pages = _pages(scene)
    if result == "shot" and (credit is None or credit.state is not Coverage.COMPLETE):
        root = script.root(scene.id) if scene else label
        done = [one for one in script.credits if script.root(one.scene_id) == root and one.state is Coverage.COMPLETE]
        result = f"shot ({_day_of(done[0], script.unit)})" if done else result
    notes = (planned.note if planned else "", credit.note if credit else "")
    return ScheduledLine(
        key=scene.id if scene else label,
        scene=safe_text(label),
        heading=safe_text(scene.heading) if scene else "",
        result=result,
        pages=pages,
        planned=(in_eighths(planned.eighths) if planned.eighths is not None else pages) if planned else "",
        credited=in_eighths(credit.eighths) if credit and credit.eighths is not None else "",
        note=safe_text("; ".join(filter(None, notes))),
    )


def _day_of(credit: Credit, unit: str) -> str:
    return f"day {credit.day}" if credit.unit == unit else safe_text(f"day {credit.day}, {credit.unit}")


def _pages(scene: Scene | None) -> str:
    if scene is None or scene.eighths is None:
        return ""
    return ("~" if scene.eighths_estimated else "") + in_eighths(scene.eighths)


def _timed(script: ScriptSoFar) -> Iterable[TimedLine]:
    """Each scene credited that day, and below them all that are complete by then."""
    lines = [
        _time_line(one, scene, script)
        for one in script.today
        if one.state is not Coverage.NOT_STARTED
        for scene in [script.named.get(one.label)]
    ]
    yield from lines
    both = [
        (scene.estimate_s, actual)
        for scene in script.scenes
        if scene.estimate_s is not None and not scene.omitted and script.root(scene.id) in script.complete
        for actual in [script.seconds(script.root(scene.id))]
        if actual is not None
    ]
    if lines and both:
        estimate, actual = (sum(column) for column in zip(*both, strict=True))
        yield TimedLine(
            key="total",
            scene=f"All complete to date ({_scenes(len(both))})",
            estimate=in_screen_time(estimate),
            today="",
            to_date=in_screen_time(actual),
            difference=_difference(actual - estimate),
        )


def _time_line(credit: Credit, scene: Scene | None, script: ScriptSoFar) -> TimedLine:
    root = script.root(credit.scene_id)
    actual = script.seconds(root)
    estimate = scene.estimate_s if scene else None
    if root not in script.complete:
        difference = "in part"
    else:
        difference = _difference(actual - estimate) if actual is not None and estimate is not None else ""
    return TimedLine(
        key=credit.scene_id,
        scene=safe_text(credit.label),
        estimate=in_screen_time(estimate) if estimate is not None else "",
        today=in_screen_time(credit.seconds) if credit.seconds is not None else "",
        to_date=in_screen_time(actual) if actual is not None else "",
        difference=difference,
    )


def _difference(seconds: int) -> str:
    if not seconds:
        return "as estimated"
    return f"{in_screen_time(abs(seconds))} {'over' if seconds > 0 else 'under'}"
