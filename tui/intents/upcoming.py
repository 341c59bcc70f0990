"""What the next take shall be: slate, pickup, wild track, rolls. While a take rolls these concern only the next."""

from __future__ import annotations

import re

from onset.domain.take import Board, Kind
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next
from onset.slate import Slating, check_label
from tui.log_day import plan_meant, plan_name, planned_here
from tui.seen import Seen


def slate(log: Logbook, seen: Seen, typed: str, slating: Slating) -> str:
    """Take the next setup when nothing was typed, else the scene, slate or take that was."""
    unit = seen.board.unit
    if typed.strip().startswith("+"):
        return _planned(log, seen, typed.strip()[1:])
    board = log.set_next(read_slate(typed, slating), unit=unit) if typed.strip() else log.next_setup(unit=unit)
    return f"Next is {board.slate}/{board.take}, scene {board.scene or 'none'}."


def _planned(log: Logbook, seen: Seen, typed: str) -> str:
    """The next setup is a planned one: it gets the slate of the board, or the next where that is another setup's."""
    unit, scene = seen.board.unit, seen.board.scene
    plans = [each for each in planned_here(log, seen.board) if not each.shot]
    plan = plan_meant(plans, typed)
    if plan is None:
        names = "; ".join(f"+{number} {plan_name(each)}" for number, each in enumerate(plans, 1))
        raise RefusedError(f"Which planned setup of scene {scene}? {names or 'None is open'}.")
    if plan.slate:
        board = log.set_next(Next(scene=plan.scene, slate=plan.slate), unit=unit)
        return f"Next is {board.slate}/{board.take}: {plan_name(plan)}."
    board = log.board(unit)
    known = log.setup(board.slate, episode=board.episode) if board.slate else None
    fresh = bool(board.slate) and board.scene == plan.scene and not (known and (known.shot or known.planned))
    board = board if fresh else log.next_setup(unit=unit)
    log.slate_plan(plan.name, board.slate, scene=plan.scene, episode=plan.episode)
    twice = "" if fresh else " Undo takes back one after the other."
    return f"Next is {board.slate}/{board.take}: {plan_name(plan)}.{twice}"


def read_slate(typed: str, slating: Slating) -> Next:
    """What a person means by `42D`, `42D/3`, `/5`, `42 42D/3`, or `27/7` and `27/7/3` where slates run through.

    Raises:
        SlateError: a part that no board can show.
    """
    scene, _, rest = typed.strip().rpartition(" ")
    parts = [part.strip() for part in rest.split("/")]
    if slating.system == "eu" and not scene and len(parts) > 1 and parts[0]:
        return Next(
            scene=check_label(parts[0], "scene"),
            slate=check_label(parts[1]),
            take=check_label(parts[2], "take") if len(parts) > 2 else None,
        )
    name, take = (parts[0], "/".join(parts[1:])) if len(parts) > 1 else (parts[0], "")
    number = check_label(take, "take") if take else None
    if not name:
        return Next(take=check_label(take, "take"))
    name = check_label(name.upper() if slating.system == "us" else name)
    if scene:
        return Next(scene=check_label(scene, "scene"), slate=name, take=number)
    return Next(slate=name, take=number)


def kind(log: Logbook, seen: Seen, wanted: Kind) -> str:
    """The next take is a pickup or a wild track; again makes it an ordinary one."""
    if wanted is Kind.WILD_TRACK and seen.board.rolling is not None:
        raise RefusedError(f"{seen.board.rolling.label} rolls; a wild track is set up after the cut.")
    if seen.board.kind is wanted:
        log.set_next(Next(kind=Kind.NORMAL), unit=seen.board.unit)
        return f"The next take is no {wanted}."
    board = log.set_next(Next(kind=wanted), unit=seen.board.unit)
    return f"Next is {board.slate}/{board.take}, a {wanted}."


def roll_label(log: Logbook, seen: Seen, what: str) -> str:
    """The next roll of a camera (or of `sound`), from the next take."""
    label = next_roll(roll_now(seen.board, what), what)
    if what == "sound":
        log.set_next(Next(sound_roll=label), unit=seen.board.unit)
        return f"Sound roll {label} from the next take."
    log.set_next(Next(rolls={what: label}), unit=seen.board.unit)
    return f"Camera {what} has roll {label} from the next take."


def roll_now(board: Board, what: str) -> str | None:
    """The roll on the board of a camera or of `sound`."""
    if what == "sound":
        return board.sound_roll
    return next((each.roll for each in board.cameras if each.camera == what), None)


def next_roll(roll: str | None, what: str) -> str:
    """The roll label after `roll`; the first of a camera is `A001`, of sound `1`.

    >>> next_roll("A014", "A"), next_roll("112", "sound"), next_roll(None, "B"), next_roll("A099", "A")
    ('A015', '113', 'B001', 'A100')
    """
    if not roll:
        return "1" if what == "sound" else f"{what}001"
    match = re.fullmatch(r"(.*?)(\d+)(\D*)", roll, re.ASCII | re.DOTALL)
    if match is None:
        return f"{roll}2"
    return f"{match[1]}{int(match[2]) + 1:0{len(match[2])}d}{match[3]}"
