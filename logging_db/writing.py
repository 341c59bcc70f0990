"""What every verb of a logbook stands on: one edit in one transaction, durable when it returns, undone by its seat.

The verbs themselves are in `book_*.py`, one file a department.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from logging_db.edits import Names, WriteTransaction
from logging_db.reading import Questions
from logging_db.sqlite_library import Connection, errors_of
from onset.changes import Edit
from onset.clock import Clock
from onset.domain.production import Seat
from onset.domain.take import Take
from onset.errors import LogError, OverwrittenError, RefusedError
from onset.logbook import undo
from onset.logbook.terms import Undone

_TOLD = "undo told"  # the key of a draft


class Verbs(Questions):
    """Writes on one connection, one edit at a time."""

    def __init__(
        self,
        writer: Connection,
        reader: Connection,
        path: Path | None,
        *,
        seat: Seat,
        author: str,
        clock: Clock,
        read_only: str | None,
    ) -> None:
        self._write_lock = threading.RLock()
        # In memory there is one connection for both.
        super().__init__(reader, path, self._write_lock if reader is writer else threading.RLock())
        self._writer = writer
        self._seat = seat
        self._author = author
        self._clock = clock
        self._read_only = read_only
        with errors_of(path):
            self._names = Names.read(reader)

    @contextmanager
    def _edit(
        self, verb: str, wall_ns: int | None = None, author: str | None = None, *, keep: bool = True
    ) -> Iterator[WriteTransaction]:
        """A transaction that becomes one edit when the block ends, or leaves no trace when it raises.

        Args:
            verb: what was asked for, as the history names it.
            wall_ns: of the stamp that it records; now, where there is none.
            author: who writes, when it is not the seat's user.
            keep: False rolls back at the end (to learn what an edit would do).
        """
        if self._read_only is not None:
            raise LogError(self._read_only)
        now = self._clock.wall_ns() if wall_ns is None else wall_ns
        with self._write_lock, self._ready_to_write(), errors_of(self._path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                edit = WriteTransaction(
                    self._writer, self._seat, self._names, author=author or self._author, wall_ns=now
                )
                yield edit
                written = edit.finish(verb) if keep else None
                if written is None:
                    self._writer.execute("ROLLBACK")
                else:
                    self._commit(*written)
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def _ready_to_write(self) -> AbstractContextManager[None]:
        """What has to be held while an edit is made, besides the lock."""
        return nullcontext()

    def _taking_in(self) -> AbstractContextManager[None]:
        """What has to be held while edits of another log are taken in; they are durable when it ends."""
        return nullcontext()

    def _commit(self, edit: Edit, hash: bytes) -> None:
        """Make the edit durable."""
        self._writer.execute("COMMIT")

    def _take(self, take_id: str) -> Take:
        found = self.take(take_id)
        if found is None:
            raise RefusedError(f"There is no take with the id {take_id} in this log.")
        return found

    def undo(self, *, wall_ns: int) -> Undone:
        told = self._told()
        try:
            with self._edit("undo", wall_ns) as edit:
                sentence, take_id = undo.undo(edit, told)
        except OverwrittenError as error:
            self.keep_draft(_TOLD, json.dumps(sorted({*told, error.seq})))  # the next undo passes over it
            raise
        return Undone(sentence=sentence, take=self._take(take_id) if take_id else None)

    def _told(self) -> frozenset[int]:
        """Own edits whose undo was refused because another seat overwrote them. Kept: a command is a process."""
        return frozenset(json.loads(self.draft(_TOLD) or "[]"))

    def redo(self, *, wall_ns: int) -> Undone:
        with self._edit("redo", wall_ns) as edit:
            sentence, take_id = undo.redo(edit)
        return Undone(sentence=sentence, take=self._take(take_id) if take_id else None)

    def undo_preview(self) -> str | None:
        if self._read_only is not None:
            return None
        try:
            with self._edit("undo", keep=False) as edit:
                return undo.undo(edit, self._told())[0]
        except OverwrittenError as error:
            return str(error)
        except RefusedError:
            return None

    def draft(self, key: str) -> str | None:
        with self._read_lock, errors_of(self._path):
            row = self._reader.execute(
                "SELECT text FROM draft WHERE seat = ? AND key = ?", (bytes.fromhex(self._seat.id), key)
            ).fetchone()
        return str(row[0]) if row else None

    def keep_draft(self, key: str, text: str | None) -> None:
        if self._read_only is not None:
            raise LogError(self._read_only)
        seat = bytes.fromhex(self._seat.id)
        with self._write_lock, errors_of(self._path):
            if text is None:
                self._writer.execute("DELETE FROM draft WHERE seat = ? AND key = ?", (seat, key))
            else:
                self._writer.execute(
                    "INSERT OR REPLACE INTO draft (seat, key, text) VALUES (?, ?, ?)",
                    (seat, key, text.encode("utf-8", "replace").decode()),
                )
