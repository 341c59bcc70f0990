"""What rolls here. A take that rolls on another laptop is in the log too, but nothing here waits for its cut."""

from __future__ import annotations

from onset.domain.take import State
from onset.logbook.engine import Row, Transaction


def rolling(tx: Transaction, unit: str) -> Row | None:
    """The take of the unit that rolls."""
    found = [row for row in tx.find("take", {"unit": unit, "state": State.ROLLING}) if not tx.rolls_elsewhere(row.id)]
    return found[-1] if found else None
