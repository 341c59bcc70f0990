"""What happens within a take that rolls: marks, and cameras that start late or end early.

Used by session.py, which tells the devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onset.capture.signals import Unmark
from onset.domain.take import Take
from onset.logbook.terms import LoggedChange


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark that was logged. `offset_ns` counts from the roll."""

    id: str
    take_id: str
    offset_ns: int
    text: str


def marks_in(changes: Iterable[LoggedChange]) -> list[Marked | Unmark]:
    """The marks that these changes made or took back, those of other laptops left out: their takes do not roll here.

    A note that was taken back is told, too: only who was told of a mark knows that it is none.
    """
    notes: dict[str, dict[str, object]] = {}
    for each in changes:
        if each.entity == "note" and not each.merged:
            notes.setdefault(each.entity_id, {})[each.field] = each.new
    found: list[Marked | Unmark] = []
    for note_id, fields in notes.items():
        take_id, offset_ns = fields.get("take"), fields.get("offset_ns")
        if fields.get("mark") == 1 and isinstance(take_id, str) and isinstance(offset_ns, int):
            found.append(Marked(note_id, take_id, offset_ns, str(fields.get("text") or "")))
        if "deleted" in fields:
            found.append(Unmark(id=note_id, gone=bool(fields["deleted"])))
    return found


def cameras_changed(before: Take, now: Take) -> Sequence[tuple[str, bool]]:
    """The cameras that start or end within the take, by name, and whether they roll now.

    A camera that starts late was there from the beginning where its angle was: what it recorded until then stays.
    """
    was = {angle.camera: angle.end is None for angle in before.angles if angle.logged}
    return [
        (angle.camera, angle.end is None)
        for angle in now.angles
        if angle.logged and was.get(angle.camera, False) != (angle.end is None)
    ]
