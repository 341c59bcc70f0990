"""Takes of a tag are put in order. The content of that edit; what the order is, is in `onset.domain.selects`."""

from __future__ import annotations

from collections.abc import Sequence

from onset.domain.selects import near, place_between, placed
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.takes import label, named
from onset.slate import check_label
from onset.text import safe_text


def order_takes(tx: Transaction, tag: str, take_ids: Sequence[str], beside: str | None, *, behind: bool) -> None:
    """Put takes, one after another as they are given, before (or behind) another; `beside` None: at an end of all."""
    tag = check_label(tag, "tag")
    tagged: dict[str, Row] = {row.text("take"): row for row in tx.find("tag", {"tag": tag})}
    moved = list(dict.fromkeys(take_ids))
    for take_id in (*moved, *([beside] if beside is not None else [])):
        if take_id not in tagged:
            raise RefusedError(f'{label(named(tx, take_id))} is not tagged "{safe_text(tag)}".', take_id)
    if beside in moved:
        raise RefusedError(f"{label(named(tx, str(beside)))} cannot be moved beside itself.", beside)
    places = {take_id: _place(named(tx, take_id), row) for take_id, row in tagged.items()}
    before = sorted(tagged, key=lambda take_id: (places[take_id], take_id))
    others = [take_id for take_id in before if take_id not in moved]
    at = (len(others) if behind else 0) if beside is None else others.index(beside) + behind
    if [*others[:at], *moved, *others[at:]] == before:
        return
    low = places[others[at - 1]] if at else ""
    high = places[others[at]] if at < len(others) else ""
    if not others:
        low, high = near(places[before[0]], -1), near(places[before[-1]], 1)
    elif low and (behind or not high):
        high = min(filter(None, (high, near(low, 1))), default="")
    elif high:
        low = max(low, near(high, -1))
    for take_id in moved:
        low = place_between(low, high, take_id)
        tx.set("tag", tagged[take_id].id, {"place": low})


def _place(take: Row, tag: Row) -> str:
    return placed(tag.maybe_text("place"), take.number("day"), take.number("rolled_ns"), take.id)
