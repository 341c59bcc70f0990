"""What a person says of the day's selects: which takes they are, and their order."""

from __future__ import annotations

from collections.abc import Sequence

from onset.domain.selects import SELECTS, in_order
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from tui.seen import Seen


def pick(log: Logbook, seen: Seen, *, take_ids: Sequence[str]) -> str:
    """These takes are selects; where all of them are, they are no longer."""
    takes = [take for take_id in take_ids if (take := log.take(take_id)) is not None]
    gone = bool(takes) and all(SELECTS in take.tags for take in takes)
    log.tag_takes([take.id for take in takes], **{"remove" if gone else "add": (SELECTS,)})
    named = takes[0].label if len(takes) == 1 else f"{len(takes)} takes"
    are = "is" if len(takes) == 1 else "are"
    return f"{named} {are} {'no longer among' if gone else 'among'} the selects."


def step(log: Logbook, seen: Seen, *, take_id: str, unit: str, day: int, by: int) -> str:
    """One place earlier (`by` -1) or later (1) among the selects of its day, as the log has them now."""
    takes = in_order(log.takes(TakeFilter(unit=unit, day=day, tags=((SELECTS,),), limit=None)))
    at = next((number for number, take in enumerate(takes) if take.id == take_id), None)
    if at is None:
        raise RefusedError("That take is no longer among the selects.")
    if not 0 <= at + by < len(takes):
        raise RefusedError(f"{takes[at].label} is the {'first' if by < 0 else 'last'} of the selects.")
    log.order_takes(SELECTS, [take_id], takes[at + by].id, behind=by > 0)
    return f"{takes[at].label} {'before' if by < 0 else 'behind'} {takes[at + by].label}."


def put(log: Logbook, seen: Seen, *, take_id: str, beside: str, behind: bool) -> str:
    """Right before, or behind, another of the selects."""
    take, other = log.take(take_id), log.take(beside)
    if take is None or other is None or SELECTS not in take.tags or SELECTS not in other.tags:
        raise RefusedError("That take is no longer among the selects.")
    log.order_takes(SELECTS, [take_id], beside, behind=behind)
    return f"{take.label} {'behind' if behind else 'before'} {other.label}."
