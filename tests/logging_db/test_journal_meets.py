"""Programs that meet over one log while some of them can write into the second journal only."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, journal, keeping
from logging_db.elsewhere import Line
from logging_db.logbook import LOG_NAME, SqliteLogbook, open_log
from logging_db.sqlite_library import Connection
from logging_db.taking_in import take_back
from onset.domain.take import State, Take
from onset.errors import LogError
from onset.logbook.merging import TakenIn
from tests.logging_db.support import NOON, DyingDisk, OnSet, a_clock
from tests.logging_db.test_journal import folder, labels, lines, logged, opened
from tests.logging_db.test_journal import journal as the_journal

__all__ = ["folder"]  # the fixture


def killed(log: SqliteLogbook) -> None:
    """As `kill -9` leaves it: what it had not yet put into the journal never comes there."""
    log._ended.set()
    log._reader.close()
    log._writer.close()
    log._forget_stand_in()
    log._closed()


def first_take(log: SqliteLogbook) -> Take:
    (take,) = (take for take in log.takes() if take.take == "1")
    return take


@pytest.fixture
def full(folder: Path) -> Iterator[OnSet]:
    """The seat of a program that could not write the log: its take went into the journal only."""
    log = opened(folder)
    log._writer = DyingDisk(log._writer)
    on_set = OnSet(log, a_clock())
    on_set.shoot()
    try:
        yield on_set
    finally:
        log.close()


def tag_and_be_killed(folder: Path, take: Take) -> None:
    """An edit that is in the log, and by the death of its program not in the journal."""
    other = open_log(folder / LOG_NAME, user="Maya", role="assistant", clock=a_clock())
    other.tag(take.id, add=["stunt"])
    killed(other)


def test_edit_before_those_of_the_journal_never_reaches_it(full: OnSet, folder: Path) -> None:
    tag_and_be_killed(folder, first_take(full.log))
    killed(full.log)
    opened(folder).close()
    assert {*lines(folder)} == {*logged(folder)}


def test_edit_before_the_log_came_back_never_reaches_the_journal(full: OnSet, folder: Path) -> None:
    tag_and_be_killed(folder, first_take(full.log))
    full.log.look_after()
    full.log.look_after()
    assert {*lines(folder)} == {*logged(folder)}
    assert all(check.ok for check in doctor.check(folder / LOG_NAME))


def test_edit_that_comes_just_before_those_of_the_journal_never_reaches_it(
    full: OnSet, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program had begun its edit when nothing waited in the journal."""
    take = first_take(full.log)

    def overtaken(connection: Connection, lines: Iterable[Line], wall_ns: int) -> TakenIn:
        monkeypatch.setattr(keeping, "take_back", take_back)
        tag_and_be_killed(folder, take)
        return take_back(connection, lines, wall_ns)

    monkeypatch.setattr(keeping, "take_back", overtaken)
    full.log.look_after()
    full.log.look_after()
    full.shoot()
    full.log.look_after()
    assert {*lines(folder)} == {*logged(folder)}


def test_edit_before_the_disk_died_never_reaches_the_journal(folder: Path) -> None:
    """Nothing waits in the journal then; only reading failed, and the program was killed on its stand-in."""
    with closing(opened(folder)) as log:
        take = first_take(log)
        tag_and_be_killed(folder, take)
        log.tag(take.id, add=["rain"])
        log._reader = DyingDisk(log._reader, "SELECT")
        assert log.draft("half") is None
        killed(log)
        opened(folder).close()
        assert {*lines(folder)} == {*logged(folder)}


def test_program_of_the_same_seat_gives_the_number_of_a_take_in_the_journal(full: OnSet, folder: Path) -> None:
    """A command and the app of one user are one seat. Either take would shut the other out for ever."""
    killed(full.log)
    with closing(opened(folder)) as app:
        OnSet(app, a_clock()).shoot()
        command = opened(folder)
        command._writer = DyingDisk(command._writer)
        made = [OnSet(command, a_clock()).shoot().take]
        killed(command)
        made.append(OnSet(app, a_clock()).shoot().take)
        app.look_after()
        assert made == ["4", "5"]
        assert labels(app) == [f"42/{number}" for number in range(1, 6)]
    assert all(check.ok for check in doctor.check(folder / LOG_NAME))


