"""Shots that a scene is owed: carried until a person says which take settled them, or drops them."""

from __future__ import annotations

from onset.changes import Value
from onset.domain.scene import OwedKind
from onset.errors import RefusedError
from onset.logbook.credits import day_for
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields
from onset.logbook.scenes import known_scene
from onset.logbook.takes import label, named
from onset.slate import check_label
from onset.text import safe_text


def owe(
    tx: Transaction,
    kind: OwedKind,
    text: str,
    *,
    scene: str,
    episode: str | None,
    slate: str | None,
    unit: str,
    day: int | None,
) -> str:
    """Owe a scene a shot; returns its id."""
    if not text.strip():
        raise RefusedError("Say in a few words what is owed.")
    of = known_scene(tx, scene, episode=episode)
    said: dict[str, Value] = {
        "kind": str(kind),
        "text": text.strip(),
        "unit": unit,
        "episode": of.maybe_text("episode"),
        "scene": of.text("number"),
        "slate": check_label(slate) if slate else None,
        "day": day_for(tx, unit, day),
    }
    return tx.add("owed", checked_fields("owed", said) | {"author": tx.author, "wall_ns": tx.wall_ns})


def settle(tx: Transaction, owed_id: str, take_id: str) -> None:
    """That take is what was owed.

    Raises:
        RefusedError: it is settled or dropped already, or the take is deleted.
    """
    row = _open(tx, owed_id)
    take = named(tx, take_id)
    if take.flag("deleted"):
        raise RefusedError(f"{label(take)} is deleted and settles nothing.", take.id)
    tx.set("owed", row.id, {"shot": take.id})


def drop(tx: Transaction, owed_id: str) -> None:
    """Nobody waits for it any more."""
    tx.set("owed", _open(tx, owed_id).id, {"dropped": 1})


def _open(tx: Transaction, owed_id: str) -> Row:
    row = tx.get("owed", owed_id)
    if row is None or row.flag("deleted"):
        raise RefusedError(f"Nothing with the id {safe_text(owed_id)} is owed.")
    shot = row.maybe_text("shot")
    if shot or row.flag("dropped"):
        how = f"was settled by {label(named(tx, shot))}" if shot else "was dropped"
        raise RefusedError(f'"{safe_text(row.text("text"))}" {how} already.')
    return row
