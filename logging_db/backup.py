"""Verified backups of a log: `VACUUM INTO` on the target, made durable, read again from the medium, then named.

A copy of the open file would lack what lies in the -wal (measured: "no such table"). Used by `onset backup`, by the
timer beside the app and the capture service, at wrap, and before anything is rebuilt. The log itself is only read.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from logging_db import opening
from logging_db.seats import machine
from logging_db.sqlite_library import Connection, connect, errors_of, peek
from onset.clock import Clock
from onset.errors import LogError
from onset.text import safe_path

KEEP = 20  # the newest, and besides them the last of each day
_ENDING = ".onset"
_PART = ".onset-part"
_NS = 1_000_000_000
# TITLE.PRODUCTION.LOG.TIME.eEDITS.onset; the time is UTC, so that names sort by it wherever the laptop is.
_NAME = re.compile(
    r"(?P<title>[a-z0-9-]+)\.(?P<production>[0-9a-f]{8})\.(?P<log>[0-9a-f]{8})"
    r"\.(?P<time>\d{8}T\d{6}Z)\.e(?P<edits>\d+)(?P<again>-\d+)?\.onset",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as its name tells it.

    Attributes:
        production, log: eight hex digits each; the log's are of this machine and path.
        made_ns: when, in ns since 1970 (to the second).
        edits: how many edits it holds.
    """

    path: Path
    production: str
    log: str
    made_ns: int
    edits: int


@dataclass(frozen=True, slots=True)
class Made:
    """What one backup did.

    Attributes:
        takes: of all units, deleted ones too.
        size: bytes; `sha256` of the file.
        heads: of every seat (32 hex digits) the newest (seq, hash in hex).
        removed: older backups that were no longer kept.
        warning: what is doubtful about the place (a sentence), or None.
    """

    backup: Backup
    takes: int
    size: int
    sha256: str
    heads: dict[str, tuple[int, str]]
    removed: tuple[Path, ...]
    warning: str | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What a log holds up to one edit; two logs with the same are the same log."""

    edits: int
    changes: int
    entities: int
    over: str
    heads: dict[str, tuple[int, str]]


def stem(connection: Connection, log: Path) -> str:
    """`TITLE.PRODUCTION.LOG`, the beginning of the name of everything that is kept of a log elsewhere.

    Raises:
        LogError: the log names no production.
    """
    row = connection.execute("SELECT uid, title FROM production ORDER BY id LIMIT 1").fetchone()
    if row is None or not isinstance(row[0], bytes):
        raise LogError(f'{safe_path(log)} names no production; it is damaged: run "onset doctor".')
    plain = unicodedata.normalize("NFKD", str(row[1] or "")).encode("ascii", "ignore").decode().lower()
    title = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:40].rstrip("-")
    return f"{title or 'production'}.{production_tag(row[0])}.{log_tag(log)}"


def production_tag(uid: bytes) -> str:
    """The last eight digits of the production's id: its first ones are the time, the same for two made in a minute."""
    return uid.hex()[-8:]


