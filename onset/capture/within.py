"""What happens within a take that rolls: marks, and cameras that start late or end early.

Used by session.py, which tells the devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onset.domain.take import Take
from onset.logbook.terms import LoggedChange


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark that was logged. `offset_ns` counts from the roll."""

    take_id: str
    offset_ns: int
    text: str


def marks_in(changes: Iterable[LoggedChange]) -> list[Marked]:
    """The marks that these changes made, those of other laptops left out: their takes do not roll here."""
    notes: dict[str, dict[str, object]] = {}
    for each in changes:
        if each.entity == "note" and not each.merged and not each.undoes:
            notes.setdefault(each.entity_id, {})[each.field] = each.new
    found = []
    for fields in notes.values():
        take_id, offset_ns = fields.get("take"), fields.get("offset_ns")
        if fields.get("mark") == 1 and isinstance(take_id, str) and isinstance(offset_ns, int):
            found.append(Marked(take_id, offset_ns, str(fields.get("text") or "")))
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
