"""A second journal that lacks an edit, and a log that goes on when its disk does not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, opening
from logging_db.journal import journals, pending_of, read_journal
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, open_log
from logging_db.sqlite_library import Cursor, connect
from logging_db.taking_in import edits_after, take_in
from onset.changes import Value
from onset.clock import SystemClock
from onset.errors import LogDiskError, LogError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import (
    LIBRARIES,
    NOON,
    DyingDisk,
    OnSet,
    a_clock,
    assert_projections_are_a_rebuild,
    use_library,
)

_ALL = TakeFilter(limit=None)


@pytest.fixture(params=LIBRARIES)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A production with one cut take, and SHUTTLE beside it for the journal."""
    use_library(monkeypatch, str(request.param))
    harbour = tmp_path / "Harbour"
    harbour.mkdir()
    (tmp_path / "SHUTTLE").mkdir()
    create_log(harbour, title="Harbour Lights", rate="25", user="Maya", clock=a_clock())
    with closing(opened(harbour)) as log:
        log.set_next(Next(slate="42"))
        OnSet(log, a_clock()).shoot()
    return harbour


def opened(harbour: Path, role: str = "script") -> SqliteLogbook:
    return open_log(harbour / LOG_NAME, user="Maya", role=role, clock=a_clock(), second_to=shuttle(harbour))


def shuttle(harbour: Path) -> Path:
    return harbour.parent / "SHUTTLE"


def journal(harbour: Path) -> Path:
    (found,) = journals(shuttle(harbour), harbour / LOG_NAME)
    return found


def lines(harbour: Path) -> list[tuple[str, int]]:
    """(seat, number) of each line, as any JSON reader finds them."""
    told = [json.loads(line) for line in journal(harbour).read_text(encoding="utf-8").splitlines()]
    return [(edit["seat"], edit["seq"]) for edit in told]


def logged(harbour: Path) -> list[tuple[str, int]]:
    """The same of the log, in order of arrival."""
    with closing(connect(harbour / LOG_NAME)) as connection:
        rows = connection.execute(
            "SELECT lower(hex(s.uid)), e.seq FROM edit e JOIN seat_id s ON s.id = e.seat ORDER BY e.arrival"
        ).fetchall()
    return [(str(seat), int(str(seq))) for seat, seq in rows]


def labels(log: SqliteLogbook) -> list[str]:
    """By number: all takes here roll at the same moment."""
    return sorted(f"{take.slate}/{take.take}" for take in log.takes(_ALL))


def test_journal_lacks_an_edit_when_the_program_has_ended(folder: Path) -> None:
    with closing(opened(folder)) as log, closing(opened(folder, "assistant")) as other:
        take = OnSet(log, a_clock()).shoot()
        other.tag(take.id, add=["stunt"])
        OnSet(log, a_clock()).shoot()
    assert lines(folder) == logged(folder)
    assert not pending_of(journal(folder)).exists()


def test_log_cannot_be_made_again_from_the_journal_alone(folder: Path, tmp_path: Path) -> None:
    with closing(opened(folder)) as log:
        OnSet(log, a_clock()).shoot()
        before = log.takes(_ALL)
    again = tmp_path / "again.onset"
    with closing(connect(again)) as connection:
        opening.build(connection)
        assert take_in(connection, read_journal(journal(folder)), NOON).refused == ()
    with closing(open_log(again, user="Maya", clock=a_clock())) as log:
        assert log.takes(_ALL) == before
        assert_projections_are_a_rebuild(log)


def test_torn_line_spoils_what_is_written_after_it(folder: Path) -> None:
    whole = journal(folder).read_bytes()
    journal(folder).write_bytes(whole[:-7])
    with closing(opened(folder)) as log:
        OnSet(log, a_clock()).shoot()
    assert lines(folder) == logged(folder)
    assert journal(folder).read_bytes().startswith(whole)


def test_edits_that_came_by_a_merge_never_reach_it(folder: Path, tmp_path: Path) -> None:
    """Whoever takes edits in writes them past the verbs."""
    other = tmp_path / "Other"
    other.mkdir()
    shutil.copyfile(folder / LOG_NAME, other / LOG_NAME)
    with closing(open_log(other / LOG_NAME, user="Ben", clock=a_clock())) as log:
        OnSet(log, a_clock()).shoot()
        theirs = list(edits_after(log._reader, {}))
    with closing(opened(folder)) as log:
        assert take_in(log._writer, theirs, NOON).edits > 0
    assert lines(folder) == logged(folder)


