"""What stands beside a take in the list: that seats said different things of it, or who changed it just now.

Used by the Log screen. Pure; a sign or a letter, never a colour alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from onset.logbook.conflict_words import initial, initials, said
from onset.logbook.fields import field_name
from onset.logbook.terms import Conflict, LoggedChange
from onset.text import safe_text

CONFLICT = "≠"
SEEN_NS = 5_000_000_000  # so long a change shows whose it was
# What people say of a take. Recordings and links come from the capture service, after every take.
_SAID = frozenset(("take", "note", "tag", "rating", "run", "angle", "sound_take"))


@dataclass(frozen=True, slots=True)
class Mark:
    """`sign` is one cell before the slate; `words` go before the notes."""

    sign: str
    words: str = ""


@dataclass(slots=True)
class Changed:
    """Whose change a take shows: letter and role of another seat, for five seconds."""

    mine: str
    by: dict[str, tuple[Mark, int]] = field(default_factory=dict)

    def hear(self, changes: Sequence[LoggedChange], takes: Collection[str], now_ns: int) -> bool:
        """Take in what was committed; whether another seat was among it."""
        found = {
            each.take_id: (_mark_of(each.seat_name or each.author), now_ns)
            for each in changes
            if each.take_id in takes and each.seat != self.mine and each.entity in _SAID
        }
        self.by |= {take_id: by for take_id, by in found.items() if take_id is not None}
        return bool(found)

    def now(self, now_ns: int) -> Mapping[str, Mark]:
        """The marks that still show, by take."""
        self.by = {take_id: (by, at) for take_id, (by, at) in self.by.items() if now_ns - at < SEEN_NS}
        return {take_id: by for take_id, (by, _) in self.by.items()}


def _mark_of(seat: str) -> Mark:
    """The letter of a seat; the role is said too, for one person may sit at two."""
    return Mark(initial(seat), safe_text(seat.partition(",")[2].strip()))


def take_marks(conflicts: Sequence[Conflict], changed: Mapping[str, Mark]) -> dict[str, Mark]:
    """The marks of all takes that have one; a conflict stands until somebody picks, and before who changed it."""
    marks = dict(changed)
    words: dict[str, list[str]] = {}
    for each in conflicts:
        if each.take is not None:
            words.setdefault(each.take.id, []).append(conflict_words(each))
    return marks | {take_id: Mark(CONFLICT, "; ".join(found)) for take_id, found in words.items()}


def conflict_words(conflict: Conflict) -> str:
    """`status: circled M, ng B`; of a camera `B roll: A014 M, A015 B`; safe to show."""
    whose = f"{conflict.about.partition(' ')[0]} " if conflict.entity != "take" and conflict.about else ""
    heads = [f"{said(conflict, number)} {mark}" for number, mark in enumerate(initials(conflict.seats))]
    name = field_name(conflict.entity, conflict.field).replace("_", " ")
    return safe_text(f"{whose}{name}: {', '.join(heads)}")
