"""Make a log again from what is left: the newest good backup, the second journal, and all that can still be read.

Each seat's chain is checked from its first edit on, so nothing that was altered comes in; where one source has a hole,
the next one fills it. The new log is made beside the damaged one, which is kept under another name. Used by `onset
doctor --recover`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from logging_db import backup, journal, opening, projections, schema
from logging_db.chains import look_at_chains
from logging_db.elsewhere import Line, lines_of
from logging_db.forked import Parting
from logging_db.sqlite_library import Connection, connect, errors_of, library, peek, who_has_open
from logging_db.taking_in import edit_at, edits_since, take_back
from onset.clock import Clock
from onset.errors import LogError
from onset.text import safe_path

_NS = 1_000_000_000
_APIECE = 500  # edits that are read one by one after a page that cannot be read


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a log holds; None: it cannot be counted any more."""

    takes: int | None
    edits: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where edits came from, how many that the sources before it did not have, and what is wrong with it."""

    what: str
    edits: int
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log that was made again.

    Attributes:
        made: the new log; it has another name until `put_in_place`.
        before: of the damaged one, as far as it can be read.
        sources: in the order in which they were asked.
    """

    made: Path
    before: Counted
    after: Counted
    sources: tuple[Source, ...]


def recover(log: Path, folders: Sequence[Path], clock: Clock) -> Recovered:
    """Make the log again beside the damaged one, which is only read.

    Args:
        log: the damaged log.
        folders: where backups and the second journal lie.
        clock: for the clocks of the seats.

    Raises:
        LogError: somebody has it open, or nothing could be found to make it from.
    """
    holders = who_has_open(log)
    if holders:
        raise LogError(f"{safe_path(log)} is in use by {', '.join(holders)}; close that program first.")
    try:
        workshop = Path(tempfile.mkdtemp(prefix=f".{log.name}.recover-", dir=log.parent))
    except OSError as error:
        raise LogError(
            f"{safe_path(log.parent)} cannot be written ({error.strerror}); make room, or copy it."
        ) from error
    try:
        wreck = _copied(log, workshop / "wreck")
        made = workshop / log.name
        kept, journals = _kept_elsewhere(folders, log, wreck)
        sources = [_from_backup(kept, made)]
        with closing(connect(made)) as connection, errors_of(made):
            # What waited in a journal comes last: where the two had parted, the log's edit keeps its number.
            waits = any(map(journal.is_pending, journals))
            asked = [*_from_journals(connection, journals, clock, waiting=False), _from_wreck(connection, wreck, clock)]
            brought = 1
            while waits or (brought and any(one.trouble for one in asked)):  # what follows a hole that is filled now
                waits = False
                again = [*_from_journals(connection, journals, clock), _from_wreck(connection, wreck, clock)]
                brought = sum(one.edits for one in again)
                asked = [replace(new, edits=old.edits + new.edits) for old, new in zip(asked, again, strict=True)]
            sources += asked
            if connection.execute("SELECT 1 FROM production").fetchone() is None:
                raise LogError(
                    f"Nothing of {safe_path(log)} can be read, and there is neither backup nor journal of it in "
                    f"{', '.join(map(safe_path, folders)) or 'any folder'}; name the folder of a backup with --from."
                )
            projections.rebuild(connection)
            found = look_at_chains(connection).findings
            if found:
                raise LogError(f"The log that was made is not whole: {found[0]}.")
            after = _counted(connection)
        return Recovered(made, _count(wreck), after, tuple(sources))
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise


def put_in_place(recovered: Recovered, log: Path, clock: Clock) -> Path:
    """Give the new log its name; the damaged one and what lies beside it are kept under another.

    Returns:
        The damaged log as it is called now.

    Raises:
        LogError: a name cannot be given; says where both are.
    """
    stamp = f"{datetime.fromtimestamp(clock.wall_ns() // _NS, UTC):%Y%m%dT%H%M%SZ}"
    kept = log.with_name(f"{log.name}.damaged-{stamp}")
    try:
        for ending in ("-wal", "-journal", "-shm", ""):  # the log last: killed before, it is still there
            beside = log.with_name(log.name + ending)
            if beside.exists():
                os.rename(beside, kept.with_name(kept.name + ending))
        with open(recovered.made, "rb+") as file:
            os.fsync(file.fileno())
        opening.publish(recovered.made, log)
    except OSError as error:
        raise LogError(
            f"The new log is {safe_path(recovered.made)}, the damaged one {safe_path(kept)}: they cannot be renamed "
            f"({error.strerror})."
        ) from error
    forget(recovered)
    return kept


def forget(recovered: Recovered) -> None:
    """Remove what was made for the recovery."""
    shutil.rmtree(recovered.made.parent, ignore_errors=True)


def _copied(log: Path, folder: Path) -> Path:
    """A copy to read from: opening the damaged file itself would write into it."""
    folder.mkdir()
    for ending in ("", "-wal", "-journal"):
        beside = log.with_name(log.name + ending)
        if beside.exists():
            with suppress(OSError):  # what the disk does not give is not there
                shutil.copyfile(beside, folder / beside.name)
    return folder / log.name


