"""Verbs of `onset log` that look back: list, search, show, history, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.logbook.as_json import Json
    from onset.logbook.terms import TakeFilter, Undone

_STATUSES = ("none", "circled", "hold", "ng")


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    listed = verb("list", "takes, newest first", _list)
    listed.add_argument("--day", type=count, metavar="N")
    listed.add_argument("--scene", metavar="N")
    listed.add_argument("--slate", metavar="SLATE")
    listed.add_argument("--status", action="append", choices=_STATUSES, help="may be given several times")
    listed.add_argument("--tag", metavar="TAG")
    listed.add_argument("--text", metavar="WORDS", help="with these words, the last one as a beginning")
    listed.add_argument("--all-units", action="store_true", help="not of one unit only")
    listed.add_argument("--deleted", action="store_true", help="also deleted ones")
    listed.add_argument("--duplicates", action="store_true", help="only those whose number another take has too")
    listed.add_argument("--limit", type=count, default=200, metavar="N", help="at most so many (default: 200; 0: all)")
    verb("show", "one take with everything that belongs to it", _show, "TAKE")
    search = verb("search", "takes with these words in notes, labels, tags, rolls or clips", _search)
    search.add_argument("text", nargs="+", metavar="WORDS")
    history = verb("history", "every change, newest first", _history)
    history.add_argument("take", nargs="?", metavar="TAKE", help="of this take only")
    history.add_argument("--limit", type=count, default=200, metavar="N", help="at most so many (default: 200)")
    verb("undo", "take back this seat's newest edit", _undo, moves_links=True)
    verb("redo", "do again what undo took back", _redo, moves_links=True)


def _takes(desk: Desk, wanted: TakeFilter) -> Printed:
    from onset.cli.log_lines import take_lines
    from onset.logbook.as_json import take_json

    found = desk.log.takes(wanted)
    left = desk.broken_off()
    document: dict[str, Json] = {"takes": [take_json(take) for take in found], "broken_off": [take.id for take in left]}
    return document, take_lines(found, left)


def _list(desk: Desk) -> Printed:
    from onset.domain.take import Status
    from onset.logbook.terms import TakeFilter

    args = desk.args
    wanted = TakeFilter(
        unit=None if args.all_units else desk.unit,
        day=args.day,
        scene=args.scene,
        slate=args.slate,
        statuses=tuple(map(Status, args.status)) if args.status else None,
        tag=args.tag,
        text=args.text,
        deleted=args.deleted,
        duplicates=args.duplicates,
        limit=args.limit if args.limit > 0 else None,
    )
    return _takes(desk, wanted)


def _search(desk: Desk) -> Printed:
    from onset.logbook.terms import TakeFilter

    return _takes(desk, TakeFilter(text=" ".join(desk.args.text)))


def _show(desk: Desk) -> Printed:
    from onset.cli.log_lines import whole_take
    from onset.logbook.as_json import take_json

    take = desk.take()
    return {"take": take_json(take)}, whole_take(take)


def _history(desk: Desk) -> Printed:
    from onset.cli.log_lines import change_lines
    from onset.logbook.as_json import change_json

    take_id = desk.take().id if desk.args.take else None
    changes = desk.log.history(take_id, limit=max(1, desk.args.limit))
    return {"changes": [change_json(change) for change in changes]}, change_lines(changes)


def _undo(desk: Desk) -> Printed:
    done = desk.log.undo(wall_ns=desk.clock.wall_ns())
    return _turned(done)


def _redo(desk: Desk) -> Printed:
    done = desk.log.redo(wall_ns=desk.clock.wall_ns())
    return _turned(done)


def _turned(done: Undone) -> Printed:
    from onset.logbook.as_json import take_json

    return {"take": take_json(done.take) if done.take else None, "sentence": done.sentence}, [f"{done.sentence}."]
