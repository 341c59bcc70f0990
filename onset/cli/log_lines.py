"""What `onset log` shows a person, in 80 columns. `log.py` makes every line safe before it is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from textwrap import wrap

from onset.domain.camera import Clip
from onset.domain.sound import SoundFile
from onset.domain.take import Board, State, Status, Take
from onset.logbook.level_words import level_words
from onset.logbook.terms import LoggedChange, Value
from onset.text import safe_text

_MARKS = {Status.NONE: " ", Status.CIRCLED: "(c)", Status.HOLD: "hold", Status.NG: "ng"}
_WIDTH = 80
_NS = 1_000_000_000
_A_YEAR_NS = 365 * 86_400 * _NS
_MANY = 40  # changes of one edit; more than a person makes with one key or command
_SHOWN_OF_MANY = 8


def called(take: Take) -> str:
    """`42C/3`, and of an episode block `101:42C/3`."""
    return f"{take.episode}:{take.label}" if take.episode else take.label


def moment(take: Take) -> str:
    """`01:02:03:04 (MIX.ltc)`."""
    return f"{take.tc_in} ({take.tc_source})" if take.tc_in else "no timecode"


def left_rolling(take: Take) -> list[str]:
    """What is to be done about a take whose cut nobody saw: a sentence in two lines."""
    since = datetime.fromtimestamp(take.rolled_ns // _NS).astimezone()
    return [
        f"{take.label} was interrupted: it rolled at {since:%H:%M:%S}, and nobody saw its cut;",
        f'"onset log close {take.label}" ends it, or "onset log cut" if it rolls still.',
    ]


def length(take: Take) -> str:
    """Its timing as `1:23.4`, with `~` where no action was stamped."""
    frames = take.timing_frames
    if frames is None:
        return "rolling" if take.state is State.ROLLING else "?"
    tenths = round(take.frame_rate.seconds_for(frames) * 10)
    return f"{'~' if take.timing_estimated else ''}{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def take_lines(
    takes: Sequence[Take], left: Sequence[Take] = (), why: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """A table, one line a take; and what is to be done about those that were left rolling.

    Args:
        takes: at most one line each; without any it says so.
        left: those of them whose cut nobody saw.
        why: by its id, what a take was found by besides what its line shows; stands before its notes.
    """
    if not takes:
        return ["No takes."]
    known = {take.id for take in left}
    heading = f"{'day':>3} {'take':<14} {'':<4} {'timecode':<11} {'timing':>8}  notes"
    told = [line for take in left if take in takes for line in left_rolling(take)]
    found_by = why or {}
    lines = (_take_line(take, left=take.id in known, why=found_by.get(take.id, ())) for take in takes)
    return [heading, *lines, *told]


def _take_line(take: Take, *, left: bool, why: Sequence[str] = ()) -> str:
    said = ["number twice"] if take.duplicate else []
    said += [f"[{text}]" for text in why]
    said += [str(take.kind)] if take.kind != "normal" else []
    said += [word for word, so in (("MOS", take.mos), ("tail", take.tail_slate), ("deleted", take.deleted)) if so]
    said += ["added"] * take.added
    said += [f"#{tag}" for tag in take.tags]
    said += [note.text for note in take.notes if note.text]
    words = "; ".join(said)
    rolling = "away" if take.elsewhere else "rec?" if left else "rec"
    mark = rolling if take.state is State.ROLLING else _MARKS[take.status]
    line = f"{take.day:>3} {called(take):<14} {mark:<4} {take.tc_in or '':<11} {length(take):>8}  {words}".rstrip()
    return fitted(line)


def fitted(line: str) -> str:
    """A line of a table, cut where the screen ends."""
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def folded(head: str, said: str) -> list[str]:
    """`weather   rain`, what is said standing beside its head on as many lines as it takes."""
    return wrap(f"{head} {safe_text(said)}".rstrip(), _WIDTH, subsequent_indent=" " * (len(head) + 1))


def whole_take(take: Take, small: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Everything about one take; `small` has the small pictures of its clips, by the clip's path."""
    return list(_whole(take, small or {}))


