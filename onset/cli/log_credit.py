"""Verbs of `onset log` on what is credited, planned and owed: credit, credits, balance, owe, owed, plan, totals."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count
from onset.errors import OnsetError, RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.domain.credit import Owed
    from onset.logbook.as_json import Json

_STATES = ("not started", "part", "complete")
_KINDS = ("insert", "pickup", "wild track", "retake", "shot")
_SHORTEST_ENDING = 4  # of an id that somebody types


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    credit = verb("credit", "credit a scene with what was shot; alone: what is proposed", _credit, "SCENE")
    credit.add_argument("state", nargs="?", choices=_STATES, help='"not started", part or complete')
    credit.add_argument("--eighths", type=_eighths, metavar='"1 2/8"', help="pages (complete: what is left of them)")
    credit.add_argument(
        "--minutes", type=_screen_time, metavar="1:20", help="screen time (complete: the longest whole circled run)"
    )
    credit.add_argument("--day", type=count, metavar="N", help="the day (default: the newest)")
    credit.add_argument("--note", metavar="TEXT")
    credit.add_argument("--remove", action="store_true", help="nothing was credited of it on that day")
    credits = verb("credits", "what was credited", _credits)
    credits.add_argument("--day", type=count, metavar="N")
    credits.add_argument("--scene", metavar="[E:]N")
    credits.add_argument("--all-units", action="store_true", help="not of one unit only")
    balance = verb("balance", "what the unit had shot before this log began", _balance)
    balance.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help='as in days=11 setups=204 eighths="61 3/8"')
    owe = verb("owe", "a scene is owed a shot", _owe)
    owe.add_argument("kind", choices=_KINDS)
    owe.add_argument("scene", metavar="SCENE")
    owe.add_argument("text", metavar="WHAT")
    owe.add_argument("--slate", metavar="SLATE", help="the setup it is owed in")
    owe.add_argument("--day", type=count, metavar="N", help="since when (default: the newest day)")
    owed = verb("owed", "what is owed, with takes that look like it; or: it is settled, or dropped", _owed)
    owed.add_argument("settling", nargs="?", choices=("settle", "drop"), help="default: show what is owed")
    owed.add_argument("which", nargs="?", metavar="WHICH", help="the end of its id, its slate, or its scene")
    owed.add_argument("--take", metavar="TAKE", help="the take that settles it")
    owed.add_argument("--all", dest="every", action="store_true", help="settled and dropped ones too")
    plan = verb("plan", "the schedule of a day; with scenes: put them on it", _plan)
    plan.add_argument("day", type=count, metavar="DAY")
    plan.add_argument("scenes", nargs="*", metavar="SCENE")
    plan.add_argument("--eighths", type=_eighths, metavar='"1 2/8"', help="so much of the scene (default: all)")
    plan.add_argument("--remove", action="store_true", help="take them off")
    totals = verb("totals", "the numbers of a day, to date, and what remains of the script", _totals)
    totals.add_argument("--day", type=count, metavar="N", help="the day (default: the newest)")
    totals.add_argument("--all-units", action="store_true", help="all units together, by the date")


def _eighths(text: str) -> int:
    from onset.domain.measures import eighths_of

    return _typed(eighths_of, text)


def _screen_time(text: str) -> int:
    from onset.domain.measures import screen_time_of

    if ":" not in text:  # "2" might mean two minutes, or two seconds
        raise argparse.ArgumentTypeError(f'"{safe_text(text)}" is not minutes and seconds, as in 1:20')
    return _typed(screen_time_of, text)


def _typed(parse: Callable[[str], int], text: str) -> int:
    try:
        return parse(text)
    except OnsetError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _credit(desk: Desk) -> Printed:
    from onset.cli.log_credit_lines import credit_words, proposal_words
    from onset.domain.scene import Coverage
    from onset.logbook.as_json_credit import credit_json, proposal_json

    args = desk.args
    number, episode = desk.scene(args.scene)
    where = {"episode": episode, "unit": desk.unit, "day": args.day}
    if args.remove:
        desk.log.uncredit(number, **where)
        return {"credit": None, "proposal": None}, [f"Scene {number} is not credited on that day any more."]
    proposal = desk.log.propose_credit(number, **where)
    proposed: dict[str, Json] = {"proposal": proposal_json(proposal)}
    if args.state is None:
        return {"credit": None, **proposed}, proposal_words(proposal)
    complete = args.state == Coverage.COMPLETE
    credit = desk.log.credit(
        number,
        Coverage(args.state),
        eighths=proposal.eighths if complete and args.eighths is None else args.eighths,
        seconds=proposal.seconds if complete and args.minutes is None else args.minutes,
        note=args.note,
        **where,
    )
    return {"credit": credit_json(credit), **proposed}, credit_words(credit, proposal)


def _credits(desk: Desk) -> Printed:
    from onset.cli.log_credit_lines import credit_lines
    from onset.logbook.as_json_credit import credit_json

    args = desk.args
    found = desk.log.credits(unit=None if args.all_units else desk.unit, day=args.day)
    if args.scene:
        wanted = desk.scene(args.scene)
        found = [one for one in found if (one.number, one.episode) == wanted]
    return {"credits": [credit_json(one) for one in found]}, credit_lines(found)


def _balance(desk: Desk) -> Printed:
    from onset.cli.log_credit_lines import balance_lines
    from onset.cli.log_typed import fields_of
    from onset.logbook.as_json_credit import balance_json

    fields, _ = fields_of(desk.args.fields, "balance", None)
    found = desk.log.set_balance(fields, unit=desk.unit) if fields else desk.log.balance(desk.unit)
    return {"balance": balance_json(found) if found else None}, balance_lines(found)


def _owe(desk: Desk) -> Printed:
    from onset.domain.scene import OwedKind

    args = desk.args
    number, episode = desk.scene(args.scene)
    kind = OwedKind(args.kind)
    made = desk.log.owe(kind, args.text, scene=number, episode=episode, slate=args.slate, unit=desk.unit, day=args.day)
    return _one_owed(made, f"Owed to scene {made.scene}: {made.kind}, {made.text} [{made.id[-6:]}].")


def _one_owed(owed: Owed, line: str) -> Printed:
    from onset.logbook.as_json_credit import owed_json

    return {"owed": [owed_json(owed)]}, [line]


def _owed(desk: Desk) -> Printed:
    from onset.cli.log_credit_lines import owed_lines
    from onset.logbook.as_json_credit import owed_json

    args = desk.args
    if args.settling is None:
        found = desk.log.owed(every=args.every)
        return {"owed": [owed_json(one) for one in found]}, owed_lines(found)
    if not args.which:
        raise UsageError("Say which: the end of its id, its slate, or its scene.")
    one = _owed_named(desk, args.which)
    if args.settling == "drop":
        return _one_owed(desk.log.drop_owed(one.id), f"{one.label}: {one.text} is dropped.")
    if args.take is None:
        proposed = ", ".join(take.label for take in one.proposed)
        raise UsageError(f"Say with --take which take settles it{f'; {proposed} may' if proposed else ''}.")
    take = desk.log.find_take(args.take, unit=desk.unit)
    return _one_owed(desk.log.settle_owed(one.id, take.id), f"{one.label}: {one.text} is settled by {take.label}.")


def _owed_named(desk: Desk, which: str) -> Owed:
    """The open one that a person means."""
    found = desk.log.owed()
    ending = which.lower()
    meant = [one for one in found if len(ending) >= _SHORTEST_ENDING and one.id.endswith(ending)]
    meant = meant or [one for one in found if which == one.label]
    meant = meant or [one for one in found if desk.scene(which) == (one.scene, one.episode)]
    if len(meant) != 1:
        ids = ", ".join(one.id[-6:] for one in meant)
        hint = f"give the end of one's id: {ids}" if meant else '"onset log owed" lists what is'
        raise RefusedError(f"{len(meant) or 'No'} open shots are owed to {safe_text(which)}; {hint}.")
    return meant[0]


def _plan(desk: Desk) -> Printed:
    from onset.cli.log_credit_lines import plan_lines
    from onset.logbook.as_json_credit import planned_json

    args = desk.args
    scenes = [desk.scene(text) for text in args.scenes]
    if args.remove and not scenes:
        raise UsageError("Say which scenes to take off the schedule.")
    if not scenes:
        found = desk.log.planned(unit=desk.unit, day=args.day)
    elif args.remove:
        found = desk.log.unplan(args.day, scenes, unit=desk.unit)
    else:
        found = desk.log.plan(args.day, scenes, unit=desk.unit, eighths=args.eighths)
    known = {scene.label: scene for scene in desk.log.scenes()}
    return {"plan": [planned_json(one) for one in found]}, plan_lines(args.day, found, known)


def _totals(desk: Desk) -> Printed:
    from onset.cli.log_credit_lines import totals_lines
    from onset.logbook.as_json_credit import totals_json

    found = desk.log.totals(unit=desk.unit, day=desk.args.day, all_units=desk.args.all_units)
    return {"totals": totals_json(found)}, totals_lines(found)
