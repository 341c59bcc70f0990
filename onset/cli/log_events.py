"""`onset log events`: what happened to devices and cards, and the alarms that stand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb
from onset.cli.log_lines import folded

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.logbook.as_json import Json
    from onset.logbook.terms import Event

_NS = 1_000_000_000


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    made = verb("events", "faults, gaps and alarms: from when to when, and how often", _events)
    made.add_argument("take", nargs="?", metavar="TAKE", help="of this take only")
    made.add_argument("--standing", action="store_true", help="only alarms that are not over")
    made.add_argument("--limit", type=int, default=50, metavar="N", help="the newest N (default: 50; 0: all)")


def _events(desk: Desk) -> Printed:
    args = desk.args
    take_id = None if args.take is None else desk.take().id
    if args.standing:
        found = [event for event in desk.log.alarms() if take_id in (None, event.take_id)]
    else:
        most = args.limit if args.limit > 0 else 1 << 31
        found = list(desk.log.events(take_id=take_id, limit=most))
    return {"events": [event_json(event) for event in found]}, [line for event in found for line in _lines(event)] or [
        "No alarm stands." if args.standing else "Nothing happened."
    ]


def _lines(event: Event) -> list[str]:
    """Its sentence stands whole: it says what to do."""
    from onset.logbook.alarm_words import when_words

    mark = "!" if event.stands else " "
    words = event.detail or event.what
    words = words if words.startswith(event.device) else f"{event.device}: {words}"
    return folded(f"{mark} {when_words(event, _time):<20} {event.what:<12}", words)


def _time(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns // _NS).astimezone():%m-%d %H:%M:%S}"[-8:]


def event_json(event: Event) -> dict[str, Json]:
    """What other programs may rely on: absent is null."""
    from onset.logbook.as_json import iso

    return {
        "device": event.device,
        "what": event.what,
        "detail": event.detail,
        "take": event.take_id,
        "from": iso(event.wall_ns),
        "to": iso(event.cleared_ns) if event.cleared_ns is not None else None,
        "last": iso(event.last_ns) if event.last_ns is not None else None,
        "count": event.count,
        "alarm": event.alarm,
        "standing": event.stands,
    }
