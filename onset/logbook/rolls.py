"""Camera and sound rolls in their life: loaded, pulled, waiting, copied, cleared, loaded again as another roll.

The board loads them (board.py), an offload and a person's clearing move them (cards.py), the rest is somebody's word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from onset.changes import Value, derived_id
from onset.domain.card import RollState
from onset.errors import RefusedError
from onset.logbook import bad_copies, days
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields, fitting
from onset.reel import same_roll
from onset.text import safe_text

SOUND = "sound"  # the device of a sound roll
_SAFE = "safe"  # the verdict on a card
_FILES = ("clip", "sound")


def of_label(tx: Transaction, unit: str, label: str) -> Row | None:
    """The roll that bears a label now: one that was cleared and loaded again as another is not meant any more."""
    found = [row for row in tx.find("roll", {"unit": unit, "label": label}) if _in_use(row)]
    return found[-1] if found else None


def _in_use(row: Row) -> bool:
    return row.text("state") != RollState.REUSED


def named(tx: Transaction, unit: str, label: str) -> Row:
    """As `of_label`.

    Raises:
        RefusedError: the unit has no such roll.
    """
    row = of_label(tx, unit, label.strip())
    if row is None:
        loads = f'"onset log load A {safe_text(label.strip())}" loads it'
        raise RefusedError(f"Unit {safe_text(unit)} has no roll {safe_text(label.strip())}; {loads}.")
    return row


def loaded(tx: Transaction, unit: str, device: str, label: str) -> None:
    """A roll goes into a camera or recorder, and the one before it comes out.

    A label that was cleared is a new roll. One that was not, is the same roll again, with more to come on it.
    """
    for before in tx.find("roll", {"unit": unit, "device": device, "state": RollState.LOADED}):
        if before.text("label") != label:
            _moved(tx, before, RollState.PULLED, {"pulled_ns": tx.wall_ns})
    known = of_label(tx, unit, label)
    if known is not None and known.text("state") == RollState.CLEARED:
        _moved(tx, known, RollState.REUSED)
        known = None
    if known is None:
        day = days.open_now(tx, unit)
        _new(tx, unit, device, label, {"state": RollState.LOADED, "day": day.number("number") if day else None})
    elif known.text("state") != RollState.LOADED or known.text("device") != device:
        again: dict[str, Value] = {"device": device, "loaded_ns": tx.wall_ns}
        _moved(tx, known, RollState.LOADED, {**again, "pulled_ns": None, "holder": None, "card": None})


def _new(tx: Transaction, unit: str, device: str, label: str, fields: Mapping[str, Value]) -> str:
    """A roll that the log did not know. Two seats apart that name it meet in one row."""
    before = tx.find("roll", {"unit": unit, "label": label})
    roll_id = derived_id("roll", unit, label, str(len(before))).hex()
    values: dict[str, Value] = {"unit": unit, "label": label, "device": device or None, "changed_ns": tx.wall_ns}
    if fields["state"] == RollState.LOADED:
        values["loaded_ns"] = tx.wall_ns
    return tx.add("roll", {**fitting("roll", {**values, **fields}), "deleted": 0}, roll_id)


def _moved(tx: Transaction, row: Row, state: RollState, fields: Mapping[str, Value] | None = None) -> None:
    """It comes into a state, unless it is in it already."""
    values: dict[str, Value] = {"state": state, **(fields or {})}
    if row.text("state") != state:
        values["changed_ns"] = tx.wall_ns
    tx.set("roll", row.id, values)


def shot_on(tx: Transaction, unit: str, device: str, label: str | None, day: int) -> None:
    """A take names this roll of the board: one that was put there before the log knew of rolls is in it from now on."""
    if label and of_label(tx, unit, label) is None:
        _new(tx, unit, device, label, {"state": RollState.LOADED, "day": day})


def shot_since(tx: Transaction, row: Row) -> bool:
    """Whether a take was rolled on it since it was loaded."""
    unit, label, device = row.text("unit"), row.text("label"), row.text("device")
    if device == SOUND:
        takes: Sequence[Row | None] = tx.find("take", {"unit": unit, "sound_roll": label})
    else:
        angles = tx.find("angle", {"camera": device, "roll": label})
        takes = [tx.get("take", angle.text("take")) for angle in angles]
    return any(
        take is not None and take.text("unit") == unit and take.number("rolled_ns") >= row.number("loaded_ns")
        for take in takes
    )


# -- somebody's word -------------------------------------------------------------------------------------------------


def refuse_uncleared(tx: Transaction, serial: str, label: str) -> None:
    """A magazine that still holds another roll is not loaded as a new one; one that was cleared is used again."""
    for row in tx.find("roll", {"serial": serial}):
        if row.text("label") == label or not _in_use(row):
            continue
        held = safe_text(row.text("label"))
        card = tx.get("card", row.text("card"))
        if card is not None and bad_copies.is_held_back(tx, card):
            formatted = f'if it was formatted already, "onset log rolls {held} state=reused" says so'
            raise RefusedError(
                f"Magazine {safe_text(serial)} holds {held}, of which a copy was found bad; put that right first, or "
                f"{formatted}."
            )
        if row.text("state") != RollState.CLEARED:
            copied = row.maybe_text("card") is not None
            by = f"onset card {held} --clear --by NAME" if copied else f"onset log rolls {held} state=cleared"
            sentence = (
                f"Magazine {safe_text(serial)} holds {held}, which is {row.text('state')} and not cleared; once it is "
                f'copied, "{by}" clears it.'
            )
            raise RefusedError(sentence)
        _moved(tx, row, RollState.REUSED)


def pull(tx: Transaction, unit: str, label: str, to: str) -> Row:
    """It comes out of its camera; handed `to` somebody it waits for its copy. The board shows no roll there then."""
    row = named(tx, unit, label)
    if row.text("state") != RollState.LOADED:
        raise RefusedError(f"{safe_text(row.text('label'))} is in no camera; it is {row.text('state')}.")
    state = RollState.WAITING if to.strip() else RollState.PULLED
    _moved(tx, row, state, _checked({"holder": to.strip() or None}) | {"pulled_ns": tx.wall_ns})
    return row


def hand(tx: Transaction, unit: str, label: str, to: str) -> None:
    """Somebody else has it now; one that was pulled waits there for its copy."""
    row = named(tx, unit, label)
    name = safe_text(row.text("label"))
    if not to.strip():
        raise RefusedError(f"Say who has {name} now.")
    if row.text("state") == RollState.LOADED:
        raise RefusedError(f'{name} is still loaded; "onset log pull {name} --to {safe_text(to.strip())}" does both.')
    state = RollState.WAITING if row.text("state") == RollState.PULLED else RollState(row.text("state"))
    _moved(tx, row, state, _checked({"holder": to.strip()}))


def set_roll(tx: Transaction, unit: str, label: str, fields: Mapping[str, Value]) -> Row | None:
    """Change what is said of a roll, its state included; returns it when it left its camera by that."""
    row = named(tx, unit, label)
    name, values = safe_text(row.text("label")), _checked(fields)
    if "day" in values and values["day"] is not None:
        days.opened(tx, unit, int(str(values["day"])))
    was, state = row.text("state"), values.get("state", row.text("state"))
    if state == RollState.LOADED and was != RollState.LOADED:
        raise RefusedError(f'A roll is loaded into a camera: "onset log load A {name}".')
    card = tx.get("card", row.text("card"))
    held = card is not None and (not card.text("cleared_by") or bad_copies.is_held_back(tx, card))
    if state == RollState.CLEARED and was != RollState.CLEARED and card is not None and held:
        by = f'"onset card {safe_text(card.text("label"))} --clear --by NAME" looks at them first'
        raise RefusedError(f"{name} has copies, so nobody clears it by hand: {by}.")
    left = was == RollState.LOADED and state != RollState.LOADED
    _moved(tx, row, RollState(str(state)), values | ({"pulled_ns": tx.wall_ns} if left else {}))
    return row if left else None


def _checked(fields: Mapping[str, Value]) -> dict[str, Value]:
    return checked_fields("roll", fields)


def move(tx: Transaction, unit: str, labels: Collection[str], day: int) -> None:
    """Rolls are of another day after all, and so are their cards and the files on these. Takes stay where they are."""
    days.opened(tx, unit, day)
    for label in dict.fromkeys(label.strip() for label in labels):
        row = of_label(tx, unit, label)
        card = tx.get("card", row.text("card")) if row is not None else _card_of(tx, unit, label)
        if row is None and card is None:
            raise RefusedError(f"Unit {safe_text(unit)} has no roll and no card {safe_text(label)}.")
        if row is not None:
            tx.set("roll", row.id, {"day": day})
        for state in _states(tx, card):
            tx.set("card", state.id, {"day": day})
            for kind in _FILES:
                for file in tx.find(kind, {"card": state.id}):
                    tx.set(kind, file.id, {"day": day})


def _card_of(tx: Transaction, unit: str, label: str) -> Row | None:
    cards = [one for one in tx.find("card", {"unit": unit}) if _names(label, one)]
    return cards[-1] if cards else None


def _states(tx: Transaction, card: Row | None) -> Iterator[Row]:
    """A card and what it was before it came back with more on it."""
    seen: set[str] = set()
    while card is not None and card.id not in seen:
        seen.add(card.id)
        yield card
        card = tx.get("card", card.text("supersedes"))


# -- what offloads and clearings say ---------------------------------------------------------------------------------


def copying(tx: Transaction, unit: str, label: str, *, going: bool) -> None:
    """A copy of it is being made, or came to nothing; a label that no roll bears is no roll's."""
    for row in reversed(tx.find("roll", {"unit": unit})):
        if _in_use(row) and same_roll(row.text("label"), label):
            if going and row.text("state") != RollState.CLEARED:
                _moved(tx, row, RollState.COPYING, {"pulled_ns": row.maybe_number("pulled_ns") or tx.wall_ns})
            elif not going and row.text("state") == RollState.COPYING:
                _moved(tx, row, RollState.WAITING)
            return


