"""What people look for: the verbs and questions of `onset.logbook.book_finding` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from logging_db.schema import projections
from logging_db.writing import Verbs
from onset.logbook import saved_filters
from onset.logbook.terms import SavedFilter

_SAVED = projections["saved_filter"]
_FILTERS = select(_SAVED.c.name, _SAVED.c.query, _SAVED.c.author).where(_SAVED.c.deleted.is_not(1))


class FindingVerbs(Verbs):
    """See `onset.logbook.book_finding.FindingDepartment`."""

    def save_filter(self, name: str, query: str) -> SavedFilter:
        with self._edit("save filter") as edit:
            saved_filters.save_filter(edit, name, query)
        return self.saved_filter(name)

    def delete_filter(self, name: str) -> SavedFilter:
        with self._edit("delete filter") as edit:
            return saved_filters.delete_filter(edit, name)

    def filters(self) -> Sequence[SavedFilter]:
        with self._reading() as connection:
            rows = connection.execute(_FILTERS).all()
        found = [SavedFilter(name=name or "", query=query or "", author=author or "") for name, query, author in rows]
        return sorted(found, key=lambda one: one.name.casefold())

    def saved_filter(self, name: str) -> SavedFilter:
        return saved_filters.named(self.filters(), name)
