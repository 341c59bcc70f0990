"""What was found of the copies of cards after they were made, as the log remembers it. The content of that edit."""

from __future__ import annotations

from collections.abc import Sequence

from onset.changes import Value, checked, derived_id
from onset.domain.card import Copy, FoundBad, held_back_by
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import fitting
from onset.logbook.terms import LookedAt


def copy_id(card_id: str, path: str) -> str:
    """A copy is known by its card and its folder."""
    return derived_id("card_copy", card_id, path).hex()


def remember(tx: Transaction, looked: Sequence[LookedAt]) -> list[str]:
    """Write down what was found of copies, or that it was put right.

    A copy that was made anew meanwhile is left alone, and one of which somebody wrote down something newer.

    Returns:
        The ids of the cards that this was news of.
    """
    cards = []
    for each in looked:
        row = tx.get("card_copy", copy_id(each.card_id, each.copy.path))
        if row is None or row.maybe_text("manifest") != each.copy.manifest:
            continue
        stands = bad_of(row)
        if stands == each.bad or (stands != each.copy.bad and _is_newer(stands, each.bad)):
            continue
        values: dict[str, Value] = dict.fromkeys(("bad", "bad_names", "bad_ns", "bad_of"))
        if each.bad is not None:
            values = {
                "bad": checked(each.bad.what, "What was found of a copy"),
                "bad_names": checked(each.bad.names, "What was found of a copy") or None,
                "bad_ns": each.bad.at_ns,
                "bad_of": each.copy.manifest,
            }
        for name, value in fitting("card_copy", values).items():
            # Also what stays the same: of two looks apart from each other one stands whole, and is no mixture of both.
            tx.settle("card_copy", row.id, name, [value])
        cards.append(each.card_id)
    return list(dict.fromkeys(cards))


def _is_newer(stands: FoundBad | None, told: FoundBad | None) -> bool:
    """Whether what stands was found later; that a copy was put right says nothing of what was found meanwhile."""
    return stands is not None and (told is None or (stands.at_ns or 0) > (told.at_ns or 0))


def bad_of(row: Row) -> FoundBad | None:
    """What was found of a copy as it is now."""
    if not row.text("bad") or row.maybe_text("bad_of") != row.maybe_text("manifest"):
        return None
    return FoundBad(what=row.text("bad"), names=row.text("bad_names"), at_ns=row.number("bad_ns"))


def is_held_back(tx: Transaction, card: Row) -> bool:
    """Whether a copy that the card's verdict counts was found bad since."""
    copies = [
        Copy(
            path=row.text("path"),
            verified=row.number("verified"),
            failed=row.number("failed"),
            read_back=row.text("read_back"),
            manifest=row.maybe_text("manifest"),
            bad=bad_of(row),
        )
        for row in tx.find("card_copy", {"card": card.id})
    ]
    return bool(held_back_by(copies, card.number("files"), card.number("wall_ns")))
