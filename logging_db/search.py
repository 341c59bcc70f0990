"""Full-text search: the words of each take, kept in the same transaction as the edit (no triggers).

SQLite before 3.41 refuses triggers on a full-text table under `trusted_schema=OFF` (measured), so edits.py calls
`refresh` itself. The index holds no text of its own (external content): it must be given the old words to forget them.
"""

from __future__ import annotations

from logging_db.sqlite_library import Connection


def _joined(table: str, what: str) -> str:
    return (
        f"coalesce((SELECT group_concat(w, ' ') FROM (SELECT x.{what} AS w FROM \"{table}\" x "
        f"WHERE x.owner = t.id AND x.deleted IS NOT 1 ORDER BY x.id)), '')"
    )


def _linked(media: str) -> str:
    """Names of the files that are linked to a take; what a person refused is not of the take."""
    return (
        f"coalesce((SELECT group_concat(w, ' ') FROM (SELECT x.name AS w FROM link l JOIN entity n ON n.uid = l.media "
        f"JOIN \"{media}\" x ON x.id = n.id WHERE l.owner = t.id AND l.deleted IS NOT 1 AND l.state IS NOT 'refused' "
        f"AND x.deleted IS NOT 1 ORDER BY x.id)), '')"
    )


WORDS = (
    "SELECT t.id AS id, "
    "coalesce(t.slate, '') || '/' || coalesce(t.take, '') || ' ' || coalesce(t.scene, '') || ' ' || "
    "coalesce(t.slated_as, '') AS label, "
    "coalesce(t.description, '') || ' ' || coalesce(t.status_reason, '') || ' ' || "
    f"{_joined('note', 'text')} AS notes, "
    f"{_joined('tag', 'tag')} AS tags, "
    f"{_joined('angle', 'roll')} || ' ' || {_joined('sound_take', 'roll')} || ' ' || "
    f"{_linked('clip')} || ' ' || {_linked('sound')} AS media "
    "FROM take t"
)
_COLUMNS = "label, notes, tags, media"


def refresh(connection: Connection, take: int) -> None:
    """Bring the words of one take up to date."""
    old = connection.execute(f"SELECT {_COLUMNS} FROM words WHERE id = ?", (take,)).fetchone()
    new = connection.execute(f"SELECT {_COLUMNS} FROM ({WORDS} WHERE t.id = ?)", (take,)).fetchone()
    if new == old or new is None:
        return
    if old is not None:
        connection.execute(
            f"INSERT INTO words_index (words_index, rowid, {_COLUMNS}) VALUES ('delete', ?, ?, ?, ?, ?)", (take, *old)
        )
    connection.execute(f"INSERT OR REPLACE INTO words (id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)", (take, *new))
    connection.execute(f"INSERT INTO words_index (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)", (take, *new))


def query(text: str) -> str | None:
    """What a person typed, as a full-text query: every word literally, the last one also as the beginning of a word.

    None where there are no words (then everything is meant).

    >>> query("12A-3 stun")
    '"12A-3" "stun"*'
    """
    shown = text.replace("\x00", " ").encode(errors="replace").decode()  # half a letter finds nothing
    words = [word for word in shown.split() if any(char.isalnum() for char in word)]
    if not words:
        return None
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    return " ".join(quoted) + "*"
