"""Verbs of `onset log` on camera and sound rolls: load, pull, hand, rolls, move-roll."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count
from onset.errors import UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.cli.log_desk import Printed
    from onset.domain.card import Roll
    from onset.logbook.as_json import Json


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    load = verb("load", 'a roll goes into a camera (or "sound"), and the one before it comes out', _load)
    load.add_argument("camera", metavar="CAMERA", help='its letter, or "sound"')
    load.add_argument("label", metavar="LABEL")
    load.add_argument("--serial", default="", metavar="S", help="of the magazine")
    pull = verb("pull", "a roll comes out of its camera", _pull, "LABEL")
    pull.add_argument("--to", default="", metavar="WHO", help="who has it now; it waits there for its copy")
    hand = verb("hand", "somebody else has the roll now", _hand, "LABEL")
    hand.add_argument("who", metavar="WHO")
    rolls = verb("rolls", "the rolls and where they are; with a label and fields, change what is said of one", _rolls)
    rolls.add_argument("label", nargs="?", metavar="LABEL")
    rolls.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="state, serial, holder, day, device, note")
    rolls.add_argument("--day", type=count, metavar="N", help="of this day only")
    move = verb("move-roll", "rolls are of another day, with their cards and clips; takes stay", _move)
    move.add_argument("labels", nargs="+", metavar="LABEL")
    move.add_argument("--day", dest="to_day", type=count, required=True, metavar="N", help="the day they are of")


def _told(desk: Desk, *rolls: Roll) -> tuple[list[Json], list[str]]:
    """Rolls as JSON and as lines, with what was found of copies that hold their cards back."""
    from onset.clock import SystemClock
    from onset.logbook.as_json_set import roll_json
    from onset.reconcile.card_copies import told

    now_ns = SystemClock().wall_ns()
    bad = {
        card.id: [f"{copy.path}: {told(copy.bad, now_ns)}" for copy in card.held_back_by if copy.bad is not None]
        for card in desk.log.cards()
    }
    shown: list[Json] = []
    lines = []
    for roll in rolls:
        found = bad.get(roll.card or "", [])
        shown.append({**roll_json(roll), "found_bad": [*found]})
        lines += _lines(roll, found)
    return shown, lines


def _one(desk: Desk, roll: Roll) -> Printed:
    (shown,), lines = _told(desk, roll)
    return {"roll": shown}, lines


def _lines(roll: Roll, bad: Sequence[str]) -> list[str]:
    """`A014     camera A   day   1  loaded   R-77, with Sam`; not safe, and why, where a copy was found bad since."""
    from onset.cli.log_lines import fitted, folded
    from onset.domain.card import RollState

    where = "sound" if roll.device == "sound" else f"camera {roll.device}" if roll.device else ""
    day = f"day {roll.day:>3}" if roll.day is not None else ""
    also = [roll.serial, f"with {roll.holder}" if roll.holder else "", roll.note]
    said = safe_text(", ".join(each for each in also if each))
    stands = bad if roll.state is not RollState.REUSED else ()  # it was formatted: what is on it now is another roll
    state = "not safe" if stands else roll.state
    line = fitted(f"{roll.label:<10} {where:<10} {day:<7}  {state:<8}  {said}".rstrip())
    return [line, *(each for copy in stands for each in folded(" " * 10, copy))]


def _load(desk: Desk) -> Printed:
    args = desk.args
    return _one(desk, desk.log.load(args.camera, args.label, desk.stamp(), serial=args.serial, unit=desk.unit))


def _pull(desk: Desk) -> Printed:
    return _one(desk, desk.log.pull(desk.args.label, desk.stamp(), to=desk.args.to, unit=desk.unit))


def _hand(desk: Desk) -> Printed:
    return _one(desk, desk.log.hand(desk.args.label, desk.args.who, unit=desk.unit))


def _rolls(desk: Desk) -> Printed:
    from onset.cli.log_typed import values_of

    label, words = desk.args.label, desk.args.fields
    if words:
        return _one(desk, desk.log.set_roll(label, values_of("roll", words), unit=desk.unit))
    if label is not None and "=" in label:
        raise UsageError(f'Say which roll, as in "onset log rolls A014 {safe_text(label)}".')
    found = [roll for roll in desk.log.rolls(unit=desk.unit, day=desk.args.day) if label is None or roll.label == label]
    shown, lines = _told(desk, *found)
    return {"rolls": shown}, lines or ["No rolls."]


def _move(desk: Desk) -> Printed:
    from onset.cli.matching import match_after

    day = desk.args.to_day
    moved = desk.log.move_rolls(desk.args.labels, day, unit=desk.unit)
    match_after(desk.log, desk.unit, None)  # what they left behind is matched too
    stay = f"Their cards and clips too. Takes stay: onset log set TAKE day={day}"
    shown, lines = _told(desk, *moved)
    return {"rolls": shown}, [*lines, stay]
