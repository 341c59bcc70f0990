"""Two programs of one seat that give one number to two edits: one into the log, one into the second journal alone."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, journal, opening
from logging_db.journal import pending_of, read_journal
from logging_db.logbook import LOG_NAME, SqliteLogbook, open_log
from logging_db.recover import put_in_place, recover
from logging_db.second import SecondJournal
from logging_db.sqlite_library import connect
from logging_db.taking_in import take_in
from onset.domain.take import Take
from tests.logging_db import test_journal
from tests.logging_db.support import NOON, DyingDisk, OnSet, a_clock, assert_projections_are_a_rebuild
from tests.logging_db.test_journal import folder, labels, lines, logged, opened, shuttle
from tests.logging_db.test_journal_meets import first_take, killed

__all__ = ["folder"]  # the fixture

BOTH = ["42/1", "42/2", "42/2"]


def written(folder: Path) -> SqliteLogbook:
    """A program whose disk is dead: its 42/2 went into the journal alone."""
    command = opened(folder)
    command._writer = DyingDisk(command._writer)
    command.note(OnSet(command, a_clock()).shoot().id, "by the command")
    return command


def shot_unheard(log: SqliteLogbook, monkeypatch: pytest.MonkeyPatch) -> Take:
    """A take of a program of the same seat that was about to write and could not hear of the other any more."""
    with monkeypatch.context() as deaf:
        deaf.setattr(SqliteLogbook, "_hear_of_others", lambda log: None)
        return OnSet(log, a_clock()).shoot()


def forked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Leave a log and a journal that differ in what 42/2 is; returns the ids of the two."""
    with closing(open_log(folder / LOG_NAME, user="Maya", clock=a_clock())) as app:
        command = written(folder)
        made = [take.id for take in command.takes() if take.take == "2"]
        killed(command)
        return [*made, shot_unheard(app, monkeypatch).id]


def assert_well(folder: Path) -> None:
    """Log and journal hold the same, line by line, and either can be made from the other."""
    assert lines(folder) == logged(folder)
    the_journal = test_journal.journal(folder)
    assert not pending_of(the_journal).exists()
    assert not [name for name in os.listdir(shuttle(folder)) if name.endswith(".anew")]
    assert all(check.ok for check in doctor.check(folder / LOG_NAME, shuttle(folder), 600.0, NOON))
    again = folder.parent / "again.onset"
    again.unlink(missing_ok=True)
    with closing(connect(again)) as connection:
        opening.build(connection)
        assert take_in(connection, read_journal(the_journal), NOON).refused == ()
    with closing(open_log(again, user="Maya", clock=a_clock())) as log, closing(opened(folder)) as kept:
        assert [take.id for take in log.takes()] == [take.id for take in kept.takes()]
        assert_projections_are_a_rebuild(kept)


def evidence(folder: Path) -> list[Path]:
    return sorted(shuttle(folder).glob("*.journal.forked-*"))


def test_one_of_two_takes_is_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = forked(folder, monkeypatch)
    was = test_journal.journal(folder).read_bytes()
    with closing(opened(folder)) as log:
        assert {take.id for take in log.takes() if take.take == "2"} == {*both}
        assert labels(log) == BOTH
        assert log.warning is not None
        assert '3 edits of Maya, script are kept as those of "Maya, script (copy)"' in log.warning
        assert "Look for two takes of one number" in log.warning
        assert "differ" not in log.warning
        assert [[take.id for take in group] for group in log.duplicates()]
        assert OnSet(log, a_clock()).shoot().take == "3"
    assert [path.read_bytes() for path in evidence(folder)] == [was]
    with closing(opened(folder)) as log:
        assert log.warning is None
    assert_well(folder)


def test_app_that_goes_on_meanwhile_never_hears_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened(folder)) as app:
        killed(written(folder))
        shot_unheard(app, monkeypatch)
        app.look_after()  # once a second
        assert labels(app) == BOTH
        assert app.warning is not None
        assert "(copy)" in app.warning
        assert OnSet(app, a_clock()).shoot().take == "3"
    assert_well(folder)


def test_program_on_its_stand_in_never_comes_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(opened(folder)) as app, closing(written(folder)) as command:
        shot_unheard(app, monkeypatch)
        command.look_after()
        assert command.elsewhere is None
        assert command.warning is not None
        assert "(copy)" in command.warning
        assert labels(command) == labels(app) == BOTH
        assert OnSet(command, a_clock()).shoot().take == "3"
        assert OnSet(app, a_clock()).shoot().take == "4"
        app.look_after()
    assert_well(folder)