def test_edits_made_while_the_shuttle_was_away_never_reach_it(folder: Path) -> None:
    shuttle(folder).rename(folder.parent / "away")
    with closing(opened(folder)) as log:
        OnSet(log, a_clock()).shoot()
        assert log.warning is not None
        assert log.warning.count("SHUTTLE is not there; connect its disk") == 1
        assert log.elsewhere is None
    (folder.parent / "away").rename(shuttle(folder))
    opened(folder).close()
    assert lines(folder) == logged(folder)


def test_nobody_is_told_that_the_journal_is_late(folder: Path) -> None:
    with closing(opened(folder)) as log:
        clock = a_clock()
        log._clock = clock
        assert log._second is not None
        log._second._clock = clock
        OnSet(log, clock).shoot()
        assert log.warning is not None  # ten seconds went by in that take
        assert "behind" in log.warning
        log.look_after()
        assert log.warning is None


def test_thread_that_follows_appends_without_being_asked(folder: Path) -> None:
    with closing(opened(folder)) as log:
        log.follow()
        OnSet(log, a_clock()).shoot()
        assert log._second is not None
        while log._second.behind():
            SystemClock().sleep(0.001)
        assert lines(folder) == logged(folder)


@pytest.fixture
def dying(folder: Path) -> Iterator[OnSet]:
    """The seat of a log whose disk has just died."""
    log = opened(folder)
    log._writer = DyingDisk(log._writer)
    try:
        yield OnSet(log, a_clock())
    finally:
        log.close()


def test_take_is_lost_when_the_disk_dies_in_its_commit(dying: OnSet, folder: Path) -> None:
    take = dying.roll()
    assert (take.slate, take.take) == ("42", "2")
    assert dying.log.elsewhere is not None
    assert "In the journal only" in dying.log.elsewhere
    assert "the disk does not answer" in dying.log.elsewhere
    assert "damaged" not in dying.log.elsewhere
    assert dying.log.cut(take.id, dying.stamp()).duration_frames == 0
    assert labels(dying.log) == ["42/1", "42/2"]
    assert dying.undo().startswith("42/2")
    assert pending_of(journal(folder)).exists()
    assert len(lines(folder)) > len(logged(folder))


@pytest.mark.parametrize("at", ["BEGIN", "INSERT INTO edit", "SELECT seq, hash"])
def test_take_is_lost_when_the_disk_dies_before_its_commit(folder: Path, at: str) -> None:
    with closing(opened(folder)) as log:
        log._writer = DyingDisk(log._writer, at)
        assert OnSet(log, a_clock()).roll().take == "2"
        assert labels(log) == ["42/1", "42/2"]


def test_edits_of_the_journal_come_into_the_log_twice_or_out_of_order(dying: OnSet, folder: Path) -> None:
    made = [dying.shoot() for _ in range(3)]
    dying.log.keep_draft("half", "the boom was")
    dying.log.look_after()  # the disk is back
    assert dying.log.elsewhere is None
    assert dying.log.warning is not None
    assert "edits of the second journal went into it" in dying.log.warning
    assert {take.id for take in dying.log.takes(_ALL)} > {take.id for take in made}
    assert dying.log.draft("half") == "the boom was"
    assert dying.shoot().take == "5"
    dying.log.look_after()
    assert lines(folder) == logged(folder)
    assert not pending_of(journal(folder)).exists()
    assert [name for name in os.listdir(shuttle(folder)) if "stand-in" in name] == []
    assert_projections_are_a_rebuild(dying.log)
    assert all(check.ok for check in doctor.check(folder / LOG_NAME))


