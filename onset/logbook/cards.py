"""Cards and their verified copies, as an offload reports them."""

from __future__ import annotations

import json

from onset.changes import Value, checked, derived_id
from onset.domain.card import Card
from onset.logbook.engine import Transaction


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
    }
    tx.add("card", fields, card_id)
    for copy in card.copies:
        copy_id = derived_id("card_copy", card_id, copy.path).hex()
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
    return card_id
