"""What a shell can complete, read from a log without taking a seat in it and without leaving a trace.

Used by `onset/cli/tab.py` at every press of Tab, so it goes past SQLAlchemy, which alone takes longer to import than
the answer may take.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from logging_db.sqlite_library import Connection, errors_of, library

_MOST = 2_000  # more than this nobody reads below a prompt


class Glance:
    """The labels of one log as they are at this moment. Newest first where there is no better order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def slates(self) -> list[str]:
        """Shot or planned."""
        return self._texts("SELECT slate FROM take WHERE deleted IS NOT 1 UNION SELECT slate FROM setup")

    def takes(self, beginning: str) -> list[str]:
        """Takes of the slate that stands before the last `/` of `beginning`, and the other slates, with a `/`."""
        slate, slash, _ = beginning.rpartition("/")
        found = self._texts("SELECT take FROM take WHERE deleted IS NOT 1 AND slate = ?", slate) if slash else []
        shot = self._texts("SELECT DISTINCT slate FROM take WHERE deleted IS NOT 1")
        return [*(f"{slate}/{take}" for take in found), *(f"{one}/" for one in shot if one != slate or not slash)]

    def deleted_takes(self) -> list[str]:
        """Takes that can be restored."""
        return self._texts("SELECT slate || '/' || take FROM take WHERE deleted = 1 ORDER BY id DESC")

    def scenes(self) -> list[str]:
        """Of the script, and of takes."""
        return self._texts("SELECT number FROM scene UNION SELECT scene FROM take WHERE deleted IS NOT 1")

    def episodes(self) -> list[str]:
        return self._texts("SELECT number FROM episode UNION SELECT episode FROM scene")

    def units(self) -> list[str]:
        return self._texts("SELECT name FROM unit ORDER BY id")

    def days(self) -> list[str]:
        return self._texts("SELECT DISTINCT CAST(number AS TEXT) FROM day ORDER BY number DESC")

    def cameras(self) -> list[str]:
        return self._texts("SELECT camera FROM board_camera UNION SELECT camera FROM angle")

    def rolls(self) -> list[str]:
        """Of cameras and sound, loaded or only written on the board."""
        return self._texts("SELECT label FROM roll UNION SELECT roll FROM board_camera UNION SELECT roll FROM angle")

    def people(self) -> list[str]:
        return self._texts("SELECT name FROM person WHERE deleted IS NOT 1 ORDER BY name")

    def tags(self) -> list[str]:
        return self._texts("SELECT tag FROM tag WHERE deleted IS NOT 1 GROUP BY tag ORDER BY count(*) DESC")

    def characters(self) -> list[str]:
        return self._texts("SELECT DISTINCT character FROM continuity WHERE deleted IS NOT 1 ORDER BY character")

    def looks(self) -> list[str]:
        """`MARA/41`: the continuity entries."""
        return self._texts("SELECT character || '/' || scene FROM continuity WHERE deleted IS NOT 1")

    def story_days(self) -> list[str]:
        return self._texts("SELECT story_day FROM scene UNION SELECT story_day FROM continuity")

    def files(self) -> list[str]:
        """Names of clips and sound files."""
        return self._texts("SELECT name FROM clip WHERE deleted IS NOT 1 UNION SELECT name FROM sound")

    def stills(self) -> list[str]:
        """Their files' names."""
        paths = self._texts("SELECT path FROM still WHERE deleted IS NOT 1 ORDER BY id DESC")
        return [path.rpartition("/")[2] for path in paths]

    def cards(self) -> list[str]:
        return self._texts("SELECT DISTINCT label FROM card WHERE deleted IS NOT 1 ORDER BY id DESC")

    def _texts(self, sql: str, *values: str) -> list[str]:
        rows = self._connection.execute(f"SELECT * FROM ({sql}) LIMIT {_MOST}", values).fetchall()
        return [row[0] for row in rows if isinstance(row[0], str) and row[0]]


@contextmanager
def glance(path: Path) -> Iterator[Glance]:
    """Look into a log.

    A file in WAL mode wants an index beside it even from those who only read. Where a program has the log open, that
    index is there; otherwise the file is read as if nothing could change it, which makes none.

    Raises:
        LogError: it cannot be read.
    """
    shared = all(path.with_name(path.name + ending).exists() for ending in ("-wal", "-shm"))
    how = "mode=ro" if shared else "immutable=1"
    with errors_of(path):
        connection = library().connect(
            f"file:{quote(os.fsencode(os.path.abspath(path)))}?{how}", uri=True, isolation_level=None, timeout=0.2
        )
        try:
            connection.execute("PRAGMA query_only=ON")
            connection.execute("PRAGMA trusted_schema=OFF")
            yield Glance(connection)
        finally:
            connection.close()
