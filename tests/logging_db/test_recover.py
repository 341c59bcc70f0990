"""A damaged log that is not made again from what is left of it, or whose remains are destroyed."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor
from logging_db.logbook import LOG_NAME, open_log
from logging_db.recover import Counted, Recovered, forget, put_in_place, recover
from onset.errors import LogError
from onset.logbook.terms import TakeFilter
from tests.logging_db.support import assert_projections_are_a_rebuild
from tests.logging_db.test_doctor import Kept, kept

__all__ = ["kept"]
_LEAF = 0x0A  # first byte of a page that holds rows of a table without rowid (SQLite file format, 1.6)


def recovered(kept: Kept) -> Recovered:
    return recover(kept.log, [kept.shuttle], kept.clock)


def labels(kept: Kept) -> list[str]:
    with closing(open_log(kept.log, user="Maya", clock=kept.clock)) as log:
        assert_projections_are_a_rebuild(log)
        return [f"{take.slate}/{take.take}" for take in reversed(log.takes(TakeFilter(limit=None)))]


def beside(kept: Kept) -> list[str]:
    """What lies in the production; the empty journal of an older SQLite is no file of anybody's."""
    return sorted(name for name in os.listdir(kept.harbour) if not name.endswith("-journal"))


def damage(kept: Kept, how: str) -> bytes:
    """Damage the log; returns what is left of it."""
    whole = kept.log.read_bytes()
    if how == "cut in half":
        left = whole[: len(whole) // 2]
    elif how == "first page":
        left = bytes(4096) + whole[4096:]
    else:
        pages = [whole[at : at + 4096] for at in range(0, len(whole), 4096)]
        bad = next(n for n, page in enumerate(pages) if page[0] == _LEAF and b"boom in shot 1" in page)
        left = b"".join([*pages[:bad], bytes(4096), *pages[bad + 1 :]])
    kept.log.write_bytes(left)
    return left


DAMAGES = ("cut in half", "first page", "page of a note")


@pytest.mark.parametrize("how", DAMAGES)
def test_take_is_lost_that_backup_and_journal_have(kept: Kept, how: str) -> None:
    kept.shoot("2", notes=2)  # after the backup: only the journal and the log have these
    left = damage(kept, how)
    made = recovered(kept)
    assert made.after.takes == 5
    assert [source.edits > 0 for source in made.sources] == [True, True, False]
    assert kept.log.read_bytes() == left
    damaged = put_in_place(made, kept.log, kept.clock)
    assert damaged.read_bytes() == left
    assert labels(kept) == ["1/1", "1/2", "1/3", "2/1", "2/2"]
    assert all(check.ok for check in doctor.check(kept.log, kept.shuttle, 600.0, kept.clock.wall_ns()))
    kept.shoot("3")
    assert labels(kept)[-1] == "3/1"
    assert beside(kept) == [LOG_NAME, damaged.name]


@pytest.mark.parametrize("without", ["backup", "journal"])
def test_one_source_is_not_enough(kept: Kept, without: str) -> None:
    for path in kept.shuttle.iterdir():
        if path.name.endswith(".onset" if without == "backup" else ".journal"):
            path.unlink()
    damage(kept, "cut in half")
    made = recovered(kept)
    assert made.after.takes == 3
    forget(made)
    assert beside(kept) == [LOG_NAME]


def test_newest_backup_is_bad_too(kept: Kept) -> None:
    kept.shoot("2")
    newest = kept.back_up().backup.path
    newest.write_bytes(newest.read_bytes()[:8192])
    kept.journal.unlink()
    damage(kept, "first page")
    made = recovered(kept)
    assert made.after.takes == 3
    assert made.sources[0].trouble == "1 newer ones are bad"
    assert made.before == Counted(None, None)
    forget(made)


def test_edits_that_only_the_damaged_log_has_are_given_up(kept: Kept) -> None:
    kept.shoot("2", notes=20)  # so that the damaged page holds nothing of what comes now
    kept.back_up()
    kept.journal.unlink()
    away = kept.shuttle.rename(kept.shuttle.with_name("away"))
    kept.shoot("3", notes=20)
    away.rename(kept.shuttle)
    damage(kept, "page of a note")
    made = recovered(kept)
    assert made.after.takes == 43
    assert made.sources[-1].edits > 0
    forget(made)


def test_altered_edit_comes_into_the_recovered_log(kept: Kept) -> None:
    kept.sql("DROP TRIGGER change_no_update", "UPDATE change SET value = 'fine' WHERE value = 'boom in shot 1'")
    made = recovered(kept)
    put_in_place(made, kept.log, kept.clock)
    with closing(open_log(kept.log, user="Maya", clock=kept.clock)) as log:
        assert log.find_take("1/2").notes[0].text == "boom in shot 1"


def test_nothing_is_left_to_recover_from(kept: Kept) -> None:
    left = damage(kept, "first page")
    shutil.rmtree(kept.shuttle)
    with pytest.raises(LogError, match="neither backup nor journal"):
        recovered(kept)
    assert kept.log.read_bytes() == left
    assert beside(kept) == [LOG_NAME]


def test_laptop_is_dead_and_another_finds_nothing(kept: Kept) -> None:
    """The newest backup is put into a folder elsewhere; the journal brings what came after it."""
    kept.shoot("2")
    other = kept.harbour.with_name("Other")
    other.mkdir()
    shutil.copyfile(kept.made.backup.path, other / LOG_NAME)
    shutil.rmtree(kept.harbour)
    made = recover(other / LOG_NAME, [kept.shuttle], kept.clock)
    assert (made.before.takes, made.after.takes) == (3, 4)
    put_in_place(made, other / LOG_NAME, kept.clock)


def test_another_production_of_the_folder_is_taken_for_this_one(kept: Kept, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Kept(elsewhere)
    for path in other.shuttle.iterdir():
        shutil.copyfile(path, kept.shuttle / path.name)
    moved = kept.harbour.rename(kept.harbour.with_name("Moved"))
    assert recover(moved / LOG_NAME, [kept.shuttle], kept.clock).after.takes == 3
    (moved / LOG_NAME).write_bytes(bytes(4096))
    with pytest.raises(LogError, match="backups of 2 productions"):
        recover(moved / LOG_NAME, [kept.shuttle], kept.clock)


def test_what_follows_a_hole_of_the_journal_is_given_up(kept: Kept) -> None:
    """The damaged log ends with the edit that the journal lacks, and only the journal has what came after."""
    (kept.made.backup.path).unlink()
    until = kept.log.read_bytes()
    lines = kept.journal.read_bytes().splitlines(keepends=True)
    kept.shoot("2")
    after = kept.journal.read_bytes().splitlines(keepends=True)[len(lines) :]
    kept.journal.write_bytes(b"".join([*lines[:-1], b"{}\n", *after]))
    kept.log.write_bytes(until)
    made = recovered(kept)
    assert made.after == Counted(takes=4, edits=len(lines) + len(after))
    assert [source.edits for source in made.sources] == [0, len(lines) - 1 + len(after), 1]
    forget(made)
