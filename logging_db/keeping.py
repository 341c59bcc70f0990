"""Go on logging when the disk under the log is full or dies, and keep a second journal while it is well.

A full disk first gets the space of the reserve. Where that does not help, edits go durably to the second journal and a
stand-in shows them, until the log can be written again and takes them in. An edit that failed in its commit goes there
as it is: should the disk come back with it after all, it is known by its number and hash. `kept` has every public
method of a logbook tried again; that is safe, because a verb that fails has changed nothing.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

from logging_db import drafts, reserve, seats
from logging_db.edits import Names
from logging_db.elsewhere import Line
from logging_db.forked import Parting
from logging_db.journal import Journal
from logging_db.second import SecondJournal
from logging_db.sqlite_library import Connection, connect, errors_of, library
from logging_db.stand_in import StandIn
from logging_db.taking_in import take_back, vector
from logging_db.writing import Verbs
from onset.changes import Edit
from onset.clock import Clock
from onset.domain.production import Seat
from onset.errors import LogDiskError, LogError
from onset.text import safe_path

_LOOK_S = 1.0
_END_S = 5.0
_NOT_KEPT = frozenset(("close", "mend", "begin_keeping", "look_after"))

L = TypeVar("L", bound="Keeping")


def kept(logbook: type[L]) -> type[L]:
    """Have every public method of the class, its own and inherited ones, tried again after `mend`."""
    for name in dir(logbook):
        method = getattr(logbook, name)
        if not name.startswith("_") and name not in _NOT_KEPT and isinstance(method, FunctionType):
            setattr(logbook, name, _again(method))
    return logbook


def _again(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def done(self: Keeping, *args: Any, **named: Any) -> Any:
        try:
            return method(self, *args, **named)
        except LogDiskError as failed:
            if not self.mend(failed):
                raise
        return method(self, *args, **named)

    return done


class Keeping(Verbs):
    """What a logbook does for the safety of its edits, besides writing them."""

    _log: Path | None = None  # the file that the edits belong into, whatever stands in for it
    _reserved = False
    _second: SecondJournal | None = None
    _stand_in: StandIn | None = None  # what the logbook works on while the log cannot be written
    _held: Journal | None = None
    _turns = 0  # how often what is read and written was changed
    _elsewhere = 0  # edits of this logbook that went into the journal alone
    _anew: LogDiskError | None = None  # what failed with a number that was another edit's: it is done again
    _why = ""

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
        super().__init__(writer, reader, path, seat=seat, author=author, clock=clock, read_only=read_only)
        self._warnings: dict[str, str] = {}
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._follower: threading.Thread | None = None

    def begin_keeping(
        self, log: Path, *, second: SecondJournal | None, keep_reserve: bool, stand_in: StandIn | None, why: str
    ) -> None:
        """Called once, when the logbook was made.

        Args:
            log: the log.
            second: its second journal, where one is configured.
            keep_reserve: have a reserve beside it.
            stand_in: what the logbook works on, where the log cannot be opened.
            why: what is the matter with the disk, or empty.
        """
        self._log, self._second, self._stand_in, self._why = log, second, stand_in, why
        if self._read_only is not None:
            self._second = None
            if why:
                self._warnings["full"] = self._read_only
            return
        self._reserved = keep_reserve
        if why and stand_in is None:
            self._warnings["full"] = full_but(log)
        if keep_reserve and stand_in is None:
            reserve.make(log)
        if second is not None and stand_in is None:
            self._agree(second)

    def follow(self) -> None:
        if self._log is not None and self._read_only is None and self._follower is None:
            self._follower = threading.Thread(target=self._keep_following, name="log keeping", daemon=True)
            self._follower.start()

    @property
    def warning(self) -> str | None:
        said = list(self._warnings.values())
        if self._stand_in is not None and not self._elsewhere:
            said.append(f"What is shown is from the second journal: {self._why}.")
        if self._stand_in is not None and self._stand_in.leaves_out:
            said.append("Some of what another program wrote at the same moment is shown only when the log is back.")
        if self._stand_in is None and self._second is not None and self._second.late is not None:
            said.append(self._second.late)
        return " ".join(said) or None

    @property
    def elsewhere(self) -> str | None:
        if not self._elsewhere or self._second is None:
            return None
        return (
            f"In the journal only ({safe_path(self._second.find_alone())}), not in the log: {self._why}. "
            "It goes into the log by itself when that can be written again."
        )

    # -- the journal follows the log ----------------------------------------------------------------------------------

    def _agree(self, second: SecondJournal, *, again: bool = True) -> None:
        """Take in what the journal has and the log has not, and the other way round; a lack of either is a warning."""
        try:
            self._take_in_from(second)
            second.catch_up(self._reader)
        except LogDiskError as failed:
            if not self.mend(failed):
                self._warnings["journal"] = str(failed)
            elif self._stand_in is None and again:
                self._agree(second, again=False)
        except LogError as error:
            second.blame(error)

    def _take_in_from(self, second: SecondJournal) -> None:
        journal = second.find(self._reader)
        with second.held() as held, errors_of(self._log):
            drafts.put_back(held.path, self._writer)
            drafts.forget(held.path)
            ahead = held.marked()
            if ahead is None and held.reached(self._reader) is None:
                known = vector(self._reader)
                ahead = (one for one in held.lines() if one.edit.seq > known.get(one.edit.seat, 0))
            if ahead is None:
                return
            found = Parting(self._writer)
            told = take_back(self._writer, found.rejoined(ahead), self._clock.wall_ns())
            if told.edits:
                where = safe_path(journal)
                edits, were = ("edit", "was") if told.edits == 1 else ("edits", "were")
                of = f"{told.edits} {edits} of the second journal ({where})"
                self._warnings["replayed"] = f"{of} {were} not in the log and {were} taken in."
            if told.refused:
                why = told.refused[0].sentence
                self._warnings["differs"] = f'The log and its second journal differ: {why}; run "onset doctor".'
                held.catch_up_all(self._reader)
            else:
                self._both_hold(held, found, self._reader)

    def _both_hold(self, held: Journal, found: Parting, log: Connection) -> None:
        """What the journal had is in the log: bring the journal up to that, and say where the two had parted."""
        if found.branches:
            self._warnings["forked"] = found.sentence
            try:
                held.begin_anew(log, f"forked-{found.branches[0].line.hash.hex()[:8]}")
            except LogError as error:  # as with any other gap of the journal; the log has everything
                self._warnings["journal"] = str(error)
                return
        else:
            held.catch_up_all(log)
        held.unmark()

    def _keep_following(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(_LOOK_S)
            self._wake.clear()
            with contextlib.suppress(LogError):  # `warning` tells
                self.look_after()

    def look_after(self) -> None:
        """Bring the journal up to date, or the log back; what a thread does once a second and after every edit.

        Raises:
            LogError: it does not succeed yet.
        """
        if self._log is None or self._read_only is not None:
            return
        if self._reserved and self._stand_in is None and reserve.make(self._log):
            self._warnings.pop("full", None)
        second = self._second
        if second is None:
            return
        if self._stand_in is not None:
            self._come_back(second, self._log)
            return
        self._warnings.pop("journal", None)
        # Another program could not write into the log. What differs is a person's to look at, not ours once a second.
        if "differs" not in self._warnings and second.pending:
            with self._write_lock, self._read_lock:
                self._agree(second)
            return
        with self._read_lock, errors_of(self._log):
            lacks = second.lacks(self._reader)
        if lacks:
            with contextlib.closing(connect(self._log, read_only=True)) as connection:
                second.catch_up(connection, unless_pending="differs" not in self._warnings)

    # -- the log cannot be written -------------------------------------------------------------------------------------

    def mend(self, failed: LogDiskError) -> bool:
        """Make it possible to do again what `failed`; False where nothing helps."""
        if self._log is None or self._stand_in is not None:
            return failed is self._anew
        if failed.full and self._reserved and reserve.release(self._log):
            self._warnings["full"] = full_but(self._log)
            return True
        return self._turn(failed, None)

    @contextmanager
    def _ready_to_write(self) -> Iterator[None]:
        self._hear_of_others()
        if self._stand_in is None or self._second is None:
            yield
            return
        with self._second.held() as held:
            self._stand_in = self._following(self._stand_in, held)
            self._held = held
            try:
                yield
            finally:
                self._held = None

    def _following(self, stand_in: StandIn, held: Journal) -> StandIn:
        """A stand-in that knows all that is in the journal."""
        if self._log is None or stand_in.is_of(held):
            stand_in.hear(held, self._clock.wall_ns())
            return stand_in
        fresh = StandIn(held.path, held, self._log, None, self._clock.wall_ns())
        with self._read_lock:
            self._put_to_work(fresh.writer, fresh.reader, fresh.path)
        stand_in.forget()
        return fresh

    def _hear_of_others(self) -> None:
        """Take in what another program could only put into the journal, before a number is given that it gave there.

        Two programs of one user are one seat: its next edit would have the number of theirs, and shut that out.
        """
        second = self._second
        if second is None or self._stand_in is not None or "differs" in self._warnings:
            return
        with contextlib.suppress(LogError):  # `warning` tells; the edit goes into the log all the same
            if second.pending:
                with self._read_lock:
                    self._agree(second)

    @contextmanager
    def _taking_in(self) -> Iterator[None]:
        with self._ready_to_write():
            yield
            if self._held is not None and self._stand_in is not None:
                self._held.mark()
                self._elsewhere += self._held.catch_up_all(self._writer)
                self._stand_in.wrote(self._held)

    def _commit(self, edit: Edit, hash: bytes) -> None:
        if self._held is not None and self._stand_in is not None:
            self._held.mark()
            self._held.append([Line(edit, hash)])
            self._elsewhere += 1
            super()._commit(edit, hash)
            self._stand_in.wrote(self._held)
            return
        try:
            with errors_of(self._path):
                super()._commit(edit, hash)
        except LogDiskError as failed:
            # Of a full disk it is certain that it did not keep the edit: the verb is done again, with a number of then.
            if failed.full or not self._turn(failed, Line(edit, hash)):
                raise
            return
        if self._path is not None:
            seats.wrote(self._seat.id, edit.seq, hash)
        if self._second is not None:
            self._second.note(Line(edit, hash))
            self._wake.set()

    def keep_draft(self, key: str, text: str | None) -> None:
        super().keep_draft(key, text)
        second = self._second
        with self._write_lock:
            if self._stand_in is not None and second is not None:
                with second.held() as held:
                    kept = text.encode("utf-8", "replace").decode() if text is not None else None
                    drafts.keep(held.path, bytes.fromhex(self._seat.id), key, kept)

    def _turn(self, failed: LogDiskError, written: Line | None) -> bool:
        """Go on with a stand-in; with `written`, which did not get into the log, put there and into the journal."""
        second, log = self._second, self._log
        if second is None or log is None or self._stand_in is not None:
            return False
        with self._write_lock, self._read_lock:
            try:
                if self._writer.in_transaction:
                    with contextlib.suppress(library().Error):
                        self._writer.execute("ROLLBACK")
                with second.held() as held:
                    held.mark()  # first: whoever can write the log comes here before the next edit, and misses none
                    held.append(second.behind())
                    stand_in = StandIn(second.find_alone(), held, log, self._writer, self._clock.wall_ns())
                    if written is not None and stand_in.holds_another(written):
                        held.catch_up_all(stand_in.reader)
                        stand_in.wrote(held)
                        self._anew = failed
                    elif written is not None:
                        held.append([written])
                        stand_in.take(written, self._clock.wall_ns())
                        stand_in.wrote(held)
                        self._elsewhere += 1
            except LogError as error:
                self._warnings["journal"] = f"It is not in the second journal either: {error}"
                return False
            self._why = failed.what
            self._put_to_work(stand_in.writer, stand_in.reader, stand_in.path)
            self._stand_in = stand_in
        return failed is not self._anew

    def _put_to_work(self, writer: Connection, reader: Connection, path: Path) -> None:
        """Write and read there from now on; feeds notice by `_turns`."""
        old = {id(one): one for one in (self._reader, self._writer)}
        self._writer, self._path = writer, path
        self._read_from(reader)
        self._names = Names.read(reader)
        self._turns += 1
        for connection in old.values():
            with contextlib.suppress(library().Error):  # a dead disk complains once more
                connection.close()

    def _come_back(self, second: SecondJournal, log: Path) -> None:
        """Take what went into the journal alone into the log, and go on there.

        Raises:
            LogError: the log cannot be written yet.
        """
        stand_in = self._stand_in
        writer = _probed(log, self._reserved)  # outside the locks: a dying disk may take its time
        try:
            with self._write_lock, self._read_lock, second.held() as held, errors_of(log):
                if stand_in is None or stand_in is not self._stand_in:
                    raise LogError("The log is back already.")
                found = Parting(writer)
                told = take_back(writer, found.rejoined(held.lines()), self._clock.wall_ns())
                if told.refused:
                    raise LogError(f"The journal cannot go into {safe_path(log)}: {told.refused[0].sentence}.")
                drafts.put_back(held.path, writer)
                drafts.forget(held.path)
                self._both_hold(held, found, writer)
                self._stand_in, self._elsewhere = None, 0
                self._put_to_work(writer, connect(log, read_only=True), log)
        except BaseException:
            if writer is not self._writer:
                writer.close()
            raise
        stand_in.forget()
        self._warnings["replayed"] = (
            f"The log is written again; {told.edits} edit{'s' * (told.edits != 1)} of the second journal went into it."
        )

    def _end_keeping(self) -> None:
        """Append what is left, and let go of everything."""
        self._ended.set()
        self._wake.set()
        if self._follower is not None:
            self._follower.join(_END_S)  # a disk that hangs must not keep the app from closing
        second = self._second
        if self._stand_in is None and second is not None:
            with contextlib.suppress(LogError), self._write_lock, self._read_lock, errors_of(self._log):
                if second.lacks(self._reader):
                    second.catch_up(self._reader)  # `warning` tells where it fails

    def _forget_stand_in(self) -> None:
        if self._stand_in is not None:
            self._stand_in.forget()

    @property
    def worked_on(self) -> tuple[int, Path | None]:
        """The file that is written and read now, and a number that is another one after each change of it."""
        return self._turns, self._path


def _probed(log: Path, reserved: bool) -> Connection:
    """A connection to a log that takes writes again.

    Raises:
        LogError: it does not.
    """
    writer = connect(log)
    try:
        with errors_of(log):
            said = writer.execute("PRAGMA quick_check(1)").fetchone()
            if said is None or said[0] != "ok":
                raise LogError(f'{safe_path(log)} is damaged; run "onset doctor --recover".')
            for attempt in (1, 2):
                try:
                    writer.execute("BEGIN IMMEDIATE")
                    writer.execute("INSERT OR REPLACE INTO draft (seat, key, text) VALUES (x'00', 'probe', '')")
                    writer.execute("DELETE FROM draft WHERE seat = x'00'")
                    writer.execute("COMMIT")
                    break
                except library().Error as error:
                    if writer.in_transaction:
                        writer.execute("ROLLBACK")
                    if attempt == 2 or "full" not in str(error) or not (reserved and reserve.release(log)):
                        raise
    except BaseException:
        writer.close()
        raise
    return writer


def full_but(log: Path) -> str:
    """That the reserve was used, and how far what is left goes."""
    left = reserve.room(log)
    return (
        f"The disk of {safe_path(log)} is full; its reserve was released, which lasts for about {left.takes} takes "
        f"({left.free / 1e6:.0f} MB). Free some space now."
    )