def _whole(take: Take, small: Mapping[str, Sequence[str]]) -> Iterator[str]:
    episode = f"episode {take.episode}, " if take.episode else ""
    yield f"{take.label}  {episode}scene {take.scene}, day {take.day}, unit {take.unit}  [{take.id}]"
    reason = f" ({take.status_reason})" if take.status_reason else ""
    yield f"  {take.state}, {take.status}{reason}, {take.kind}{', MOS' * take.mos}{', tail slate' * take.tail_slate}"
    if take.duplicate:
        yield f'  another take is {take.label} too; "onset log set {take.id} take=N" renumbers this one'
    yield f"  {moment(take)} to {take.tc_out or '…'}, timing {length(take)}"
    if take.user_bits:
        yield f"  user bits {safe_text(take.user_bits)}"
    by = [f"{word} by {device}" for word, device in (("rolled", take.rolled_by), ("cut", take.cut_by)) if device]
    if by:
        yield f"  {safe_text(', '.join(by))}"
    if take.added:
        yield "  entered afterwards; its times are somebody's memory"
    if take.slated_as:
        yield f"  slated as {take.slated_as}"
    yield from _folded(take.description)
    for run in take.runs:
        yield f"  action {run.action or '?'} to {run.cut or '…'}"
    for note in take.notes:
        said = " ".join(part for part in ("mark" if note.mark else "note", note.tc, note.text) if part)
        yield from _folded(f"{said} ({note.author}, {note.audience})")
    if take.tags:
        yield f"  tags {', '.join(take.tags)}"
    for voter, value in take.ratings.items():
        why = take.rating_reasons.get(voter)
        yield f"  {voter}: {value}{f' ({why})' if why else ''}"
    for angle in take.angles:
        rating = f", {angle.rating}" if angle.rating else ""
        own = f", {angle.start or '…'} to {angle.end or '…'}" if angle.start or angle.end else ""
        yield f"  camera {angle.camera}, roll {angle.roll or '?'}{own}{rating}"
        yield from _wrapped([f"{name.replace('_', ' ')} {value}" for name, value in angle.data.said().items()])
        yield from _wrapped([f"reported as {angle.clip_name}"] if angle.clip_name else [])
        yield from _wrapped([angle.note] if angle.note else [])
        for clip in angle.clips:
            yield f"    {clip.path}  {clip.tc_in or 'no timecode'}, {_held(clip)}, {clip.link}"
            yield from (f"    small picture {path}" for path in small.get(clip.path, ()))
            yield from _wrapped([f"with its sound {clip.proxy}"] if clip.proxy else [])
    if take.sound_roll and not take.sound:
        yield f"  sound roll {take.sound_roll}"
    for sound in take.sound:
        circled = "" if sound.circled is None else ", circled" if sound.circled else ", not circled"
        yield f"  sound {sound.device}, roll {sound.roll or '?'}{circled}"
        yield from _wrapped(sound.tracks)
        yield from _wrapped([sound.note] if sound.note else [])
        for file in sound.files:
            yield f"    {file.path}  {file.tc_in or 'no timecode'}, {_held(file)}, {file.link}"
            yield from _wrapped(level_words(file))
    for still in take.stills:
        yield f"  still {still.path}  {still.state}{f', {still.caption}' if still.caption else ''}"