def _kept_elsewhere(folders: Sequence[Path], log: Path, wreck: Path) -> tuple[list[backup.Backup], list[Path]]:
    """Backups and journals of this log; where there are none, as on another laptop, those of its production.

    Raises:
        LogError: the log does not tell its production any more, and there are several in the folders.
    """
    there = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
    kept = [one for folder in there for one in backup.backups(folder)]
    lines = [path for folder in there for path in sorted(folder.glob("*.*.*.journal"))]
    tag, production = backup.log_tag(log), _production_of(wreck)
    ours = [one for one in kept if one.log == tag and production in (None, one.production)]
    our_lines = [path for path in lines if path.stem.split(".")[2] == tag]
    if production is not None:
        our_lines = [path for path in our_lines if path.stem.split(".")[1] == production]
    if ours or our_lines:
        return ours, our_lines
    known = {one.production for one in kept} | {path.stem.split(".")[1] for path in lines}
    if production is None and len(known) > 1:
        raise LogError(
            f"{safe_path(log)} does not tell its production any more, and backups of {len(known)} productions lie in "
            f"{', '.join(map(safe_path, there))}; put those of this one into a folder and name that with --from."
        )
    of = production or next(iter(known), "")
    return [one for one in kept if one.production == of], [path for path in lines if path.stem.split(".")[1] == of]


def _production_of(wreck: Path) -> str | None:
    try:
        with closing(connect(wreck)) as connection:
            row = connection.execute("SELECT uid FROM production ORDER BY id LIMIT 1").fetchone()
    except (LogError, library().Error):
        return None
    return backup.production_tag(row[0]) if row and isinstance(row[0], bytes) else None


def _from_backup(kept: Sequence[backup.Backup], made: Path) -> Source:
    """Begin with the newest backup whose pages and chains are whole, else with an empty log."""
    bad = 0
    for one in sorted(kept, key=lambda one: (one.edits, one.made_ns), reverse=True):
        try:
            shutil.copyfile(one.path, made)
            backup.holds(made)
            with closing(peek(made)) as connection, errors_of(made):
                row = connection.execute("PRAGMA user_version").fetchone()
                if row == (schema.VERSION,) and not look_at_chains(connection).findings:
                    return Source(
                        f"backup {safe_path(one.path)}", one.edits, f"{bad} newer ones are bad" if bad else None
                    )
        except (LogError, OSError):
            pass
        bad += 1
        made.unlink(missing_ok=True)
    with closing(connect(made)) as connection, errors_of(made):
        opening.build(connection)
    return Source("backup", 0, f"none is good of {bad}" if bad else "there is none")


def _from_journals(
    connection: Connection, journals: Sequence[Path], clock: Clock, *, waiting: bool = True
) -> Iterator[Source]:
    for path in journals:
        lines = journal.read_lines(path, 0, journal.marked_at(path))
        coming = Parting(connection).rejoined(lines) if waiting else (line for line in lines if not line.waits)
        yield _taken(connection, f"journal {safe_path(path)}", coming, clock)
    if not journals:
        yield Source("journal", 0, "there is none")


def _from_wreck(connection: Connection, wreck: Path, clock: Clock) -> Source:
    return _taken(connection, "the damaged log", _readable(wreck), clock)


def _taken(connection: Connection, what: str, lines: Iterator[Line], clock: Clock) -> Source:
    try:
        told = take_back(connection, lines, clock.wall_ns())
    except LogError as error:
        return Source(what, 0, str(error))
    return Source(what, told.edits, told.refused[0].sentence if told.refused else None)


def _readable(wreck: Path) -> Iterator[Line]:
    """Edits of a damaged log, as far as its pages can be read: one by one, so that a bad page costs what lies on it."""
    try:
        connection = connect(wreck)
    except LogError:
        return
    with closing(connection):
        try:
            row = connection.execute("SELECT max(arrival) FROM edit").fetchone()
            newest = int(str(row[0])) if row and row[0] is not None else 0
        except (library().Error, ValueError):
            return
        at = 0
        while at < newest:
            try:
                for line in lines_of(connection, edits_since(connection, at)):
                    yield line
                    at += 1
                return
            except (library().Error, LogError, ValueError):
                for arrival in range(at + 1, at + 1 + _APIECE):
                    with suppress(library().Error, LogError, ValueError):
                        found = edit_at(connection, arrival)
                        if found is not None:
                            yield from lines_of(connection, [found])
                at += _APIECE


def _count(wreck: Path) -> Counted:
    try:
        with closing(connect(wreck)) as connection:
            return _counted(connection)
    except LogError:
        return Counted(None, None)


def _counted(connection: Connection) -> Counted:
    def rows(table: str) -> int | None:
        try:
            row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        except library().Error:
            return None
        return int(str(row[0])) if row else None

    return Counted(rows("take"), rows("edit"))
