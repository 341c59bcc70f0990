"""Notes and marks, an add-only list: on takes, and on setups, scenes and moments of a day."""

from __future__ import annotations

from onset.changes import Value, checked
from onset.domain.note import Audience
from onset.domain.take import Stamp, State
from onset.errors import RefusedError, TimecodeError
from onset.logbook import days
from onset.logbook.credits import day_for
from onset.logbook.engine import Row, Transaction
from onset.logbook.scenes import known_scene
from onset.logbook.takes import label, moment, named, production_rate
from onset.text import safe_text
from onset.timecode import Timecode, rate

_NO_WORDS = "A note needs some words."


def note(
    tx: Transaction, take_id: str, text: str, *, audience: Audience, stamp: Stamp | None, mark: bool = False
) -> str:
    """Add a note; returns its id. A stamp counts only if the take rolled at that moment."""
    take = named(tx, take_id)
    if not text.strip() and not mark:
        raise RefusedError(_NO_WORDS)
    fields = {"take": take_id, "mark": int(mark), **_written(tx, text, audience)}
    if stamp is not None and _within(take, stamp):
        fields |= {"tc": stamp.tc, "tc_source": stamp.tc_source, "offset_ns": moment(take, stamp)}
    return tx.add("note", fields)


def _written(tx: Transaction, text: str, audience: Audience) -> dict[str, Value]:
    return {
        "text": checked(text.strip(), "The note"),
        "author": tx.author,
        "audience": str(audience),
        "wall_ns": tx.wall_ns,
    }


def note_setup(tx: Transaction, slate: str, text: str, *, episode: str | None, unit: str, audience: Audience) -> str:
    """Add a note to a setup, by its slate or, while it is only planned, its working name; returns its id."""
    slate = str(checked(slate.strip(), "The slate"))
    found = tx.find("setup", {"slate": slate, "episode": episode})
    found = found or tx.find("setup", {"slate": None, "name": slate, "episode": episode})
    if not slate or not found:
        raise RefusedError(f'There is no setup {safe_text(slate)} yet; "onset log setup" makes one.')
    return _anchored(tx, {"setup": found[0].id}, text, unit=unit, audience=audience)


def note_scene(tx: Transaction, number: str, text: str, *, episode: str | None, unit: str, audience: Audience) -> str:
    """Add a note to a scene; returns its id."""
    scene = known_scene(tx, number, episode=episode)
    return _anchored(tx, {"scene": scene.id}, text, unit=unit, audience=audience)


def note_moment(tx: Transaction, tc: str, text: str, *, unit: str, day: int | None, audience: Audience) -> str:
    """Add a note to a moment of a day; returns its id."""
    try:
        label = Timecode.parse(tc, rate(production_rate(tx))).label
    except TimecodeError as error:
        raise RefusedError(str(error)) from error
    return _anchored(tx, {"tc": label, "day": day_for(tx, unit, day)}, text, unit=unit, audience=audience)


def _anchored(tx: Transaction, about: dict[str, Value], text: str, *, unit: str, audience: Audience) -> str:
    if not text.strip():
        raise RefusedError(_NO_WORDS)
    today = days.newest(tx, unit)
    said: dict[str, Value] = {"unit": unit, "day": today.number("number") if today else None, "mark": 0}
    return tx.add("note", said | about | _written(tx, text, audience))


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
