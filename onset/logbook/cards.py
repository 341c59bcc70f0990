"""Cards and their verified copies, as an offload reports them, and who cleared a card for formatting."""

from __future__ import annotations

import json
from collections.abc import Sequence

from onset.changes import Value, checked, derived_id
from onset.domain.card import Card
from onset.errors import RefusedError
from onset.logbook import bad_copies, days, rolls
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import fitting
from onset.logbook.terms import LookedAt
from onset.text import safe_text

_LONGEST_NAME = 200  # characters


def record_card(tx: Transaction, card: Card) -> str:
    """Remember an offload; the fingerprint is the card's identity. Returns the card's id."""
    card_id = derived_id("card", card.fingerprint).hex()
    fields: dict[str, Value] = {
        "label": checked(card.label, "The card's label"),
        "fingerprint": card.fingerprint,
        "files": card.files,
        "size": card.size,
        "verdict": card.verdict,
        "reasons": json.dumps(card.reasons, ensure_ascii=False),
        "wall_ns": card.wall_ns,
        "camera": card.camera or None,
        "reel": card.reel or None,
        "clips": card.clips,
        "supersedes": card.supersedes if card.supersedes != card_id else None,
    }
    if card.supersedes is not None:
        named(tx, card.supersedes)
    known = tx.get("card", card_id)
    if card.day is not None:
        fields |= {"unit": card.unit, "day": card.day}
    elif known is None or known.maybe_number("day") is None:
        day = days.newest(tx, card.unit)
        fields |= {"unit": card.unit, "day": day.maybe_number("number") if day else None}
    tx.add("card", {**fitting("card", fields), "deleted": 0}, card_id)
    for copy in card.copies:
        copy_id = bad_copies.copy_id(card_id, copy.path)
        copied: dict[str, Value] = {
            "card": card_id,
            "path": checked(copy.path, "A copy's path"),
            "verified": copy.verified,
            "failed": copy.failed,
            "read_back": copy.read_back,
            "manifest": copy.manifest,
            "disk": copy.disk,
        }
        tx.add("card_copy", copied, copy_id)
        tx.set("card_copy", copy_id, copied)
    rolls.offloaded(tx, card_id)
    return card_id


def copies_looked_at(tx: Transaction, looked: Sequence[LookedAt]) -> None:
    """What was found of copies since they were made, or that it was put right; their rolls go with it."""
    for card_id in bad_copies.remember(tx, looked):
        rolls.looked_at(tx, card_id)


def named(tx: Transaction, card_id: str) -> Row:
    """The card of that id.

    Raises:
        RefusedError: there is none.
    """
    card = tx.get("card", card_id)
    if card is None:
        raise RefusedError(f"There is no card with the id {safe_text(card_id)} in this log.")
    return card


def clear_card(tx: Transaction, card_id: str, *, by: str, note: str, cleared: bool) -> None:
    """A person cleared the card for formatting as its fingerprint is now, or took that back."""
    card = named(tx, card_id)
    if not by.strip():
        raise RefusedError(f"Say who clears {safe_text(card.text('label'))}: a card is cleared by a named person.")
    if len(by) > _LONGEST_NAME:
        raise RefusedError(f"A name has at most {_LONGEST_NAME} characters.")
    fields: dict[str, Value] = {"cleared_by": None, "cleared_ns": None, "cleared_note": None}
    if cleared and bad_copies.is_held_back(tx, card):  # whoever asks may have looked before that was known
        label = safe_text(card.text("label"))
        raise RefusedError(f"{label} cannot be cleared: one of its copies was found bad since it was offloaded.")
    if cleared:
        fields = {"cleared_by": by.strip(), "cleared_ns": tx.wall_ns, "cleared_note": note.strip() or None}
    tx.set("card", card_id, fitting("card", fields))
    rolls.cleared(tx, card_id)