def log_tag(log: Path) -> str:
    """Eight digits for this log on this machine, so that two logs of one production are kept apart."""
    where = f"{machine()}\x00{os.path.realpath(log)}"
    return hashlib.sha256(where.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def backups(folder: Path, *, production: str | None = None, log: str | None = None) -> list[Backup]:
    """The backups in a folder, of one production and of one log where these are given, oldest first.

    Raises:
        LogError: the folder cannot be read.
    """
    found: list[Backup] = []
    for name in _listed(folder):
        match = _NAME.fullmatch(name)
        if match is None or production not in (None, match["production"]) or log not in (None, match["log"]):
            continue
        try:
            made = datetime.strptime(match["time"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append(
            Backup(folder / name, match["production"], match["log"], int(made.timestamp()) * _NS, int(match["edits"]))
        )
    return sorted(found, key=lambda one: (one.made_ns, one.edits, one.path.name))


def newest_of(log: Path, folder: Path) -> tuple[Backup | None, int]:
    """The newest backup of a log in a folder, and how many edits the log holds now.

    Raises:
        LogError: the folder or the log cannot be read.
    """
    settle(folder, log)
    connection = connect(log)
    try:
        with errors_of(log):
            _, production, tag = stem(connection, log).split(".")
            edits = _number(connection, "SELECT count(*) FROM edit")
    finally:
        connection.close()
    kept = backups(folder, production=production, log=tag)
    return (kept[-1] if kept else None), edits


def back_up(log: Path, folder: Path, clock: Clock) -> Made:
    """Put a verified backup of the log into a folder, and drop those that are no longer kept.

    Args:
        log: by its path; other programs may be writing.
        folder: where; made where only it is missing on another disk than the log's.
        clock: names the time.

    Raises:
        LogError: no backup was made; says why. The log is as it was.
    """
    warning = settle(folder, log)
    found, connection = opening.connect_to_read(log)
    try:
        with errors_of(log):
            name = stem(connection, log)
        _sweep(folder, name)
        part = folder / f".{name}.{os.getpid()}{_PART}"
        part.unlink(missing_ok=True)
        try:
            _copy(connection, log, part)
            truth = _compare(connection, log, part)
            made_ns = clock.wall_ns()
            path = _publish(part, folder, name, made_ns, truth.edits)
        finally:
            part.unlink(missing_ok=True)
        with errors_of(log):
            takes = _number(connection, "SELECT count(*) FROM take")
    except OSError as error:
        raise LogError(
            f"No backup was made in {safe_path(folder)} ({error.strerror}); the log is as it was."
        ) from error
    finally:
        connection.close()
        found.forget()
    _, production, tag = name.split(".")
    removed = _prune(backups(folder, production=production, log=tag))
    made = Backup(path, production, tag, made_ns // _NS * _NS, truth.edits)
    return Made(made, takes, path.stat().st_size, digest(path), truth.heads, removed, warning)


def settle(folder: Path, log: Path) -> str | None:
    """Make sure that the folder is there; what is doubtful about it, as a sentence.

    A folder whose disk is not connected is not made: it would lie on the disk that holds the mount points.

    Raises:
        LogError: it is not there, or is no folder.
    """
    try:
        here = os.stat(log.parent).st_dev
        if not folder.is_dir():
            if folder.exists():
                raise LogError(f"{safe_path(folder)} is a file, not a folder; name a folder for backups.")
            if not folder.parent.is_dir() or os.stat(folder.parent).st_dev == here:
                raise LogError(f"{safe_path(folder)} is not there; connect its disk, or make the folder.")
            folder.mkdir(exist_ok=True)
        if os.stat(folder).st_dev == here:
            return f"{safe_path(folder)} is on the log's own disk; a backup on another one outlives it."
    except OSError as error:
        raise LogError(f"{safe_path(folder)} cannot be used for backups ({error.strerror}).") from error
    return None


def truth(connection: Connection, edits: int | None = None) -> Truth:
    """What the log holds up to its edit number `edits` in order of arrival; None: all of it."""
    upto = _number(connection, "SELECT coalesce(max(arrival), 0) FROM edit") if edits is None else edits
    over = hashlib.sha256()
    for (hashed,) in connection.execute("SELECT hash FROM edit WHERE arrival <= ? ORDER BY arrival", (upto,)):
        over.update(hashed if isinstance(hashed, bytes) else b"")
    rows = connection.execute(
        "SELECT s.uid, e.seq, e.hash FROM seat_id s JOIN edit e ON e.seat = s.id AND e.seq = "
        "(SELECT max(seq) FROM edit WHERE seat = s.id AND arrival <= ?)",
        (upto,),
    )
    heads = {
        uid.hex(): (int(str(seq)), hashed.hex())
        for uid, seq, hashed in rows
        if isinstance(uid, bytes) and isinstance(hashed, bytes)
    }
    return Truth(
        edits=_number(connection, "SELECT count(*) FROM edit WHERE arrival <= ?", upto),
        changes=_number(
            connection,
            "SELECT count(*) FROM change c JOIN edit e ON e.seat = c.seat AND e.seq = c.seq WHERE e.arrival <= ?",
            upto,
        ),
        entities=_number(
            connection,
            "SELECT count(DISTINCT c.entity) FROM change c JOIN edit e ON e.seat = c.seat AND e.seq = c.seq "
            "WHERE e.arrival <= ?",
            upto,
        ),
        over=over.hexdigest(),
        heads=heads,
    )


def holds(path: Path) -> Truth:
    """What a backup holds, once its pages were found whole.

    Raises:
        LogError: it is damaged or cannot be read.
    """
    connection = peek(path)
    try:
        with errors_of(path):
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
            if said != ["ok"]:
                raise LogError(f"{safe_path(path)} is damaged.")
            return truth(connection)
    finally:
        connection.close()


def seat_names(path: Path) -> dict[str, str]:
    """What people call the seats of a backup, by id.

    Raises:
        LogError: it cannot be read.
    """
    connection = peek(path)
    try:
        with errors_of(path):
            rows = connection.execute("SELECT uid, name FROM seat").fetchall()
    finally:
        connection.close()
    return {uid.hex(): str(name or "") for uid, name in rows if isinstance(uid, bytes)}


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _copy(connection: Connection, log: Path, part: Path) -> None:
    parts = (log, log.with_name(log.name + "-wal"))
    needed = sum(file.stat().st_size for file in parts if file.exists())
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise LogError(
            f"{safe_path(part.parent)} has {free / 1e6:.1f} MB free and a backup needs {needed / 1e6:.1f} MB; make "
            "room there. The log is as it was."
        )
    with errors_of(part.parent):
        connection.execute("VACUUM INTO ?", (str(part),))
    with open(part, "rb+") as handle:
        os.fsync(handle.fileno())
        if hasattr(os, "posix_fadvise"):  # so that the check reads the medium, not memory
            os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _compare(connection: Connection, log: Path, part: Path) -> Truth:
    """Read the copy and compare it with the log as it was then: others may have written since."""
    try:
        copied = holds(part)
    except LogError:
        raise LogError(f"{safe_path(part.parent)} did not keep what was written there; use another disk.") from None
    with errors_of(log):
        ours = truth(connection, copied.edits)
    if ours != copied:
        raise LogError(
            f'The copy of {safe_path(log)} in {safe_path(part.parent)} is not the same; run "onset doctor" on the log.'
        )
    return copied


def _publish(part: Path, folder: Path, name: str, made_ns: int, edits: int) -> Path:
    time = f"{datetime.fromtimestamp(made_ns // _NS, UTC):%Y%m%dT%H%M%SZ}"
    number = 1
    while True:
        path = folder / f"{name}.{time}.e{edits}{'' if number == 1 else f'-{number}'}{_ENDING}"
        if not os.path.lexists(path):
            opening.publish(part, path)
            return path
        number += 1


def _sweep(folder: Path, name: str) -> None:
    """Remove what programs of this machine that were killed left half made."""
    for left in folder.glob(f".{name}.*{_PART}*"):
        pid = left.name.removeprefix(f".{name}.").partition(".")[0]
        if pid.isdecimal() and int(pid) != os.getpid() and not alive(int(pid)):
            left.unlink(missing_ok=True)


def alive(pid: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _prune(kept: Sequence[Backup]) -> tuple[Path, ...]:
    """Drop all but the newest `KEEP` and the last of each day; one that cannot be removed stays."""
    last_of_day = {datetime.fromtimestamp(one.made_ns // _NS).astimezone().date(): one for one in kept}
    stays = {one.path for one in (*kept[-KEEP:], *last_of_day.values())}
    removed: list[Path] = []
    for one in kept:
        if one.path not in stays:
            try:
                one.path.unlink()
            except OSError:
                continue
            removed.append(one.path)
    return tuple(removed)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise LogError(f"{safe_path(folder)} cannot be read ({error.strerror}).") from error


def _number(connection: Connection, sql: str, *parameters: int) -> int:
    row = connection.execute(sql, parameters).fetchone()
    return int(str(row[0])) if row else 0
