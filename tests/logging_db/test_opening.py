"""Files that are no log, damaged logs, newer logs, other people's locks: one sentence, and the file stays as it is."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from logging_db import doctor, projections, schema, sqlite_library
from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.errors import LogError, RefusedError, TimecodeError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import a_clock, file_log
from tests.needs import require

LIBRARIES = ("pysqlite3", "stdlib")


def sql(path: Path, script: str, *, library: str = "sqlite3") -> str:
    """Run SQL in another process: a second SQLite library in this one would lose the first one's locks."""
    module = "pysqlite3" if library == "pysqlite3" else "sqlite3"
    code = (
        f"import sys, {module} as s; c = s.connect(sys.argv[1], isolation_level=None)\n"
        "for part in sys.argv[2].split(';;'):\n    print(c.execute(part).fetchall())\nc.close()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path), script], capture_output=True, text=True, check=True)
    return done.stdout


def a_log(folder: Path) -> Path:
    """A closed log with two takes, a note and a circle."""
    with file_log(folder) as on_set:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        on_set.log.note(take.id, "boom in shot at the very end of it")
        on_set.log.set_take(take.id, {"status": "circled"})
        on_set.shoot()
    return folder / LOG_NAME


def refusal(path: Path) -> str:
    """What opening says; the file must be as it was, and nothing beside it."""
    before, beside = digest(path), sorted(os.listdir(path.parent))
    with pytest.raises(LogError) as refused:
        open_log(path, user="Maya", clock=a_clock())
    assert digest(path) == before
    assert sorted(os.listdir(path.parent)) == beside
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def test_log_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / LOG_NAME)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00", b"not a database at all" * 50, b"\x00" * 8192])
def test_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOG_NAME).write_bytes(content)
    assert "is not a log of onset" in refusal(tmp_path / LOG_NAME)


def test_database_of_another_program(tmp_path: Path) -> None:
    sql(tmp_path / LOG_NAME, "CREATE TABLE bookmarks (url TEXT)")
    assert "another program" in refusal(tmp_path / LOG_NAME)


