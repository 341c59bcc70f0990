"""`merge` on files: whatever the other file is, one sentence and a whole log, and what a copy logged is never lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from logging_db import doctor, other_log
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, open_log
from logging_db.sqlite_library import peek
from logging_db.taking_in import vector
from onset.clock import ManualClock
from onset.errors import OnsetError, RefusedError
from onset.logbook.as_json import Json, take_json
from onset.logbook.merging import Fault, Merged
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import LIBRARIES, OnSet, a_clock, assert_projections_are_a_rebuild


@pytest.fixture(params=LIBRARIES)
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the laptops' production folders are; by each of the two SQLite libraries."""
    monkeypatch.setenv("ONSET_SQLITE", request.param)
    return tmp_path


def begun(folder: Path) -> Path:
    """A production with one take, 1/1."""
    folder.mkdir()
    create_log(folder, title="Harbour Lights", rate="25", user="Maya", clock=a_clock())
    with laptop(folder, "Maya") as maya:
        maya.log.set_next(Next(slate="1"))
        maya.shoot()
    return folder / LOG_NAME


@contextmanager
def laptop(folder: Path, user: str) -> Iterator[OnSet]:
    clock: ManualClock = a_clock()
    with closing(open_log(folder / LOG_NAME, user=user, clock=clock)) as log:
        yield OnSet(log, clock)
        assert_projections_are_a_rebuild(log)


def copied(log: Path, folder: Path) -> Path:
    """The same production on another laptop: its folder is copied."""
    folder.mkdir()
    shutil.copyfile(log, folder / LOG_NAME)
    return folder / LOG_NAME


def merged(on_set: OnSet, other: Path, *, as_new_seat: bool = False) -> Merged:
    return on_set.log.merge(other, wall_ns=on_set.clock.wall_ns(), as_new_seat=as_new_seat)


def state(log: SqliteLogbook) -> dict[str, Json]:
    return {take.id: take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))}


def test_two_laptops_at_lunch_hold_the_same_afterwards(folder: Path) -> None:
    here = begun(folder / "maya")
    there = copied(here, folder / "ben")
    with laptop(folder / "maya", "Maya") as maya, laptop(folder / "ben", "Ben") as ben:
        maya.shoot()
        take = ben.shoot()
        ben.log.note(take.id, "plane")
        said = merged(maya, there)
        assert (said.taken.things["take"], said.taken.things["note"]) == (1, 1)
        assert said.taken.seats == ("Ben, script",)
        assert [{take.label for take in group} for group in said.duplicates] == [{"1/2"}]
        merged(ben, here)
        assert state(maya.log) == state(ben.log)
        assert merged(maya, there).taken.edits == 0
    assert all(check.ok for path in (here, there) for check in doctor.check(path))


def test_stamps_that_do_not_fit_each_other_any_more_are_told(folder: Path) -> None:
    """The log was copied while the take rolled: here it was cut, there an action was stamped later."""
    here = begun(folder / "maya")
    with laptop(folder / "maya", "Maya") as maya:
        take = maya.roll()
    there = copied(here, folder / "ben")
    with laptop(folder / "maya", "Maya") as maya, laptop(folder / "ben", "Ben") as ben:
        maya.clock.advance(10)
        ben.clock.advance(20)
        maya.log.cut(take.id, maya.stamp())
        ben.log.action(take.id, ben.stamp())
        assert [odd.id for odd in merged(maya, there).odd] == [take.id]
        assert [odd.id for odd in merged(ben, here).odd] == [take.id]
        ben.log.note(take.id, "both")
        maya.log.note(maya.log.find_take("1/1").id, "fits")
        assert merged(ben, here).odd == ()


def test_other_log_is_left_byte_for_byte(folder: Path) -> None:
    here = begun(folder / "maya")
    there = copied(here, folder / "ben")
    with laptop(folder / "ben", "Ben") as ben:
        ben.shoot()
    before = there.read_bytes(), os.listdir(there.parent)
    with laptop(folder / "maya", "Maya") as maya:
        merged(maya, there)
    assert (there.read_bytes(), os.listdir(there.parent)) == before


