"""Stills: what an import brings in, and what a person says of them. Each function is one edit's content."""

from __future__ import annotations

import re
from collections.abc import Sequence

from onset.changes import Value, derived_id
from onset.domain.camera import LinkState
from onset.domain.still import Still
from onset.errors import RefusedError
from onset.logbook import board
from onset.logbook.continuity import entry
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields, fitting
from onset.logbook.takes import named
from onset.logbook.terms import SaidOfStill, Unset
from onset.text import safe_text

_DIGEST = re.compile(r"[a-z0-9]{1,16}:[0-9a-f]{8,128}", re.ASCII)


def bring_in(tx: Transaction, stills: Sequence[Still]) -> tuple[int, int]:
    """Remember stills; returns how many are new and how many were known."""
    new = 0
    for still in stills:
        proposed = _proposal(tx, still)
        if _DIGEST.fullmatch(still.digest) is None or not still.path.strip():
            raise RefusedError(f'The still "{safe_text(still.name)}" has no digest or no path.')
        still_id = derived_id("still", still.digest).hex()
        known = tx.get("still", still_id)
        if known is None:
            new += 1
            tx.add("still", fitting("still", _of_file(still) | proposed), still_id)
        elif known.text("state") == LinkState.CONFIRMED and not known.text("decided_by"):
            continue  # our own camera took it while the take rolled
        elif not known.text("decided_by") and not known.flag("deleted"):
            tx.set("still", still_id, fitting("still", proposed))
    return new, len(stills) - new


def _of_file(still: Still) -> dict[str, Value]:
    return {
        "path": still.path,
        "source_path": still.source_path,
        "digest": still.digest,
        "camera": still.camera or None,
        "width": still.width,
        "height": still.height,
        "caption": still.caption or None,
        "state": str(LinkState.CONFIRMED if still.state is LinkState.CONFIRMED else LinkState.PROPOSED),
    }


def _proposal(tx: Transaction, still: Still) -> dict[str, Value]:
    if still.take_id is not None:
        named(tx, still.take_id)
    if still.setup_id is not None:
        _setup(tx, still.setup_id)
    if still.unit:
        board.check_unit(tx, still.unit)
    return {
        "unit": still.unit or None,
        "day": still.day,
        "taken_ns": still.taken_ns,
        "taken_by": None if still.taken_by is None else str(still.taken_by),
        "of_take": still.take_id,
        "setup": still.setup_id,
        "evidence": still.evidence or None,
    }


def say(tx: Transaction, still_id: str, said: SaidOfStill) -> None:
    """A person's word on a still."""
    still = _named(tx, still_id)
    fields: dict[str, Value] = {}
    if said.take_id is not None:
        take = named(tx, said.take_id)
        fields |= {"of_take": take.id, "setup": None, "unit": take.text("unit"), "day": take.number("day")}
    elif said.setup_id is not None:
        fields |= {"of_take": None, "setup": _setup(tx, said.setup_id).id}
    if said.state is not None:
        after = {**still.fields, **fields}
        if after["of_take"] is None and after["setup"] is None:
            raise RefusedError(
                f"{safe_text(_name(still))} is proposed for no take; say which one it belongs to, as in 42C/3."
            )
        decided = said.state is not LinkState.PROPOSED
        fields |= {"state": str(said.state), "decided_by": tx.author if decided else None}
    if not isinstance(said.continuity, Unset):
        fields["continuity"] = None
        if said.continuity is not None:
            character, scene, episode = said.continuity
            fields["continuity"] = entry(tx, character, scene, episode=episode).id
    if not isinstance(said.caption, Unset):
        fields |= checked_fields("still", {"caption": said.caption or None})
    tx.set("still", still_id, fields)


def _named(tx: Transaction, still_id: str) -> Row:
    still = tx.get("still", still_id)
    if still is None or still.flag("deleted"):
        raise RefusedError(f"There is no still with the id {safe_text(still_id)} in this log.")
    return still


def _setup(tx: Transaction, setup_id: str) -> Row:
    setup = tx.get("setup", setup_id)
    if setup is None:
        raise RefusedError(f"There is no setup with the id {safe_text(setup_id)} in this log.")
    return setup


def _name(still: Row) -> str:
    return still.text("path").rpartition("/")[2]
