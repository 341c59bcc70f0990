"""What a job has done so far, on disk, so that a killed job resumes and the Offload screen finds it again.

Used by the job (writes) and by whoever looks at jobs (`find_jobs`, reads). One folder a job below
`$XDG_STATE_HOME/onset/jobs`; its files are described in docs/offload.md:

    job.json        what was asked for, and by which process
    journal.sqlite  one row a (file, target): planned → copied → durable → verified → sealed
    progress.json   the newest reading, replaced twice a second; nothing depends on it
    contents.json   what is on the card, for whoever looks; nothing depends on it
    result.json     the outcome; its presence means that the job is finished
    queue.json      which disks it uses and whether it waits, runs or is paused (queue.py); only while it lives
    wishes.json     what people wish of it (wishes.py)
    lock            held (flock) by the process that runs the job
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from onset.errors import OffloadError
from onset.mhl.durable import replacing
from onset.mhl.hashes import HashFormat
from onset.mhl.tree import FileEntry
from onset.offload.outcome import FileOutcome, KnownSource, State
from onset.offload.progress import Progress
from onset.text import safe_path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL, digests TEXT, source_checked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS unit (
  file INTEGER NOT NULL REFERENCES file, target INTEGER NOT NULL, state TEXT NOT NULL, read_back TEXT,
  PRIMARY KEY (file, target)
) STRICT, WITHOUT ROWID;
"""
# What SQLite says of a file that is none, is torn, or has other columns than ours.
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR})
_LOCK_TRIES, _LOCK_AGAIN_S = 10, 0.02


