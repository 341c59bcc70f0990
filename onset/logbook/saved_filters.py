"""Filters under a name: what `book_finding.py` writes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from onset.changes import derived_id
from onset.errors import RefusedError
from onset.logbook import query as queries
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import fitting
from onset.logbook.terms import SavedFilter
from onset.text import safe_text

_LONGEST_NAME = 60


def save_filter(tx: Transaction, name: str, query: str) -> str:
    """Write one; two seats that save one name meet in one row. Returns its id."""
    name, query = name.strip(), query.strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise RefusedError(f"A filter's name has 1 to {_LONGEST_NAME} characters that can be shown.")
    if not query:
        raise RefusedError(f'Filter "{safe_text(name)}" would find every take; say what it shall find.')
    queries.parse(query)
    fields = fitting("saved_filter", {"name": name, "query": query, "author": tx.author})
    return tx.add("saved_filter", {**fields, "deleted": 0}, derived_id("saved filter", name.casefold()).hex())


def delete_filter(tx: Transaction, name: str) -> SavedFilter:
    """Mark it deleted; returns what it was."""
    known = {row.id: _filter(row) for row in tx.find("saved_filter", {})}
    one = named(known.values(), name)
    tx.set("saved_filter", next(key for key, value in known.items() if value is one), {"deleted": 1})
    return one


def named(known: Iterable[SavedFilter], name: str) -> SavedFilter:
    """The one of this name.

    Raises:
        RefusedError: there is none; names the nearest, or all.
    """
    by_name = {one.name.casefold(): one for one in known}
    found = by_name.get(name.strip().casefold())
    if found is not None:
        return found
    near = get_close_matches(name.strip().casefold(), by_name, n=1)
    names = ", ".join(sorted(one.name for one in by_name.values()))
    hint = f'do you mean "{by_name[near[0]].name}"?' if near else f"there are {names}." if names else "none is saved."
    raise RefusedError(f'There is no filter "{safe_text(name)}"; {safe_text(hint)}')


def _filter(row: Row) -> SavedFilter:
    return SavedFilter(name=row.text("name"), query=row.text("query"), author=row.text("author"))