def test_merge_during_the_fault_is_lost(dying: OnSet, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "Other"
    other.mkdir()
    shutil.copyfile(folder / LOG_NAME, other / LOG_NAME)
    with closing(open_log(other / LOG_NAME, user="Ben", clock=a_clock())) as log:
        theirs = OnSet(log, a_clock()).shoot().id
    dying.shoot()
    dying.log.merge(other / LOG_NAME, wall_ns=NOON)
    dying.log.look_after()
    assert dying.log.elsewhere is None
    assert theirs in {take.id for take in dying.log.takes(_ALL)}
    dying.log.look_after()
    assert {*lines(folder)} == {*logged(folder)}


def test_killed_program_leaves_its_edits_in_the_journal_for_ever(dying: OnSet, folder: Path) -> None:
    dying.shoot()
    told = journal(folder).read_bytes()
    with closing(opened(folder)) as next_one:
        assert labels(next_one) == ["42/1", "42/2"]
        assert next_one.warning is not None
        assert "were taken in" in next_one.warning
        assert OnSet(next_one, a_clock()).shoot().take == "3"
    assert journal(folder).read_bytes().startswith(told)
    assert {*lines(folder)} == {*logged(folder)}


def test_edit_that_was_committed_after_all_forks_the_seat(folder: Path) -> None:
    """The disk said EIO and kept the edit all the same: the journal has the same one, and it counts once."""

    class Liar(DyingDisk):
        def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Cursor:
            if sql == "COMMIT":
                self._inner.execute(sql)
            return super().execute(sql, parameters)

    with closing(opened(folder)) as log:
        log._writer = Liar(log._writer)
        on_set = OnSet(log, a_clock())
        on_set.shoot()
        log.look_after()
        assert log.elsewhere is None
        assert labels(log) == ["42/1", "42/2"]
        assert on_set.shoot().take == "3"
    assert all(check.ok for check in doctor.check(folder / LOG_NAME))


def test_two_seats_give_one_number_twice_while_the_disk_is_dead(folder: Path) -> None:
    with closing(opened(folder)) as log, closing(opened(folder, "assistant")) as other:
        log._writer, other._writer = DyingDisk(log._writer), DyingDisk(other._writer)
        made = [OnSet(log, a_clock()).shoot().take]
        other.look_after()  # once a second
        made.append(OnSet(other, a_clock()).shoot().take)
        made.append(OnSet(log, a_clock()).shoot().take)
        made.append(OnSet(other, a_clock()).shoot().take)
        assert made == ["2", "3", "4", "5"]
        log.look_after()
        other.look_after()
        assert labels(log) == labels(other) == ["42/1", "42/2", "42/3", "42/4", "42/5"]


def test_feed_shows_nothing_of_what_goes_into_the_journal(dying: OnSet) -> None:
    with closing(dying.log.feed()) as feed:
        first = dying.shoot()
        assert first.id in {change.take_id for change in feed.poll()}
        dying.log.look_after()
        second = dying.shoot()
        seen = {change.take_id for change in feed.poll()}
        assert second.id in seen
        assert first.id not in seen


def test_without_a_second_journal_the_sentence_says_that_it_is_not_saved(folder: Path) -> None:
    with closing(open_log(folder / LOG_NAME, user="Maya", clock=a_clock())) as log:
        log._writer = DyingDisk(log._writer)
        with pytest.raises(LogDiskError, match="this edit is not"):
            OnSet(log, a_clock()).roll()
        assert labels(log) == ["42/1"]


def test_shuttle_dies_with_the_log(dying: OnSet, folder: Path) -> None:
    shutil.rmtree(shuttle(folder))
    with pytest.raises(LogDiskError, match="this edit is not"):
        dying.roll()
    assert dying.log.warning is not None
    assert "not in the second journal either" in dying.log.warning


def test_journal_that_is_a_link_writes_into_another_file(folder: Path) -> None:
    name = journal(folder)
    name.unlink()
    film = folder.parent / "film.mov"
    film.write_bytes(b"the only copy")
    name.symlink_to(film)
    with closing(opened(folder)) as log:
        OnSet(log, a_clock()).shoot()
        assert log.warning is not None
        assert "cannot be written" in log.warning
    assert film.read_bytes() == b"the only copy"


def test_log_that_was_put_back_from_a_backup_forks_its_seat(folder: Path) -> None:
    """The seat would count on from the old number; the journal knows better and gives the takes back."""
    old = folder.parent / "old.onset"
    shutil.copyfile(folder / LOG_NAME, old)
    with closing(opened(folder)) as log:
        OnSet(log, a_clock()).shoot()
    shutil.copyfile(old, folder / LOG_NAME)
    with closing(opened(folder)) as log:
        assert labels(log) == ["42/1", "42/2"]
        assert log.warning is not None
        assert "were not in the log and were taken in" in log.warning
        assert OnSet(log, a_clock()).shoot().take == "3"
    assert {*lines(folder)} == {*logged(folder)}


def test_hostile_journal_is_believed(folder: Path) -> None:
    with journal(folder).open("ab") as file:
        file.write(b'{"onset edit":1}\n\xff\xfe\n' + b"[" * 100_000 + b"\n")
        file.write(journal(folder).read_bytes().splitlines()[-1].replace(b'"seq":', b'"seq":9') + b"\n")
    with closing(opened(folder)) as log:
        assert labels(log) == ["42/1"]
        OnSet(log, a_clock()).shoot()
    assert {*logged(folder)} <= {(edit.seat.hex(), edit.seq) for edit, _ in read_journal(journal(folder))}
    with pytest.raises(LogError):
        list(read_journal(folder / "nowhere.journal"))
