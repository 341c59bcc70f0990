"""What reports of other departments claim, row by row, and differences that a person has explained."""

from __future__ import annotations

from collections.abc import Sequence

from onset.changes import Value, checked, derived_id
from onset.domain.claim import Claim, ClaimSource
from onset.errors import RefusedError
from onset.logbook import board
from onset.logbook.engine import Transaction
from onset.logbook.fields import fitting
from onset.text import safe_text


def take_claims(tx: Transaction, source: ClaimSource, report: str, unit: str, day: int, claims: Sequence[Claim]) -> int:
    """Remember the rows of a report; rows of an earlier import that are not in it any more give way.

    Returns:
        How many rows are new or were changed.

    Raises:
        RefusedError: a row that cannot be; names the report and the row, and nothing is written.
    """
    board.check_unit(tx, unit)
    rows: dict[str, dict[str, Value]] = {}
    for claim in claims:
        claim_id = derived_id("claim", source, report, unit, str(day), str(claim.row)).hex()
        if claim_id in rows:
            raise RefusedError(f"{safe_text(report)} has row {claim.row} twice; number its rows from 1.")
        rows[claim_id] = _fields(source, report, unit, day, claim)
    changed = 0
    for known in tx.find("claim", {"report": report, "source": str(source), "unit": unit, "day": day}):
        if known.id not in rows:
            tx.set("claim", known.id, {"deleted": 1})
    for claim_id, fields in rows.items():
        before = tx.get("claim", claim_id)
        if before is None:
            tx.add("claim", fields, claim_id)
            changed += 1
        elif any(before.fields.get(name) != value for name, value in fields.items()) or before.flag("deleted"):
            tx.set("claim", claim_id, {**fields, "deleted": 0})
            changed += 1
    return changed


def _fields(source: ClaimSource, report: str, unit: str, day: int, claim: Claim) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "source": str(source),
        "report": report,
        "row": claim.row,
        "unit": unit,
        "day": day,
        "device": claim.device or None,
        "slate": claim.slate or None,
        "take": claim.take or None,
        "clip": claim.clip or None,
        "roll": claim.roll or None,
        "circled": claim.circled,
        "mos": claim.mos,
        "wild": claim.wild,
        "tc_in": claim.tc_in,
        "duration_frames": claim.duration_frames,
        "rate": claim.rate or None,
        "note": claim.note or None,
    }
    try:
        return fitting("claim", fields)
    except RefusedError as error:
        raise RefusedError(f"Row {claim.row} of {safe_text(report)} was not taken in: {error}") from error


def explanation_id(key: str, unit: str, day: int) -> str:
    """A difference of a day has one explanation, whoever types it."""
    return derived_id("explanation", unit, str(day), key).hex()


def explain(tx: Transaction, key: str, text: str, *, unit: str, day: int) -> str:
    """A difference is explained by this person, or no longer; returns the explanation's id."""
    board.check_unit(tx, unit)
    if not key.strip():
        raise RefusedError("An explanation needs a difference that it explains.")
    identity = explanation_id(key, unit, day)
    said = str(checked(text.strip(), "The explanation"))
    known = tx.get("explanation", identity)
    if not said:
        tx.set("explanation", identity, {"deleted": 1})
        return identity
    if known is not None and known.text("text") == said and not known.flag("deleted"):
        return identity
    fields: dict[str, Value] = {"key": key, "unit": unit, "day": day, "text": said}
    fields = {**fitting("explanation", fields), "author": tx.author, "wall_ns": tx.wall_ns, "deleted": 0}
    tx.add("explanation", fields, identity)
    return identity
