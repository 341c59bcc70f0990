"""Logs that meet in a folder: pulled sticks, half files, strangers' files, copies; afterwards all hold the same."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from logging_db import doctor
from logging_db.exchange import SUFFIX, exchange_once
from logging_db.logbook import LOG_NAME, create_log, open_log
from logging_db.sqlite_library import peek
from logging_db.taking_in import vector
from onset.changes import Edit
from onset.errors import LogError
from onset.logbook import edit_lines
from onset.logbook.as_json import Json, take_json
from onset.logbook.merging import Exchanged, Fault
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import LIBRARIES, OnSet, a_clock, assert_projections_are_a_rebuild


class Laptops:
    """Production folders of one production, and a stick."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stick = folder / "stick"
        self.stick.mkdir()
        (folder / "maya").mkdir()
        create_log(folder / "maya", title="Harbour Lights", rate="25", user="maya", clock=a_clock())
        with self.seat("maya") as maya:
            maya.log.set_next(Next(slate="1"))
            maya.shoot()
        for name in ("ben", "kim"):
            shutil.copytree(folder / "maya", folder / name)

    def log(self, name: str) -> Path:
        return self.folder / name / LOG_NAME

    @contextmanager
    def seat(self, name: str) -> Iterator[OnSet]:
        clock = a_clock()
        with closing(open_log(self.log(name), user=name, clock=clock)) as log:
            yield OnSet(log, clock)
            assert_projections_are_a_rebuild(log)

    def exchange(self, name: str, *, as_new_seat: bool = False, stick: Path | None = None) -> Exchanged:
        return exchange_once(self.log(name), stick or self.stick, clock=a_clock(), user=name, as_new_seat=as_new_seat)

    def vector(self, name: str) -> dict[bytes, int]:
        with closing(peek(self.log(name))) as connection:
            return vector(connection)

    def state(self, name: str) -> dict[str, Json]:
        with self.seat(name) as on_set:
            return {take.id: take_json(take) for take in on_set.log.takes(TakeFilter(limit=None, deleted=True))}

    def shoot(self, name: str, note: str) -> str:
        with self.seat(name) as on_set:
            take = on_set.shoot()
            on_set.log.note(take.id, note)
            return take.id

    def file(self, name: str) -> Path:
        return self.stick / self.exchange(name).file


