"""What only the database knows of a log's health: settings, integrity, the chain of every seat, what it is made into.

SQLite's own check does not find changed data (of 48 flipped bits that changed what was read, 23 passed): only the chain
of hashes says that what is in the log is what was logged, and only a backup, the second journal or a wrap manifest that
nobody cut its end off. Used by `onset doctor`; writes nothing into the log, except `rebuild`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from logging_db import backup, journal, manifest, opening, projections, reserve, schema
from logging_db.chains import Chains, against, heads_against, look_at_chains, takes_of
from logging_db.sqlite_library import Connection, connect, errors_of, library, peek, version
from logging_db.sqlite_library import journal as settings
from logging_db.taking_in import edits_after, seat_by_seat
from onset.changes import Value
from onset.clock import Clock
from onset.errors import LogError
from onset.text import safe_path, safe_text

_NS = 1_000_000_000
_FEW_TAKES = 1000  # below this many that still go in, somebody has to make room
_MANY_TAKES = 100_000  # more than any film has
_ALONE_S = 3600.0  # how long an edit may be nowhere but in the log


@dataclass(frozen=True, slots=True)
class Check:
    """One finding about a log."""

    name: str
    ok: bool
    detail: str


def check(path: Path, backup_to: Path | None = None, backup_every_s: float = 0.0, now_ns: int = 0) -> list[Check]:
    """Look a log over; a check that fails says what is wrong and where.

    Args:
        path: of the log.
        backup_to: folder of its backups, second journal and manifests; None: what they would show is not asked.
        backup_every_s: how often a backup shall be made while one works.
        now_ns: the time now, where there is such a folder.

    Raises:
        LogError: the file cannot be opened as a log at all.
    """
    found, connection = opening.connect_to_read(path)
    try:
        with errors_of(path):
            checks, chains = _checks(connection, found)
            if backup_to is not None and chains is not None:
                checks += _elsewhere(connection, chains, path, backup_to, max(backup_every_s, _ALONE_S), now_ns)
            return checks
    finally:
        connection.close()
        found.forget()


def _checks(connection: Connection, found: opening.Opening) -> tuple[list[Check], Chains | None]:
    row = connection.execute("PRAGMA user_version").fetchone()
    number = _int(row[0]) if row else 0
    older = "; it is brought up to date when it is opened next" if number < schema.VERSION else ""
    detail = f"version {number}, this program writes {schema.VERSION}{older}"
    checks = [Check("log version", found.read_only is None, found.read_only or detail), _settings(connection)]
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
    checks.append(Check("log integrity", said == ["ok"], "; ".join(safe_text(line) for line in said)))
    chains = None
    try:
        chains = look_at_chains(connection)
        whole = f"{chains.edits} edits of {chains.seats} seats, each as it was written"
        checks.append(Check("log chain", not chains.findings, "; ".join(chains.findings) or whole))
    except (LogError, ValueError, TypeError) as error:
        checks.append(Check("log chain", False, f"it cannot be read: {safe_text(str(error))}"))
    try:
        checks.append(_projections(connection))
    except library().Error as error:
        checks.append(Check("log projections", False, f"they cannot be compared: {safe_text(str(error))}"))
    if not found.copied:
        checks += [_reserve(found.path), _space(found.path)]
    return checks, chains


def _settings(connection: Connection) -> Check:
    mode, synchronous = settings()
    in_force = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("journal_mode", "synchronous")]
    got = [str(row[0]) if row else "" for row in in_force]
    follows = (
        "seats read while one writes"
        if mode == "wal"
        else f"SQLite {version()} may damage a WAL that two programs check in at once, so it is not used; readers wait "
        "for writers (pysqlite3 brings a newer one)"
    )
    ok = got == [mode, {"FULL": "2", "EXTRA": "3"}[synchronous]]
    return Check(
        "log settings",
        ok,
        f"journal {got[0]}, synchronous {synchronous}: an acknowledged edit survives a power cut; {follows}"
        if ok
        else f"journal {got[0]}, synchronous {got[1]}, where {mode} and {synchronous} were set: a cut may cost takes",
    )


def _projections(connection: Connection) -> Check:
    differing = projections.differences(connection)
    if not differing:
        return Check("log projections", True, "equal to a rebuild from the changes")
    takes = takes_of(connection, projections.takes_differing(connection))
    about = f" ({', '.join(takes[:10])}{' …' if len(takes) > 10 else ''})" if takes else ""
    rows = ", ".join(f"{count} rows of {name}" for name, count in differing.items())
    return Check("log projections", False, f'{rows}{about}; the changes are the truth: "onset doctor --rebuild"')


def _reserve(log: Path) -> Check:
    left = reserve.room(log)
    if left.emptied:
        return Check("log reserve", False, "it was needed, for the disk was full; free some space and it is made again")
    return Check("log reserve", True, f"{left.reserve / 1e6:.0f} MB" if left.reserve else "none yet")


def _space(log: Path) -> Check:
    left = reserve.room(log)
    takes = f"{left.takes:,}" if left.takes < _MANY_TAKES else f"more than {_MANY_TAKES:,}"
    words = f"{left.free / 1e9:.1f} GB free: room for {takes} takes"
    return Check("log space", left.takes >= _FEW_TAKES, words + ("" if left.takes >= _FEW_TAKES else "; make room now"))


# -- what lies elsewhere ----------------------------------------------------------------------------------------------


def _elsewhere(
    connection: Connection, chains: Chains, log: Path, folder: Path, alone_s: float, now_ns: int
) -> list[Check]:
    stem = backup.stem(connection, log)
    _, production, tag = stem.split(".")
    return [
        *_guarded("log backup", lambda: _backup(connection, chains, folder, production, tag, alone_s, now_ns)),
        *_guarded("log journal", lambda: _journal(connection, chains, log, folder, production)),
        *_guarded("log wrap", lambda: _wrap(connection, folder, production)),
    ]


def _guarded(name: str, look: Callable[[], Check]) -> Iterator[Check]:
    try:
        yield look()
    except LogError as error:
        yield Check(name, False, str(error))


def _backup(
    connection: Connection, chains: Chains, folder: Path, production: str, tag: str, alone_s: float, now_ns: int
) -> Check:
    kept = backup.backups(folder, production=production, log=tag)
    row = connection.execute(
        "SELECT count(*), min(wall_ns) FROM edit WHERE arrival > ?", (kept[-1].edits if kept else 0,)
    ).fetchone()
    since, oldest_ns = (_int(row[0]), row[1]) if row else (0, None)
    late = isinstance(oldest_ns, int) and (now_ns - oldest_ns) / _NS > alone_s
    if not kept:
        return Check("log backup", not late, f'none yet in {safe_path(folder)}; "onset backup" makes one')
    with _peeked(kept[-1].path) as copy:
        compared, found = against(connection, chains, seat_by_seat(copy))
    age = f"the newest of {len(kept)} is of {_when(kept[-1].made_ns)}, {since} edits ago"
    if found:
        return Check("log backup", False, f"{'; '.join(found)} (by {safe_path(kept[-1].path)})")
    return Check(
        "log backup", not late, f"{age}; {compared} edits agree" if not late else f'{age}; "onset backup" makes one'
    )


def _journal(connection: Connection, chains: Chains, log: Path, folder: Path, production: str) -> Check:
    there = journal.journals(folder, log, production)
    if not there:
        return Check("log journal", True, "none yet; it is begun when the log is opened next")
    path = there[-1]
    compared, found = against(connection, chains, journal.read_journal(path))
    waiting = journal.waiting(folder, log)
    if waiting is not None:
        return Check("log journal", False, waiting)
    if found:
        return Check("log journal", False, f"{'; '.join(found)} (by {safe_path(path)})")
    behind = sum(1 for _ in edits_after(connection, journal.vector_of(journal.read_journal(path))))
    without = sum(1 for _ in edits_after(connection, journal.unbroken(journal.read_journal(path))))
    if without > behind:
        lost = (
            f"{without - behind} edits are missing in {safe_path(path)} or follow a gap, so the log could not be made"
        )
        return Check("log journal", False, f"{lost} of it again; move it away, and it is begun anew")
    late = f"; {behind} edits behind, brought over when the log is opened next" if behind else ", nothing behind"
    return Check("log journal", True, f"{compared} edits agree{late}")


def _wrap(connection: Connection, folder: Path, production: str) -> Check:
    there = manifest.manifests(folder, production)
    found = []
    for path in there:
        wrapped = manifest.read(path)
        found += [f"{sentence} (by {safe_path(path)})" for sentence in heads_against(connection, wrapped.heads)]
    words = f"{len(there)} wrap manifests agree" if there else 'none yet; "onset wrap" writes one'
    return Check("log wrap", not found, "; ".join(found) or words)


@contextmanager
def _peeked(path: Path) -> Iterator[Connection]:
    connection = peek(path)
    try:
        with errors_of(path):
            yield connection
    finally:
        connection.close()


def _when(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns // _NS).astimezone():%Y-%m-%d %H:%M}"


# -- made anew --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: the backup made first, rows that were otherwise before, edits that are the same after."""

    backup: Path
    differed: dict[str, int]
    edits: int


def rebuild(path: Path, folder: Path, clock: Clock) -> Rebuilt:
    """Make everything anew that is made from the changes, after a backup.

    Raises:
        LogError: no backup could be made, or the rebuild would lose something; the log is then as it was.
    """
    opening.look(path)
    made = backup.back_up(path, folder, clock)
    with closing(connect(path)) as connection, errors_of(path):
        before = backup.truth(connection)
        differed = projections.differences(connection)
        projections.rebuild(connection)
        after = backup.truth(connection, before.edits)
        left = projections.differences(connection)
    if left or before != after:
        raise LogError(
            f"{safe_path(path)} is not what its changes say even now; go on with {safe_path(made.backup.path)}."
        )
    return Rebuilt(made.backup.path, differed, after.edits)


def _int(value: Value) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} stands where a number should be")
    return value
