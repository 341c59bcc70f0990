"""`onset import shots`: the shot list, from a CSV: setups that are planned for each scene, with their storyboards.

A setup is known by its scene and its working name: the same list again changes nothing, a corrected one changes what is
planned. Storyboard images that lie beside the list are copied into `media/storyboards`. One edit.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook, told
from onset.cli.import_lists import LISTED, add_options, list_at, sheet_json, sheet_lines
from onset.errors import MediumError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.scene import Setup
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook
    from onset.logbook.terms import SetupPlan, Value
    from onset.script.shot_list import Shot, ShotList
    from onset.stills.folder import StillsFolder

_IMAGES = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".tif", ".tiff", ".gif", ".webp", ".bmp")


def add_kind(kinds: argparse._SubParsersAction[CommandParser], examples: str) -> None:
    """Describe `onset import shots`."""
    kind = kinds.add_parser("shots", help="the shot list", description=__doc__, epilog=examples)
    add_options(kind, "scene, shot, description, size, lens, camera, day, storyboard, characters, note, …")
    kind.set_defaults(run=run)


class _State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    SLATED = "slated"  # it has a slate already, and what was said of it since goes over the list


@dataclass(frozen=True, slots=True)
class _Taken:
    listed: ShotList
    plans: Sequence[tuple[SetupPlan, _State]]
    doubts: Sequence[str]
    dry_run: bool


def run(args: argparse.Namespace) -> int:
    """Take a shot list in.

    Raises:
        OnsetError: it is none, or the log or the disk does not take it; nothing was changed in the log.
    """
    from onset.cli.import_ import columns_of
    from onset.script.shot_list import COLUMNS, EXAMPLE, read_shot_list
    from onset.stills.folder import STORYBOARDS, stills_folder

    production = find_production(args)
    path = list_at(args.path)
    listed = read_shot_list(path, columns_of(args.map, COLUMNS, EXAMPLE))
    log = open_logbook(production, role=args.role, seat=args.seat, author=args.by)
    try:
        units = [one.name for one in log.units()]
        if args.unit is not None and args.unit not in units:
            raise UsageError(f'There is no unit "{safe_text(args.unit)}"; there is {safe_text(", ".join(units))}.')
        with ExitStack() as stack:
            copies = not args.dry_run and any(_image(shot) for shot in listed.shots)
            folder = stack.enter_context(stills_folder(production, STORYBOARDS)) if copies else None
            taken = _taken(args, log, listed, path.parent, folder)
            writes = [plan for plan, state in taken.plans if state in (_State.NEW, _State.CHANGED)]
            if writes and not args.dry_run:
                log.plan_setups(writes)
    finally:
        log.close()
    if args.json:
        print(json.dumps(_document(taken), indent=2))
    else:
        _tell(taken)
    return told(log, 0)


def _taken(
    args: argparse.Namespace, log: Logbook, listed: ShotList, beside: Path, folder: StillsFolder | None
) -> _Taken:
    doubts = [*listed.doubts]
    scenes = {(one.number, one.episode) for one in log.scenes()}
    known = {(one.episode, one.scene, one.name): one for one in log.planned_setups() if one.name}
    plans: list[tuple[SetupPlan, _State]] = []
    for shot in listed.shots:
        episode = shot.episode or args.episode
        if (shot.scene, episode) not in scenes:
            doubts.append(f"row {shot.row}: the script has no scene {safe_text(shot.scene[:40])}; planned all the same")
        storyboard = _storyboard(shot, beside, folder, doubts)
        plan = _plan(shot, episode, args.unit, storyboard)
        plans.append((plan, _state(plan, known.get((episode, shot.scene, shot.name)))))
    return _Taken(listed, plans, doubts, args.dry_run)


def _plan(shot: Shot, episode: str | None, unit: str | None, storyboard: str) -> SetupPlan:
    """What the list says; what it leaves empty stays as the log has it."""
    from onset.logbook.terms import SetupPlan

    said = {
        "description": shot.description,
        "size": shot.size,
        "storyboard": storyboard,
        "unit": shot.unit or unit,
        "note": shot.note,
        "characters": ", ".join(shot.characters),
        "planned_day": shot.day,
        "vfx": None if shot.vfx is None else int(shot.vfx),
        "mos": None if shot.mos is None else int(shot.mos),
    }
    return SetupPlan(
        name=shot.name,
        scene=shot.scene,
        episode=episode,
        fields={name: value for name, value in said.items() if value not in (None, "")},
        cameras=shot.cameras,
    )


def _state(plan: SetupPlan, known: Setup | None) -> _State:
    if known is None:
        return _State.NEW
    if known.slate:
        return _State.SLATED
    for name, value in plan.fields.items():
        there = getattr(known, name)
        if (", ".join(there) if isinstance(there, tuple) else there) != value:
            return _State.CHANGED
    there_by_letter = {one.camera: one for one in known.cameras}
    for letter, said in plan.cameras.items():
        camera = there_by_letter.get(letter)
        if camera is None or any(getattr(camera, name) != value for name, value in said.items()):
            return _State.CHANGED
    return _State.SAME


def _image(shot: Shot) -> bool:
    return shot.storyboard.lower().endswith(_IMAGES)


def _storyboard(shot: Shot, beside: Path, folder: StillsFolder | None, doubts: list[str]) -> str:
    """The image's path in the production; what is no path of an image beside the list stays as it is written."""
    from onset.stills.picture import read_picture

    if not _image(shot):
        return shot.storyboard
    path = beside / shot.storyboard.replace("\\", "/")
    shown = safe_text(shot.storyboard[:80])
    try:
        if not path.resolve().is_relative_to(beside.resolve()):
            raise MediumError("it does not lie beside the list.")
        picture = read_picture(path)
        if folder is None:
            return _where(path)
        return folder.keep(picture.content, path.name, picture.digest, picture.mtime_ns)
    except (MediumError, OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error).rstrip(".")
        doubts.append(f"row {shot.row}: storyboard {shown} was not copied: {safe_text(why)}")
        return shot.storyboard


