"""Verbs of `onset log` on takes and the board: roll, action, cut, mark, add, set, note, next, tag, delete, restore."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from onset.cli import log_moves
from onset.cli.log_desk import Desk, Verb, count, one, told
from onset.errors import RefusedError, UsageError
from onset.slate import split_take
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.cli.log_desk import Printed
    from onset.cli.main import CommandParser
    from onset.domain.take import Stamp, Take
    from onset.logbook.as_json import Json
    from onset.logbook.terms import Next
    from onset.timecode import Rate

_KINDS = ("normal", "pickup", "series", "false start", "wild track", "plate", "chart")


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    roll = verb("roll", "start a take", _roll)
    roll.add_argument("slate", nargs="?", metavar="SLATE", help="42C, 101:42C (default: what the board proposes)")
    roll.add_argument("--new-day", action="store_true", help="end the day that is still open, and begin the next")
    _about_next(roll)
    verb("action", "a run of the rolling take begins; again: a reset", _action)
    cut = verb("cut", "end the rolling take", _cut, moves_links=True)
    cut.add_argument("take", nargs="?", metavar="TAKE", help="void when that take does not roll (any more)")
    cut.add_argument("--wait", action="store_true", help="return when the recorded files are complete")
    close = verb("close", "end a take whose cut nobody saw, as interrupted", _close, moves_links=True)
    close.add_argument("take", nargs="?", metavar="TAKE", help="default: the one that rolls")
    ended = close.add_mutually_exclusive_group()
    ended.add_argument("--at", metavar="TIME", help="when it was cut, as somebody remembers: HH:MM:SS, or a timecode")
    ended.add_argument("--for", dest="length", metavar="TIME", help="how long it was: seconds, or M:SS")
    camera = verb("camera", "a camera starts late in the rolling take, or cuts early", _camera, "CAMERA")
    camera.add_argument("what", choices=("late", "cut"), metavar="late|cut")
    mark = verb("mark", "a timecoded mark in the rolling take", _mark)
    mark.add_argument("text", nargs="?", default="", metavar="TEXT")
    add = verb("add", "enter a take that was missed", _add, "TAKE", moves_links=True)
    add.add_argument("--at", metavar="TIME", help="HH:MM, HH:MM:SS, or its timecode HH:MM:SS:FF (default: now)")
    add.add_argument("--day", type=count, metavar="N", help="of this day, which may have ended (default: the open one)")
    add.add_argument("--for", dest="length", metavar="TIME", help="how long it was: seconds, or M:SS")
    add.add_argument("--scene", metavar="N", help="its scene (default: read from the slate)")
    add.add_argument("--set", dest="fields", action="append", default=[], metavar="FIELD=VALUE", help="and how it was")
    change = verb(
        "set",
        "change fields of takes, of a camera (B.roll=B003), of a recorder (MIX.note=…)",
        _set,
        "TAKE",
        moves_links=True,
    )
    change.add_argument("fields", nargs="+", metavar="[TAKE …] FIELD=VALUE")
    note = verb("note", "add a note to a take, setup:42C, scene:42 or at:10:20:00:00", _note, "TAKE", "TEXT")
    note.add_argument("--audience", choices=("editor", "production", "private"), default="editor")
    note.add_argument("--author", metavar="NAME", help="who says so, when it is not you")
    following = verb("next", "what the next take shall be (alone: the next setup)", _next)
    following.add_argument("slate", nargs="?", metavar="SLATE")
    _about_next(following)
    rate = verb("rate", "what a voter says of a take", _rate, "TAKE")
    rate.add_argument("vote", metavar="VOTER=VALUE", help="director=circled; without a value it is taken back")
    rate.add_argument("reason", nargs="*", metavar="REASON", help="and why")
    verb("board", "what the board shows", _board)
    tag = verb("tag", "put tags on a take", _tag, "TAKE")
    tag.add_argument("tags", nargs="*", metavar="TAG")
    tag.add_argument("--remove", action="append", default=[], metavar="TAG", help="take this one off")
    gone = verb("delete", "hide takes; nothing is erased", _delete, moves_links=True)
    gone.add_argument("takes", nargs="+", metavar="TAKE")
    verb("restore", "bring a deleted take back", _restore, "TAKE", moves_links=True)
    log_moves.add_verbs(verb)


def _roll(desk: Desk) -> Printed:
    from onset.cli.log_day import say_still_open
    from onset.cli.log_lines import called, left_rolling, moment
    from onset.logbook.clock_set import clock_was_set

    stamp, new_day = desk.stamp(), desk.args.new_day
    last = desk.log.board(desk.unit).last_cut
    doubt = clock_was_set(last, stamp) if last else None
    yesterday = None if new_day else desk.log.open_yesterday(now_ns=stamp.wall_ns, unit=desk.unit)
    try:
        take = desk.log.roll(stamp, unit=desk.unit, change=_wanted_next(desk.args), new_day=new_day)
    except RefusedError as error:
        for left in desk.broken_off():
            if left.id == error.take_id:
                raise RefusedError(" ".join(left_rolling(left)), left.id) from error
        raise
    if doubt is not None:
        with contextlib.suppress(OSError):  # the take is in the log; a closed standard error may not say that it is not
            print(f"onset: {safe_text(doubt)}", file=sys.stderr)
    if yesterday is not None:
        following = f'"onset log roll --new-day" also begins day {yesterday.day.number + 1}'
        say_still_open(yesterday, f'this take is on it. "onset wrap" ends the day; {following}')
    return one(take, f"{called(take)} rolls at {moment(take)}.")


def _action(desk: Desk) -> Printed:
    take = desk.log.action(desk.rolling().id, desk.stamp())
    return one(take, f"{take.label}: action." if len(take.runs) == 1 else f"{take.label}: run {len(take.runs)}.")


def _cut(desk: Desk) -> Printed:
    from onset.cli.log_lines import length

    stamp = desk.stamp()
    take = desk.log.cut(desk.rolling(desk.args.take).id, stamp)
    if desk.args.wait:
        from onset.cli.log_wait import wait_for_files

        take = wait_for_files(desk.log, take, desk.production, desk.clock)
    return one(take, f"{take.label} cut, {length(take)}.")


def _close(desk: Desk) -> Printed:
    from onset.cli.log_lines import length
    from onset.logbook.typed_times import frames_between, frames_of

    take = desk.rolling(desk.args.take)
    frames = None
    if desk.args.length:
        frames = frames_of(desk.args.length, take.frame_rate)
    elif desk.args.at:
        frames = frames_between(take, desk.args.at, desk.clock.wall_ns())
    take = desk.log.close_take(take.id, frames)
    known = length(take) if frames is not None else "of unknown length"
    return one(take, f"{take.label} closed as interrupted, {known}.")


def _camera(desk: Desk) -> Printed:
    stamp = desk.stamp()
    name, late = desk.args.camera, desk.args.what == "late"
    take = desk.log.set_angle(desk.rolling().id, name, {"start" if late else "end": stamp.tc})
    return one(take, f"Camera {safe_text(name)} {'started' if late else 'cut'} on {take.label} at {stamp.tc}.")


def _mark(desk: Desk) -> Printed:
    stamp = desk.stamp()
    take = desk.rolling()
    note = desk.log.mark(take.id, stamp, desk.args.text)
    return one(desk.log.find_take(take.id), f"{take.label} marked at {note.tc or 'no timecode'}.")


def _add(desk: Desk) -> Printed:
    from onset.cli.log_typed import fields_of, slate_of
    from onset.logbook.typed_times import frames_of

    slate, number = split_take(desk.args.take)
    if not slate:
        raise UsageError(f'"{safe_text(desk.args.take)}" is no take; write SLATE/TAKE, as in 42C/3.')
    rate = desk.log.production().rate
    stamp = desk.stamp()
    fields, angles = fields_of(desk.args.fields)
    if angles:
        raise UsageError("Enter the take first; its cameras are changed with onset log set.")
    slate, episode = slate_of(slate)
    take = desk.log.add_take(
        slate=slate,
        episode=episode,
        take=number,
        stamp=_moment(desk, stamp, rate),
        unit=desk.unit,
        scene=desk.args.scene,
        fields=fields,
        duration_frames=frames_of(desk.args.length, rate) if desk.args.length else None,
        day=desk.args.day,
    )
    return one(take, f"{take.label} is in the log.")


def _moment(desk: Desk, now: Stamp, rate: Rate) -> Stamp:
    """When the take was that is entered afterwards."""
    from onset.cli.log_day import meant_day
    from onset.logbook.typed_times import stamp_at, typed_on

    day = meant_day(desk, desk.args.day) if desk.args.day is not None else None
    if desk.args.at is None:
        if day is not None and day.wrapped_ns is not None:
            raise UsageError(f"Day {day.number} has ended; say when the take was with --at HH:MM.")
        return now
    return typed_on(desk.log, desk.args.at, day, now) if day is not None else stamp_at(desk.args.at, now, rate)


def _set(desk: Desk) -> Printed:
    from onset.cli.log_lines import folded
    from onset.cli.log_shot import said_when, shift_of
    from onset.cli.log_typed import said_of_a_take

    words: list[str] = desk.args.fields
    more = next((place for place, word in enumerate(words) if "=" in word), 0)
    arguments, desk.args.fields = [desk.args.take, *words[:more]], words[more:]
    takes = desk.takes(arguments)
    when, others = said_when(desk.args.fields)
    wanted = said_of_a_take(others, {sound.device for take in takes for sound in take.sound})
    for take in takes:
        known = {angle.camera for angle in take.angles}
        for camera in wanted.cameras:
            if camera not in known and not take.added:  # nobody could say it of a take that was typed in later
                raise RefusedError(f'{take.label} has no camera "{safe_text(camera)}".', take.id)
    ids = [take.id for take in takes]
    by = shift_of(desk, takes, when) if when is not None else None
    changed = desk.log.set_takes(ids, wanted.fields, angles=wanted.cameras, sound=wanted.recorders, by=by)
    said = [word.replace("=", " ", 1) if not word.endswith("=") else f"{word[:-1]} empty" for word in desk.args.fields]
    return told(changed, folded(f"{_called(changed)}:", f"{', '.join(said)}."), arguments)


def _called(takes: Sequence[Take]) -> str:
    """`42C/3`, `3 takes of 42C`, `5 takes`."""
    if len(takes) == 1:
        return takes[0].label
    slates = {take.slate for take in takes}
    return f"{len(takes)} takes{f' of {slates.pop()}' if len(slates) == 1 else ''}"


def _rate(desk: Desk) -> Printed:
    from onset.cli.find import load_config
    from onset.toml import listed, nearest

    voter, equals, value = desk.args.vote.partition("=")
    if not equals or not voter:
        raise UsageError(f'"{safe_text(desk.args.vote)}" is not VOTER=VALUE, as in director=circled.')
    voters = load_config(desk.production).production.voters
    if voter not in voters:
        hint = nearest(voter, voters) or f"; there are {listed(voters)} in config.toml."
        raise UsageError(f'There is no voter "{safe_text(voter)}"{safe_text(hint)}')
    reason = " ".join(desk.args.reason)
    if reason and not value:
        raise UsageError("A vote that is taken back has no reason.")
    takes = desk.takes()
    rated = desk.log.rate_takes([take.id for take in takes], voter, value or None, reason or None)
    said = f'{voter} says "{value}"' if value else f"{voter} says nothing"
    return told(rated, [f"{take.label}: {said}." for take in rated], [desk.args.take])


def _note(desk: Desk) -> Printed:
    from onset.cli.log_notes import note_elsewhere
    from onset.domain.note import Audience
    from onset.domain.take import State

    elsewhere = note_elsewhere(desk)
    if elsewhere is not None:
        return elsewhere
    args = desk.args
    takes = desk.takes()
    audience = Audience(args.audience)
    if len(takes) > 1:
        noted = desk.log.note_takes([take.id for take in takes], args.text, audience=audience, author=args.author)
        return told(noted, [f"Noted on {_called(noted)}."], [args.take])
    (take,) = takes
    stamp = desk.stamp() if take.state is State.ROLLING else None
    desk.log.note(take.id, args.text, audience=audience, stamp=stamp, author=args.author)
    return told([desk.log.find_take(take.id)], [f"Noted on {take.label}."], [args.take])


def _next(desk: Desk) -> Printed:
    wanted = _wanted_next(desk.args)
    if wanted is None:
        desk.log.next_setup(unit=desk.unit)
    else:
        desk.log.set_next(wanted, unit=desk.unit)
    return _board(desk)


def _board(desk: Desk) -> Printed:
    from onset.cli.log_lines import board_lines, left_rolling
    from onset.logbook.as_json import board_json

    board = desk.log.board(desk.unit)
    left = desk.broken_off() if board.rolling else ()
    document: dict[str, Json] = {"board": board_json(board), "broken_off": [take.id for take in left]}
    return document, [*board_lines(board), *(line for take in left for line in left_rolling(take))]


def _wanted_next(args: argparse.Namespace) -> Next | None:
    """What the arguments say of the next take; None when they say nothing."""
    from onset.cli.log_typed import pairs_of, slate_of, switches_of
    from onset.domain.take import Kind
    from onset.logbook.terms import UNSET, Next

    slate, episode = (UNSET, UNSET) if args.slate is None else slate_of(args.slate)
    wanted = Next(
        slate=slate,
        scene=UNSET if args.scene is None else args.scene,
        episode=episode if args.episode is None else args.episode or None,
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


def _tag(desk: Desk) -> Printed:
    if not desk.args.tags and not desk.args.remove:
        raise UsageError("Say which tag to put on the take, or which to take off with --remove.")
    takes = desk.takes()
    if len(takes) == 1:
        tagged: Sequence[Take] = [desk.log.tag(takes[0].id, add=desk.args.tags, remove=desk.args.remove)]
    else:
        tagged = desk.log.tag_takes([take.id for take in takes], add=desk.args.tags, remove=desk.args.remove)
    lines = [f"{take.label}: {', '.join(take.tags) or 'no tags'}." for take in tagged]
    return told(tagged, lines, [desk.args.take])


def _delete(desk: Desk) -> Printed:
    arguments: list[str] = desk.args.takes
    gone = desk.log.delete_takes([take.id for take in desk.takes(arguments)])
    lines = [f'{take.label} deleted; "onset log restore {take.id}" brings it back.' for take in gone]
    return told(gone, lines, arguments)


def _restore(desk: Desk) -> Printed:
    take = desk.log.restore(_deleted(desk).id)
    return one(take, f"{take.label} restored.")


def _deleted(desk: Desk) -> Take:
    """The take meant by an id or, among the deleted ones, by a label."""
    from onset.cli.log_typed import slate_of
    from onset.logbook.terms import UNSET, TakeFilter

    named, number = split_take(desk.args.take)
    if not named:
        return desk.take()
    slate, episode = slate_of(named)
    found = desk.log.takes(TakeFilter(unit=desk.unit, slate=slate, deleted=True, limit=None))
    gone = [take for take in found if take.take == number and take.deleted and episode in (UNSET, take.episode)]
    shown = safe_text(desk.args.take)
    if not gone:
        raise RefusedError(f'No take {shown} is deleted; "onset log list --deleted" shows which are.')
    if len(gone) > 1:
        ids = ", ".join(take.id for take in gone)
        raise RefusedError(f"There are {len(gone)} deleted takes {shown}; give the id of one: {ids}.")
    return gone[0]


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
