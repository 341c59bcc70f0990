"""Notes, quick phrases, slated-as, missed takes, and cells edited in the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from onset.domain.note import Audience
from onset.domain.take import Stamp, Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Value
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


def insert(log: Logbook, seen: Seen, text: str) -> str:
    """A take that nobody logged: `42C/4`, or `/4` on the slate of the board; cut already, timed now."""
    if seen.board.rolling is not None:
        raise RefusedError(f"{seen.board.rolling.label} rolls; a missed take is inserted after the cut.")
    name, number = split_take(text)
    if not name:  # only one of the two
        name, number = ("", text.strip()[1:]) if text.strip().startswith("/") else (text.strip(), "")
    slate = check_label(name or seen.board.slate)
    scene = seen.board.scene if slate == seen.board.slate else None
    take = log.add_take(
        slate=slate,
        take=check_label(number, "take") if number.strip() else None,
        stamp=seen.stamp,
        unit=seen.board.unit,
        scene=scene,
    )
    return f"{take.label} inserted."


def cell(log: Logbook, seen: Seen, text: str, *, take_id: str, column: str, camera: str) -> str:
    """What was typed into a cell of the list."""
    if column == "notes":
        return note(log, seen, text, take_id=take_id, stamp=None) if text.strip() else "No note."
    if column in ("roll", "lens"):
        take = log.set_angle(take_id, camera, {column: text.strip() or None})
        return f"{column.capitalize()} of camera {camera} on {take.label} is {text.strip() or 'empty'}."
    field = _CELLS[column]
    take = log.set_take(take_id, field(text))
    return f"{take.label}: {column} changed."


_CELLS: Mapping[str, Callable[[str], Mapping[str, Value]]] = {
    "slate": lambda text: {"slate": check_label(text)},
    "take": lambda text: {"take": check_label(text, "take")},
    "reason": lambda text: {"status_reason": text.strip() or None},
    "description": lambda text: {"description": text.strip() or None},
}
EDITABLE = frozenset((*_CELLS, "notes", "roll", "lens"))
