"""Takes that stand under the wrong slate or number: moved, renumbered, swapped. Each function is one edit's content.

Identity is no label: notes, cameras, clips, links, sound, tags and ratings hang on the take and go where it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from onset.changes import Value
from onset.errors import RefusedError
from onset.logbook import board
from onset.logbook.engine import Row, Transaction
from onset.logbook.takes import label, named, same_slate
from onset.slate import check_label, new_label, next_take, sort_key
from onset.text import safe_text

_LEADING = re.compile(r"\d+", re.ASCII)


def move(
    tx: Transaction, take_ids: Sequence[str], slate: str, *, scene: str | None, keep_numbers: bool, slated: bool
) -> None:
    """Put takes under another slate, whose scene and setup they then have.

    Args:
        tx: the edit.
        take_ids: in any order; they keep the order of their numbers.
        slate: where they belong; a spelling that the log has already is kept.
        scene: where the slate does not say it.
        keep_numbers: the numbers they have, where nobody has them there; else they continue the slate's.
        slated: picture and sound were clapped with the label they have now, and go on saying so.

    Raises:
        RefusedError: a take is of that slate already, or deleted.
    """
    slate = new_label(slate)
    scene = check_label(scene, "scene") if scene else None
    moved = _in_order(tx, take_ids)
    for episode in dict.fromkeys(take.maybe_text("episode") for take in moved):
        here = [take for take in moved if take.maybe_text("episode") == episode]
        _move_within(tx, here, episode, _spelled(tx, episode, slate), scene, keep_numbers, slated)


def _in_order(tx: Transaction, take_ids: Sequence[str]) -> list[Row]:
    found = [named(tx, take_id) for take_id in dict.fromkeys(take_ids)]
    for take in found:
        _refuse_deleted(take)
    return sorted(found, key=lambda take: (sort_key(take.text("slate")), sort_key(take.text("take")), take.arrival))


def _refuse_deleted(take: Row) -> None:
    if take.flag("deleted"):
        raise RefusedError(f"{label(take)} is deleted; restore it first.", take.id)


def _spelled(tx: Transaction, episode: str | None, slate: str) -> str:
    """As the log writes that slate already: 43a is 43A."""
    known = [row.text("slate") for row in tx.find("setup", {}) if row.maybe_text("episode") == episode]
    return slate if slate in known else next((one for one in known if sort_key(one) == sort_key(slate)), slate)


def _move_within(
    tx: Transaction,
    moved: Sequence[Row],
    episode: str | None,
    slate: str,
    scene: str | None,
    keep_numbers: bool,
    slated: bool,
) -> None:
    existing = same_slate(tx, episode, slate)
    for take in moved:
        if take.text("slate") == slate:
            raise RefusedError(f"{label(take)} is of slate {safe_text(slate)} already.", take.id)
    scene = scene or board.scene_for(tx, slate, episode, moved[0].text("unit"))
    board.ensure_setup(tx, episode, scene, slate)
    numbers = _kept if keep_numbers else _continued
    wanted = numbers([take.text("take") for take in moved], [row.text("take") for row in existing])
    for place, (take, number) in enumerate(zip(moved, wanted, strict=True), start=len(existing) + 1):
        fields: dict[str, Value] = {"slate": slate, "take": number, "scene": scene, "ordinal": place}
        tx.set("take", take.id, fields | _clapped(take, f"{slate}/{number}", slated))


def _clapped(take: Row, after: str, slated: bool) -> dict[str, Value]:
    """What picture and sound say, where it is not the label that the take gets now."""
    clapped = take.maybe_text("slated_as")
    if clapped is None and slated:
        clapped = f"{take.text('slate')}/{take.text('take')}"
    return {"slated_as": None if clapped is None or sort_key(clapped) == sort_key(after) else clapped}


def _continued(labels: Iterable[str], existing: Sequence[str]) -> list[str]:
    """The numbers after those of the slate; what stood beside a number stays (`3 PU`), and parts of one stay parts."""
    taken = list(existing)
    following: dict[str, str] = {}
    found = []
    for one in labels:
        match = _LEADING.search(one)
        if match is None:
            found.append(one if sort_key(one) not in set(map(sort_key, taken)) else next_take(taken))
        else:
            number = following.get(match[0]) or next_take(taken)
            with_it = one[: match.start()] + number + one[match.end() :]
            if sort_key(with_it) in set(map(sort_key, taken)):
                number = next_take(taken)
                with_it = one[: match.start()] + number + one[match.end() :]
            following[match[0]] = number
            found.append(with_it)
        taken.append(found[-1])
    return found


def _kept(labels: Iterable[str], existing: Sequence[str]) -> list[str]:
    """The same labels; one that is given there already gets the next number."""
    labels = list(labels)
    taken = list(existing)
    found = []
    for place, one in enumerate(labels):
        free = sort_key(one) not in set(map(sort_key, taken))
        found.append(one if free else next_take([*taken, *labels[place + 1 :]]))
        taken.append(found[-1])
    return found


def renumber(tx: Transaction, take_id: str, number: str, *, swap: bool, slated: bool) -> str | None:
    """Give a take another number on its slate; returns the id of the take that it swapped numbers with.

    Raises:
        RefusedError: it has that number already, or another take has it and `swap` is not wanted; carries its id.
    """
    take = named(tx, take_id)
    _refuse_deleted(take)
    number = new_label(number, "take")
    slate, old = take.text("slate"), take.text("take")
    if number == old:
        raise RefusedError(f"{label(take)} has that number already.", take_id)
    others = [row for row in same_slate(tx, take.maybe_text("episode"), slate) if row.id != take_id]
    standing = next((row for row in others if sort_key(row.text("take")) == sort_key(number)), None)
    if standing is not None and not swap:
        raise RefusedError(
            f"{label(standing)} is in the log already; swap the two (--swap), or choose another number.", standing.id
        )
    _give(tx, take, number, standing or take, slated)
    if standing is None:
        return None
    _give(tx, standing, old, take, slated)
    return standing.id


def _give(tx: Transaction, take: Row, number: str, place_of: Row, slated: bool) -> None:
    fields: dict[str, Value] = {"take": number, "ordinal": place_of.maybe_number("ordinal")}
    tx.set("take", take.id, fields | _clapped(take, f"{take.text('slate')}/{number}", slated))
