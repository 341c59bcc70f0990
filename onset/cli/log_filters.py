"""Filters of `onset log`: the options that narrow a list, what is typed as a query, and filters saved under a name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count
from onset.errors import UsageError

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.cli.main import CommandParser
    from onset.logbook.query import Term
    from onset.logbook.terms import TakeFilter

_PARTS = (
    "notes, marks, description, reason, circled, ratings, tags, timecode, action, cameras, roll, clips, sound, stills"
)
# Options that are words of a query: what stands after the colon there stands after the option here.
_OPTIONS = (
    ("day", "N|N-N", "of a day, or of days: 3-5, 3-, -2"),
    ("episode", "E", "of an episode"),
    ("scene", "N", "of a scene, in any spelling"),
    ("scenes", "N-N", "from a scene to another as they stand on paper, with those inserted between: 40-45A"),
    ("slate", "SLATE", "of a slate, in any spelling"),
    ("status", "STATUS", "none, circled, hold or ng; several with commas"),
    ("state", "STATE", "rolling, cut or interrupted"),
    ("kind", "KIND", "normal, pickup, series, false start, wild track, plate or chart"),
    ("camera", "X", "in which this camera took part; X,Y: one of them; again: both"),
    ("roll", "LABEL", "on this roll of a camera or of the sound"),
    ("tag", "TAG", "with this tag; A,B: one of them; again: all"),
    ("rating", "VOTER=VALUE", "rated so by this voter; VOTER alone: rated at all"),
    ("audience", "WHO", "with a note for editor, production or private"),
    ("has", "WHAT", f"that has {_PARTS} or slated-as"),
    ("lacks", "WHAT", "that lacks it"),
)
_SWITCHES = (("mos", "without sound"), ("tail", "slated at the end"), ("added", "entered afterwards"))


def add_options(parser: CommandParser) -> None:
    """What narrows a list of takes."""
    parser.add_argument("--filter", metavar="NAME", help='a saved one; see "onset log filter"')
    for name, metavar, purpose in _OPTIONS:
        parser.add_argument(f"--{name}", action="append", default=[], metavar=metavar, help=purpose)
    for name, purpose in _SWITCHES:
        parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=purpose)
    parser.add_argument("--deleted", action="store_true", help="also deleted ones")
    parser.add_argument("--duplicates", action="store_true", help="only those whose number another take has too")
    parser.add_argument("--all-units", action="store_true", help="not of one unit only")
    parser.add_argument("--limit", type=count, default=200, metavar="N", help="at most so many (default: 200; 0: all)")


def filter_asked(desk: Desk, typed: list[Term]) -> TakeFilter:
    """The filter of a command: the saved one it names, what was typed, and its options, all together."""
    from dataclasses import replace

    from onset.logbook import query

    args = desk.args
    terms = query.terms(desk.log.saved_filter(args.filter).query) if args.filter is not None else []
    terms += typed
    terms += [query.option(name, value) for name, _, _ in _OPTIONS for value in getattr(args, name)]
    switches = ((name, getattr(args, name)) for name, _ in _SWITCHES)
    terms += [query.option(name, "yes" if value else "no") for name, value in switches if value is not None]
    wanted = query.filter_of(terms)
    return replace(
        wanted,
        unit=wanted.unit if wanted.unit is not None or args.all_units else desk.unit,
        deleted=wanted.deleted or args.deleted,
        duplicates=wanted.duplicates or args.duplicates,
        limit=args.limit if args.limit > 0 else None,
    )


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    saved = verb("filter", "filters under a name, for every seat: save, list, delete", _filter)
    saved.add_argument("action", choices=("save", "list", "delete"))
    saved.add_argument("name", nargs="?", metavar="NAME")
    saved.add_argument(
        "query", nargs="*", metavar="QUERY", help="as for list: status:circled camera:B lacks:sound door"
    )


def _filter(desk: Desk) -> Printed:
    from onset.logbook.as_json import filter_json

    action, name, query = desk.args.action, desk.args.name, " ".join(desk.args.query)
    if action == "list":
        if name is not None:
            raise UsageError('"onset log filter list" takes no name; "onset log list --filter NAME" shows the takes.')
        found = desk.log.filters()
        lines = [f"{one.name}: {one.query}" for one in found] or ["No filters are saved."]
        return {"filters": [filter_json(one) for one in found]}, lines
    if name is None:
        raise UsageError(f'Say which filter: "onset log filter {action} NAME{" QUERY" if action == "save" else ""}".')
    if action == "delete":
        if query:
            raise UsageError("A filter is deleted by its name alone; put a name of several words in quotes.")
        gone = desk.log.delete_filter(name)
        return {"filter": filter_json(gone)}, [f"Filter {gone.name} deleted."]
    one = desk.log.save_filter(name, query)
    return {"filter": filter_json(one)}, [f"Filter {one.name}: {one.query}"]
