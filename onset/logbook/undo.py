"""Undo and redo of a seat's own edits, and the words for what they did (SCREENS, rule 5: "42C/2 no longer circled").

An undo is an edit that sets the old values again; a thing that came into being is marked deleted. Nothing is erased,
and what another seat has changed since is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from onset.changes import Value
from onset.domain.card import RollState
from onset.domain.take import State
from onset.errors import OverwrittenError, RefusedError
from onset.logbook import crew, days, rolls, timing, undo_words_set
from onset.logbook.engine import PastChange, PastEdit, Row, Transaction
from onset.logbook.rolling import rolling
from onset.logbook.takes import label, same_slate
from onset.logbook.undo_words import KEPT, board_sentence, sentence, turns
from onset.logbook.undo_words_takes import is_field, take_of, takes_of, target
from onset.slate import sort_key

# A roll stays rolled; what devices, offloads and reports bring in, what the matcher finds in it, the end of a
# day, and a card that was cleared are facts that no key takes back.
UNDOABLE = frozenset(
    (
        *("move", "renumber", "move in time", "copy camera"),
        *("action", "cut", "earlier", "interrupt", "add", "set", "set angle", "set setup", "set camera"),
        *("set scene", "next", "rehearsal"),
        *(
            "plan setup",
            "plan setups",
            "slate plan",
            "take script",
            "credit",
            "uncredit",
            "balance",
            "owe",
            "settle owed",
            "drop owed",
        ),
        *("plan", "unplan", "take schedule"),
        *("note", "mark", "rate", "tag", "order", "delete", "restore"),
        *("set production", "set person", "remove person", "add unit", "set unit", "set episode"),
        *("set day", "reopen day", "stamp day", "remove stamp", "jam", "remove jam"),
        *("load", "pull", "hand", "set roll", "move rolls"),
        *("link", "explain", "resolve"),
        *("save filter", "delete filter"),
        *("continuity", "delete continuity", "still", "issue"),
    )
)
_OPEN_STAMPS = frozenset(("action", "earlier"))
_STAMPS = _OPEN_STAMPS | {"cut", "interrupt"}
_TIMING = frozenset(("state", "rolled_ns", "cut_ns", "duration_frames"))


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
    while past is not None and (_passed(tx, past) or (past.seq in told and _cannot_stand(tx, past, back=True))):
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
        take = take_of(tx, past.changes)
        what = label(take) if take else "What it changed"
        refusal = f"{what} was changed since; set it as it should be instead."
        raise OverwrittenError(refusal, take.id if take else None, past.seq)
    given = _given_again(tx, past, back)
    if given is not None:
        refusal = f"{label(given)} is another take since; give that one another number first."
        raise OverwrittenError(refusal, given.id, past.seq)
    changes = _untouched(past.changes)
    take = take_of(tx, changes)
    if any(target(change, back) == State.ROLLING for change in changes if is_field(change, "take", "state")):
        _refuse_to_roll_again(tx, take)
    for change in changes:
        if is_field(change, "take", "deleted") and target(change, back) == 1:
            _refuse_to_delete(tx, change.entity_id)
    words = undo_words_set.sentence(tx, changes, back) or sentence(tx, changes, back)
    tx.concerns(past.seq)
    things: dict[tuple[str, str], list[PastChange]] = {}
    for change in changes:
        things.setdefault((change.entity, change.entity_id), []).append(change)
    for (entity, entity_id), own in things.items():
        if own[0].created and entity not in KEPT and entity != "board":
            tx.set(entity, entity_id, {"deleted": int(back)})
        else:
            turned = [change for change in own if turns(change)]
            alone = [change for change in turned if not change.beside and not change.against]
            tx.set(entity, entity_id, {change.field: target(change, back) for change in alone})
            for change in turned:
                if change not in alone:  # a conflict is there again, or ends again; what others said stays
                    values = (change.old, *change.beside) if back else (change.new, *change.against)
                    tx.settle(entity, entity_id, change.field, values)
    for change in changes:
        if change.created and is_field(change, "day", "number"):
            days.keep_opened(tx, change.entity_id, opened=not back)
    return words or board_sentence(tx, changes, back), take.id if take else None


def _passed(tx: Transaction, past: PastEdit) -> bool:
    """The set has moved on, no key brings it back, and older edits must stay in reach: a proposal that a roll has used
    up, a cut after which the unit rolled again, a stamp that another one has followed since, a unit or a
    roll that has been shot with.
    """
    if past.verb == "add unit":
        return any(crew.has_shot(tx, str(one.new)) for one in past.changes if is_field(one, "unit", "name"))
    if any(_shot_since(tx, change) for change in past.changes):
        return True
    if past.verb == "next":
        return not _untouched(past.changes) or _rolls_moved_on(past) or _used_up(tx, past)
    take = take_of(tx, past.changes) if past.verb in _STAMPS else None
    if take is not None and (_followed(tx, past, take) if past.verb in _OPEN_STAMPS else _rolled_since(tx, take)):
        return True
    return len(_untouched(past.changes)) == len(past.changes) and not _agrees(tx, past.changes, back=True)


def _shot_since(tx: Transaction, change: PastChange) -> bool:
    """Whether it loaded a roll that takes are on since."""
    if not is_field(change, "roll", "state") or change.new != RollState.LOADED:
        return False
    row = tx.get("roll", change.entity_id)
    return row is not None and rolls.shot_since(tx, row)


def _used_up(tx: Transaction, past: PastEdit) -> bool:
    """Whether a take was rolled since on the slate that it proposed, or after it."""
    for change in past.changes:
        if change.entity == "board" and change.field in ("episode", "scene", "slate"):
            row = tx.get("board", change.entity_id)
            return row is not None and tx.rolled_since(past.seq, row.text("unit"))
    return False


def _rolls_moved_on(past: PastEdit) -> bool:
    """Whether a roll that it moved was moved again: rolls go back as a whole, or two would be in one camera."""
    ours = _untouched(past.changes)
    return any(change.entity == "roll" and change not in ours for change in past.changes)


def _rolled_since(tx: Transaction, take: Row) -> bool:
    """Whether the unit rolled again here; what another laptop shot meanwhile moves nothing on."""
    rolled: dict[str, Value] = {"unit": take.text("unit"), "added": None}
    newest = (tx.newest("take", rolled), tx.newest("take", rolled | {"deleted": 1}))
    later = [one for one in newest if one is not None and one.arrival > take.arrival]
    if not later or not all(tx.rolls_elsewhere(one.id) for one in later):
        return bool(later)
    for day in {take.number("day"), *(one.number("day") for one in later)}:
        of_day = rolled | {"day": day}
        for one in (*tx.find("take", of_day), *tx.find("take", of_day | {"deleted": 1})):
            if one.arrival > take.arrival and not tx.rolls_elsewhere(one.id):
                return True
    return False


def _followed(tx: Transaction, past: PastEdit, take: Row) -> bool:
    """Whether the roll or the action that was stamped or moved is no longer the newest stamp of its take."""
    moved = {change.entity_id for change in past.changes if is_field(change, "run", "action_ns")}
    if any(is_field(change, "take", "cut_ns") for change in past.changes):
        return False
    runs = timing.runs_of(tx, take.id)
    newest = runs[-1].id if runs else None
    return take.text("state") != State.ROLLING or (newest not in moved if moved else newest is not None)


def _agrees(tx: Transaction, changes: Sequence[PastChange], back: bool) -> bool:
    """Whether the stamps of the take will fit each other; true too where they never did."""
    if not any(change.entity == "run" or _of_timing(change) for change in changes):
        return True
    return all(_stamps_agree(tx, take, changes, back) for take in takes_of(tx, changes))


def _stamps_agree(tx: Transaction, take: Row, changes: Sequence[PastChange], back: bool) -> bool:
    targets: dict[str, dict[str, Value]] = {}
    for change in changes:
        fields = targets.setdefault(change.entity_id, {})
        fields |= {"deleted": int(back)} if change.created else {change.field: target(change, back)}
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
    if _rolls_moved_on(past):
        return True
    return not any(turns(change) for change in ours) or not _agrees(tx, ours, back)


def _cannot_stand(tx: Transaction, past: PastEdit, back: bool) -> bool:
    return _overwritten(tx, past, back) or _given_again(tx, past, back) is not None


def _given_again(tx: Transaction, past: PastEdit, back: bool) -> Row | None:
    """The take that has meanwhile got the label which a take of this edit had, or would have again."""
    relabelled: dict[str, dict[str, Value]] = {}
    for change in _untouched(past.changes):
        if change.entity == "take" and not change.created and change.field in ("slate", "take", "episode"):
            relabelled.setdefault(change.entity_id, {})[change.field] = target(change, back)
    own = {change.entity_id for change in past.changes}
    for take_id, fields in relabelled.items():
        take = tx.get("take", take_id)
        if take is None or take.flag("deleted"):
            continue
        after = timing.with_fields(take, fields)
        for row in same_slate(tx, after.maybe_text("episode"), after.text("slate")):
            if row.id not in own and sort_key(row.text("take")) == sort_key(after.text("take")):
                return row
    return None


def _refuse_to_delete(tx: Transaction, take_id: str) -> None:
    take = tx.get("take", take_id)
    if take and take.text("state") == State.ROLLING:
        raise RefusedError(f"{label(take)} rolls; cut it before it is deleted.", take.id)


def _refuse_to_roll_again(tx: Transaction, take: Row | None) -> None:
    if take and take.flag("deleted"):
        raise RefusedError(f"{label(take)} is deleted; restore it before its cut is taken back.", take.id)
    going = rolling(tx, take.text("unit")) if take else None
    if take and going and going.id != take.id:
        raise RefusedError(f"{label(going)} rolls now, so the cut of {label(take)} cannot be taken back.", going.id)