def offloaded(tx: Transaction, card_id: str) -> None:
    """A card was offloaded: its roll is safe or waits on, as the verdict says; a roll nobody told of is known now."""
    card = tx.get("card", card_id)
    if card is None:
        return
    unit, label = card.text("unit"), card.text("label")
    state = _state_of(tx, card)
    bearing = [row for row in tx.find("roll", {"unit": unit}) if _in_use(row) and _names(row.text("label"), card)]
    for row in reversed(bearing):
        if row.maybe_text("card") in (None, card.id, card.maybe_text("supersedes")):
            told: dict[str, Value] = {"card": card.id}
            if not row.text("device"):
                told["device"] = card.maybe_text("camera")
            if row.maybe_number("pulled_ns") is None:
                told["pulled_ns"] = tx.wall_ns  # it was in the reader
            _moved(tx, row, state, told)
            return
    for row in bearing:
        if row.text("state") == RollState.CLEARED:  # another card bears its label now
            _moved(tx, row, RollState.REUSED)
    told = {"state": state, "day": card.maybe_number("day"), "card": card.id}
    _new(tx, unit, card.text("camera"), label, told)


def cleared(tx: Transaction, card_id: str) -> None:
    """A person cleared a card for formatting, or took that back."""
    card = tx.get("card", card_id)
    for row in tx.find("roll", {"card": card_id}) if card is not None else ():
        if card is not None and _in_use(row):
            _moved(tx, row, _state_of(tx, card))


def looked_at(tx: Transaction, card_id: str) -> None:
    """Copies of a card were found bad, or put right: its roll waits for a good copy, or is what it was before."""
    card = tx.get("card", card_id)
    for row in tx.find("roll", {"card": card_id}) if card is not None else ():
        if card is not None and row.text("state") in (RollState.SAFE, RollState.CLEARED, RollState.WAITING):
            _moved(tx, row, _state_of(tx, card))


def _state_of(tx: Transaction, card: Row) -> RollState:
    if card.text("verdict") != _SAFE or bad_copies.is_held_back(tx, card):
        return RollState.WAITING
    return RollState.CLEARED if card.text("cleared_by") else RollState.SAFE


def _names(label: str, card: Row) -> bool:
    """Whether a label is the card's, or that of its reel."""
    return label == card.text("label") or any(same_roll(label, card.text(name)) for name in ("label", "reel"))
