"""What was read through one connection, for as long as nobody commits anything. Used by questions.py and filters.py.

A person types letter after letter, turns pages and goes back: between two edits the same takes are asked for often.
"""

from __future__ import annotations

from logging_db import vocabulary
from logging_db.arrivals import Arrivals
from logging_db.sqlite_library import Connection
from onset.domain.take import Take

# What others committed, and what came through this connection itself (a log in memory has but one).
_VERSION = "SELECT data_version, total_changes() FROM pragma_data_version"
_MOST = 4096  # takes


class Remembered:
    """Of one reading connection; whoever asks holds its lock and has looked within his transaction.

    Attributes:
        takes: whole ones by their numbers.
        arrivals: which is brought up to date instead of forgotten.
    """

    def __init__(self) -> None:
        self.takes: dict[int, Take] = {}
        self.arrivals = Arrivals()
        self._words: dict[str, list[str]] = {}
        self._version: object = None

    def look(self, connection: Connection) -> None:
        """Forget what may have changed."""
        version = connection.execute(_VERSION).fetchone()
        if version != self._version:
            self.forget()
        self._version = version

    def keep(self, read: dict[int, Take]) -> None:
        """Takes that were read; those of a long list are not kept."""
        if len(read) <= _MOST:
            self.takes = self.takes | read if len(self.takes) + len(read) <= _MOST else read

    def forget(self) -> None:
        """Everything that an edit might change."""
        self.takes = {}
        self._words = {}

    def beginning(self, connection: Connection, typed: str) -> list[str]:
        """See `vocabulary.beginning`."""
        known = self._words.get(typed)
        if known is None:
            known = self._words[typed] = vocabulary.beginning(connection, typed)
        return known
