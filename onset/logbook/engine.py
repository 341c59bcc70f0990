"""What the verbs of the log need from a database: one write transaction, and rows.

SQLite's is `logging_db.edits.WriteTransaction`; another engine implements the same protocol and every verb in this
package works on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.changes import Value
from onset.domain.production import Seat


@dataclass(frozen=True, slots=True)
class Row:
    """An entity as it stands: its id (32 hex digits), its position in this log, its fields."""

    id: str
    arrival: int
    fields: Mapping[str, Value]

    def maybe_text(self, name: str) -> str | None:
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def text(self, name: str) -> str:
        """Empty where there is none."""
        return self.maybe_text(name) or ""

    def maybe_number(self, name: str) -> int | None:
        value = self.fields.get(name)
        return value if isinstance(value, int) else None

    def number(self, name: str) -> int:
        """Zero where there is none."""
        return self.maybe_number(name) or 0

    def flag(self, name: str) -> bool:
        return self.fields.get(name) == 1


@dataclass(frozen=True, slots=True)
class PastChange:
    """A field that an earlier edit of this seat changed.

    Attributes:
        created: the entity came into being with that edit.
        untouched: nobody has changed the field since (undo and redo of that same edit aside).
        beside: values that stood beside `old`: in a conflict that the edit ended, or that it is itself in.
        against: what others say of the field who had not seen the edit; that stands when it is taken back.
    """

    entity: str
    entity_id: str
    field: str
    old: Value
    new: Value
    created: bool
    untouched: bool
    beside: tuple[Value, ...] = ()
    against: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class PastEdit:
    """An earlier edit of this seat that could be taken back, or done again."""

    seq: int
    verb: str
    changes: tuple[PastChange, ...]


class Transaction(Protocol):
    """One edit being written; what it wrote is seen by its own questions at once.

    `find` and `newest` leave out what is deleted, unless `deleted` is among the fields asked for. Ids of other entities
    (fields of type REF) are 32 hex digits here.
    """

    @property
    def seat(self) -> Seat: ...

    @property
    def author(self) -> str: ...

    @property
    def wall_ns(self) -> int: ...

    def get(self, entity: str, entity_id: str) -> Row | None: ...

    def find(self, entity: str, where: Mapping[str, Value]) -> Sequence[Row]:
        """All with these field values, in order of arrival."""
        ...

    def newest(self, entity: str, where: Mapping[str, Value]) -> Row | None: ...

    def linked(self, unit: str, day: int) -> Sequence[Row]:
        """Every link of the takes and of the files of a day, deleted ones too, in order of arrival."""
        ...

    def moved_on(self, seen: int, unit: str, day: int, ignored: Collection[tuple[str, str]]) -> bool:
        """Whether an edit later than the arrival `seen` changed takes, cameras, files, links or claims of a day.

        Args:
            seen: of the newest edit that the asker knows.
            unit: whose day.
            day: its number; what was moved from one day to another belongs to both.
            ignored: fields (entity, name) that do not count.
        """
        ...

    def add(self, entity: str, fields: Mapping[str, Value], entity_id: str | None = None) -> str:
        """A new entity (or, with a derived id, perhaps a known one); returns its id. None fields are left out."""
        ...

    def set(self, entity: str, entity_id: str, fields: Mapping[str, Value]) -> None:
        """Change fields; those that hold the value already are left out of the edit."""
        ...

    def standing(self, entity: str, entity_id: str, name: str) -> Sequence[Value]:
        """The values that seats gave a field without having seen each other, the one that is shown first."""
        ...

    def settle(self, entity: str, entity_id: str, name: str, values: Sequence[Value]) -> None:
        """Let these values of a field stand, in place of all that stand now: one ends a conflict, several are one."""
        ...

    def rolls_elsewhere(self, take_id: str) -> bool:
        """Whether it was in another log that the take was last said to roll, or to be cut."""
        ...

    def rolled_since(self, seq: int, unit: str) -> bool:
        """Whether a take of the unit was rolled in this log after this seat's edit `seq`."""
        ...

    def undoable(self, before: int | None = None) -> PastEdit | None:
        """This seat's newest edit (older than its edit `before`) that can be taken back and is not."""
        ...

    def redoable(self) -> PastEdit | None:
        """What the newest undo took back, while nothing else was edited since."""
        ...

    def concerns(self, seq: int) -> None:
        """This edit undoes or redoes the own edit `seq`."""
        ...
