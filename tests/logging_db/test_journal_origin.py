"""A second journal that does not say which edits came from other laptops, so that what rolls there rolls here."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, open_log
from logging_db.recover import put_in_place, recover
from onset.cli.main import main
from onset.domain.take import Take
from onset.logbook.edit_lines import edit_of
from tests.logging_db.support import NOON, DyingDisk, OnSet, a_clock
from tests.logging_db.test_journal import folder, journal, labels, lines, logged, opened, shuttle
from tests.logging_db.test_journal_meets import killed

__all__ = ["folder"]  # the fixture


@pytest.fixture
def other(folder: Path, tmp_path: Path) -> Path:
    """Another laptop's log, on which 42/2 rolls."""
    kims = tmp_path / "Kim"
    kims.mkdir()
    shutil.copyfile(folder / LOG_NAME, kims / LOG_NAME)
    with closing(open_log(kims / LOG_NAME, user="Kim", clock=a_clock())) as log:
        OnSet(log, a_clock()).roll()
    return kims / LOG_NAME


def merged(folder: Path, other: Path) -> None:
    with closing(opened(folder)) as log:
        log.merge(other, wall_ns=NOON)
        assert [take.elsewhere for take in log.takes() if take.take == "2"] == [True]


def theirs(folder: Path) -> Take:
    """Their take as the log here shows it; a roll here is not refused."""
    with closing(opened(folder)) as log:
        (take,) = (each for each in log.takes() if each.take == "2")
        OnSet(log, a_clock()).shoot()
        return take


def test_recovered_log_rolls_what_another_laptop_rolls(folder: Path, other: Path) -> None:
    merged(folder, other)
    log = folder / LOG_NAME
    log.write_bytes(log.read_bytes()[:4096])
    made = recover(log, [shuttle(folder)], a_clock())
    put_in_place(made, log, a_clock())
    assert theirs(folder).elsewhere


def test_old_log_with_its_journal_rolls_what_another_laptop_rolls(folder: Path, other: Path) -> None:
    old = folder.parent / "old.onset"
    shutil.copyfile(folder / LOG_NAME, old)
    merged(folder, other)
    shutil.copyfile(old, folder / LOG_NAME)
    assert theirs(folder).elsewhere


def test_stand_in_rolls_what_another_laptop_rolls(folder: Path, other: Path) -> None:
    """The log cannot be read either: the stand-in is made from the journal."""
    merged(folder, other)
    with closing(opened(folder)) as log:
        log._writer = DyingDisk(DyingDisk(log._writer), "VACUUM")
        assert OnSet(log, a_clock()).shoot().take == "3"
        assert log.elsewhere is not None
        assert [take.elsewhere for take in log.takes() if take.take == "2"] == [True]


def test_merge_on_a_stand_in_goes_with_it(folder: Path, other: Path) -> None:
    log = opened(folder)
    log._writer = DyingDisk(log._writer)
    OnSet(log, a_clock()).shoot()
    log.merge(other, wall_ns=NOON)
    assert log.elsewhere is not None
    OnSet(log, a_clock()).shoot()
    assert len(labels(log)) == 4
    killed(log)
    with closing(opened(folder)) as again:
        assert labels(again) == ["42/1", "42/2", "42/2", "42/3"]
        assert sorted(take.elsewhere for take in again.takes() if take.take == "2") == [False, True]
    assert {*lines(folder)} == {*logged(folder)}


def test_merge_that_meets_the_dying_disk_is_refused(folder: Path, other: Path) -> None:
    with closing(opened(folder)) as log:
        log._writer = DyingDisk(log._writer)
        log.merge(other, wall_ns=NOON)
        assert labels(log) == ["42/1", "42/2"]
        log.look_after()
        assert log.elsewhere is None
        assert [take.elsewhere for take in log.takes() if take.take == "2"] == [True]
    assert {*lines(folder)} == {*logged(folder)}


def test_older_reader_cannot_read_what_the_line_says_more(folder: Path, other: Path) -> None:
    merged(folder, other)
    told = [(json.loads(line), line) for line in journal(folder).read_bytes().splitlines()]
    came = [line for said, line in told if said.pop("came", 0) == 1]
    assert 0 < len(came) < len(told)
    for said, line in told:
        assert edit_of(json.dumps(said).encode()) == edit_of(line)


def test_journal_of_before_cannot_be_read(folder: Path, other: Path) -> None:
    """It does not know where an edit came from: everything is this log's own, as it was."""
    old = folder.parent / "old.onset"
    shutil.copyfile(folder / LOG_NAME, old)
    merged(folder, other)
    journal(folder).write_bytes(journal(folder).read_bytes().replace(b',"came":1', b""))
    shutil.copyfile(old, folder / LOG_NAME)
    with closing(opened(folder)) as log:
        assert [take.elsewhere for take in log.takes() if take.take == "2"] == [False]


def test_command_that_merges_does_not_say_that_it_is_in_the_journal_only(
    folder: Path, other: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*args: object, **named: object) -> object:
        log = opened(folder)
        log._writer = DyingDisk(log._writer)
        return log

    monkeypatch.setattr("onset.cli.merge.open_logbook", dying)
    assert main(["-p", str(folder), "merge", str(other)]) == 1
    assert "In the journal only" in capsys.readouterr().err