def _where(path: Path) -> str:
    """Where a copy would be, for a preview."""
    from onset.stills.folder import STORYBOARDS, clean_name

    return f"{STORYBOARDS}/{clean_name(path.name)}"


def _tell(taken: _Taken) -> None:
    from onset.cli.log_script_lines import cut_to_width, wrapped

    for line in sheet_lines(taken.listed.sheet):
        print("\n".join(wrapped(line, "")))
    for plan, state in taken.plans[:LISTED]:
        words = "; ".join(str(plan.fields[name]) for name in ("size", "description") if name in plan.fields)
        print(cut_to_width(f"  {state:<8} {plan.scene:<7} {plan.name:<16} {words}"))
    if len(taken.plans) > LISTED:
        print(f"  and {len(taken.plans) - LISTED} more; --json lists them all")
    passed = taken.listed.passed_over
    doubts = [f"rows without a scene or a setup: {', '.join(map(str, passed[:LISTED]))}"] * bool(passed)
    doubts += [f"! {doubt}" for doubt in taken.doubts[:LISTED]]
    for line in doubts:
        print("\n".join(wrapped(line, "")))
    counts = _counts(taken)
    said = ", ".join(f"{counts[state]} {state}" for state in _State if counts[state])
    print(f"{len(taken.plans)} setups: {said}.{' Nothing was written.' if taken.dry_run else ''}")


def _counts(taken: _Taken) -> Mapping[_State, int]:
    return {state: sum(state is one for _, one in taken.plans) for state in _State}


def _document(taken: _Taken) -> dict[str, Json]:
    return {
        "setups": [
            {
                "state": str(state),
                "episode": plan.episode,
                "scene": plan.scene,
                "name": plan.name,
                **{name: _plain(plan.fields.get(name)) for name in _FIELDS},
                "cameras": [{"camera": letter, **_said(said)} for letter, said in plan.cameras.items()],
            }
            for plan, state in taken.plans
        ],
        **{str(state): count for state, count in _counts(taken).items()},
        **sheet_json(taken.listed.sheet, taken.listed.passed_over, taken.doubts, dry_run=taken.dry_run),
    }


_FIELDS = ("description", "size", "storyboard", "planned_day", "unit", "characters", "note", "vfx", "mos")


def _plain(value: object) -> Json:
    return value if isinstance(value, int | str) else None


def _said(camera: Mapping[str, Value]) -> dict[str, Json]:
    return {name: _plain(value) for name, value in camera.items()}