def _folded(said: str) -> list[str]:
    """What a person wrote, on as many lines as it takes."""
    return wrap(safe_text(said), _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _wrapped(parts: Sequence[str]) -> list[str]:
    """Parts of a camera's or recorder's data, as many a line as fit."""
    return textwrap.wrap(", ".join(parts), _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _held(one: Clip | SoundFile) -> str:
    """How long a recording is, and what it lacks."""
    if one.duration_frames is None:
        return "cut off, length not known" if one.interrupted else "being recorded"
    lost = f", {one.dropped} lost" if isinstance(one, Clip) and one.dropped else ""
    return f"{one.duration_frames} frames{lost}{' (cut off)' * one.interrupted}"


def board_lines(board: Board) -> list[str]:
    """What the next take is, and what rolls."""
    flags = [str(board.kind)] if board.kind != "normal" else []
    flags += [word for word, so in (("MOS", board.mos), ("tail slate", board.tail_slate)) if so]
    also = f" ({', '.join(flags)})" if flags else ""
    of = f"{board.episode}:" if board.episode else ""
    lines = [f"Next: {of}{board.slate}/{board.take}{also}, day {board.day}" if board.slate else "The board is empty."]
    for camera in board.cameras:
        lines.append(f"  camera {camera.camera} {'in' if camera.in_next else 'out'}, roll {camera.roll or '?'}")
    if board.sound_roll or not board.sound_in_next:
        lines.append(f"  sound {'in' if board.sound_in_next else 'out'}, roll {board.sound_roll or '?'}")
    if board.rolling:
        lines.append(f"Rolling: {called(board.rolling)} since {moment(board.rolling)}")
    return lines


def change_lines(changes: Sequence[LoggedChange], *, whole: bool = False) -> list[str]:
    """A line a change, newest first. To which take a new thing belongs is said in its name.

    Args:
        changes: newest first.
        whole: all of them; otherwise an edit of very many (a script's) shows its first ones and a count.
    """
    told = [change for change in changes if change.field != "take" or change.entity in ("take", "claim")]
    lines: list[str] = []
    for _, edit in groupby(told, key=lambda change: change.arrival):
        of_edit = list(edit)
        shown = of_edit if whole or len(of_edit) <= _MANY else of_edit[:_SHOWN_OF_MANY]
        lines += map(_change_line, shown)
        if left := of_edit[len(shown) :]:
            lines.append(f"  and {len(left):,} more changes of this edit: {_kinds(left)} (--whole lists them)")
    return lines or ["No changes."]


def _kinds(changes: Sequence[LoggedChange]) -> str:
    """`scenes 12, elements 340`: how many things of each kind they are about."""
    things: dict[str, set[str]] = {}
    for change in changes:
        things.setdefault(change.entity.replace("_", " "), set()).add(change.entity_id)
    return ", ".join(f"{kind} {len(ids):,}" for kind, ids in things.items())


def _change_line(change: LoggedChange) -> str:
    time = datetime.fromtimestamp(change.wall_ns // _NS).astimezone()
    old, new = (
        name
        or (
            _packed(value)
            if (change.entity, change.field) == ("issue", "cells")
            else _place(value)
            if (change.entity, change.field) == ("tag", "place")
            else _when(value)
            if change.field.endswith("_ns")
            else _shown(value)
        )
        for value, name in ((change.old, change.old_about), (change.new, change.new_about))
    )
    before = "" if change.old is None else f"{old} -> "
    turned = f" ({change.verb})" if change.verb in ("undo", "redo") else " (undone)" if change.undone else ""
    if change.verb == "move in time" and change.field.endswith("_ns"):
        turned = f" (moved by hand){turned}"  # no clock said so
    thing = f"{change.entity.replace('_', ' ')} {change.about}".strip()
    return f"{time:%m-%d %H:%M:%S} {change.author}: {thing} {change.field.replace('_', ' ')} = {before}{new}{turned}"


def _place(value: Value) -> str:
    """Where among the takes of its tag is seen in their list."""
    return "as shot" if value is None else "moved"


def _packed(value: Value) -> str:
    """What an issued report said is for programs to read."""
    return "empty" if value is None else f"({len(str(value)):,} characters, packed)"


def _when(value: Value) -> str:
    """A wall stamp as the time of day; a small number of nanoseconds as what it is."""
    if not isinstance(value, int) or value < _A_YEAR_NS:
        return _shown(value)
    return f"{datetime.fromtimestamp(value // _NS).astimezone():%H:%M:%S}.{value % _NS // 1_000_000:03d}"


def _shown(value: Value) -> str:
    if value is None:
        return "empty"
    return value.hex() if isinstance(value, bytes) else str(value)