@pytest.fixture(params=LIBRARIES)
def laptops(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptops:
    monkeypatch.setenv("ONSET_SQLITE", request.param)
    return Laptops(tmp_path)


def test_three_laptops_hold_the_same_once_the_stick_went_round(laptops: Laptops) -> None:
    for name in ("maya", "ben", "kim"):
        laptops.shoot(name, f"by {name}")
    for name in ("maya", "ben", "kim", "maya", "ben"):
        laptops.exchange(name)
    assert laptops.state("maya") == laptops.state("ben") == laptops.state("kim")
    assert laptops.vector("maya") == laptops.vector("ben") == laptops.vector("kim")
    assert len(laptops.state("maya")) == 4
    before = {file: file.read_bytes() for file in laptops.stick.iterdir()}
    for name in ("kim", "maya", "ben", "kim", "maya", "ben"):
        laptops.exchange(name)
    assert all(laptops.exchange(name).sent == 0 for name in ("maya", "ben", "kim"))
    after = {file: file.read_bytes() for file in laptops.stick.iterdir()}
    assert {file: whole[: len(before[file])] for file, whole in after.items()} == before  # only ever appended to
    assert all(check.ok for name in ("maya", "ben", "kim") for check in doctor.check(laptops.log(name)))


def test_each_writes_only_its_own_file(laptops: Laptops) -> None:
    mayas = laptops.file("maya")
    before = mayas.read_bytes()
    laptops.shoot("ben", "plane")
    bens = laptops.file("ben")
    assert bens != mayas
    assert mayas.read_bytes() == before


@pytest.mark.parametrize("cut", [1, 7, 300, 5_000])
def test_stick_pulled_while_the_file_was_written(laptops: Laptops, cut: int) -> None:
    laptops.shoot("maya", "one")
    file = laptops.file("maya")
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    came = laptops.exchange("ben").came[0]
    assert (came.problem, came.taken.refused) == ("", ())
    assert laptops.exchange("maya").sent > 0
    assert file.read_bytes() == whole
    laptops.exchange("ben")
    assert laptops.state("ben") == laptops.state("maya")


@pytest.mark.parametrize("left", [0, 10])
def test_stick_pulled_before_the_first_line_was_on_it(laptops: Laptops, left: int) -> None:
    file = laptops.file("maya")
    whole = file.read_bytes()
    file.write_bytes(whole[:left])
    assert laptops.exchange("ben").came[0].problem == "nothing is in it yet"
    assert laptops.file("maya") == file
    assert file.read_bytes() == whole


def test_file_system_that_gave_room_before_it_gave_bytes(laptops: Laptops) -> None:
    """As on exFAT, where a file may end in zeros after a power cut."""
    file = laptops.file("maya")
    whole = file.read_bytes()
    file.write_bytes(whole + bytes(4096))
    came = laptops.exchange("ben").came[0]
    assert came.problem == ""
    assert laptops.state("ben") == laptops.state("maya")
    laptops.shoot("maya", "later")
    laptops.exchange("maya")
    laptops.exchange("ben")
    assert laptops.state("ben") == laptops.state("maya")


def test_damaged_line_is_named_and_the_rest_waits(laptops: Laptops) -> None:
    laptops.shoot("maya", "one")
    file = laptops.file("maya")
    lines = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join([*lines[:-3], b"rust" * 30, *lines[-2:]]))
    came = laptops.exchange("ben").came[0]
    assert "damaged at byte" in came.problem
    assert "delete it" in came.problem
    file.unlink()
    laptops.exchange("maya")
    assert laptops.exchange("ben").came[0].problem == ""
    assert laptops.state("ben") == laptops.state("maya")


def test_altered_line_is_refused(laptops: Laptops) -> None:
    laptops.shoot("maya", "on the mark")
    file = laptops.file("maya")
    file.write_bytes(file.read_bytes().replace(b"on the mark", b"off a mark!"))
    came = laptops.exchange("ben").came[0]
    assert [refused.fault for refused in came.taken.refused] == [Fault.ALTERED]
    assert len(laptops.state("ben")) == 2


def test_strangers_in_the_folder_are_left_alone(laptops: Laptops, tmp_path: Path) -> None:
    stick = laptops.stick
    (stick / "holiday.jpg").write_bytes(b"\xff\xd8")
    (stick / f"._mac{SUFFIX}").write_bytes(b"\x00\x05")
    (stick / f"folder{SUFFIX}").mkdir()
    os.mkfifo(stick / f"pipe{SUFFIX}")
    (stick / f"link{SUFFIX}").symlink_to(tmp_path / "maya" / LOG_NAME)
    (stick / f"text{SUFFIX}").write_bytes(b"Dear Ben,\nsee you at lunch\n")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(stick / f"s{SUFFIX}"))
        laptops.shoot("maya", "one")
        before = {file: file.lstat() for file in stick.iterdir()}
        laptops.exchange("maya")
        came = laptops.exchange("ben").came
        assert laptops.state("ben") == laptops.state("maya")
        assert sum(1 for file in came if file.problem) == 5
        assert all(file.lstat().st_mtime_ns == kept.st_mtime_ns for file, kept in before.items())
    assert stat.S_ISFIFO((stick / f"pipe{SUFFIX}").stat().st_mode)