def spoilt(path: Path, how: str) -> None:
    whole = path.read_bytes()
    match how:
        case "torn":
            path.write_bytes(whole[: len(whole) // 2])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"Dear Ben,\n" * 1000)
        case "zeroed":
            path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
        case "page":
            path.write_bytes(whole[: 4096 * 40] + bytes(4096) + whole[4096 * 41 :])
        case "missing":
            path.unlink()
        case "folder":
            path.unlink()
            path.mkdir()
        case "other program":
            path.unlink()
            _by_another_program(path, "CREATE TABLE x (y); INSERT INTO x VALUES (1)")
        case "altered":
            _by_another_program(path, "DROP TRIGGER edit_no_update; UPDATE edit SET author = 'Eve' WHERE seq = 2")
        case _:
            _by_another_program(path, "DROP TRIGGER edit_no_delete; DELETE FROM edit WHERE seq = 2")


def _by_another_program(path: Path, sql: str) -> None:
    """In a process of its own: two SQLite libraries in one lose each other's locks."""
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()"
    subprocess.run([sys.executable, "-c", script, str(path), sql], check=True)


@pytest.mark.parametrize(
    "how",
    ["torn", "empty", "text", "zeroed", "page", "missing", "folder", "other program", "altered", "cut out"],
)
def test_file_that_is_no_whole_log_is_one_sentence_and_changes_nothing(folder: Path, how: str) -> None:
    here = begun(folder / "maya")
    there = copied(here, folder / "ben")
    with laptop(folder / "ben", "Ben") as ben:
        ben.shoot()
        ben.shoot()
    spoilt(there, how)
    with laptop(folder / "maya", "Maya") as maya:
        before = vector(maya.log._writer)
        with pytest.raises(OnsetError) as refused:
            merged(maya, there)
        assert str(refused.value).count("\n") == 0
        assert "ben" in str(refused.value)
        assert vector(maya.log._writer) == before


def test_another_production_is_refused_by_its_title(folder: Path) -> None:
    begun(folder / "maya")
    (folder / "other").mkdir()
    create_log(folder / "other", title="Night Shift", rate="24", user="Ben", clock=a_clock())
    with laptop(folder / "maya", "Maya") as maya, pytest.raises(RefusedError, match="Night Shift"):
        merged(maya, folder / "other" / LOG_NAME)


def test_log_itself_has_nothing_new(folder: Path) -> None:
    here = begun(folder / "maya")
    with laptop(folder / "maya", "Maya") as maya, pytest.raises(RefusedError, match="this log itself"):
        merged(maya, here)


def test_log_of_an_earlier_version_is_read_and_left_as_it_is(folder: Path) -> None:
    old = Path(__file__).parents[1] / "data" / "logs" / "first_landed.onset"
    there = copied(old, folder / "old")
    copied(old, folder / "new")
    with laptop(folder / "new", "Maya") as maya:
        maya.log.note(maya.log.takes()[0].id, "of this version")
        before = state(maya.log)
        assert merged(maya, there).taken.edits == 0
        assert state(maya.log) == before
    assert there.read_bytes() == old.read_bytes()


def test_log_on_a_read_only_stick_is_read(folder: Path) -> None:
    here = begun(folder / "maya")
    there = copied(here, folder / "stick")
    with laptop(folder / "stick", "Ben") as ben:
        ben.shoot()
    with laptop(folder / "maya", "Maya") as maya, pytest.MonkeyPatch.context() as patch:
        patch.setattr("logging_db.opening._why_read_only", lambda path: "read-only")
        assert merged(maya, there).taken.things["take"] == 1


def test_log_that_is_in_use_is_read_with_its_newest_take(folder: Path) -> None:
    here = begun(folder / "maya")
    there = copied(here, folder / "ben")
    with laptop(folder / "ben", "Ben") as ben, laptop(folder / "maya", "Maya") as maya:
        take = ben.shoot()
        merged(maya, there)
        assert maya.log.find_take(take.id).label == "1/2"
        ben.shoot()


# -- copied logs that went on as one seat ------------------------------------------------------------------------------


def cloned(folder: Path) -> tuple[Path, Path]:
    """The hard case: a whole laptop copied, so that both go on as one seat; 1/2 differs on each."""
    here = begun(folder / "maya")
    original = here.read_bytes()
    with laptop(folder / "maya", "Maya") as maya:
        maya.log.note(maya.shoot().id, "by the original")
    kept = folder / "kept.onset"
    shutil.copyfile(here, kept)
    here.write_bytes(original)
    with laptop(folder / "maya", "Maya") as maya:
        maya.log.note(maya.shoot().id, "by the clone")
        maya.log.set_take(maya.log.find_take("1/1").id, {"status": "circled"})
    there = folder / "clone.onset"
    shutil.copyfile(here, there)
    shutil.copyfile(kept, here)
    return here, there


def as_one_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing on this machine tells the copies apart."""
    monkeypatch.setattr("logging_db.seats.went_on", lambda *_: True)


def test_restored_backup_is_another_seat_and_loses_nothing(folder: Path) -> None:
    """The numbers that the seat gave after the backup was made are on the other laptop already."""
    here = begun(folder / "maya")
    backup = here.read_bytes()
    with laptop(folder / "maya", "Maya") as maya:
        first = maya.log.seat.id
        maya.log.note(maya.log.find_take("1/1").id, "after the backup")
    there = copied(here, folder / "ben")
    here.write_bytes(backup)
    for beside in ("-wal", "-shm"):
        here.with_name(here.name + beside).unlink(missing_ok=True)
    with laptop(folder / "maya", "Maya") as maya:
        assert maya.log.seat.id != first
        maya.log.note(maya.log.find_take("1/1").id, "after the restoring")
        assert merged(maya, there).taken.refused == ()
        assert {note.text for note in maya.log.find_take("1/1").notes} == {"after the backup", "after the restoring"}
        again = maya.log.seat.id
    with laptop(folder / "maya", "Maya") as maya:
        assert maya.log.seat.id == again


def test_clone_is_refused_by_name_and_saved_as_a_new_seat(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_one_seat(monkeypatch)
    _, there = cloned(folder)
    with laptop(folder / "maya", "Maya") as maya:
        said = merged(maya, there)
        (refused,) = said.taken.refused
        assert (refused.fault, refused.name) == (Fault.FORKED, "Maya, script")
        assert [note.text for take in maya.log.takes() for note in take.notes] == ["by the original"]
        said = merged(maya, there, as_new_seat=True)
        assert said.taken.refused == ()
        assert said.taken.seats == ("Maya, script (copy)",)
        assert {note.text for take in maya.log.takes() for note in take.notes} == {"by the original", "by the clone"}
        assert maya.log.find_take("1/1").status == "circled"
        again = merged(maya, there)
        assert (again.taken.edits, again.taken.refused) == (0, ())
    assert all(check.ok for check in doctor.check(folder / "maya" / LOG_NAME))


def test_two_logs_that_save_a_clone_make_the_same_seat_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_one_seat(monkeypatch)
    here, there = cloned(folder)
    copied(here, folder / "ben")
    with laptop(folder / "maya", "Maya") as maya, laptop(folder / "ben", "Ben") as ben:
        for on_set in (maya, ben):
            merged(on_set, there, as_new_seat=True)
        assert vector(maya.log._writer) == vector(ben.log._writer)
        assert merged(maya, folder / "ben" / LOG_NAME).taken == merged(ben, here).taken


def test_who_built_on_a_clone_is_saved_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_one_seat(monkeypatch)
    _, there = cloned(folder)
    copied(there, folder / "kim")
    with laptop(folder / "kim", "Kim") as kim:
        kim.log.set_take(kim.log.find_take("1/1").id, {"status": "ng"})
    with laptop(folder / "maya", "Maya") as maya:
        said = merged(maya, folder / "kim" / LOG_NAME)
        assert {refused.fault for refused in said.taken.refused} == {Fault.FORKED, Fault.WAITS}
        assert maya.log.find_take("1/1").status == "none"
        assert merged(maya, folder / "kim" / LOG_NAME, as_new_seat=True).taken.refused == ()
        assert maya.log.find_take("1/1").status == "ng"
        assert maya.log.conflicts() == []


@pytest.mark.parametrize("apart", [1, 2, 7, 40])
def test_place_where_two_chains_part_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch, apart: int) -> None:
    as_one_seat(monkeypatch)
    here = begun(folder / "maya")
    whole = here.read_bytes()
    files = []
    for name in ("one", "other"):
        here.write_bytes(whole)
        with laptop(folder / "maya", "Maya") as maya:
            newest = vector(maya.log._writer)[bytes.fromhex(maya.log.seat.id)]
            for n in range(apart):
                maya.log.note(maya.log.find_take("1/1").id, f"{name} {n}")
        files.append(folder / f"{name}.onset")
        shutil.copyfile(here, files[-1])
    with closing(peek(files[0])) as one, closing(peek(files[1])) as other:
        assert list(other_log.forks(one, other).values()) == [newest + 1]
