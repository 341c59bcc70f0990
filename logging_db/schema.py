"""Tables of the log, in SQLAlchemy Core: the truth (edit, change and their name tables), and projections made from it.

The projections' columns are derived from `onset.logbook.fields`. Rows of the truth are never updated or deleted:
triggers refuse it, also for INSERT OR REPLACE, which goes past UPDATE and DELETE triggers (measured).
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import UserDefinedType

from onset.logbook.entities import ENTITIES, Field, Type

APPLICATION_ID = 0x6F6E7365  # "onse", at byte 68 of the file, where `file` finds it
VERSION = 8  # user_version, at byte 60; opening.py and upgrade.py know the others
MIN_READER = 1  # an older one shows takes with their files and leaves out what it has no name for
MIN_WRITER = 8  # an older one has no column for what was found of a copy, and would call it safe

metadata = MetaData()


class AnyValue(UserDefinedType[object]):
    """STRICT's ANY: keeps null, integer, real, text and blob apart as they came."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "ANY"


def _strict(name: str, *items: Column[object] | PrimaryKeyConstraint | UniqueConstraint, rowid: bool = True) -> Table:
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


meta = _strict("meta", Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

# -- the truth ----------------------------------------------------------------------------------------------------

seat = _strict(
    "seat_id", Column("id", Integer, primary_key=True), Column("uid", LargeBinary, unique=True, nullable=False)
)
field = _strict(
    "field_name",
    Column("id", Integer, primary_key=True),
    Column("entity", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("entity", "name"),
)
# `owner` is the take that an entity belongs to, known when it first appears and the same for ever.
entity = _strict(
    "entity",
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("uid", LargeBinary, unique=True, nullable=False),
    Column("owner", Integer),
)
edit = _strict(
    "edit",
    Column("arrival", Integer, primary_key=True),
    Column("seat", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hlc", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("wall_ns", Integer, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("verb", Text, nullable=False),
    Column("of", Integer),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("seat", "seq"),
)
change = _strict(
    "change",
    Column("seat", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("entity", Integer, nullable=False),
    Column("field", Integer, nullable=False),
    Column("value", AnyValue),
    Column("base_seat", Integer),
    Column("base_seq", Integer),
    PrimaryKeyConstraint("seat", "seq", "n"),
    rowid=False,
)
Index("entity_owner", entity.c.owner, sqlite_where=entity.c.owner.is_not(None))
Index("edit_hlc", edit.c.hlc)
Index("edit_of", edit.c.seat, edit.c.of, sqlite_where=edit.c.of.is_not(None))
Index("change_entity", change.c.entity, change.c.field)

TRUTH = (seat, field, entity, edit, change)
_KEYS = {
    "seat_id": "id = NEW.id OR uid = NEW.uid",
    "field_name": "id = NEW.id OR (entity = NEW.entity AND name = NEW.name)",
    "entity": "id = NEW.id OR uid = NEW.uid",
    "edit": "arrival = NEW.arrival OR (seat = NEW.seat AND seq = NEW.seq)",
    "change": "seat = NEW.seat AND seq = NEW.seq AND n = NEW.n",
}


def triggers() -> list[str]:
    """SQL that keeps the truth append-only."""
    made: list[str] = []
    for name, same_key in _KEYS.items():
        say = f"SELECT RAISE(ABORT, 'the {name} table is append-only')"
        made.append(f'CREATE TRIGGER {name}_no_update BEFORE UPDATE ON "{name}" BEGIN {say}; END')
        made.append(f'CREATE TRIGGER {name}_no_delete BEFORE DELETE ON "{name}" BEGIN {say}; END')
        made.append(
            f'CREATE TRIGGER {name}_no_replace BEFORE INSERT ON "{name}" '
            f'WHEN EXISTS (SELECT 1 FROM "{name}" WHERE {same_key}) BEGIN {say}; END'
        )
    return made


# -- projections: everything below can be rebuilt ------------------------------------------------------------------

# Of each field the newest changes that nobody has superseded; two with different values are a conflict, and which of
# them stands is said in projections.py. One edit may set a field to several values: the undo of a choice between them.
head = _strict(
    "head",
    Column("entity", Integer, nullable=False),
    Column("field", Integer, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("hlc", Integer, nullable=False),
    PrimaryKeyConstraint("entity", "field", "seat", "seq", "n"),
    rowid=False,
)

_TYPES: dict[Type, type[Text] | type[Integer] | type[LargeBinary]] = {
    Type.TEXT: Text,
    Type.INTEGER: Integer,
    Type.FLAG: Integer,
    Type.REF: LargeBinary,
}


def _projection(kind: str, fields: tuple[Field, ...]) -> Table:
    table = Table(
        kind,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("uid", LargeBinary, nullable=False),
        Column("owner", Integer),
        *(Column(one.name, _TYPES[one.type]) for one in fields),
        sqlite_strict=True,
    )
    for one in fields:
        if one.indexed or (one.type is Type.REF and one.name != "take"):
            Index(f"{kind}_{one.name}", table.c[one.name])
    if any(one.name == "take" and one.type is Type.REF for one in fields):
        Index(f"{kind}_owner", table.c.owner)
    return table


projections: dict[str, Table] = {kind: _projection(kind, fields) for kind, fields in ENTITIES.items()}
take = projections["take"]
Index("take_shot", take.c.day, take.c.rolled_ns, take.c.uid)  # shooting order, that of every list
Index("take_state", take.c.state)
Index("take_label", take.c.slate, take.c.take)

# The words of a take as they were given to the full-text index, which needs them again to forget them.
words = _strict(
    "words",
    Column("id", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("scene", Text, nullable=False),  # of its scene and of its setup
)
BEGINNINGS = (1, 2, 3)  # letters of the beginnings that the index keeps lists of
WORDS_INDEX = (
    "CREATE VIRTUAL TABLE words_index USING fts5(label, notes, tags, media, scene, content='words', "
    f"content_rowid='id', prefix='{' '.join(map(str, BEGINNINGS))}', tokenize=\"unicode61 remove_diacritics 2\")"
)

# -- of this log file alone: neither merged nor hashed nor rebuilt --------------------------------------------------

# Arrivals of edits that came from other logs, from `first` to `last`.
came = _strict("came", Column("first", Integer, primary_key=True), Column("last", Integer, nullable=False))
draft = _strict(
    "draft",
    Column("seat", LargeBinary, nullable=False),
    Column("key", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("seat", "key"),
)
