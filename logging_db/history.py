"""The history as a person reads it: whose field changed, from what to what, and whether that was taken back since.

Used by reading.py. A feed has no time for words; its query and its rows are in feed.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from logging_db.feed import ABOUT, HISTORY, logged
from logging_db.sqlite_library import Connection
from onset.changes import Value
from onset.errors import RefusedError
from onset.logbook.entities import FIELDS, Type
from onset.logbook.terms import LoggedChange, Thing
from onset.slate import sort_key
from onset.text import safe_text

_UNDONE = (
    "(SELECT coalesce(sum(CASE u.verb WHEN 'undo' THEN 1 WHEN 'redo' THEN -1 END), 0) FROM edit u "
    "WHERE u.seat = e.seat AND u.of = e.seq)"
)
_IN_WORDS = HISTORY.replace(" FROM edit e", f", {ABOUT}, e.verb, {_UNDONE} FROM edit e", 1)
# Of everything: from the newest edit on. Left to itself, SQLite walks and sorts all changes of the log for a LIMIT of 1
# (measured, 3,600 takes: 170 ms instead of 0.3), and the newest edit is what every report asks for.
_OF_ALL = _IN_WORDS.replace("FROM edit e JOIN change c", "FROM edit e CROSS JOIN change c", 1)
# What a thing is called: kind of thing to its entity, the field with its label, and what belongs to it.
_CALLED: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "scene": ("scene", "number", (("note", "scene"), ("credit", "scene"))),
    "setup": ("setup", "coalesce(slate, name)", (("note", "setup"), ("camera_setup", "setup"))),
    "card": ("card", "label", (("card_copy", "card"),)),
    "roll": ("roll", "label", ()),
    "clip": ("clip", "name", ()),
    "sound": ("sound", "name", ()),
    "unit": ("unit", "name", ()),
    "episode": ("episode", "number", ()),
    "person": ("person", "name", ()),
    "filter": ("saved_filter", "name", ()),
}
_OF_A_DAY = ("day_stamp", "jam")
THINGS: Collection[str] = (*_CALLED, "day")


def of_take(connection: Connection, take_id: str) -> list[int]:
    """Numbers of the take and of all that belongs to it."""
    uid = bytes.fromhex(take_id)
    found = connection.execute(
        "SELECT id FROM entity WHERE uid = ?1 UNION ALL "
        "SELECT id FROM entity WHERE owner = (SELECT id FROM entity WHERE uid = ?1)",
        (uid,),
    )
    return [int(str(row[0])) for row in found]


def of_thing(connection: Connection, thing: Thing) -> list[int]:
    """Numbers of the things that a person calls so, and of what belongs to them.

    Raises:
        RefusedError: there is none; names the nearest.
    """
    if thing.kind == "day":
        return _day(connection, thing)
    entity, column, belonging = _CALLED[thing.kind]
    episode = "episode" if entity in ("scene", "setup") else "NULL"
    rows = connection.execute(f'SELECT id, {column}, {episode} FROM "{entity}" WHERE {column} IS NOT NULL').fetchall()
    labels = {int(str(number)): str(label) for number, label, of in rows if thing.episode in (None, of)}
    found = _meant(labels, thing.label, slates=thing.kind in ("scene", "setup"))
    if not found:
        near = get_close_matches(thing.label, set(labels.values()), n=1)
        hint = f'; do you mean "{safe_text(near[0])}"?' if near else "."
        raise RefusedError(f'There is no {thing.kind} "{safe_text(thing.label)}" in this log{hint}')
    numbers = json.dumps(found)
    for kind, ref in belonging:
        own = connection.execute(
            f'SELECT x.id FROM "{kind}" x JOIN entity n ON n.uid = x.{ref} '
            "WHERE n.id IN (SELECT value FROM json_each(?))",
            (numbers,),
        )
        found += [int(str(row[0])) for row in own]
    return found


def _day(connection: Connection, thing: Thing) -> list[int]:
    found = connection.execute(
        "SELECT id FROM day WHERE unit = ?1 AND CAST(number AS TEXT) = ?2 UNION ALL "
        + " UNION ALL ".join(f"SELECT id FROM {kind} WHERE unit = ?1 AND CAST(day AS TEXT) = ?2" for kind in _OF_A_DAY),
        (thing.unit, thing.label),
    )
    numbers = [int(str(row[0])) for row in found]
    if not numbers:
        raise RefusedError(f"Unit {safe_text(thing.unit)} has no day {safe_text(thing.label)}.")
    return numbers


def _meant(labels: dict[int, str], label: str, *, slates: bool) -> list[int]:
    """As it was typed; else in another case; else, of a slate or scene, in another spelling."""
    wanted = label.strip()
    ways: list[Callable[[str], str]] = [str, str.casefold, *([sort_key] if slates else [])]
    for way in ways:
        found = [number for number, text in labels.items() if way(text) == way(wanted)]
        if found:
            return found
    return []


def changes(
    connection: Connection,
    numbers: Iterable[int] | None,
    *,
    field: str | None,
    since_ns: int | None,
    before: int | None,
    limit: int,
) -> list[LoggedChange]:
    """Newest first; the last edit as a whole, so that a page may begin where another ended."""
    conditions: list[str] = []
    values: list[Value] = []
    if numbers is not None:
        conditions.append("n.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(numbers)))
    for condition, value in (("f.name = ?", field), ("e.wall_ns >= ?", since_ns), ("e.arrival < ?", before)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    told = _OF_ALL if numbers is None and field is None else _IN_WORDS
    rows = connection.execute(f"{told} {where}ORDER BY e.arrival DESC, c.n LIMIT ?", (*values, limit)).fetchall()
    if len(rows) == limit and rows:
        last = rows[-1][0]
        joined = f"{where}AND" if where else "WHERE"
        rows = [row for row in rows if row[0] != last]
        rows += connection.execute(f"{_IN_WORDS} {joined} e.arrival = ? ORDER BY c.n", (*values, last)).fetchall()
    return _with_names(connection, rows)


def _with_names(connection: Connection, rows: Sequence[tuple[Value, ...]]) -> list[LoggedChange]:
    """What is called by a name instead of an id, on either side of a change of a reference."""
    found = [replace(logged(row[:-2]), verb=str(row[-2]), undone=int(str(row[-1])) > 0) for row in rows]
    refs = [one for one in found if one.field in FIELDS.get(one.entity, {}) and _is_ref(one)]
    ids = {value for one in refs for value in (one.old, one.new) if isinstance(value, str)}
    names = _names(connection, sorted(ids))
    return [
        replace(one, old_about=names.get(str(one.old), ""), new_about=names.get(str(one.new), ""))
        if _is_ref(one)
        else one
        for one in found
    ]


def _is_ref(change: LoggedChange) -> bool:
    field = FIELDS.get(change.entity, {}).get(change.field)
    return field is not None and field.type is Type.REF


def _names(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), 200):
        uids = [bytes.fromhex(one) for one in ids[start : start + 200]]
        marks = ", ".join("?" * len(uids))
        rows = connection.execute(f"SELECT n.uid, {ABOUT} FROM entity n WHERE n.uid IN ({marks})", uids)
        found |= {uid.hex(): str(about or "") for uid, about in rows if isinstance(uid, bytes)}
    return found
