"""Continuity: the verbs and questions of `onset.logbook.book_continuity` on SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from logging_db import files
from logging_db.schema import projections
from logging_db.writing import Verbs
from onset.changes import Value
from onset.domain.continuity import Continuity
from onset.domain.still import Still
from onset.errors import LogError
from onset.logbook import continuity
from onset.logbook.continuity import Pages
from onset.logbook.engine import Row

_STILL = projections["still"]


class ContinuityVerbs(Verbs):
    """See `onset.logbook.book_continuity.ContinuityDepartment`."""

    def write_continuity(
        self, character: str, scene: str, fields: Mapping[str, Value], *, episode: str | None = None
    ) -> Continuity:
        with self._edit("continuity") as edit:
            entry_id, carried = continuity.write(edit, character, scene, fields, episode=episode)
        for entry in self._pages().entries:
            if entry.id == entry_id:
                return replace(entry, carried=carried)
        raise LogError('The entry that was just written cannot be read back; run "onset doctor".')

    def delete_continuity(self, character: str, scene: str, *, episode: str | None = None) -> None:
        with self._edit("delete continuity") as edit:
            continuity.delete(edit, character, scene, episode=episode)

    def look(
        self, character: str, scene: str, *, episode: str | None = None, story_day: str | None = None
    ) -> Continuity | None:
        return self._pages().look(character, scene, episode=episode, story_day=story_day)

    def continuity(
        self,
        *,
        character: str | None = None,
        scene: str | None = None,
        episode: str | None = None,
        story_day: str | None = None,
        text: str | None = None,
    ) -> Sequence[Continuity]:
        return continuity.matching(
            self._pages().entries,
            character=character,
            scene=scene,
            episode=episode,
            story_day=story_day,
            text=text,
        )

    def _pages(self) -> Pages:
        with self._reading() as connection:
            return Pages(_plain(connection, "continuity"), _plain(connection, "scene"), _stills(connection))


def _plain(connection: Connection, kind: str) -> list[Row]:
    """Rows as a verb sees them, for what verbs and questions share."""
    table = projections[kind]
    found = connection.execute(select(table).where(table.c.deleted.is_not(1)).order_by(table.c.id)).mappings()
    return [Row(row["uid"].hex(), row["id"], {str(name): value for name, value in row.items()}) for row in found]


def _stills(connection: Connection) -> list[Still]:
    """Those that somebody put to an entry, in the order they were taken."""
    chosen = (
        select(*(_STILL.c[name] for name in files.STILL_COLUMNS))
        .where(_STILL.c.continuity.is_not(None), _STILL.c.deleted.is_not(1))
        .order_by(_STILL.c.taken_ns, _STILL.c.id)
    )
    return [files.still(tuple(row)) for row in connection.execute(chosen)]
