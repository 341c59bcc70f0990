"""Conflicts are ended by a person, who picks one of the values or says another. The content of that edit."""

from __future__ import annotations

from collections.abc import Sequence

from onset.errors import RefusedError
from onset.logbook.engine import Transaction
from onset.logbook.entities import FIELDS
from onset.logbook.fields import checked_fields
from onset.logbook.merging import Pick
from onset.logbook.takes import label
from onset.text import safe_text

# What is next is a proposal and no fact, and a seat's name is its own: what was set last stands without a question.
NEVER_ASKED = frozenset(("board", "board_camera", "seat"))
# Who says something, when, and how they know it comes with what they say: there is nothing to pick. Of two places in a
# list the newest stands: everybody sees it, and moves it again in one step. So does the newest look at a copy.
_COMES_WITH_IT = frozenset(
    (
        *("author", "decided_by", "evidence", "method", "wall_ns", "changed_ns", "loaded_ns", "pulled_ns", "place"),
        *("bad", "bad_names", "bad_ns", "bad_of"),
    )
)


def is_asked(entity: str, field: str) -> bool:
    """Whether two values of this field are a question to a person. A stamp that people set themselves is one."""
    known = FIELDS.get(entity, {}).get(field)
    by_itself = field not in _COMES_WITH_IT or (known is not None and known.open)
    return entity not in NEVER_ASKED and by_itself


def resolve(tx: Transaction, picks: Sequence[Pick]) -> None:
    """Let each pick stand in place of all values that its field has."""
    if not picks:
        raise RefusedError("Nothing is in conflict there.")
    for pick in picks:
        if pick.field not in FIELDS.get(pick.entity, {}):
            what = safe_text(f"{pick.entity} {pick.field}")
            raise RefusedError(f"Only a newer onset knows what {what} is; update onset to resolve it.")
        standing = tx.standing(pick.entity, pick.entity_id, pick.field)
        if len(standing) < 2:
            raise RefusedError(f"{_named(tx, pick)} is not in conflict (any more); set it as it should be instead.")
        value = pick.value
        if value not in standing:
            value = checked_fields(pick.entity, {pick.field: value})[pick.field]
        tx.settle(pick.entity, pick.entity_id, pick.field, (value,))


def _named(tx: Transaction, pick: Pick) -> str:
    row = tx.get(pick.entity, pick.entity_id)
    field = pick.field.replace("_", " ")
    if row is not None and pick.entity == "take":
        return f"{label(row)} {field}"
    return f"The {field} of this {pick.entity.replace('_', ' ')}"
