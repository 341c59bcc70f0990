"""The questions of a logbook, answered on a connection that only reads. `SqliteLogbook` inherits them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

from logging_db import departments, history, production, questions, script, vocabulary
from logging_db.remembered import Remembered
from logging_db.sqlite_library import Connection, errors_of, library
from onset.changes import checked
from onset.domain.camera import Clip, Link
from onset.domain.card import Card
from onset.domain.claim import Claim, Explanation
from onset.domain.production import Day, Production
from onset.domain.scene import Setup
from onset.domain.sound import SoundFile
from onset.domain.take import Board, Take
from onset.errors import RefusedError
from onset.logbook.terms import EVERY_TAKE, UNSET, Event, LoggedChange, TakeFilter, Thing, Unset, Value
from onset.slate import sort_key, split_take
from onset.text import safe_text

_compiled: LRUCache[object, object] = LRUCache(500)  # as many as an engine keeps for itself


def core_engine(connection: Connection) -> sqlalchemy.Engine:
    """SQLAlchemy Core over one connection of ours; it opens none itself.

    What a statement is in SQL is found out once in a process, not once in every log: it takes longer than to run it.
    """
    model = _model(library())
    pool = StaticPool(lambda: cast(DBAPIConnection, connection), dialect=model.dialect)
    engine = sqlalchemy.Engine(pool, model.dialect, model.url, execution_options={"compiled_cache": _compiled})
    # Our connections are in autocommit, so that a transaction begins when we say so.
    event.listen(engine, "begin", lambda opened: opened.exec_driver_sql("BEGIN"))
    return engine


@cache
def _model(module: ModuleType) -> sqlalchemy.Engine:
    """Knows what this SQLite can do; statements in SQL are kept for this one dialect object (`_compiled`)."""
    engine = sqlalchemy.create_engine("sqlite://", module=module)
    with engine.connect():  # asks the library what it can do
        pass
    engine.dispose()
    return engine


class Questions:
    """Answers from the newest committed state; each question is one short read transaction."""

    def __init__(self, connection: Connection, path: Path | None, lock: threading.RLock) -> None:
        self._path = path
        self._read_lock = lock
        self._read_from(connection)

    def _read_from(self, connection: Connection) -> None:
        vocabulary.make(connection)
        self._reader = connection
        self._remembered = Remembered()
        self._engine = core_engine(connection)

    @contextmanager
    def _reading(self) -> Iterator[sqlalchemy.Connection]:
        with self._read_lock, errors_of(self._path):
            try:
                with self._engine.begin() as connection:
                    yield connection
            except sqlalchemy.exc.DBAPIError as error:
                if isinstance(error.orig, Exception):
                    raise error.orig from error
                raise

    def production(self) -> Production:
        with self._reading() as connection:
            return production.production(connection)

    def days(self, unit: str = "Main") -> Sequence[Day]:
        with self._reading() as connection:
            return production.days(connection, unit)

    def board(self, unit: str = "Main") -> Board:
        with self._reading() as connection:
            return production.board(connection, unit)

    def take(self, take_id: str) -> Take | None:
        try:
            uid = bytes.fromhex(take_id)
        except ValueError:
            return None
        with self._reading() as connection:
            return questions.take_by_id(connection, uid)

    def find_take(self, argument: str, *, unit: str = "Main") -> Take:
        if argument == "last":
            with self._reading() as connection:
                newest = questions.newest_here(connection, unit)
            if newest is None:
                raise RefusedError(f"Unit {safe_text(unit)} has no takes yet.")
            return newest
        if len(argument) == 32:
            by_id = self.take(argument)
            if by_id is not None:
                return by_id
        slate, number = split_take(argument)
        if not slate:
            raise RefusedError(f'"{safe_text(argument)}" is no take; write SLATE/TAKE as in 42C/3, an id, or last.')
        found = self._labelled(slate, number)
        here = [one for one in found if one.unit == unit] or found
        if not here:
            for gone in self._labelled(slate, number, deleted=True):
                label = safe_text(f"{gone.episode}:{gone.label}" if gone.episode else gone.label)
                raise RefusedError(f'{label} was deleted; "onset log restore {label}" brings it back.')
            raise RefusedError(f"There is no take {safe_text(argument)} in this log.")
        if len(here) > 1:
            episodes = [one.episode for one in here]
            named = [
                f"{one.episode}:{one.label}" if one.episode and episodes.count(one.episode) == 1 else one.id
                for one in here
            ]
            which = safe_text(", ".join(named))
            raise RefusedError(f"There are {len(here)} takes {safe_text(argument)}; say which: {which}.")
        return here[0]

    def _labelled(self, slate: str, number: str, *, deleted: bool = False) -> Sequence[Take]:
        """As it was typed; where there is none, in any other spelling."""
        if not slate.strip():
            return []
        takes = self.takes(TakeFilter(slate=slate, deleted=deleted, limit=None))
        exact = [one for one in takes if (one.slate, one.take) == (slate, number)]
        found = exact or [one for one in takes if sort_key(one.take) == sort_key(number)]
        episode, colon, slate = slate.partition(":")
        if found or not colon:
            return found
        return [one for one in self._labelled(slate, number, deleted=deleted) if one.episode == episode.strip()]

    def takes(self, wanted: TakeFilter = EVERY_TAKE) -> Sequence[Take]:
        with self._reading() as connection:
            return questions.takes(connection, wanted, self._remembered)

    def count_takes(self, wanted: TakeFilter = EVERY_TAKE) -> int:
        with self._reading() as connection:
            return questions.count(connection, wanted)

    def rolling(self, unit: str | None = None) -> Sequence[Take]:
        with self._reading() as connection:
            return questions.rolling_here(connection, unit)

    def setup(self, slate: str, *, episode: str | Unset | None = UNSET) -> Setup | None:
        with self._reading() as connection:
            found = script.setups(connection, slate=slate)
        return next((one for one in found if episode is UNSET or one.episode == episode), None)

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]:
        with self._reading() as connection:
            return script.setups(connection) if scene is None else script.setups(connection, scene=scene)

    def tags(self) -> Sequence[str]:
        with self._reading() as connection:
            return production.tags(connection)

    def arrival(self) -> int:
        with self._read_lock, errors_of(self._path):
            row = self._reader.execute("SELECT coalesce(max(arrival), 0) FROM edit").fetchone()
        return int(str(row[0])) if row else 0

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]:
        with self._reading() as connection:
            return departments.media(connection, unit, day)

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]:
        with self._reading() as connection:
            return departments.links(connection, unit, day)

    def claims(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Claim]:
        with self._reading() as connection:
            return departments.claims(connection, unit, day)

    def explanations(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Explanation]:
        with self._reading() as connection:
            return departments.explanations(connection, unit, day)

    def cards(self) -> Sequence[Card]:
        with self._reading() as connection:
            return production.cards(connection)

    def events(self, *, take_id: str | None = None, limit: int = 100) -> Sequence[Event]:
        with self._reading() as connection:
            return production.events(connection, take_id, limit)

    def alarms(self) -> Sequence[Event]:
        with self._reading() as connection:
            return production.alarms(connection)

    def history(
        self,
        take_id: str | None = None,
        *,
        limit: int = 200,
        of: Thing | None = None,
        field: str | None = None,
        since_ns: int | None = None,
        before: int | None = None,
    ) -> Sequence[LoggedChange]:
        asked: tuple[tuple[Value, str], ...] = ((before, "place in the history"), (limit, "limit"), (field, "field"))
        for value, what in (*asked, (since_ns, "time"), (of.label if of else None, "label")):
            checked(value, f"The {what}")
        with self._read_lock, errors_of(self._path):
            numbers = history.of_take(self._reader, take_id) if take_id is not None else None
            if of is not None:
                numbers = history.of_thing(self._reader, of)
            return history.changes(self._reader, numbers, field=field, since_ns=since_ns, before=before, limit=limit)
