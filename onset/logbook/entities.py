"""Everything that a log holds: things and their fields. Checks, projections and JSON come from this one table.

An engine makes one table for each thing here and one column for each field. A new field is a new line; a field is never
renamed or given another meaning (old edits keep theirs). A field `take` of type REF names the take that a thing belongs
to: its history and its words are that take's. What a person may set, and how, is in `fields.py`.
"""

from __future__ import annotations

from onset.logbook.entities_media import MEDIA
from onset.logbook.entities_paper import PAPER
from onset.logbook.entities_script import SCRIPT
from onset.logbook.entities_set import SET
from onset.logbook.entities_takes import TAKES
from onset.logbook.field import Field, Type

__all__ = ["ENTITIES", "FIELDS", "Field", "Type"]

_DELETED = Field("deleted", Type.FLAG)  # hidden, never erased

ENTITIES: dict[str, tuple[Field, ...]] = {
    entity: (*fields, _DELETED)
    for department in (SET, SCRIPT, TAKES, MEDIA, PAPER)
    for entity, fields in department.items()
}
FIELDS: dict[str, dict[str, Field]] = {
    entity: {field.name: field for field in fields} for entity, fields in ENTITIES.items()
}
