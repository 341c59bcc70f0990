"""Verbs of `onset log` on takes that have a tag in common: the list in a person's order, and the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count
from onset.domain.selects import SELECTS, in_order
from onset.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.cli.log_desk import Printed
    from onset.domain.take import Take
    from onset.logbook.as_json import Json


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    selects = verb("selects", "the day's takes with a tag, in the order in which they were put", _selects)
    selects.add_argument("--tag", default=SELECTS, metavar="TAG", help=f"default: {SELECTS}")
    when = selects.add_mutually_exclusive_group()
    when.add_argument("--day", type=count, metavar="N", help="the day's number (default: the newest)")
    when.add_argument("--all-days", action="store_true", help="of all days")
    order = verb("order", "put takes of a tag before or behind another one, as they are to be watched", _order)
    order.add_argument("takes", nargs="+", metavar="TAKE")
    order.add_argument("--tag", default=SELECTS, metavar="TAG", help=f"default: {SELECTS}")
    where = order.add_mutually_exclusive_group(required=True)
    where.add_argument("--before", metavar="TAKE")
    where.add_argument("--after", metavar="TAKE")
    where.add_argument("--first", action="store_true", help="before all others of the tag, whatever their day")
    where.add_argument("--last", action="store_true", help="behind all others")


def _selects(desk: Desk) -> Printed:
    args = desk.args
    day: int | None = args.day
    if day is None and not args.all_days:
        day = max((one.number for one in desk.log.days(desk.unit)), default=None)
    return _listed(desk, day, args.tag)


def _listed(desk: Desk, day: int | None, tag: str) -> Printed:
    from onset.cli.log_lines import take_lines
    from onset.logbook.as_json import take_json
    from onset.logbook.terms import TakeFilter

    found = in_order(desk.log.takes(TakeFilter(unit=desk.unit, day=day, tags=((tag,),), limit=None)), tag)
    frames = sum(take.duration_frames or 0 for take in found)
    document: dict[str, Json] = {
        "tag": tag,
        "day": day,
        "takes": [take_json(take) for take in found],
        "duration_frames": frames,
    }
    if not found:
        of = f" of day {day}" if day is not None else ""
        return document, [f'No take{of} is tagged "{tag}"; "onset log tag TAKE {tag}" tags one.']
    return document, [*take_lines(found), _summed(found)]


def _summed(takes: Sequence[Take]) -> str:
    """`3 takes, 4:05 from roll to cut`."""
    seconds = round(sum(take.frame_rate.seconds_for(take.duration_frames or 0) for take in takes))
    unknown = sum(take.duration_frames is None for take in takes)
    of = f"; {unknown} of unknown length" if unknown else ""
    return f"{len(takes)} take{'' if len(takes) == 1 else 's'}, {seconds // 60}:{seconds % 60:02d} from roll to cut{of}"


def _order(desk: Desk) -> Printed:
    args = desk.args
    if not args.tag.strip():
        raise UsageError("Say which tag, as in --tag selects.")
    takes = desk.takes(args.takes)
    named = args.before if args.before is not None else args.after
    beside = desk.log.find_take(named, unit=desk.unit).id if named is not None else None
    desk.log.order_takes(args.tag, [take.id for take in takes], beside, behind=args.last or args.after is not None)
    days = {take.day for take in takes}
    return _listed(desk, days.pop() if len(days) == 1 else None, args.tag)
