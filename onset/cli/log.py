"""`onset log`: the log without the app. Every verb is one edit; what is printed was committed before."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, load_config, open_logbook
from onset.clock import Clock, SystemClock
from onset.errors import OnsetError, RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.take import Stamp, Take
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook, Next, TakeFilter, Undone

    Printed = tuple[dict[str, Json], list[str]]  # the JSON document, and the lines for a person

_EXAMPLES = """\
examples:
  onset log roll 42C                 roll the next take of 42C (without a slate: what the board proposes)
  onset log action; onset log cut    a run begins; the take ends
  onset log set 42C/3 status=circled description="wide, from the door"
  onset log set 42C/3 B.rating=ng    what camera B has of it
  onset log note last "boom in shot at the end"
  onset log add 42C/4 --at 14:02:30 --for 45 --set status=hold
  onset log next 43A --camera B=off --roll A=A014
  onset log list --scene 42 --status circled
  onset log search "boom in sh"

A TAKE is SLATE/TAKE (42C/3), an id, or "last". roll while a take of the unit rolls, and cut with none, exit 1.
"""
_STATUSES = ("none", "circled", "hold", "ng")
_KINDS = ("normal", "pickup", "series", "false start", "wild track", "plate", "chart")


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command and its verbs."""
    parser = subparsers.add_parser("log", help="the log without the app", description=__doc__, epilog=_EXAMPLES)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)

    def verb(name: str, purpose: str, act: Callable[[_Desk], Printed], *arguments: str) -> CommandParser:
        made = verbs.add_parser(name, help=purpose, description=purpose, epilog=_EXAMPLES)
        for argument in arguments:
            made.add_argument(argument.lower(), metavar=argument)
        made.add_argument("--json", action="store_true", help="one JSON document on standard output")
        made.add_argument("--unit", default="Main", metavar="U", help="the unit (default: Main)")
        made.add_argument("--role", default="script", metavar="R", help="what this seat does (default: script)")
        made.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")
        made.set_defaults(run=run, act=act)
        return made

    roll = verb("roll", "start a take", _roll)
    roll.add_argument("slate", nargs="?", metavar="SLATE", help="its slate (default: what the board proposes)")
    _about_next(roll)
    verb("action", "a run of the rolling take begins; again: a reset", _action)
    cut = verb("cut", "end the rolling take", _cut)
    cut.add_argument("take", nargs="?", metavar="TAKE", help="void when that take does not roll (any more)")
    cut.add_argument("--wait", action="store_true", help="return when the recorded files are complete")
    mark = verb("mark", "a timecoded mark in the rolling take", _mark)
    mark.add_argument("text", nargs="?", default="", metavar="TEXT")
    add = verb("add", "enter a take that was missed", _add, "TAKE")
    add.add_argument("--at", metavar="TIME", help="HH:MM, HH:MM:SS, or its timecode HH:MM:SS:FF (default: now)")
    add.add_argument("--for", dest="length", metavar="TIME", help="how long it was: seconds, or M:SS")
    add.add_argument("--scene", metavar="N", help="its scene (default: read from the slate)")
    add.add_argument("--set", dest="fields", action="append", default=[], metavar="FIELD=VALUE", help="and how it was")
    change = verb("set", "change fields of a take, or of one camera's angle (B.roll=B003)", _set, "TAKE")
    change.add_argument("fields", nargs="+", metavar="FIELD=VALUE")
    note = verb("note", "add a note to a take", _note, "TAKE", "TEXT")
    note.add_argument("--audience", choices=("editor", "production", "private"), default="editor")
    note.add_argument("--author", metavar="NAME", help="who says so, when it is not you")
    following = verb("next", "what the next take shall be (alone: the next setup)", _next)
    following.add_argument("slate", nargs="?", metavar="SLATE")
    _about_next(following)
    verb("board", "what the board shows", _board)
    tag = verb("tag", "put tags on a take", _tag, "TAKE")
    tag.add_argument("tags", nargs="*", metavar="TAG")
    tag.add_argument("--remove", action="append", default=[], metavar="TAG", help="take this one off")
    verb("delete", "hide a take; nothing is erased", _delete, "TAKE")
    verb("restore", "bring a deleted take back", _restore, "TAKE")
    listed = verb("list", "takes, newest first", _list)
    listed.add_argument("--day", type=_count, metavar="N")
    listed.add_argument("--scene", metavar="N")
    listed.add_argument("--slate", metavar="SLATE")
    listed.add_argument("--status", action="append", choices=_STATUSES, help="may be given several times")
    listed.add_argument("--tag", metavar="TAG")
    listed.add_argument("--text", metavar="WORDS", help="with these words, the last one as a beginning")
    listed.add_argument("--all-units", action="store_true", help="not of one unit only")
    listed.add_argument("--deleted", action="store_true", help="also deleted ones")
    listed.add_argument("--limit", type=_count, default=200, metavar="N", help="at most so many (default: 200; 0: all)")
    verb("show", "one take with everything that belongs to it", _show, "TAKE")
    search = verb("search", "takes with these words in notes, labels, tags, rolls or clips", _search)
    search.add_argument("text", nargs="+", metavar="WORDS")
    history = verb("history", "every change, newest first", _history)
    history.add_argument("take", nargs="?", metavar="TAKE", help="of this take only")
    history.add_argument("--limit", type=_count, default=200, metavar="N", help="at most so many (default: 200)")
    verb("undo", "take back this seat's newest edit", _undo)
    verb("redo", "do again what undo took back", _redo)
    verb("conflicts", "fields that two seats changed without seeing each other", _conflicts)