def test_journal_that_differs_is_read_again_and_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened(folder)) as app:
        command = opened(folder)
        command._writer = DyingDisk(command._writer)
        OnSet(command, a_clock()).shoot()
        killed(command)
        path = the_journal(folder)
        path.write_bytes(path.read_bytes().replace(b'"verb":"roll"', b'"verb":"rool"'))
        app.look_after()
        assert app.warning is not None
        assert "is not as it was written" in app.warning
        OnSet(app, a_clock()).shoot()
        OnSet(app, a_clock()).shoot()
        app.look_after()
        reads: list[Path] = []
        monkeypatch.setattr(journal, "read_lines", lambda path, start=0, mark=None: reads.append(path))
        app.look_after()
        OnSet(app, a_clock()).shoot()
        app.look_after()
        assert reads == []
        assert labels(app) == ["42/1", "42/2", "42/3", "42/4"]


def test_what_rolls_on_another_laptop_rolls_here_after_a_fault(full: OnSet, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "Other"
    other.mkdir()
    shutil.copyfile(folder / LOG_NAME, other / LOG_NAME)
    with closing(open_log(other / LOG_NAME, user="Ben", clock=a_clock())) as log:
        theirs = OnSet(log, a_clock()).roll()
    full.log.merge(other / LOG_NAME, wall_ns=NOON)
    with closing(full.log.feed(after=0)) as feed:
        full.log.look_after()
        assert full.log.elsewhere is None
        states = [each for each in feed.poll() if each.entity_id == theirs.id and each.field == "state"]
    assert [(each.new, each.merged) for each in states] == [(State.ROLLING, True)]
    assert full.shoot().state is State.CUT  # theirs keeps nobody here from rolling


def test_feed_passes_over_what_others_wrote_before_the_log_came_back(full: OnSet, folder: Path) -> None:
    take = first_take(full.log)
    with closing(full.log.feed()) as feed, closing(opened(folder, "assistant")) as other:
        other.tag(take.id, add=["stunt"])
        full.log.look_after()
        told = feed.poll()
        assert ("tag", "stunt") in {(each.entity, each.new) for each in told}
        assert {each.take_id for each in told if each.entity != "seat"} == {take.id}  # nothing is told of twice
        full.log.tag(take.id, add=["rain"])
        assert "rain" in {each.new for each in feed.poll()}
        assert feed.poll() == ()


def test_feed_tells_again_what_a_stand_in_hears_late(folder: Path) -> None:
    with closing(opened(folder)) as log, closing(opened(folder, "assistant")) as other, closing(log.feed()) as feed:
        take = first_take(log)
        log._writer = DyingDisk(log._writer)
        log.tag(take.id, add=["rain"])
        stand_in, log._turns = log._turns, 0  # the feed has not looked yet, and reads the log
        other.tag(take.id, add=["stunt"])
        assert {each.new for each in feed.poll()} >= {"rain", "stunt"}
        log._turns = stand_in
        assert not feed.poll()
        other.look_after()
        log.tag(take.id, add=["wind"])
        assert {each.new for each in feed.poll()} & {"rain", "stunt", "wind"} == {"wind"}


def test_disk_of_the_journal_that_dies_ends_the_thread_that_follows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(path: Path) -> bool:
        raise OSError(errno.EIO, "Input/output error", str(path))

    with closing(opened(folder)) as log:
        with monkeypatch.context() as dead:
            dead.setattr(Path, "exists", no_answer)
            with pytest.raises(LogError, match="Input/output error"):
                log.look_after()
            OnSet(log, a_clock()).shoot()
            assert log.warning is not None
            assert "Input/output error" in log.warning
        log.look_after()
        assert lines(folder) == logged(folder)
        with pytest.raises(LogError, match="Input/output error"), journal.opened(folder / "one.journal"):
            no_answer(folder)


def test_two_threads_bring_the_journal_up_to_date_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened(folder)) as log:
        second = log._second
        assert second is not None
        OnSet(log, a_clock()).shoot()
        find = second.find

        def find_and_be_overtaken(connection: Connection) -> Path:
            monkeypatch.setattr(second, "find", find)
            second.catch_up(connection)
            OnSet(log, a_clock()).roll()
            return find(connection)

        monkeypatch.setattr(second, "find", find_and_be_overtaken)
        second.catch_up(log._reader)
        assert len(second.behind()) == 1  # the one that may have come too late for both
        second.catch_up(log._reader)
        assert second.behind() == []
        assert lines(folder) == logged(folder)