def test_another_production_on_the_same_stick_is_named_and_left_alone(laptops: Laptops, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    create_log(other, title="Night\x1b[31m Shift", rate="24", user="zoe", clock=a_clock())
    done = exchange_once(other / LOG_NAME, laptops.stick, clock=a_clock(), user="zoe")
    theirs = (laptops.stick / done.file).read_bytes()
    came = laptops.exchange("maya").came[0]
    assert "another production" in came.problem
    assert "Night\\x1b[31m Shift" in came.problem
    assert came.taken.edits == 0
    assert (laptops.stick / done.file).read_bytes() == theirs


def test_two_sticks_in_turn(laptops: Laptops, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    for note, stick in (("a", laptops.stick), ("b", second), ("c", laptops.stick), ("d", second)):
        laptops.shoot("maya", note)
        laptops.exchange("maya", stick=stick)
        laptops.exchange("ben", stick=stick)
    assert laptops.state("ben") == laptops.state("maya")


def test_missing_folder_and_full_stick_are_one_sentence(laptops: Laptops, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is not there; connect it"):
        laptops.exchange("maya", stick=tmp_path / "nowhere")
    laptops.shoot("ben", "one")
    laptops.exchange("ben")
    before = os.listdir(laptops.stick)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", _no_space)
        with pytest.raises(LogError, match=r"No space left.*was taken in"):
            laptops.exchange("maya")
    assert set(before) <= set(os.listdir(laptops.stick))
    assert laptops.exchange("maya").sent > 0
    assert laptops.state("ben") == laptops.state("maya")


def _no_space(descriptor: int) -> None:
    raise OSError(28, "No space left on device", descriptor)


def test_what_was_read_before_is_not_read_again(laptops: Laptops, monkeypatch: pytest.MonkeyPatch) -> None:
    laptops.shoot("maya", "one")
    laptops.exchange("maya")
    laptops.exchange("ben")
    read: list[bytes] = []

    def noted(line: bytes) -> tuple[Edit, bytes]:
        read.append(line)
        return edit_lines.edit_of(line)

    monkeypatch.setattr("logging_db.exchange.edit_of", noted)
    laptops.shoot("maya", "two")
    laptops.exchange("maya")
    del read[:]
    laptops.exchange("ben")
    # Ben's own last line, once to find the file and once to go on after it, and what Maya logged since.
    assert len(read) <= 2 + 3
    assert laptops.state("ben") == laptops.state("maya")


def test_file_that_was_replaced_is_read_from_its_beginning(laptops: Laptops) -> None:
    file = laptops.file("maya")
    laptops.exchange("ben")
    file.unlink()
    laptops.shoot("maya", "one")
    laptops.exchange("maya")
    longer = file.read_bytes()
    assert laptops.exchange("ben").came[0].taken.edits == 3
    file.write_bytes(longer)
    assert laptops.state("ben") == laptops.state("maya")


def test_copies_of_one_log_meet_in_a_folder(laptops: Laptops, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloned laptop: same machine, path, user and seat; each would take the other's file for its own."""
    monkeypatch.setattr("logging_db.seats.went_on", lambda *_: True)
    here = laptops.log("maya")
    before = here.read_bytes()
    laptops.exchange("maya")
    laptops.shoot("maya", "by the original")
    laptops.exchange("maya")
    original = here.read_bytes()
    here.write_bytes(before)
    laptops.shoot("maya", "by the clone")
    done = laptops.exchange("maya")
    assert [refused.fault for file in done.came for refused in file.taken.refused] == [Fault.FORKED]
    clone = here.read_bytes()
    here.write_bytes(original)
    assert len(set(os.listdir(laptops.stick))) == 2
    laptops.exchange("maya", as_new_seat=True)
    with laptops.seat("maya") as maya:
        notes = {note.text for take in maya.log.takes() for note in take.notes}
    assert notes == {"by the original", "by the clone"}
    again = laptops.exchange("maya")
    assert [file.taken.refused for file in again.came] == [()]
    assert clone != original


def test_restored_backup_gets_back_from_the_stick_what_it_had_lost(laptops: Laptops) -> None:
    here = laptops.log("maya")
    before = here.read_bytes()
    lost = laptops.shoot("maya", "after the backup")
    laptops.exchange("maya")
    here.write_bytes(before)
    laptops.exchange("maya")
    assert lost in laptops.state("maya")
    laptops.shoot("maya", "and on")
    laptops.exchange("maya")
    laptops.exchange("ben")
    assert laptops.state("ben") == laptops.state("maya")
