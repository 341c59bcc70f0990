"""One correction of several takes: the content of edits that name more than one. `moving.py` has those of labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from onset.changes import Value
from onset.domain.note import Audience
from onset.errors import RefusedError
from onset.logbook import notes, shifting, takes
from onset.logbook.engine import Transaction
from onset.logbook.terms import Shift
from onset.slate import check_label
from onset.text import safe_text


def set_takes(
    tx: Transaction,
    take_ids: Sequence[str],
    fields: Mapping[str, Value],
    angles: Mapping[str, Mapping[str, Value]],
    sound: Mapping[str, Mapping[str, Value]],
    by: Shift | None,
) -> None:
    """The same fields on each take, and on each take's cameras and recorders; with `by` each is moved in time first."""
    if by is not None:
        shifting.shift(tx, take_ids, by)
    for take_id in take_ids:
        takes.set_take(tx, take_id, fields)
        for camera, of_camera in angles.items():
            takes.set_angle(tx, take_id, camera, of_camera)
        for device, of_device in sound.items():
            takes.set_sound_take(tx, take_id, device, of_device)


def earlier(tx: Transaction, take_id: str, seconds: int) -> None:
    """A take that was entered afterwards was `seconds` earlier as a whole; of any other, its newest stamp was."""
    if takes.named(tx, take_id).flag("added") and seconds <= takes.DAY_S:
        shifting.shift(tx, [take_id], Shift(ns=-seconds * 1_000_000_000))
    else:
        takes.earlier(tx, take_id, seconds)


def rate_takes(tx: Transaction, take_ids: Sequence[str], voter: str, value: str | None, reason: str | None) -> None:
    """The same vote on each take."""
    for take_id in take_ids:
        takes.rate_take(tx, take_id, voter, value, reason)


def note_takes(tx: Transaction, take_ids: Sequence[str], text: str, *, audience: Audience) -> None:
    """The same note on each take."""
    for take_id in take_ids:
        notes.note(tx, take_id, text, audience=audience, stamp=None)


def tag_takes(tx: Transaction, take_ids: Sequence[str], *, add: Collection[str], remove: Collection[str]) -> None:
    """Tags on each take; what shall come off comes off those that have it."""
    tagged = {take_id: {row.text("tag") for row in tx.find("tag", {"take": take_id})} for take_id in take_ids}
    for word in (check_label(each, "tag") for each in remove):
        if not any(word in words for words in tagged.values()):
            raise RefusedError(f'None of these takes is tagged "{safe_text(word)}".')
    for take_id, words in tagged.items():
        takes.tag(tx, take_id, add=add, remove=[word for word in remove if word.strip() in words])


def delete_takes(tx: Transaction, take_ids: Sequence[str]) -> None:
    """Hide each."""
    for take_id in take_ids:
        takes.delete(tx, take_id)