@pytest.mark.parametrize("library", LIBRARIES)
def test_log_cut_in_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = a_log(tmp_path)
    os.truncate(path, path.stat().st_size // 2)
    assert "cut short" in refusal(path)


@pytest.mark.parametrize("library", LIBRARIES)
def test_zeroed_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = a_log(tmp_path)
    root = int(sql(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'edit'").strip("[(,)]\n"))
    with open(path, "r+b") as handle:
        handle.seek((root - 1) * 4096)
        handle.write(bytes(4096))
    assert "damaged" in refusal(path)


def test_newer_log_that_may_be_read_is_only_read(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    sql(path, "UPDATE meta SET value = '9' WHERE key = 'min_writer';;PRAGMA user_version=9")
    log = open_log(path, user="Maya", clock=a_clock())
    try:
        assert f"newer onset (log version 9, this program knows {schema.VERSION})" in (log.read_only or "")
        assert [take.label for take in log.takes()] == ["42C/2", "42C/1"]
        with pytest.raises(LogError, match="only be read"):
            log.set_next(Next(slate="1"))
        assert log.undo_preview() is None
    finally:
        log.close()


def test_newer_log_that_cannot_be_read_names_both_versions(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    sql(path, "UPDATE meta SET value = '9';;PRAGMA user_version=9")
    said = refusal(path)
    assert "log version 9" in said
    assert f"knows {schema.VERSION}" in said


def test_creation_over_a_log_leaves_it(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    before = digest(path)
    with pytest.raises(LogError, match="is there already"):
        create_log(tmp_path, title="Again", rate="25", user="Maya", clock=a_clock())
    assert digest(path) == before


def test_failed_creation_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TimecodeError):
        create_log(tmp_path, title="Odd", rate="26", user="Maya", clock=a_clock())
    with pytest.raises(LogError):
        create_log(tmp_path / "missing", title="Odd", rate="25", user="Maya", clock=a_clock())
    assert os.listdir(tmp_path) == []


def test_closed_log_is_one_file(tmp_path: Path) -> None:
    a_log(tmp_path)
    assert os.listdir(tmp_path) == [LOG_NAME]


def test_log_on_a_read_only_medium_shows_what_lies_in_its_wal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick pulled from a running machine, write-protected: the newest takes are only in the -wal."""
    stick, source = tmp_path / "stick", tmp_path / "source"
    stick.mkdir()
    source.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(source))
    with file_log(source) as on_set:
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        for file in source.iterdir():
            shutil.copyfile(file, stick / file.name)
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a read-only mount needs root")
    mounted = subprocess.run(["mount", "--bind", stick, stick], capture_output=True, check=False).returncode == 0
    require(mounted, "this machine does not let tests mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", stick], check=True)
        log = open_log(stick / LOG_NAME, user="Maya", clock=a_clock())
        try:
            assert "read-only" in (log.read_only or "")
            assert [take.label for take in log.takes()] == ["42C/1"]
        finally:
            log.close()
        assert all(check.ok for check in doctor.check(stick / LOG_NAME) if check.name != "log version")
    finally:
        subprocess.run(["umount", stick], check=True)
    assert os.listdir(source) == [LOG_NAME]  # the private copies are gone


def test_older_library_takes_a_log_out_of_wal_when_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONSET_SQLITE", "pysqlite3")
    path = a_log(tmp_path)
    monkeypatch.setenv("ONSET_SQLITE", "stdlib")
    open_log(path, user="Maya", clock=a_clock()).close()
    assert path.read_bytes()[18:20] == b"\x01\x01"  # file format 1: rollback journal
    monkeypatch.setenv("ONSET_SQLITE", "pysqlite3")
    log = open_log(path, user="Maya", clock=a_clock())
    assert len(log.takes()) == 2
    log.close()


def test_older_library_refuses_a_log_that_a_newer_one_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_log(tmp_path)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from logging_db.logbook import open_log\n"
            "log = open_log(Path(sys.argv[1])); log.takes(); print('open', flush=True); sys.stdin.read(); log.close()",
            str(path),
        ],
        env={**os.environ, "ONSET_SQLITE": "pysqlite3"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        monkeypatch.setenv("ONSET_SQLITE", "stdlib")
        with pytest.raises(LogError, match=rf"in use by .*pid {holder.pid}.*newer SQLite"):
            open_log(path, user="Maya", clock=a_clock())
    finally:
        holder.communicate(timeout=20)
    assert holder.returncode == 0


def test_copied_log_is_another_seat(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copyfile(path, copy / LOG_NAME)

    def seat_of(log: Path, *, user: str = "Maya", role: str = "script", seat: str | None = None) -> str:
        opened = open_log(log, user=user, role=role, seat=seat, clock=a_clock())
        opened.close()
        return opened.seat.id

    here = seat_of(path)
    assert seat_of(path) == here
    others = [seat_of(copy / LOG_NAME), seat_of(path, role="dit"), seat_of(path, user="Ben"), seat_of(path, seat="2")]
    assert len({here, *others}) == 5


def test_state_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_log(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(LogError, match="XDG_STATE_HOME"):
        open_log(path, user="Maya", clock=a_clock())


@pytest.mark.parametrize("library", LIBRARIES)
def test_doctor_is_content_with_a_good_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    checks = doctor.check(a_log(tmp_path))
    assert [check.name for check in checks if not check.ok] == []
    assert {"log chain", "log integrity", "log projections", "log version"} <= {check.name for check in checks}


def test_doctor_finds_a_note_changed_with_a_shell(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    change = "UPDATE change SET value = 'boom out' WHERE value LIKE 'boom in%';;UPDATE note SET text = 'boom out'"
    sql(path, f"DROP TRIGGER change_no_update;;{change}")
    found = {check.name: check for check in doctor.check(path)}
    assert found["log integrity"].ok  # SQLite itself sees nothing wrong
    assert not found["log chain"].ok
    assert "was altered" in found["log chain"].detail


def test_doctor_finds_one_flipped_bit(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    content = path.read_bytes()
    at = content.index(b"boom in shot at the very end")
    flipped = bytearray(content)
    flipped[at] ^= 1
    path.write_bytes(flipped)
    bad = [check.name for check in doctor.check(path) if not check.ok]
    assert bad  # the truth or its projection, whichever lay there first


def test_doctor_finds_a_cut_tail_and_a_missing_edit(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    tail = "DELETE FROM edit WHERE seq = (SELECT max(seq) FROM edit)"
    sql(path, f"DROP TRIGGER edit_no_delete;;{tail}")
    assert "belong to no edit" in next(check.detail for check in doctor.check(path) if check.name == "log chain")
    sql(path, "DELETE FROM edit WHERE seq = 3")
    assert "edits are missing" in next(check.detail for check in doctor.check(path) if check.name == "log chain")


def test_doctor_finds_a_projection_that_the_changes_do_not_say(tmp_path: Path) -> None:
    path = a_log(tmp_path)
    sql(path, "UPDATE take SET status = 'ng'")
    found = next(check for check in doctor.check(path) if check.name == "log projections")
    assert not found.ok
    assert found.detail.startswith("4 rows of take (42C/1, 42C/2);")


def test_two_seats_that_did_not_see_each_other_are_a_conflict(tmp_path: Path) -> None:
    """A change that names an older base than the newest, as a merge will bring it in."""
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        ben = on_set.other_seat()
        ben.note(take.id, "good")
        on_set.log.set_take(take.id, {"status": "circled"})
        assert on_set.log.conflicts() == []
        ben.close()
        writer = on_set.log._writer
        first = "SELECT c.entity, c.field FROM change c JOIN field_name f ON f.id = c.field WHERE f.name = 'status'"
        entity, field = writer.execute(f"{first} LIMIT 1").fetchall()[0]
        ben_number, seq, hlc = writer.execute(
            "SELECT seat, seq + 1, hlc FROM edit ORDER BY seat DESC LIMIT 1"
        ).fetchall()[0]
        base = writer.execute(
            "SELECT seat, seq FROM change WHERE entity = ? AND field = ? ORDER BY seq LIMIT 1", (entity, field)
        ).fetchall()[0]
        writer.execute(
            "INSERT INTO edit (seat, seq, hlc, author, wall_ns, schema, verb, hash) "
            "VALUES (?, ?, ?, 'Ben', 0, 1, 'set', x'00')",
            (ben_number, seq, hlc),
        )
        writer.execute(
            "INSERT INTO change VALUES (?, ?, 0, ?, ?, 'hold', ?, ?)", (ben_number, seq, entity, field, *base)
        )
        projections.rebuild(writer)
        (conflict,) = on_set.log.conflicts()
        assert conflict.take is not None
        assert (conflict.field, conflict.values, conflict.take.status) == ("status", ("circled", "hold"), "circled")
        on_set.log.set_take(take.id, {"status": "ng"})
        assert on_set.log.conflicts() == []  # who sets it has seen both


def test_busy_log_says_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_library, "BUSY_MS", 50)
    path = a_log(tmp_path)
    module = "pysqlite3" if sqlite_library.library().__name__.startswith("pysqlite3") else "sqlite3"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sys, {module} as s; c = s.connect(sys.argv[1], isolation_level=None)\n"
            "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        log = open_log(path, user="Maya", clock=a_clock())
        try:
            with pytest.raises(LogError, match=rf"busy: .*pid {holder.pid}"):
                log.set_next(Next(slate="7"))
            assert len(log.takes(TakeFilter())) == 2
        finally:
            log.close()
    finally:
        holder.communicate(timeout=20)


def test_refusals_carry_no_control_characters(tmp_path: Path) -> None:
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(slate="1"))
        with pytest.raises(RefusedError) as refused:
            on_set.log.find_take("a\x1b]0;x\x07/1")
        assert "\x1b" not in str(refused.value)
