"""Undo and redo of a seat's own edits, and the words for what they did (SCREENS, rule 5: "42C/2 no longer circled").

An undo is an edit that sets the old values again; a thing that came into being is marked deleted. Nothing is erased,
and what another seat has changed since is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from onset.changes import Value
from onset.domain.camera import LinkState
from onset.domain.take import State, Status
from onset.errors import OverwrittenError, RefusedError
from onset.logbook import board, timing
from onset.logbook.engine import PastChange, PastEdit, Row, Transaction
from onset.logbook.fields import FIELDS
from onset.logbook.takes import label, rolling
from onset.text import safe_text

# A roll stays rolled; what devices, offloads and reports bring in, what the matcher finds in it, days, and a card that
# was cleared are facts that no key takes back.
UNDOABLE = frozenset(
    (
        *("action", "cut", "earlier", "interrupt", "add", "set", "set angle", "set setup", "set camera"),
        *("set scene", "next", "rehearsal"),
        *("note", "mark", "rate", "tag", "delete", "restore"),
        *("link", "explain"),
    )
)
_KEPT = frozenset(("seat", "setup", "scene", "day", "unit", "production"))
_OPEN_STAMPS = frozenset(("action", "earlier"))
_STAMPS = _OPEN_STAMPS | {"cut", "interrupt"}
_TIMING = frozenset(("state", "rolled_ns", "cut_ns", "duration_frames"))
_SAID = {Status.CIRCLED: "circled", Status.HOLD: "on hold", Status.NG: "no good"}


def undo(tx: Transaction, told: Collection[int] = ()) -> tuple[str, str | None]:
    """Take back the newest edit of this seat; returns what that did, in words, and the take concerned.

    Args:
        tx: the edit that will undo.
        told: own edits of which the person knows that another seat overwrote them; they are passed over.

    Raises:
        OverwrittenError: another seat changed the same since.
        RefusedError: there is nothing to undo, or it cannot be taken back as things stand.
    """
    past = tx.undoable()
    while past is not None and (_passed(tx, past) or (past.seq in told and _overwritten(tx, past, back=True))):
        past = tx.undoable(before=past.seq)
    if past is None:
        raise RefusedError("There is nothing of yours to undo.")
    return _turn(tx, past, back=True)


def redo(tx: Transaction) -> tuple[str, str | None]:
    """Do again what the newest undo took back."""
    past = tx.redoable()
    if past is None:
        raise RefusedError("There is nothing to redo.")
    return _turn(tx, past, back=False)


def _turn(tx: Transaction, past: PastEdit, *, back: bool) -> tuple[str, str | None]:
    if _overwritten(tx, past, back):
        take = _take_of(tx, past.changes)
        what = label(take) if take else "What it changed"
        sentence = f"{what} was changed since; set it as it should be instead."
        raise OverwrittenError(sentence, take.id if take else None, past.seq)
    changes = _untouched(past.changes)
    take = _take_of(tx, changes)
    if any(_target(change, back) == State.ROLLING for change in changes if _is(change, "take", "state")):
        _refuse_to_roll_again(tx, take)
    deletes = any(_target(change, back) == 1 for change in changes if _is(change, "take", "deleted"))
    if take and deletes and take.text("state") == State.ROLLING:
        raise RefusedError(f"{label(take)} rolls; cut it before it is deleted.", take.id)
    sentence = _sentence(tx, changes, back)
    tx.concerns(past.seq)
    for entity, entity_id in dict.fromkeys((change.entity, change.entity_id) for change in changes):
        own = [change for change in changes if change.entity_id == entity_id and change.entity == entity]
        if own[0].created and entity not in _KEPT and entity != "board":
            tx.set(entity, entity_id, {"deleted": int(back)})
        else:
            tx.set(entity, entity_id, {change.field: _target(change, back) for change in own if _turns(change)})
    return sentence or _board_sentence(tx, changes), take.id if take else None


def _passed(tx: Transaction, past: PastEdit) -> bool:
    """The set has moved on, no key brings it back, and older edits must stay in reach: a proposal that a roll has used
    up, a cut after which the unit rolled again, a stamp that another one has followed since.
    """
    if past.verb == "next":
        return not _untouched(past.changes)
    take = _take_of(tx, past.changes) if past.verb in _STAMPS else None
    if take is not None and (_followed(tx, past, take) if past.verb in _OPEN_STAMPS else _rolled_since(tx, take)):
        return True
    return len(_untouched(past.changes)) == len(past.changes) and not _agrees(tx, past.changes, back=True)


def _rolled_since(tx: Transaction, take: Row) -> bool:
    rolled: dict[str, Value] = {"unit": take.text("unit"), "added": None}
    later = (tx.newest("take", rolled), tx.newest("take", rolled | {"deleted": 1}))
    return any(one is not None and one.arrival > take.arrival for one in later)


def _followed(tx: Transaction, past: PastEdit, take: Row) -> bool:
    """Whether the roll or the action that was stamped or moved is no longer the newest stamp of its take."""
    moved = {change.entity_id for change in past.changes if _is(change, "run", "action_ns")}
    if any(_is(change, "take", "cut_ns") for change in past.changes):
        return False
    runs = timing.runs_of(tx, take.id)
    newest = runs[-1].id if runs else None
    return take.text("state") != State.ROLLING or (newest not in moved if moved else newest is not None)


def _agrees(tx: Transaction, changes: Sequence[PastChange], back: bool) -> bool:
    """Whether the stamps of the take will fit each other; true too where they never did."""
    take = _take_of(tx, changes)
    if take is None or not any(change.entity == "run" or _of_timing(change) for change in changes):
        return True
    targets: dict[str, dict[str, Value]] = {}
    for change in changes:
        fields = targets.setdefault(change.entity_id, {})
        fields |= {"deleted": int(back)} if change.created else {change.field: _target(change, back)}
    runs = [*tx.find("run", {"take": take.id}), *tx.find("run", {"take": take.id, "deleted": 1})]
    after = [timing.with_fields(run, targets.get(run.id, {})) for run in runs]
    return timing.agree(
        timing.with_fields(take, targets.get(take.id, {})), [run for run in after if not run.flag("deleted")]
    ) or not timing.agree(take, [run for run in runs if not run.flag("deleted")])


def _of_timing(change: PastChange) -> bool:
    return change.entity == "take" and not change.created and change.field in _TIMING


def _untouched(changes: Sequence[PastChange]) -> list[PastChange]:
    """Those whose field nobody else has changed since; a thing that came into being counts as a whole."""
    touched = {change.entity_id for change in changes if change.created and not change.untouched}
    return [change for change in changes if change.untouched and change.entity_id not in touched]


def _overwritten(tx: Transaction, past: PastEdit, back: bool) -> bool:
    """Nothing of it is left, or what is left makes no sense without the rest."""
    ours = _untouched(past.changes)
    return not any(_turns(change) for change in ours) or not _agrees(tx, ours, back)


def _turns(change: PastChange) -> bool:
    """A setup or scene that came into being stays with its name; what was said of it is taken back."""
    if change.entity not in _KEPT:
        return True
    return change.entity != "seat" and (not change.created or FIELDS[change.entity][change.field].open)


def _refuse_to_roll_again(tx: Transaction, take: Row | None) -> None:
    if take and take.flag("deleted"):
        raise RefusedError(f"{label(take)} is deleted; restore it before its cut is taken back.", take.id)
    going = rolling(tx, take.text("unit")) if take else None
    if take and going and going.id != take.id:
        raise RefusedError(f"{label(going)} rolls now, so the cut of {label(take)} cannot be taken back.", going.id)


def _target(change: PastChange, back: bool) -> Value:
    return change.old if back else change.new


def _is(change: PastChange, entity: str, field: str) -> bool:
    return change.entity == entity and change.field == field


def _take_of(tx: Transaction, changes: Sequence[PastChange]) -> Row | None:
    for change in changes:
        if change.entity == "take":
            return tx.get("take", change.entity_id)
    for change in changes:
        row = tx.get(change.entity, change.entity_id)
        owner = row.maybe_text("take") if row and change.entity != "board" else None
        if owner:
            return tx.get("take", owner)
    return None


def _sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """The words; empty for the board, whose proposal is known only afterwards."""
    take = _take_of(tx, changes)
    name = label(take) if take else ""
    for change in changes:
        if _is(change, "take", "state") and not change.created:
            return f"{name} still rolling" if _target(change, back) == State.ROLLING else f"{name} cut"
        if change.created and change.entity == "take":
            return f"{name} taken out again" if back else f"{name} is in again"
    for change in changes:
        if change.entity in ("note", "tag") or (change.entity == "run" and change.created):
            return _attached(tx, change, name, back)
        if _is(change, "take", "deleted"):
            return f"{name} deleted" if _target(change, back) == 1 else f"{name} restored"
    for change in changes:
        if change.entity == "link":
            return _linked(tx, change, [one for one in changes if one.entity_id == change.entity_id], name, back)
        if change.entity == "explanation":
            gone = back if change.created else _is(change, "explanation", "deleted") and _target(change, back) == 1
            return f"difference {'no longer' if gone else 'is again'} explained"
    for change in changes:
        moved = change.entity == "run" or _is(change, "take", "rolled_ns") or _is(change, "take", "cut_ns")
        if moved and not change.created:
            return f"a stamp of {name} is where it was" if back else f"a stamp of {name} is moved again"
    for change in changes:
        if _is(change, "take", "status"):
            return _status(change, name, back)
    for change in changes:
        if _turns(change) and (change.entity not in ("board", "board_camera") or not change.created):
            said = _field(tx, change, name, back)
            if said:
                return said
    return ""


def _attached(tx: Transaction, change: PastChange, name: str, back: bool) -> str:
    row = tx.get(change.entity, change.entity_id)
    if row is None:
        return f"{name} changed"
    if change.entity == "run":
        return f"action of {name} taken back" if back else f"action of {name} is back"
    if change.entity == "tag":
        off = back if change.created else _target(change, back) == 1
        return f'{name} {"no longer tagged" if off else "tagged"} "{safe_text(row.text("tag"))}"'
    what = "mark" if row.flag("mark") else "note"
    words = f': "{safe_text(row.text("text"))}"' if row.text("text") else ""
    return f"{what} on {name} {'taken back' if back else 'is back'}{words}"


def _linked(tx: Transaction, first: PastChange, changes: Sequence[PastChange], name: str, back: bool) -> str:
    """`A014C007 no longer linked to 42C/3`."""
    row = tx.get("link", first.entity_id) or Row(first.entity_id, 0, {})
    media_id = row.text("media")
    media = tx.get("clip", media_id) or tx.get("sound", media_id) or Row(media_id, 0, {})
    file = safe_text(media.text("name").rpartition(".")[0] or media.text("name"))
    after = dict(row.fields)
    after |= {"deleted": int(back)} if first.created else {one.field: _target(one, back) for one in changes}
    refused = row.text("state") == LinkState.REFUSED
    match after["state"]:
        case _ if after.get("deleted") == 1:
            return f"{file} no longer {'refused for' if refused else 'linked to'} {name}"
        case LinkState.CONFIRMED:
            return f"{file} linked to {name}"
        case LinkState.REFUSED:
            return f"{file} refused for {name}"
        case _:
            return f"{file} {'no longer refused for' if refused else 'no longer confirmed, but proposed, for'} {name}"


def _status(change: PastChange, name: str, back: bool) -> str:
    now, before = (change.old, change.new) if back else (change.new, change.old)
    said = {str(status): words for status, words in _SAID.items()}
    if now in said:
        return f"{name} {said[str(now)]}"
    return f"{name} no longer {said.get(str(before), 'marked')}"


def _field(tx: Transaction, change: PastChange, name: str, back: bool) -> str:
    """`42C/2 description is "wide" again`."""
    row = tx.get(change.entity, change.entity_id) or Row(change.entity_id, 0, {})
    target = None if change.created and back else _target(change, back)
    match change.entity:
        case "board" | "board_camera":
            return ""
        case "angle":
            name = f"{name} camera {safe_text(row.text('camera'))}"
            if change.created:
                return f"{name} {'taken out again' if back else 'is in again'}"
        case "rating":
            rating = row.text("value") if change.created and not back else target
            whose = f"{name}: {safe_text(row.text('voter'))}'s rating"
            return f'{whose} is "{safe_text(str(rating))}"{" again" * back}' if rating else f"{whose} taken back"
        case "camera_setup" if change.field in ("setup", "camera"):
            return ""
        case "camera_setup":
            name = f"camera {safe_text(row.text('camera'))}"
        case "setup":
            name = f"slate {safe_text(row.text('slate'))}"
        case "scene":
            name = f"scene {safe_text(row.text('number'))}"
    if change.field == "rehearsal_ns":
        took = f"{int(target) // 1_000_000_000} s" if isinstance(target, int) else ""
        return f"rehearsal of {name} {f'took {took}' if took else 'taken back'}"
    shown = "empty" if target is None else f'"{safe_text(str(target))}"'
    return f"{name} {change.field.replace('_', ' ')} is {shown}{' again' if back else ''}".strip()


def _board_sentence(tx: Transaction, changes: Sequence[PastChange]) -> str:
    for change in changes:
        row = tx.get(change.entity, change.entity_id)
        unit = row.text("unit") if row and change.entity in ("board", "board_camera") else ""
        if unit:
            now = board.proposed(tx, unit)
            return f"next is {safe_text(now.slate)}/{safe_text(now.take)}" if now.slate else "the board is empty"
    return "taken back"
