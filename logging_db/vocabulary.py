"""The words in the index of words that begin as was typed. Used by filters.py.

For a beginning of more letters than the index keeps lists of, SQLite makes one list of the takes of all its words
before it gives the first of them: 28 ms for a word of a million takes, however few are wanted (measured). The words
themselves are few, mostly one, and the list of each is read only as far as is needed.
"""

from __future__ import annotations

import re

from logging_db.schema import BEGINNINGS
from logging_db.sqlite_library import Connection

_MADE = "SELECT 1 FROM sqlite_temp_master WHERE name = 'vocabulary'"
_MAKE = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words_index, instance)"
# One word, in what the index leaves out.
_WORD = re.compile(r"[^0-9a-z]*([0-9a-z]+)[^0-9a-z]*")
_MOST = 16  # words; to be told that there are more costs a fraction of a millisecond
# A loose walk: each step looks up the next word, past all the takes of the one before it. Words are of letters and
# digits, which stand between these two characters.
_WALK = (
    "WITH RECURSIVE begun(word) AS (SELECT (SELECT term FROM temp.vocabulary WHERE term >= ?1 LIMIT 1) UNION ALL "
    "SELECT (SELECT term FROM temp.vocabulary WHERE term >= b.word || char(1) LIMIT 1) FROM begun b "
    "WHERE b.word < ?1 || char(0x10FFFF)) SELECT word FROM begun WHERE word < ?1 || char(0x10FFFF) LIMIT ?2"
)


def make(connection: Connection) -> None:
    """Make the vocabulary known to this connection, in no file. It may be one that only reads."""
    if connection.execute(_MADE).fetchone() is not None:
        return
    only_reads = connection.execute("PRAGMA query_only").fetchone() == (1,)
    connection.execute("PRAGMA query_only=OFF")
    try:
        connection.execute(_MAKE)
    finally:
        if only_reads:
            connection.execute("PRAGMA query_only=ON")


def beginning(connection: Connection, typed: str) -> list[str]:
    """The words that begin with the one that was typed.

    Empty where they are better looked for as a beginning: the index keeps a list of those, no word begins so, too many
    do, or one is not written in plain letters and digits.

    Args:
        connection: reading; `make` was called for it.
        typed: as `onset.logbook.words.spaced` has it.
    """
    word = _WORD.fullmatch(typed.lower()) if typed.isascii() else None
    if word is None or len(word[1]) in BEGINNINGS:
        return []
    found = [str(row[0]) for row in connection.execute(_WALK, (word[1], _MOST + 1)).fetchall()]
    return found if len(found) <= _MOST and all(map(str.isascii, found)) else []