def _count(text: str) -> int:
    """A number that a log could hold and a person could mean."""
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f'"{safe_text(text)}" is not a whole number from 0 to 999999999')
    return int(text)


def _about_next(parser: CommandParser) -> None:
    parser.add_argument("--scene", metavar="N", help="the scene (default: read from the slate)")
    parser.add_argument("--episode", metavar="E", help="the episode")
    parser.add_argument("--take", metavar="N", help="the take number, as it is on the board")
    parser.add_argument("--kind", choices=_KINDS, help="for one take")
    parser.add_argument("--mos", action=argparse.BooleanOptionalAction, help="without sound, for one take")
    parser.add_argument("--tail-slate", action=argparse.BooleanOptionalAction, help="slated at the end, for one take")
    parser.add_argument("--sound", action=argparse.BooleanOptionalAction, help="sound is in the next take")
    parser.add_argument("--camera", action="append", default=[], metavar="X=on|off", help="a camera is in, or out")
    parser.add_argument("--roll", action="append", default=[], metavar="X=LABEL", help="a camera's roll")
    parser.add_argument("--sound-roll", metavar="LABEL", help="the sound roll")


class _Desk:
    """One command's arguments, its log, and the moment it was given."""

    def __init__(self, args: argparse.Namespace, production: Path, log: Logbook, clock: Clock) -> None:
        self.args = args
        self.production = production
        self.log = log
        self.clock = clock
        self.unit: str = args.unit

    def stamp(self) -> Stamp:
        """Now, with the master's label where the capture service runs, and the time of day where it does not.

        A mistake in the configuration, or a service that cannot be reached, must not cost a take: the stamp then falls
        back to the time of day, and standard error says why.
        """
        from onset.capture.bus import CLOCK_SOURCE, local_offset_s, time_of_day
        from onset.cli.moment import boot_id
        from onset.domain.take import Stamp

        wall_ns, mono_ns = self.clock.wall_ns(), self.clock.monotonic_ns()
        production = self.log.production()
        try:
            stamp = self._stamp_of_the_service(production.id)
            if stamp is not None:
                return stamp
        except (OnsetError, OSError) as error:
            sentence = str(error) if isinstance(error, OnsetError) else f"{error.strerror or error}."
            said = f"onset: {sentence} The time of day is stamped instead of the master's timecode."
            with contextlib.suppress(OSError):
                print(safe_text(said), file=sys.stderr)
        label = time_of_day(wall_ns, production.rate, local_offset_s(wall_ns))
        return Stamp(wall_ns=wall_ns, mono_ns=mono_ns, boot=boot_id(), tc=str(label), tc_source=CLOCK_SOURCE)

    def _stamp_of_the_service(self, production_id: str) -> Stamp | None:
        from onset.capture.bus import run_folder
        from onset.capture.lock import service_running
        from onset.cli.moment import Moments

        if not service_running(self.production):
            return None
        bus = run_folder(production_id)
        with contextlib.closing(Moments(bus, load_config(self.production), self.clock)) as moments:
            moments.settle()
            return moments.now()

    def take(self) -> Take:
        return self.log.find_take(self.args.take, unit=self.unit)

    def rolling(self, wanted: str | None = None) -> Take:
        """The take that rolls; with `wanted`, that one whether it rolls or not (the log refuses what is void)."""
        if wanted is not None:
            return self.log.find_take(wanted, unit=self.unit)
        found = self.log.rolling(self.unit)
        if not found:
            raise RefusedError(f'Nothing rolls in unit {safe_text(self.unit)}; "onset log roll" starts a take.')
        return found[0]


