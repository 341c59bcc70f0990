"""Full-text search: the words of each take, kept in the same transaction as the edit (no triggers).

SQLite before 3.41 refuses triggers on a full-text table under `trusted_schema=OFF` (measured), so edits.py calls
`refresh` itself. The index holds no text of its own (external content): it must be given the old words to forget them.
Words go in, and are asked for, as `onset.logbook.words` has them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from logging_db.sqlite_library import Connection
from onset.logbook.entities import ENTITIES
from onset.logbook.words import SCENE, SLATE, SLATED_AS, TAKE, label_word, spaced
from onset.slate import MAX_LABEL

_MOST_WORDS = 64  # that are looked for; a page pasted into a search finds by its first ones
_PART = range(3, 65)  # characters that a word needs, and may have, to be looked for within others

MEDIA = ("clip", "sound")
# Kinds of things whose words are those of a take.
HAS_WORDS = frozenset(("link", *(kind for kind, fields in ENTITIES.items() if any(f.searched for f in fields))))


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
    "onset_words(coalesce(t.slate, '') || '/' || coalesce(t.take, '') || ' ' || coalesce(t.scene, '') || ' ' || "
    "coalesce(t.slated_as, '')) || ' ' || onset_labels(t.slate, t.take, t.scene, t.slated_as) AS label, "
    "onset_words(coalesce(t.description, '') || ' ' || coalesce(t.status_reason, '') || ' ' || "
    f"{_joined('note', 'text')} || ' ' || {_joined('angle', 'note')} || ' ' || "
    f"{_joined('sound_take', 'note')}) AS notes, "
    f"onset_words({_joined('tag', 'tag')}) AS tags, "
    f"onset_words({_joined('angle', 'roll')} || ' ' || {_joined('sound_take', 'roll')} || ' ' || "
    f"coalesce(t.sound_roll, '') || ' ' || {_joined('angle', 'clip_name')} || ' ' || "
    f"{_linked('clip')} || ' ' || {_linked('sound')}) AS media "
    "FROM take t"
)
# The takes whose words may be others, once the things in temp.touched are.
TAKES_TOUCHED = (
    "SELECT n.id FROM temp.touched t JOIN main.entity n ON n.id = t.id WHERE n.kind = 'take' "
    "UNION SELECT n.owner FROM temp.touched t JOIN main.entity n ON n.id = t.id WHERE n.owner IS NOT NULL "
    f"AND n.kind IN ({', '.join(repr(kind) for kind in sorted(HAS_WORDS))}) "
    "UNION SELECT l.owner FROM temp.touched t JOIN main.entity n ON n.id = t.id JOIN main.link l ON l.media = n.uid "
    f"WHERE l.owner IS NOT NULL AND n.kind IN ({', '.join(repr(kind) for kind in MEDIA)})"
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


def words_of(text: str) -> list[str]:
    """What a person typed as the words to look for, each as it was typed; what has no letter or digit is none.

    >>> words_of("  boom - 12A-3 !!")
    ['boom', '12A-3']
    """
    shown = text.replace("\x00", " ").encode(errors="replace").decode()  # half a letter finds nothing
    return [word for word in shown.split() if any(map(_sought, spaced(word)))][:_MOST_WORDS]


def query(text: str) -> str | None:
    r"""What a person typed, as a full-text query, of which nothing typed is an operator.

    Every word must be found, in whatever field. A word of letters is the beginning of one; one with a digit is whole,
    because scene 4 is not scene 42, unless it is the last one, which may be half typed. What can be read as a slate, or
    as a slate and a take, is found in any spelling too. None where there are no words (then everything is meant).

    >>> query("don't stun")
    '("don\'t"*) AND ("stun"*)'
    """
    words = words_of(text)
    if not words:
        return None
    found = " AND ".join(_any(_word(word, word is words[-1])) for word in words)
    # 42 C, 49 WT 3: blanks within a label.
    blanks = _label(" ".join(words)) + _take(" ".join(words[:-1]), words[-1]) if 1 < len(words) <= 3 else []
    return _any([f"({found})", *blanks]) if blanks else found


def labelled(kind: str, label: str) -> str:
    """A full-text query for takes with this label, in any spelling."""
    return _quoted(label_word(kind, label))


def among_media(names: Collection[str]) -> str | None:
    """A full-text query for takes that may have one of these names among rolls and files; None where it cannot tell.

    >>> among_media(["A014", "B_9"]), among_media(["#"])
    ('media : ("A014" OR "B_9")', None)
    """
    words = [spaced(name) for name in names]
    if not all(any(map(_sought, word)) for word in words):
        return None
    return f"media : {_any([_quoted(word) for word in words])}"


def within(text: str) -> list[str] | None:
    r"""LIKE patterns that find every word within another; None where one is too short or long for that.

    >>> within("light 50%"), within("of light")
    (['%light%', '%50\\%%'], None)
    """
    words = [spaced(word).strip() for word in words_of(text)]
    if not words or not all(len(word) in _PART for word in words):
        return None
    escaped = (word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words)
    return [f"%{word}%" for word in escaped]


def _word(word: str, last: bool) -> list[str]:
    """The ways to find one typed word."""
    digits = any(map(str.isdigit, word))
    found = [_quoted(spaced(word)) + ("*" if last or not digits else "")]
    if digits:
        slate, slash, number = word.rpartition("/")
        found += _label(word) + (_take(slate, number) if slash and slate else [])
    return found


def _label(text: str) -> list[str]:
    if len(text) > MAX_LABEL or not any(map(str.isdigit, text)):
        return []
    return [labelled(kind, text) for kind in (SLATE, SCENE, SLATED_AS)]


def _take(slate: str, number: str) -> list[str]:
    if max(len(slate), len(number)) > MAX_LABEL or not any(map(str.isdigit, slate)):
        return []
    return [f"({labelled(SLATE, slate)} AND {labelled(TAKE, number)})"]


def _any(ways: Sequence[str]) -> str:
    return f"({' OR '.join(ways)})"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _sought(char: str) -> bool:
    """Whether the index keeps the character; a word of others alone would be found nowhere."""
    return unicodedata.category(char)[0] in "LN"
