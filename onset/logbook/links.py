"""Which files belong to which takes: what the matcher finds, and what a person decides, whose word always stands."""

from __future__ import annotations

from collections.abc import Sequence

from onset.changes import Value, checked, derived_id
from onset.domain.camera import LinkState
from onset.errors import RefusedError
from onset.logbook.clips import OURS
from onset.logbook.engine import Row, Transaction
from onset.logbook.takes import label, named, set_angle
from onset.logbook.terms import WantedLink
from onset.text import safe_text

PERSON = "person"  # the method of a link that nobody but a person found
_KINDS = ("clip", "sound")
# What is said of a take changes no match.
_IGNORED = frozenset(("take", name) for name in ("status", "status_reason", "description", "tail_slate"))


def link_id(take_id: str, media_id: str) -> str:
    """One take and one file meet in one link, whoever links them."""
    return derived_id("link", take_id, media_id).hex()


def write_links(tx: Transaction, unit: str, day: int, wanted: Sequence[WantedLink], *, seen: int) -> int | None:
    """Make the matcher's links of a day what it wants; returns how many changed, None when the log has moved on."""
    if tx.moved_on(seen, unit, day, _IGNORED):
        return None
    asked: dict[tuple[Value, Value], WantedLink] = {}
    for one in wanted:
        if one.state is LinkState.REFUSED:
            raise RefusedError("Only a person refuses a link.")
        asked[one.take_id, one.media_id] = one
    changed = 0
    for row in tx.linked(unit, day):
        one_asked = asked.pop((row.fields["take"], row.fields["media"]), None)
        if not _is_the_matchers(row):
            continue
        if one_asked is not None:
            changed += _renew(tx, row, one_asked)
        elif not row.flag("deleted"):
            tx.set("link", row.id, {"deleted": 1})
            changed += 1
    for one in asked.values():
        identity = link_id(one.take_id, one.media_id)
        known = tx.get("link", identity)  # of a take and a file that both came from another day
        if known is None:
            named(tx, one.take_id)
            medium(tx, one.media_id)
            tx.add("link", {"take": one.take_id, "media": one.media_id, **_found(one)}, identity)
            changed += 1
        elif _is_the_matchers(known):
            changed += _renew(tx, known, one)
    return changed


def _is_the_matchers(row: Row) -> bool:
    return row.text("method") != OURS and (not row.text("decided_by") or row.flag("deleted"))


def _found(one: WantedLink) -> dict[str, Value]:
    """Fields of a link as the matcher wants it; empty texts are left out of the log."""
    return {
        "state": str(one.state),
        "method": one.method or None,
        "evidence": one.evidence or None,
        "question": one.question or None,
    }


def _renew(tx: Transaction, row: Row, one: WantedLink) -> int:
    fields = _found(one)
    if row.flag("deleted"):
        fields |= {"deleted": 0, "decided_by": None, "reason": None}
    if all(row.fields.get(name) == value for name, value in fields.items()):
        return 0
    tx.set("link", row.id, fields)
    return 1


def medium(tx: Transaction, media_id: str) -> tuple[str, Row]:
    """The file of that id, and whether it is a `clip` or a `sound`.

    Raises:
        RefusedError: there is none.
    """
    for kind in _KINDS:
        row = tx.get(kind, media_id)
        if row is not None and not row.flag("deleted"):
            return kind, row
    raise RefusedError(f"There is no clip or sound file with the id {safe_text(media_id)} in this log.")


def decide_link(tx: Transaction, take_id: str, media_id: str, state: LinkState, *, reason: str) -> None:
    """A person's word on a take and a file; `proposed` takes it back."""
    take = named(tx, take_id)
    if take.flag("deleted"):
        raise RefusedError(f"{label(take)} is deleted; restore it before a file is linked to it.", take_id)
    kind, file = medium(tx, media_id)
    identity = link_id(take_id, media_id)
    known = tx.get("link", identity)
    if known is not None and known.text("method") == OURS and not known.flag("deleted"):
        if state is LinkState.REFUSED:
            sentence = f"{safe_text(file.text('name'))} was recorded for {label(take)} by our own recorder; it stays."
            raise RefusedError(sentence, take_id)
        return
    if state is LinkState.PROPOSED:
        _take_back(tx, known)
        return
    said: dict[str, Value] = {
        "state": str(state),
        "decided_by": tx.author,
        "reason": checked(reason.strip(), "The reason") or None,
    }
    if known is None or known.flag("deleted"):
        said |= {"method": PERSON, "evidence": None, "question": None, "deleted": 0}
        if known is None:
            tx.add("link", {"take": take_id, "media": media_id, **said}, identity)
    tx.set("link", identity, said)
    if state is LinkState.CONFIRMED:
        _join(tx, take, kind, file)


def _take_back(tx: Transaction, known: Row | None) -> None:
    if known is None or known.flag("deleted") or not known.text("decided_by"):
        return
    if known.text("method") == PERSON:  # nothing but that word spoke for it
        tx.set("link", known.id, {"deleted": 1})
    else:
        tx.set("link", known.id, {"state": str(LinkState.PROPOSED), "decided_by": None, "reason": None})


def _join(tx: Transaction, take: Row, kind: str, file: Row) -> None:
    """The camera or the recorder was in the take, a person says; what the matcher finds is shown without that."""
    if kind == "clip" and file.text("camera"):
        set_angle(tx, take.id, file.text("camera"), {})
    elif kind == "sound" and file.text("device"):
        fields: dict[str, Value] = {
            "take": take.id,
            "device": file.text("device"),
            "roll": take.maybe_text("sound_roll"),
            "deleted": 0,
        }
        tx.add("sound_take", fields, derived_id("sound_take", take.id, file.text("device")).hex())