def run(args: argparse.Namespace) -> int:
    """Do one verb."""
    production = find_production(args)
    log = open_logbook(production, role=args.role, seat=args.seat)
    try:
        known = [unit.name for unit in log.units()]
        if args.unit not in known:
            raise UsageError(f'There is no unit "{safe_text(args.unit)}"; there is {safe_text(", ".join(known))}.')
        act: Callable[[_Desk], Printed] = args.act
        document, lines = act(_Desk(args, production, log, SystemClock()))
        if args.json:
            print(json.dumps(document, indent=2))
        else:
            for line in lines:
                print(safe_text(line))
        if act in _MOVES_LINKS:
            _match_after(log, document, args)
    finally:
        log.close()
    return 0


def _match_after(log: Logbook, document: Mapping[str, Json], args: argparse.Namespace) -> None:
    """The take was changed and that was said; clips and sound of its day may be another take's now."""
    from onset.cli.matching import match_after

    take = document.get("take")
    changed = {word.partition("=")[0].rpartition(".")[2] for word in getattr(args, "fields", ())}
    if isinstance(take, dict) and not (args.verb == "set" and changed <= _SAID_OF_A_TAKE):
        moved = "day" in changed  # it left another day behind
        match_after(log, str(take["unit"]), None if moved else int(str(take["day"])))


def _one(take: Take, line: str) -> Printed:
    from onset.logbook.as_json import take_json

    return {"take": take_json(take)}, [line]


def _roll(desk: _Desk) -> Printed:
    from onset.cli.log_lines import moment

    take = desk.log.roll(desk.stamp(), unit=desk.unit, change=_wanted_next(desk.args))
    return _one(take, f"{take.label} rolls at {moment(take)}.")


def _action(desk: _Desk) -> Printed:
    take = desk.log.action(desk.rolling().id, desk.stamp())
    return _one(take, f"{take.label}: action." if len(take.runs) == 1 else f"{take.label}: run {len(take.runs)}.")


def _cut(desk: _Desk) -> Printed:
    from onset.cli.log_lines import length

    stamp = desk.stamp()
    take = desk.log.cut(desk.rolling(desk.args.take).id, stamp)
    if desk.args.wait:
        from onset.cli.log_wait import wait_for_files

        take = wait_for_files(desk.log, take, desk.production, desk.clock)
    return _one(take, f"{take.label} cut, {length(take)}.")


def _mark(desk: _Desk) -> Printed:
    stamp = desk.stamp()
    take = desk.rolling()
    note = desk.log.mark(take.id, stamp, desk.args.text)
    return _one(desk.log.find_take(take.id), f"{take.label} marked at {note.tc or 'no timecode'}.")


def _add(desk: _Desk) -> Printed:
    from onset.cli.log_typed import fields_of, frames_of, stamp_at

    slate, slash, number = desk.args.take.rpartition("/")
    if not slash or not slate or not number:
        raise UsageError(f'"{safe_text(desk.args.take)}" is no take; write SLATE/TAKE, as in 42C/3.')
    rate = desk.log.production().rate
    stamp = desk.stamp()
    fields, angles = fields_of(desk.args.fields)
    if angles:
        raise UsageError("Enter the take first; its cameras are changed with onset log set.")
    take = desk.log.add_take(
        slate=slate,
        take=number,
        stamp=stamp_at(desk.args.at, stamp, rate) if desk.args.at else stamp,
        unit=desk.unit,
        scene=desk.args.scene,
        fields=fields,
        duration_frames=frames_of(desk.args.length, rate) if desk.args.length else None,
    )
    return _one(take, f"{take.label} is in the log.")


def _set(desk: _Desk) -> Printed:
    from onset.cli.log_typed import fields_of

    fields, angles = fields_of(desk.args.fields)
    take = desk.take()
    known = {angle.camera for angle in take.angles}
    for camera in angles:
        if camera not in known and not take.added:  # nobody could say it of a take that was typed in later
            raise RefusedError(f'{take.label} has no camera "{safe_text(camera)}".', take.id)
    take = desk.log.set_take(take.id, fields, angles=angles)
    return _one(take, f"{take.label} changed.")


def _note(desk: _Desk) -> Printed:
    from onset.domain.note import Audience
    from onset.domain.take import State

    take = desk.take()
    stamp = desk.stamp() if take.state is State.ROLLING else None
    args = desk.args
    desk.log.note(take.id, args.text, audience=Audience(args.audience), stamp=stamp, author=args.author)
    return _one(desk.log.find_take(take.id), f"Noted on {take.label}.")


def _next(desk: _Desk) -> Printed:
    wanted = _wanted_next(desk.args)
    if wanted is None:
        desk.log.next_setup(unit=desk.unit)
    else:
        desk.log.set_next(wanted, unit=desk.unit)
    return _board(desk)


def _board(desk: _Desk) -> Printed:
    from onset.cli.log_lines import board_lines
    from onset.logbook.as_json import board_json

    board = desk.log.board(desk.unit)
    return {"board": board_json(board)}, board_lines(board)


