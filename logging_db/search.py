"""Full-text search: the words of each take, kept in the same transaction as the edit (no triggers).

SQLite before 3.41 refuses triggers on a full-text table under `trusted_schema=OFF` (measured), so edits.py calls
`refresh` itself. The index holds no text of its own (external content): it must be given the old words to forget them.
Words go in, and are asked for, as `onset.logbook.words` has them.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Collection, Sequence

from logging_db.sqlite_library import Connection
from onset.logbook.entities import ENTITIES, Type
from onset.logbook.words import SCENE, SLATE, SLATED_AS, TAKE, label_word, spaced
from onset.slate import MAX_LABEL

_MOST_WORDS = 64  # that are looked for; a page pasted into a search finds by its first ones
_PART = range(3, 65)  # characters that a word needs, and may have, to be looked for within others

MEDIA = ("clip", "sound")
# What a take is made of: kind of thing to how its takes are found, given a condition on its number. A scene and a setup
# are theirs whose takes have this label, as it is written, in the same episode.
AROUND = {
    "scene": "SELECT t.id FROM main.scene s CROSS JOIN main.take t ON t.scene = s.number AND t.episode IS s.episode "
    "WHERE s.id {}",
    "setup": "SELECT t.id FROM main.setup s CROSS JOIN main.take t ON t.slate = s.slate AND t.episode IS s.episode "
    "WHERE s.id {}",
    "camera_setup": "SELECT t.id FROM main.camera_setup c CROSS JOIN main.entity n ON n.uid = c.setup "
    "CROSS JOIN main.setup s ON s.id = n.id CROSS JOIN main.take t ON t.slate = s.slate AND t.episode IS s.episode "
    "WHERE c.id {}",
}
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


def _all_said(kind: str) -> str:
    """What is searched of one thing; of a flag that is set, its name."""
    searched = [field for field in ENTITIES[kind] if field.searched]
    is_set = {one.name: f"iif(x.{one.name} IS 1, '{one.name}', '')" for one in searched if one.type is Type.FLAG}
    return " || ' ' || ".join(is_set.get(one.name, f"coalesce(x.\"{one.name}\", '')") for one in searched)


def _around() -> str:
    """What was said of a take's scene, of its setup and of that one's cameras."""
    its_setup = "x.slate = t.slate AND x.episode IS t.episode AND x.deleted IS NOT 1"
    cameras = f"x.setup IN (SELECT x.uid FROM setup x WHERE {its_setup}) AND x.deleted IS NOT 1"
    its_scene = "x.number = t.scene AND x.episode IS t.episode AND x.deleted IS NOT 1"
    rows = (("scene", its_scene), ("setup", its_setup), ("camera_setup", cameras))
    return " || ' ' || ".join(
        f"coalesce((SELECT group_concat(w, ' ') FROM (SELECT {_all_said(kind)} AS w FROM {kind} x WHERE {which} "
        "ORDER BY x.id)), '')"
        for kind, which in rows
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
    f"{_linked('clip')} || ' ' || {_linked('sound')}) AS media, "
    f"onset_words({_around()}) AS scene "
    "FROM take t"
)
# The takes whose scene or setup is in temp.touched, as the rows are now.
TAKES_AROUND = " UNION ".join(takes.format("IN (SELECT id FROM temp.touched)") for takes in AROUND.values())
# The takes whose words may be others, once the things in temp.touched are.
TAKES_TOUCHED = (
    "SELECT n.id FROM temp.touched t CROSS JOIN main.entity n ON n.id = t.id WHERE n.kind = 'take' "
    "UNION SELECT n.owner FROM temp.touched t CROSS JOIN main.entity n ON n.id = t.id WHERE n.owner IS NOT NULL "
    f"AND n.kind IN ({', '.join(repr(kind) for kind in sorted(HAS_WORDS))}) "
    "UNION SELECT l.owner FROM temp.touched t CROSS JOIN main.entity n ON n.id = t.id CROSS JOIN main.link l "
    f"ON l.media = n.uid WHERE l.owner IS NOT NULL AND n.kind IN ({', '.join(repr(kind) for kind in MEDIA)}) "
    f"UNION {TAKES_AROUND}"
)
_COLUMNS = "label, notes, tags, media, scene"
_AT_ONCE = 500  # takes whose words are brought up to date in one go: what is in memory of a log that comes in
_ITS_OWN = "{label notes tags media}"
_THESE = "IN (SELECT value FROM json_each(?))"
_KEPT = f"SELECT id, {_COLUMNS} FROM words WHERE id {_THESE}"
_ANEW = f"{WORDS} WHERE t.id {_THESE} ORDER BY t.id"
_FORGET = f"INSERT INTO words_index (words_index, rowid, {_COLUMNS}) VALUES ('delete', ?, ?, ?, ?, ?, ?)"
_KEEP = f"INSERT OR REPLACE INTO words (id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
_INDEX = f"INSERT INTO words_index (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"


def refresh(connection: Connection, takes: Collection[int]) -> None:
    """Bring the words of these takes up to date.

    Row by row, by their numbers: to go back to a lower one, the index writes out all that it holds (measured: 120 takes
    in 9 ms instead of 4).
    """
    numbers = sorted(takes)
    for start in range(0, len(numbers), _AT_ONCE):
        these = (json.dumps(numbers[start : start + _AT_ONCE]),)
        old = {row[0]: row for row in connection.execute(_KEPT, these).fetchall()}
        for row in connection.execute(_ANEW, these).fetchall():
            before = old.get(row[0])
            if row == before:
                continue
            if before is not None:
                connection.execute(_FORGET, before)
            connection.execute(_KEEP, row)
            connection.execute(_INDEX, row)


def words_of(text: str) -> list[str]:
    """What a person typed as the words to look for, each as it was typed; what has no letter or digit is none.

    >>> words_of("  boom - 12A-3 !!")
    ['boom', '12A-3']
    """
    shown = text.replace("\x00", " ").encode(errors="replace").decode()  # half a letter finds nothing
    return [word for word in shown.split() if any(map(_sought, spaced(word)))][:_MOST_WORDS]


def _as_typed(_: str) -> Sequence[str]:
    return ()


def query(text: str, beginning: Callable[[str], Sequence[str]] = _as_typed) -> str | None:
    r"""What a person typed, as a full-text query, of which nothing typed is an operator.

    Every word must be found, in whatever field. A word of letters is the beginning of one; one with a digit is whole,
    because scene 4 is not scene 42, unless it is the last one, which may be half typed. What can be read as a slate, or
    as a slate and a take, is found in any spelling too; where nothing but that is typed, numbers and single letters are
    not those of the scene and the setup. None where there are no words (then everything is meant).

    Args:
        text: as it was typed.
        beginning: tells the words of the index that are looked for in place of the beginning of one, in plain letters;
            none: the beginning is looked for.

    >>> query("don't stun")
    '("don\'t"*) AND ("stun"*)'
    >>> query("don't stun", {"don't": [], "stun": ["stunt", "stunts"]}.__getitem__)
    '("don\'t"*) AND (("stunt" OR "stunts"))'
    """
    words = words_of(text)
    if not words:
        return None
    labels = any(map(_has_digit, words)) and all(_has_digit(word) or _of_label(word) for word in words)
    found = " AND ".join(
        _any(_word(word, word is words[-1], own=labels and _of_label(word), beginning=beginning)) for word in words
    )
    # 42 C, 49 WT 3: blanks within a label.
    blanks = _label(" ".join(words)) + _take(" ".join(words[:-1]), words[-1]) if 1 < len(words) <= 3 else []
    return _any([f"({found})", *blanks]) if blanks else found


def labelled(kind: str, label: str) -> str:
    """A full-text query for takes with this label, in any spelling."""
    return _quoted(label_word(kind, label))


def among(column: str, names: Collection[str]) -> str | None:
    """A full-text query for takes that may have one of these among their tags, or rolls and files; None: cannot tell.

    >>> among("media", ["A014", "B_9"]), among("tags", ["#"])
    ('media : ("A014" OR "B_9")', None)
    """
    words = [spaced(name) for name in names]
    if not words or not all(any(map(_sought, word)) for word in words):
        return None
    return f"{column} : {_any([_quoted(word) for word in words])}"


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


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _of_label(word: str) -> bool:
    """Whether it may be a part of a label: a number, or one letter.

    >>> [_of_label(word) for word in ("42", "C", "#2", "42C", "CU")]
    [True, True, True, False, False]
    """
    sought = "".join(filter(_sought, word))
    return sought.isdigit() or (len(sought) == 1 and sought.isascii())


def _word(word: str, last: bool, *, own: bool, beginning: Callable[[str], Sequence[str]]) -> list[str]:
    """The ways to find one typed word.

    Args:
        word: as it was typed.
        last: it may be half typed.
        own: only among what was said of the take itself.
        beginning: see `query`.
    """
    whole, digits = _quoted(spaced(word)), _has_digit(word)
    begun = whole
    if last or not digits:
        words = beginning(spaced(word))
        begun = _any([_quoted(one) for one in words]) if words else f"{whole}*"
    if own:
        found = [f"{_ITS_OWN} : {begun}"]
    elif last and digits:  # no take is its 25mm lens when somebody looks for take 2
        found = [f"{_ITS_OWN} : {begun}", whole]
    else:
        found = [begun]
    if digits:
        slate, slash, number = word.rpartition("/")
        found += _label(word) + (_take(slate, number) if slash and slate else [])
    return found


def _label(text: str) -> list[str]:
    if len(text) > MAX_LABEL or not _has_digit(text):
        return []
    return [labelled(kind, text) for kind in (SLATE, SCENE, SLATED_AS)]


def _take(slate: str, number: str) -> list[str]:
    if max(len(slate), len(number)) > MAX_LABEL or not _has_digit(slate):
        return []
    return [f"({labelled(SLATE, slate)} AND {labelled(TAKE, number)})"]


def _any(ways: Sequence[str]) -> str:
    return f"({' OR '.join(ways)})"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _sought(char: str) -> bool:
    """Whether the index keeps the character; a word of others alone would be found nowhere."""
    return unicodedata.category(char)[0] in "LN"