@dataclass(frozen=True, slots=True)
class JobSheet:
    """What a job is. `started_ns` also names the manifests, so a resumed job goes on with the first one's time.

    Attributes:
        then: copies that are to be made from this job's copies: each one's folder and the folder that it is made from.
        source: folder of the copy that this job reads instead of the card; None for one that reads the card.
        first: id of the job that read the card, where this one does not.
        sends: words behind `onset` that give the job again, of one that sends files of takes; empty for a card's.
    """

    id: str
    card: str
    label: str
    fingerprint: str
    folders: tuple[str, ...]
    source_check: str
    started_ns: int
    pid: int
    then: tuple[tuple[str, str], ...] = ()
    source: str | None = None
    first: str | None = None
    sends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobSummary:
    """A job as it is found on disk; of its documents only those that are asked for are read.

    Attributes:
        running: a living process holds its lock.
        finished: it has a result, and nobody goes on with it.
    """

    sheet: JobSheet
    folder: Path
    running: bool
    finished: bool
    _read: dict[str, Mapping[str, object] | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def progress(self) -> Mapping[str, object] | None:
        """The newest reading as in `--progress jsonl`, None before the first."""
        return self._once("progress.json")

    @property
    def result(self) -> Mapping[str, object] | None:
        """The JSON document of `onset offload`, None while it is not finished."""
        return self._once("result.json") if self.finished else None

    @property
    def contents(self) -> Mapping[str, object] | None:
        """The key `contents` of that document, None where nobody looked at the card; not kept, as it may be long."""
        return read_document(self.folder / "contents.json")

    @property
    def warned(self) -> int:
        """How many warnings `contents` has."""
        if "warnings" not in self._read:
            self._read["warnings"] = {"warnings": (self.contents or {}).get("warnings")}
        said = (self._read["warnings"] or {}).get("warnings")
        return len(said) if isinstance(said, list) else 0

    def _once(self, name: str) -> Mapping[str, object] | None:
        if name not in self._read:
            self._read[name] = read_document(self.folder / name)
        return self._read[name]


def jobs_folder(environ: Mapping[str, str]) -> Path:
    """`$XDG_STATE_HOME/onset/jobs`, by default below `~/.local/state`."""
    state = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(state) / "onset" / "jobs"


def find_jobs(folder: Path) -> list[JobSummary]:
    """All jobs on record, newest first; what cannot be read is left out.

    Thousands are looked at twice a second: one that is finished costs a `stat` once it was read.
    """
    found = []
    with suppress(OSError):
        for name in sorted(os.listdir(folder), reverse=True):
            place = os.path.join(folder, name)
            try:
                ended = os.stat(os.path.join(place, "result.json"))
            except OSError:
                job = _unfinished(Path(place))
            else:
                job = _finished(place, (ended.st_mtime_ns, ended.st_ino, ended.st_size))
            if job is not None:
                found.append(job)
    return sorted(found, key=lambda job: job.sheet.started_ns, reverse=True)


@functools.lru_cache(maxsize=8192)
def _finished(place: str, result: tuple[int, int, int]) -> JobSummary | None:
    """A finished job; None where its record cannot be read.

    Args:
        place: its folder.
        result: date, inode and size of its result, which are others when it is another one.
    """
    sheet = _read_sheet(Path(place))
    return None if sheet is None else JobSummary(sheet, Path(place), running=False, finished=True)


def _unfinished(place: Path) -> JobSummary | None:
    sheet = _read_sheet(place)
    return None if sheet is None else JobSummary(sheet, place, is_locked(place / "lock"), finished=False)


def read_document(path: Path) -> Mapping[str, object] | None:
    """A JSON object of a job's record; None where there is none, or none that can be read."""
    try:
        read = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def _read_sheet(place: Path) -> JobSheet | None:
    read = read_document(place / "job.json")
    try:
        if read is None:
            return None
        fields: dict[str, Any] = dict(read)  # a record of ours; a key too many or too few is a TypeError
        fields["folders"] = tuple(fields["folders"])
        fields["then"] = tuple((str(folder), str(source)) for folder, source in fields.get("then", ()))
        fields["sends"] = tuple(map(str, fields.get("sends", ())))
        return JobSheet(**fields)
    except (TypeError, KeyError, ValueError):
        return None


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def known_of(job: JobSummary, entries: Mapping[str, FileEntry] | None) -> dict[str, KnownSource]:
    """The same from another job's record; nothing if it cannot be read.

    Args:
        job: which.
        entries: files as they are now, of which only what has not changed is told; None for all that the job read.
    """
    try:
        with closing(_read_only(job.folder)) as db:
            return _known(db, entries)
    except sqlite3.Error:
        return {}


def files_of(job: JobSummary, *, first: int = -1) -> dict[str, tuple[int, int]]:
    """Size and date (ns) of each file of a job's card by its path; nothing if the record cannot be read.

    Args:
        job: which.
        first: so many of them are enough; all by default.
    """
    try:
        with closing(_read_only(job.folder)) as db:
            rows = db.execute("SELECT path, size, mtime_ns FROM file LIMIT ?", (first,)).fetchall()
    except sqlite3.Error:
        return {}
    return {os.fsdecode(path): (size, mtime_ns) for path, size, mtime_ns in rows}


def _read_only(job: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(os.fsencode(job))}/journal.sqlite?mode=ro", uri=True)


def _known(db: sqlite3.Connection, entries: Mapping[str, FileEntry] | None) -> dict[str, KnownSource]:
    found = {}
    rows = db.execute("SELECT path, size, mtime_ns, inode, digests, source_checked FROM file WHERE digests IS NOT NULL")
    for raw, size, mtime_ns, inode, digests, checked in rows:
        path = os.fsdecode(raw)
        entry = FileEntry(path, size, mtime_ns, inode) if entries is None else entries.get(path)
        if entry is not None and _kept(entry) == (size, mtime_ns, inode):
            try:
                spelled = {HashFormat(name): str(text) for name, text in json.loads(digests).items()}
            except (ValueError, AttributeError):
                continue  # torn: that file is read again
            found[path] = KnownSource(spelled, bool(checked))
    return found


def _kept(entry: FileEntry) -> tuple[int, int, int]:
    """Size, date and inode as SQLite holds them, in 64 bits with a sign: a camera's clock may stand at 2300."""
    return entry.size, _signed(entry.mtime_ns), _signed(entry.inode)


def _signed(number: int) -> int:
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


class Journal:
    """The record of one running job. Rows are committed together, twice a second: a lost tail is work done again.

    Attributes:
        settle: makes durable on the targets what is about to be written down of these files.
    """

    def __init__(self, folder: Path, sheet: JobSheet) -> None:
        self.folder = folder
        self.sheet = sheet
        self._lock = threading.Lock()
        self._marks: dict[tuple[str, int], tuple[str, str | None]] = {}
        self._files: dict[str, FileOutcome] = {}
        self.warning: str | None = None
        self.settle: Callable[[Collection[FileOutcome]], None] = lambda outcomes: None
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) not in _DAMAGED:
                raise  # busy, full, not permitted: the record itself may be sound
            self._db.close()
            aside = folder / "journal.sqlite.damaged"
            os.replace(folder / "journal.sqlite", aside)
            self._open()
            self.warning = f"the job's journal was damaged and set aside as {safe_path(aside)}; the card is read anew"

    def _open(self) -> None:
        self._db = sqlite3.connect(self.folder / "journal.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=TRUNCATE")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        _known(self._db, {})
        if self._db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            damaged = sqlite3.DatabaseError("database disk image is malformed")
            damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damaged

    def known(self, entries: Mapping[str, FileEntry]) -> dict[str, KnownSource]:
        """What earlier runs of this job read from files of the card that have not changed since."""
        return _known(self._db, entries)

    def plan(self, entries: Sequence[FileEntry], targets: int) -> None:
        """Write down what is to be done; what is there already stays.

        Raises:
            OffloadError: the state folder's disk is full or gone.
        """
        try:
            self._plan(entries, targets)
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise no_record(self.folder, error) from error

    def _plan(self, entries: Sequence[FileEntry], targets: int) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT INTO file (path, size, mtime_ns, inode) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (path) DO UPDATE SET "
            "size=?2, mtime_ns=?3, inode=?4, digests=NULL, source_checked=0 "
            "WHERE (size, mtime_ns, inode) IS NOT (?2, ?3, ?4)",
            ((os.fsencode(entry.path), *_kept(entry)) for entry in entries),
        )
        for target in range(targets):
            self._db.execute(
                "INSERT OR IGNORE INTO unit (file, target, state) SELECT id, ?, ? FROM file",
                (target, State.PLANNED.value),
            )
        self._db.execute("COMMIT")

    def mark(self, path: str, target: int, state: State) -> None:
        """One file on one target went a step on; any thread, returns at once."""
        with self._lock:
            self._marks[path, target] = (state.value, None)

    def finished(self, outcome: FileOutcome, targets: int) -> None:
        """A file is done on all targets, well or badly; any thread, returns at once."""
        with self._lock:
            self._files[outcome.path] = outcome
            for target in range(targets):
                method = outcome.verified.get(target)
                state = State.VERIFIED if method is not None or target in outcome.superseded else State.FAILED
                self._marks[outcome.path, target] = (state.value, method.value if method else None)

    def commit(self) -> None:
        """Make what was reported so far durable; one thread at a time.

        Raises:
            OffloadError: the state folder's disk is full or gone.
        """
        with self._lock:
            marks, self._marks = self._marks, {}
            files, self._files = self._files, {}
        if not marks and not files:
            return
        self.settle(files.values())
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "UPDATE file SET digests=?, source_checked=? WHERE path=?",
                [
                    (json.dumps(dict(outcome.digests)), int(outcome.source_checked), os.fsencode(path))
                    for path, outcome in files.items()
                    if outcome.digests is not None
                ],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO unit (file, target, state, read_back) "
                "SELECT id, ?, ?, ? FROM file WHERE path=?",
                [(target, *state, os.fsencode(path)) for (path, target), state in marks.items()],
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise no_record(self.folder, error) from error

    def seal(self, target: int) -> None:
        """What is verified on a target is now in its manifest.

        Raises:
            OffloadError: the state folder's disk is full or gone.
        """
        try:
            self._db.execute(
                "UPDATE unit SET state=? WHERE target=? AND state=?", (State.SEALED.value, target, State.VERIFIED.value)
            )
        except sqlite3.Error as error:
            raise no_record(self.folder, error) from error

    def verified_on(self, target: int) -> set[str]:
        """Files that earlier runs of this job verified on a target."""
        rows = self._db.execute(
            "SELECT path FROM unit JOIN file ON id = file WHERE target=? AND state IN (?, ?)",
            (target, State.VERIFIED.value, State.SEALED.value),
        )
        return {os.fsdecode(path) for (path,) in rows}

    def show(self, progress: Progress) -> None:
        """Leave the newest reading for whoever looks; never a reason to fail."""
        _leave(self.folder / "progress.json", asdict(progress))

    def finish(self, result: Mapping[str, object]) -> None:
        """Write the outcome; from then on the job is finished."""
        with replacing(self.folder / "result.json") as file:
            file.write(json.dumps(result, indent=1).encode())

    def close(self) -> None:
        self._db.close()


