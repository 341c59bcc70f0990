"""Ending a conflict: a person picks what one of the seats said."""

from __future__ import annotations

from onset.logbook.conflict_words import conflict_name, said
from onset.logbook.merging import Pick
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Conflict
from tui.seen import Seen


def take(log: Logbook, seen: Seen, *, conflict: Conflict, number: int) -> str:
    """What is picked stands on every log that takes this in; undo opens the conflict again.

    Raises:
        RefusedError: it is not in conflict any more.
    """
    value = conflict.values[number]
    log.resolve([Pick(entity=conflict.entity, entity_id=conflict.entity_id, field=conflict.field, value=value)])
    return f"{conflict_name(conflict)} is {said(conflict, number)}."
