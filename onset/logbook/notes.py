"""Notes and marks: an add-only list."""

from __future__ import annotations

from onset.changes import Value, checked
from onset.domain.note import Audience
from onset.domain.take import Stamp, State
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.takes import label, moment, named


def note(
    tx: Transaction, take_id: str, text: str, *, audience: Audience, stamp: Stamp | None, mark: bool = False
) -> str:
    """Add a note; returns its id. A stamp counts only if the take rolled at that moment."""
    take = named(tx, take_id)
    if not text.strip() and not mark:
        raise RefusedError("A note needs some words.")
    fields: dict[str, Value] = {
        "take": take_id,
        "text": checked(text.strip(), "The note"),
        "author": tx.author,
        "audience": str(audience),
        "wall_ns": tx.wall_ns,
        "mark": int(mark),
    }
    if stamp is not None and _within(take, stamp):
        fields |= {"tc": stamp.tc, "offset_ns": moment(take, stamp)}
    return tx.add("note", fields)


def mark(tx: Transaction, take_id: str, stamp: Stamp, text: str) -> str:
    """A timecoded mark within a rolling take."""
    take = named(tx, take_id)
    if take.text("state") != State.ROLLING:
        raise RefusedError(f"{label(take)} does not roll; a mark needs a rolling take, a note does not.", take_id)
    return note(tx, take_id, text, audience=Audience.EDITOR, stamp=stamp, mark=True)


def _within(take: Row, stamp: Stamp) -> bool:
    if take.text("state") == State.ROLLING:
        return True
    cut_ns = take.maybe_number("cut_ns")
    return cut_ns is not None and take.number("rolled_ns") + moment(take, stamp) <= cut_ns