def _wanted_next(args: argparse.Namespace) -> Next | None:
    """What the arguments say of the next take; None when they say nothing."""
    from onset.cli.log_typed import pairs_of, switches_of
    from onset.domain.take import Kind
    from onset.logbook.protocol import UNSET, Next

    wanted = Next(
        slate=UNSET if args.slate is None else args.slate,
        scene=UNSET if args.scene is None else args.scene,
        episode=UNSET if args.episode is None else args.episode or None,
        take=UNSET if args.take is None else args.take,
        kind=UNSET if args.kind is None else Kind(args.kind),
        mos=UNSET if args.mos is None else bool(args.mos),
        tail_slate=UNSET if args.tail_slate is None else bool(args.tail_slate),
        sound=UNSET if args.sound is None else bool(args.sound),
        cameras=switches_of(args.camera) if args.camera else UNSET,
        rolls=pairs_of(args.roll) if args.roll else UNSET,
        sound_roll=UNSET if args.sound_roll is None else args.sound_roll,
    )
    return None if wanted == Next() else wanted


def _tag(desk: _Desk) -> Printed:
    if not desk.args.tags and not desk.args.remove:
        raise UsageError("Say which tag to put on the take, or which to take off with --remove.")
    take = desk.log.tag(desk.take().id, add=desk.args.tags, remove=desk.args.remove)
    return _one(take, f"{take.label}: {', '.join(take.tags) or 'no tags'}.")


def _delete(desk: _Desk) -> Printed:
    take = desk.log.delete(desk.take().id)
    return _one(take, f'{take.label} deleted; "onset log restore {take.id}" brings it back.')


def _restore(desk: _Desk) -> Printed:
    take = desk.log.restore(_deleted(desk).id)
    return _one(take, f"{take.label} restored.")


def _deleted(desk: _Desk) -> Take:
    """The take meant by an id or, among the deleted ones, by a label."""
    from onset.logbook.protocol import TakeFilter

    slate, slash, number = desk.args.take.rpartition("/")
    if not slash:
        return desk.take()
    found = desk.log.takes(TakeFilter(unit=desk.unit, slate=slate, deleted=True, limit=None))
    gone = [take for take in found if take.take == number and take.deleted]
    if len(gone) != 1:
        ids = ", ".join(take.id for take in gone)
        hint = f"give the id of one: {ids}" if gone else 'see "onset log list --deleted"'
        raise RefusedError(f"There are {len(gone)} deleted takes {safe_text(desk.args.take)}; {hint}.")
    return gone[0]


def _takes(desk: _Desk, wanted: TakeFilter) -> Printed:
    from onset.cli.log_lines import take_lines
    from onset.logbook.as_json import take_json

    found = desk.log.takes(wanted)
    return {"takes": [take_json(take) for take in found]}, take_lines(found)


def _list(desk: _Desk) -> Printed:
    from onset.domain.take import Status
    from onset.logbook.protocol import TakeFilter

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
        limit=args.limit if args.limit > 0 else None,
    )
    return _takes(desk, wanted)


def _search(desk: _Desk) -> Printed:
    from onset.logbook.protocol import TakeFilter

    return _takes(desk, TakeFilter(text=" ".join(desk.args.text)))


def _show(desk: _Desk) -> Printed:
    from onset.cli.log_lines import whole_take
    from onset.logbook.as_json import take_json

    take = desk.take()
    return {"take": take_json(take)}, whole_take(take)


def _history(desk: _Desk) -> Printed:
    from onset.cli.log_lines import change_lines
    from onset.logbook.as_json import change_json

    take_id = desk.take().id if desk.args.take else None
    changes = desk.log.history(take_id, limit=max(1, desk.args.limit))
    return {"changes": [change_json(change) for change in changes]}, change_lines(changes)


def _undo(desk: _Desk) -> Printed:
    done = desk.log.undo(wall_ns=desk.clock.wall_ns())
    return _turned(done)


def _redo(desk: _Desk) -> Printed:
    done = desk.log.redo(wall_ns=desk.clock.wall_ns())
    return _turned(done)


def _turned(done: Undone) -> Printed:
    from onset.logbook.as_json import take_json

    return {"take": take_json(done.take) if done.take else None, "sentence": done.sentence}, [f"{done.sentence}."]


def _conflicts(desk: _Desk) -> Printed:
    from onset.cli.log_lines import conflict_lines
    from onset.logbook.as_json import conflict_json

    found = desk.log.conflicts()
    return {"conflicts": [conflict_json(conflict) for conflict in found]}, conflict_lines(found)


_SAID_OF_A_TAKE = frozenset(("status", "status_reason", "description", "tail_slate", "rating", "lens"))
_MOVES_LINKS = frozenset((_cut, _add, _set, _delete, _restore, _undo, _redo))  # verbs that may change a match