def tell_contents(folder: Path, job: str, contents: Mapping[str, object]) -> None:
    """Leave what is on the card in the record of a job, for whoever looks; never a reason to fail.

    Args:
        folder: of all jobs.
        job: its id.
        contents: the key `contents` of `onset offload --json`.
    """
    _leave(folder / job / "contents.json", contents)


def _leave(path: Path, document: Mapping[str, object]) -> None:
    part = path.with_name(f"{path.name}.part")
    with suppress(OSError):
        part.write_text(json.dumps(document))
        os.replace(part, path)


def forget_job(folder: Path, job: str) -> None:
    """Take away the record of a job that was refused before its first byte."""
    shutil.rmtree(folder / job, ignore_errors=True)


def no_record(place: Path, error: OSError | sqlite3.Error) -> OffloadError:
    """What to say where a job's record cannot be written."""
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return OffloadError(
        f"The job's record cannot be kept in {safe_path(place)} ({why}); make room there, or set XDG_STATE_HOME to "
        "a folder elsewhere."
    )


def _hold(lock: BinaryIO) -> None:
    """Take a job's lock; whoever looks whether it is free (`is_locked`) has it for a moment, too."""
    for attempt in range(_LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        except OSError as error:
            raise no_record(Path(os.fsdecode(lock.name)).parent, error) from error
        if attempt < _LOCK_TRIES - 1:
            time.sleep(_LOCK_AGAIN_S)
    raise OffloadError("This card is being copied to these targets already; wait for that job.")


@contextmanager
def open_journal(folder: Path, sheet: JobSheet) -> Iterator[Journal]:
    """Open a job's record, new or to resume; the lock is held until the block ends.

    Raises:
        OffloadError: another process runs this very job, or the folder cannot be written.
    """
    place = folder / sheet.id
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / "lock").open("ab")
    except OSError as error:
        raise no_record(place, error) from error
    with lock:
        _hold(lock)
        try:
            with replacing(place / "job.json") as file:
                file.write(json.dumps(asdict(sheet), indent=1).encode())
            journal = Journal(place, sheet)
        except (OSError, sqlite3.Error) as error:
            raise no_record(place, error) from error
        try:
            yield journal
            journal.commit()
        finally:
            journal.close()
