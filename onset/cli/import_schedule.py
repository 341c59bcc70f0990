"""`onset import schedule`: which scenes are shot on which day, from a CSV of whatever made the schedule.

The days that the file names hold its scenes in its order afterwards, and no others; other days stay as they are. One
edit for each unit.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook, told
from onset.cli.import_lists import LISTED, add_options, list_at, sheet_json, sheet_lines
from onset.errors import RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.credit import PlannedScene, Scheduled
    from onset.domain.scene import Scene
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook
    from onset.script.schedule import Schedule, Strip


def add_kind(kinds: argparse._SubParsersAction[CommandParser], examples: str) -> None:
    """Describe `onset import schedule`."""
    kind = kinds.add_parser("schedule", help="the shooting schedule", description=__doc__, epilog=examples)
    add_options(kind, "scene, day, order, eighths, unit, episode, note")
    kind.set_defaults(run=run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What came of it: schedules by unit, and what the log had planned before."""

    schedule: Schedule
    by_unit: Mapping[str, Sequence[Scheduled]]
    before: Sequence[PlannedScene]
    known: Mapping[tuple[str, str | None], Scene]
    doubts: tuple[str, ...]
    dry_run: bool


def run(args: argparse.Namespace) -> int:
    """Take a schedule in.

    Raises:
        OnsetError: it is no schedule, or none of its scenes is in the log; nothing was changed.
    """
    from onset.cli.import_ import columns_of
    from onset.script.schedule import COLUMNS, EXAMPLE, read_schedule

    production = find_production(args)
    path = list_at(args.path)
    columns = columns_of(args.map, COLUMNS, EXAMPLE)
    log = open_logbook(production, role=args.role, seat=args.seat, author=args.by)
    try:
        units = [one.name for one in log.units()]
        if args.unit is not None and args.unit not in units:
            raise UsageError(f'There is no unit "{safe_text(args.unit)}"; there is {safe_text(", ".join(units))}.')
        dates = {one.date: one.number for one in log.days(args.unit or units[0])}
        taken = _taken(args, log, read_schedule(path, columns, dates), units)
        if not args.dry_run:
            for unit, rows in taken.by_unit.items():
                log.take_schedule(rows, unit=unit)
    finally:
        log.close()
    if args.json:
        print(json.dumps(_document(taken), indent=2))
    else:
        _tell(taken)
    return told(log, 0)


def _taken(args: argparse.Namespace, log: Logbook, schedule: Schedule, units: Sequence[str]) -> _Taken:
    from onset.domain.credit import Scheduled

    known = {(one.number, one.episode): one for one in log.scenes()}
    doubts = [*schedule.doubts]
    by_unit: dict[str, dict[tuple[int, str, str | None], Scheduled]] = defaultdict(dict)
    for strip in schedule.strips:
        unit = next((one for one in units if one.lower() == strip.unit.lower()), None)
        unit = unit if strip.unit else args.unit or units[0]
        if unit is None:
            doubts.append(f'row {strip.row}: there is no unit "{safe_text(strip.unit[:40])}"; it was passed over')
            continue
        scenes = _scenes(strip, strip.episode or args.episode, known, doubts)
        for scene in scenes:
            eighths = strip.eighths if len(scenes) == 1 else None
            row = Scheduled(
                day=strip.day, number=scene.number, episode=scene.episode, eighths=eighths, note=strip.note[:1000]
            )
            by_unit[unit].setdefault((strip.day, scene.number, scene.episode), row)
    if not by_unit:
        raise RefusedError(
            "None of its scenes is in the log, so nothing was taken in; import the script first, or say --episode."
        )
    return _Taken(
        schedule=schedule,
        by_unit={unit: tuple(rows.values()) for unit, rows in by_unit.items()},
        before=log.planned(),
        known=known,
        doubts=tuple(doubts),
        dry_run=args.dry_run,
    )


def _scenes(
    strip: Strip, episode: str | None, known: Mapping[tuple[str, str | None], Scene], doubts: list[str]
) -> list[Scene]:
    """Those of the log that a row means: as written, else each of what it lists; spelled as the log spells them."""
    from onset.slate import sort_key

    spelled = {sort_key(number): scene for (number, of), scene in known.items() if of == episode}
    whole = known.get((strip.scene, episode)) or spelled.get(sort_key(strip.scene))
    found = [whole] if whole else []
    for number in () if whole else strip.scenes:
        scene = known.get((number, episode)) or spelled.get(sort_key(number))
        if scene is None:
            doubts.append(f"row {strip.row}: the log has no scene {safe_text(number[:40])}; it was passed over")
        else:
            found.append(scene)
    doubts += [
        f"row {strip.row}: scene {safe_text(one.label)} is omitted in the script" for one in found if one.omitted
    ]
    return found


def _changes(taken: _Taken) -> tuple[list[tuple[str, int, str]], list[tuple[str, int, str]]]:
    """Unit, day and scene of what comes onto the schedule, and of what comes off it."""
    from onset.domain.scene import scene_label

    new = {
        (unit, row.day, scene_label(row.number, row.episode)): None
        for unit, rows in taken.by_unit.items()
        for row in rows
    }
    days = {(unit, day) for unit, day, _ in new}
    old = {(one.unit, one.day, one.label): None for one in taken.before if (one.unit, one.day) in days}
    return [one for one in new if one not in old], [one for one in old if one not in new]


def _tell(taken: _Taken) -> None:
    from onset.cli.log_script_lines import wrapped
    from onset.domain.scene import scene_label

    added, removed = _changes(taken)
    lines = sheet_lines(taken.schedule.sheet)
    for unit, rows in taken.by_unit.items():
        days: dict[int, list[str]] = defaultdict(list)
        for row in rows:
            days[row.day].append(scene_label(row.number, row.episode))
        of = f"{unit}, " if len(taken.by_unit) > 1 or unit != "Main" else ""
        lines += [f"{of}day {day}: {', '.join(scenes)}" for day, scenes in days.items()]
    passed = taken.schedule.passed_over
    if passed:
        lines.append(f"rows without a scene or a day: {', '.join(map(str, passed[:LISTED]))}")
    lines += [f"! {doubt}" for doubt in taken.doubts[:LISTED]]
    if len(taken.doubts) > LISTED:
        lines.append(f"! and {len(taken.doubts) - LISTED} more; --json lists them all")
    for line in lines:
        print("\n".join(wrapped(line, "")))
    done = "would come" if taken.dry_run else "came"
    print(f"{len(added)} {done} onto the schedule of these days, {len(removed)} off it.")


def _document(taken: _Taken) -> dict[str, Json]:
    added, removed = _changes(taken)
    return {
        "planned": [
            {
                "unit": unit,
                "day": row.day,
                "episode": row.episode,
                "scene": row.number,
                "eighths": row.eighths,
                "note": row.note or None,
            }
            for unit, rows in taken.by_unit.items()
            for row in rows
        ],
        "diff": {
            "added": [{"unit": unit, "day": day, "scene": scene} for unit, day, scene in added],
            "removed": [{"unit": unit, "day": day, "scene": scene} for unit, day, scene in removed],
        },
        **sheet_json(taken.schedule.sheet, taken.schedule.passed_over, taken.doubts, dry_run=taken.dry_run),
    }