def test_stand_in_goes_on_from_a_number_that_became_another_seats(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log took everything in and began the journal anew, and the program on the stand-in did not look since."""
    with closing(opened(folder)) as app, closing(written(folder)) as command:
        shot_unheard(app, monkeypatch)
        app.look_after()
        assert OnSet(command, a_clock()).shoot().take == "3"
        assert labels(command) == [*BOTH, "42/3"]
        assert command.elsewhere is not None
        app.look_after()
        command.look_after()
        assert labels(command) == labels(app) == [*BOTH, "42/3"]
        assert str(command.warning).count("(copy)") == 0  # the app has said it
    assert_well(folder)


def test_stand_in_refuses_to_log_once_the_other_number_is_in_the_journal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk dies for the app too, which brings over what it has in the log: the journal then holds both."""
    with closing(opened(folder)) as app, closing(written(folder)) as command:
        shot_unheard(app, monkeypatch)
        app._writer = DyingDisk(app._writer)
        with monkeypatch.context() as deaf:
            deaf.setattr(SqliteLogbook, "_hear_of_others", lambda log: None)
            assert OnSet(app, a_clock()).shoot().take == "3"
        assert "shown only when the log is back" in str(app.warning)
        assert OnSet(command, a_clock()).shoot().take == "3"
        assert OnSet(app, a_clock()).shoot().take == "4"
        app.look_after()
        command.look_after()
        assert labels(app) == labels(command) == [*BOTH, "42/3", "42/3", "42/4"]
        assert OnSet(command, a_clock()).shoot().take == "5"
    assert_well(folder)


def test_stand_in_refuses_to_log_once_the_journal_has_a_gap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app saw nothing wait in the journal, and brings over what it has: after numbers that are another's now."""
    with closing(opened(folder)) as app, closing(written(folder)) as command:
        for _ in range(2):
            shot_unheard(app, monkeypatch)
        with monkeypatch.context() as late:
            late.setattr(SecondJournal, "pending", False)
            app.look_after()
        assert OnSet(command, a_clock()).shoot().take == "3"
        app.look_after()
        command.look_after()
        assert labels(app) == labels(command) == [*BOTH, "42/3", "42/3"]
    assert_well(folder)


def test_what_builds_on_the_take_in_the_journal_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The assistant, on a stand-in too, circles it; and that is another seat."""
    with closing(opened(folder)) as app, closing(opened(folder, "assistant")) as assistant:
        command = written(folder)
        (take,) = (each for each in command.takes() if each.take == "2")
        assistant._writer = DyingDisk(assistant._writer)
        with monkeypatch.context() as deaf:
            deaf.setattr(SqliteLogbook, "_hear_of_others", lambda log: None)
            assistant.tag(first_take(assistant).id, add=["rain"])
        assistant.tag(take.id, add=["stunt"])
        assistant.set_take(take.id, {"status": "circled"})
        assistant.undo(wall_ns=NOON)
        assistant.set_take(take.id, {"status": "ng"})
        killed(command)
        shot_unheard(app, monkeypatch)
        app.look_after()
        found = app.take(take.id)
        assert found is not None
        assert (found.status, [*found.tags]) == ("ng", ["stunt"])
        assert app.conflicts() == []
        assistant.look_after()
        assistant.tag(take.id, add=["wind"])
    assert_well(folder)


def test_take_whose_number_was_given_meanwhile_is_lost(folder: Path) -> None:
    """Between the failed commit and the journal, another program of the seat has logged: the verb is done again."""
    with closing(opened(folder)) as app, closing(opened(folder)) as command:

        class Overtaken(DyingDisk):
            def execute(self, sql, parameters=(), /):  # type: ignore[no-untyped-def]  # as that one
                if sql == "COMMIT":
                    self._inner.execute("ROLLBACK")
                    OnSet(app, a_clock()).shoot()
                return super().execute(sql, parameters)

        command._writer = Overtaken(command._writer)
        assert OnSet(command, a_clock()).shoot().take == "3"
        assert labels(command) == ["42/1", "42/2", "42/3"]
        command.look_after()
        assert labels(command) == ["42/1", "42/2", "42/3"]
        assert "copy" not in str(command.warning)
        app.look_after()
    assert {*lines(folder)} == {*logged(folder)}


@pytest.mark.parametrize("how", ["altered", "before the mark"])
def test_journal_that_was_altered_is_taken_for_a_fork(folder: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    forked(folder, monkeypatch)
    path = test_journal.journal(folder)
    if how == "altered":
        path.write_bytes(path.read_bytes().replace(b"by the command", b"by somebody at"))
    else:
        pending_of(path).write_text(str(path.stat().st_size), encoding="ascii")
        with path.open("ab") as file:
            file.write(path.read_bytes().splitlines(keepends=True)[-1])
    with closing(opened(folder)) as log:
        assert log.warning is not None
        assert "its second journal differ" in log.warning
        # What stands before the altered edit is as it was written.
        assert labels(log) == (BOTH if how == "altered" else ["42/1", "42/2"])
    assert pending_of(path).exists()
    assert evidence(folder) == []


def test_shuttle_that_fills_up_keeps_the_log_from_coming_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    with closing(opened(folder)) as app, closing(written(folder)) as command:
        shot_unheard(app, monkeypatch)
        with monkeypatch.context() as no_room:
            no_room.setattr(os, "replace", full)
            command.look_after()
            assert command.elsewhere is None
            assert labels(command) == BOTH
            assert "No space left" in str(command.warning)
        assert OnSet(app, a_clock()).shoot().take == "3"
    assert_well(folder)


def test_log_that_is_damaged_before_the_two_come_together_loses_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = forked(folder, monkeypatch)
    log = folder / LOG_NAME
    with closing(connect(log)) as connection:
        connection.execute("DELETE FROM take")  # what doctor would call damaged; its edits can be read
    made = recover(log, [shuttle(folder)], a_clock())
    assert made.after.takes == 3
    put_in_place(made, log, a_clock())
    with closing(opened(folder)) as again:
        assert {take.id for take in again.takes() if take.take == "2"} == {*both}
        assert "(copy)" in str(again.warning)
        assert OnSet(again, a_clock()).shoot().take == "3"
    assert_well(folder)


class Killed(BaseException):
    """The program ends here, without a word."""


def test_program_is_killed_while_the_journal_is_begun_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every call that changes a file there; then the next opening gets to the same end."""
    both = forked(folder, monkeypatch)
    kept = folder.parent / "kept"
    shutil.copytree(shuttle(folder), kept)
    shutil.copyfile(folder / LOG_NAME, folder.parent / "kept.onset")
    ends = set()
    n = 0
    for n in range(1, 100):
        for path in folder.glob("log.onset*"):
            path.unlink()
        shutil.copyfile(folder.parent / "kept.onset", folder / LOG_NAME)
        shutil.rmtree(shuttle(folder))
        shutil.copytree(kept, shuttle(folder))
        with monkeypatch.context() as dying:
            calls = [0]

            def counted(done: Callable[..., object], calls: list[int] = calls, n: int = n) -> Callable[..., object]:
                def call(*args: object, **named: object) -> object:
                    calls[0] += 1
                    if calls[0] == n:
                        raise Killed
                    return done(*args, **named)

                return call

            for name in ("pwrite", "fsync", "link", "replace", "dup2", "unlink", "ftruncate", "open"):
                dying.setattr(os, name, counted(getattr(os, name)))
            try:
                log = opened(folder)
            except Killed:
                pass
            else:
                killed(log)
                if calls[0] < n:
                    break
        with closing(opened(folder)) as log:
            assert {take.id for take in log.takes() if take.take == "2"} == {*both}
            assert "differ" not in str(log.warning)
        assert_well(folder)
        ends.add(test_journal.journal(folder).read_bytes())
    assert n > 10
    assert len(ends) == 1


def test_program_that_waited_writes_into_the_journal_of_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = test_journal.journal(folder)
    with closing(connect(folder / LOG_NAME, read_only=True)) as connection:
        waiting = threading.Event()
        flock = fcntl.flock

        def told(descriptor: int, how: int) -> None:
            if threading.current_thread() is waiter:
                waiting.set()
            flock(descriptor, how)

        def append() -> None:
            with journal.opened(path) as held:
                held.mark()
                os.pwrite(held._descriptor, b"{}\n", held.size)

        waiter = threading.Thread(target=append)
        with journal.opened(path) as held:
            monkeypatch.setattr(fcntl, "flock", told)
            waiter.start()
            assert waiting.wait(10)
            held.begin_anew(connection, "forked-00000000")
            held.append([])
            assert held.edits() is not None
        waiter.join(10)
    assert path.read_bytes().endswith(b"\n{}\n")
    assert not evidence(folder)[0].read_bytes().endswith(b"{}\n")
