"""Notes, quick phrases, slated-as, missed takes, and cells edited in the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from onset.domain.note import Audience
from onset.domain.take import Stamp, Take
from onset.errors import RefusedError, UsageError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Value
from onset.logbook.typed_times import frames_of, shift_to, stamp_at
from onset.slate import check_label, split_take
from tui.seen import Seen

Column = Literal["slate", "take", "status", "lens", "notes", "roll"]


def noted(seen: Seen) -> Take:
    """The take that a note begun now belongs to: the rolling one, else the one the footer names."""
    return seen.board.rolling or seen.aimed


def note(
    log: Logbook, seen: Seen, text: str, *, take_id: str, stamp: Stamp | None, audience: Audience = Audience.EDITOR
) -> str:
    """A note on the take of its first keystroke, with the moment of that keystroke if the take rolled then."""
    log.note(take_id, text, stamp=stamp, audience=audience)
    take = log.take(take_id)
    return f"Noted on {take.label if take else 'a take'}."


def phrase(log: Logbook, seen: Seen, text: str) -> str:
    """A quick phrase on the rolling take, else on the named one."""
    take = noted(seen)
    log.note(take.id, text, stamp=seen.stamp if take is seen.board.rolling else None)
    return f'{take.label}: "{text}".'


def slated_as(log: Logbook, seen: Seen, text: str, *, take_id: str) -> str:
    """What the clapper board wrongly said, as picture and sound have it; empty when it was right after all."""
    take = log.set_take(take_id, {"slated_as": check_label(text) if text.strip() else None})
    return f"{take.label} was slated as {take.slated_as}." if take.slated_as else f"{take.label} was slated right."


@dataclass(frozen=True, slots=True)
class Missed:
    """A take that nobody logged, as typed: `42C/4 at 17:20 for 45`. Empty where nothing was said."""

    slate: str
    number: str
    at: str
    length: str


def read_missed(text: str) -> Missed:
    """What a person means by `42C/4`, `/4` or `42C`, each also with `at 17:20`, `at 17:20:30`, `for 45`, `for 1:30`.

    >>> read_missed("42C/4 at 17:20 for 1:30"), read_missed("at 9:05").at
    (Missed(slate='42C', number='4', at='17:20', length='1:30'), '9:05')

    Raises:
        RefusedError: a take number with blanks.
    """
    found = _MISSED.fullmatch(text.strip())
    name, at, length = (part or "" for part in found.groups()) if found else (text.strip(), "", "")
    slate, number = split_take(name)
    if not slate:  # only one of the two
        slate, number = ("", name[1:]) if name.startswith("/") else (name, "")
    number = number.strip()
    if re.search(r"\s", number) and not _FALSE_START.fullmatch(number):
        raise RefusedError(f'"{number}" is no take number; write 42C/4, with its time 42C/4 at 17:20 for 45.')
    return Missed(slate.strip(), number, at, length)


_MISSED = re.compile(r"(.*?)(?:(?:^|\s+)at\s+(\S+))?(?:(?:^|\s+)for\s+(\S+(?:\s*s)?))?", re.ASCII | re.IGNORECASE)
_FALSE_START = re.compile(r"\S+ FS", re.ASCII | re.IGNORECASE)  # as the log numbers them


def insert(log: Logbook, seen: Seen, text: str) -> Take:
    """A take that nobody logged, see `read_missed`; cut already, timed now where no time was typed."""
    if seen.board.rolling is not None:
        raise RefusedError(f"{seen.board.rolling.label} rolls; a missed take is inserted after the cut.")
    missed = read_missed(text)
    slate = check_label(missed.slate or seen.board.slate)
    scene = seen.board.scene if slate == seen.board.slate else None
    rate = log.production().rate
    try:
        stamp = stamp_at(missed.at, seen.stamp, rate) if missed.at else seen.stamp
        frames = frames_of(missed.length, rate) if missed.length else None
    except UsageError as error:
        raise RefusedError(str(error)) from error
    return log.add_take(
        slate=slate,
        take=check_label(missed.number, "take") if missed.number else None,
        stamp=stamp,
        unit=seen.board.unit,
        scene=scene,
        duration_frames=frames,
    )


def cell(log: Logbook, seen: Seen, text: str, *, take_id: str, column: str, camera: str) -> str:
    """What was typed into a cell of the list."""
    if column == "notes":
        return note(log, seen, text, take_id=take_id, stamp=None) if text.strip() else "No note."
    if column in ("roll", "lens"):
        take = log.set_angle(take_id, camera, {column: text.strip() or None})
        return f"{column.capitalize()} of camera {camera} on {take.label} is {text.strip() or 'empty'}."
    if column == "time":
        return _shot(log, seen, text, take_id)
    field = _CELLS[column]
    take = log.set_take(take_id, field(text))
    return f"{take.label}: {column} changed."


def _shot(log: Logbook, seen: Seen, text: str, take_id: str) -> str:
    """When a take was shot that somebody entered afterwards; one that was stamped keeps its moment here."""
    take = log.take(take_id)
    if take is None or not take.added:
        raise RefusedError(f"{take.label if take else 'The take'} was stamped; its moment is not typed here.")
    try:
        by = shift_to(log, take, text, seen.stamp)
    except UsageError as error:
        raise RefusedError(str(error)) from error
    log.set_takes([take_id], {}, by=by)
    return f"{take.label} was shot at {text.strip()}."


_CELLS: Mapping[str, Callable[[str], Mapping[str, Value]]] = {
    "slate": lambda text: {"slate": check_label(text)},
    "take": lambda text: {"take": check_label(text, "take")},
    "reason": lambda text: {"status_reason": text.strip() or None},
    "description": lambda text: {"description": text.strip() or None},
}
EDITABLE = frozenset((*_CELLS, "notes", "roll", "lens", "time"))
