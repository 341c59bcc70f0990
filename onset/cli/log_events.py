"""`onset log events`: what happened to devices and cards, and the alarms that stand; `over`: a person ends one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb
from onset.cli.log_lines import folded
from onset.errors import RefusedError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.logbook.as_json import Json
    from onset.logbook.terms import Event

_NS = 1_000_000_000
_ANSWER_S = 5.0


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    made = verb("events", "faults, gaps and alarms: from when to when, and how often", _events)
    made.add_argument("take", nargs="?", metavar="TAKE", help="of this take only")
    made.add_argument("--standing", action="store_true", help="only alarms that are not over")
    made.add_argument("--limit", type=int, default=50, metavar="N", help="the newest N (default: 50; 0: all)")
    made = verb("over", "end an alarm that nobody watches any more", _over)
    made.add_argument("device", metavar="DEVICE", help="whose, as `events --standing` names it")
    made.add_argument("--what", metavar="W", help="only this one: black, lost …")


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


def _over(desk: Desk) -> Printed:
    """A service clears its own; what one on another laptop left, or one of the log that was copied, nobody does."""
    device, what = desk.args.device, desk.args.what
    found = [one for one in desk.log.alarms() if one.device == device and what in (None, one.what)]
    if not found:
        of = f'"{safe_text(what)}" of {safe_text(device)}' if what else f"of {safe_text(device)}"
        raise RefusedError(f"No alarm {of} stands; `onset log events --standing` lists those that do.")
    watched = _watched(desk.production)
    for one in found:
        if (one.device, one.what) in watched:
            raise RefusedError(
                f"The capture service that runs says that {safe_text(one.what)} of {safe_text(one.device)} stands; "
                "it ends it when it is over."
            )
    now_ns = desk.clock.wall_ns()
    ended = [replace(one, cleared_ns=now_ns, detail=f"{one.detail} Ended by a person.") for one in found]
    for one in ended:
        desk.log.alarm_cleared(one.id, cleared_ns=now_ns, count=one.count, detail=one.detail)
    return {"events": [event_json(event) for event in ended]}, [line for event in ended for line in _lines(event)]


def _watched(production: Path) -> set[tuple[str, str]]:
    """What the capture service that runs here says that stands."""
    from onset.capture.asks import status
    from onset.capture.lock import lock_holder

    held = lock_holder(production)
    if held is None or not held.folder:
        return set()
    return {(alarm.device, alarm.what) for alarm in status(Path(held.folder), timeout_s=_ANSWER_S).alarms}


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
