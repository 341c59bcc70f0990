"""`onset log history`: every change of anything in the log, who made it, and whether it was taken back."""

from __future__ import annotations

import shlex
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

from onset.changes import checked
from onset.cli.log_desk import Desk, Verb, count
from onset.errors import RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.logbook.terms import Thing

_KINDS = ("scene", "setup", "day", "card", "roll", "clip", "sound", "unit", "episode", "person", "filter")
_PAGE = 200
_ALL = 999_999_999
_NS = 1_000_000_000


def add_verbs(verb: Verb) -> None:
    """Describe it."""
    history = verb("history", "every change, newest first", _history)
    history.add_argument(
        "of",
        nargs="?",
        metavar="TAKE|KIND:NAME",
        help=f"42C/3, or setup:42C, scene:101:42, day:3; of {', '.join(_KINDS)}",
    )
    history.add_argument("--field", metavar="F", help="of this field only")
    history.add_argument("--since", metavar="TIME", help="14:02, 2026-05-29 or 2026-05-29T14:02")
    history.add_argument("--before", type=count, metavar="N", help="the page after the one that ended there")
    history.add_argument("--whole", action="store_true", help="all changes of an edit that made very many")
    history.add_argument(
        "--limit", type=count, default=_PAGE, metavar="N", help=f"at most so many (default: {_PAGE}; 0: all)"
    )


def _history(desk: Desk) -> Printed:
    from onset.cli.log_lines import change_lines
    from onset.logbook.as_json import change_json

    args = desk.args
    thing = _thing(desk) if args.of else None
    take = desk.log.find_take(args.of, unit=desk.unit) if args.of and thing is None else None
    limit = args.limit or _ALL
    changes = desk.log.history(
        take.id if take else None,
        limit=limit,
        of=thing,
        field=_field(args.field) if args.field is not None else None,
        since_ns=_since(desk, args.since) if args.since is not None else None,
        before=args.before,
    )
    more = changes[-1].arrival if len(changes) >= limit and changes[-1].arrival > 1 else None
    lines = change_lines(changes, whole=args.whole)
    if more is not None:
        options = (
            ("--field", args.field),
            ("--since", args.since),
            ("--limit", str(limit) if limit != _PAGE else None),
        )
        words = [
            args.of,
            *(word for option in options if option[1] for word in option),
            "--whole" if args.whole else None,
        ]
        asked = "".join(f" {shlex.quote(word)}" for word in words if word)
        lines.append(f"Older ones: onset log history{asked} --before {more}")
    return {"changes": [change_json(change) for change in changes], "before": more}, lines


def _thing(desk: Desk) -> Thing | None:
    """What is asked for where it is no take."""
    from onset.logbook.terms import Thing

    kind, colon, label = desk.args.of.partition(":")
    if not colon or kind not in _KINDS:
        return None
    episode = None
    if kind in ("scene", "setup") and ":" in label:
        episode, _, label = label.partition(":")
    if not label.strip():
        raise UsageError(f"Say which {kind}, as in {kind}:{'3' if kind == 'day' else '42'}.")
    return Thing(kind=kind, label=label, episode=episode, unit=desk.unit)


def _field(name: str) -> str:
    from onset.logbook.entities import FIELDS

    known = {field for fields in FIELDS.values() for field in fields}
    spelled = name.strip().lower().replace(" ", "_").replace("-", "_")
    if spelled in known:
        return spelled
    near = get_close_matches(spelled, sorted(known), n=1)
    hint = f"; do you mean {near[0]}?" if near else "."
    raise UsageError(f'Nothing in a log has a field "{safe_text(name[:40])}"{hint}')


def _since(desk: Desk, typed: str) -> int:
    from onset.logbook.typed_times import stamp_at

    if typed[:4].isdecimal() and typed[4:5] == "-":
        try:
            wall_ns = int(datetime.fromisoformat(typed).astimezone().timestamp()) * _NS
            checked(wall_ns, "That time")
            return wall_ns
        except (ValueError, OverflowError, OSError, RefusedError):
            raise UsageError(f'"{safe_text(typed[:40])}" is no date; write 2026-05-29 or 2026-05-29T14:02.') from None
    return stamp_at(typed, desk.stamp(), desk.log.production().rate).wall_ns
