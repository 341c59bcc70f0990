"""What somebody was typing while the log could not be written is lost with the program."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import logbook
from logging_db.drafts import drafts_of
from logging_db.logbook import SqliteLogbook
from onset.errors import LogDiskError, LogError
from tests.logging_db.support import DyingDisk, OnSet, a_clock
from tests.logging_db.test_journal import folder, journal, opened
from tests.logging_db.test_journal_meets import killed

__all__ = ["folder"]  # the fixture


def on_a_stand_in(folder: Path) -> SqliteLogbook:
    log = opened(folder)
    log.keep_draft("note 42/1", "before")
    log._writer = DyingDisk(log._writer)
    OnSet(log, a_clock()).shoot()
    return log


def test_draft_of_a_killed_program_is_lost(folder: Path) -> None:
    log = on_a_stand_in(folder)
    log.keep_draft("note 42/2", "the boom was")
    log.keep_draft("note 42/1", None)
    killed(log)
    with closing(opened(folder)) as again:
        assert again.draft("note 42/2") == "the boom was"
        assert again.draft("note 42/1") is None
        assert again.draft("note 42/3") is None
    assert not drafts_of(journal(folder)).exists()


def test_draft_that_was_thrown_away_comes_back_with_the_log(folder: Path) -> None:
    with closing(on_a_stand_in(folder)) as log:
        log.keep_draft("note 42/1", None)
        log.keep_draft("note 42/2", "half \ud800 a sent")
        log.keep_draft("note 42/2", "half \ud800 a sentence")
        log.look_after()
        assert log.elsewhere is None
        assert log.draft("note 42/1") is None
        assert log.draft("note 42/2") == "half ? a sentence"
    assert not drafts_of(journal(folder)).exists()


def test_next_program_on_a_dead_disk_does_not_show_the_draft(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = on_a_stand_in(folder)
    log.keep_draft("note 42/2", "the boom was")
    log.close()

    def dead(*args: object) -> SqliteLogbook:
        raise LogDiskError("The disk does not answer.", full=False, what="the disk does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(logbook, "_open_log", dead)
        with closing(opened(folder)) as again:
            assert again.draft("note 42/2") == "the boom was"
            again.keep_draft("note 42/2", "the boom was in shot")
    with closing(opened(folder)) as back:
        assert back.draft("note 42/2") == "the boom was in shot"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, "[]", '{"onset drafts":2,"drafts":[["00","a","b"]]}']
    + [json.dumps({"onset drafts": 1, "drafts": [one]}) for one in (3, ["zz", "k", "t"], ["00", "k", "t"], [1, 2, 3])]
    + [json.dumps({"onset drafts": 1, "drafts": [["00" * 16, "note", "\ud800"]]})],
)
def test_hostile_drafts_keep_the_log_shut(folder: Path, text: str) -> None:
    drafts_of(journal(folder)).write_text(text, encoding="ascii")
    with closing(opened(folder)) as log:
        assert log.warning is None
        assert OnSet(log, a_clock()).shoot().take == "2"


def test_shuttle_that_is_full_swallows_what_is_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    with closing(on_a_stand_in(folder)) as log, monkeypatch.context() as no_room:
        no_room.setattr(os, "replace", full)
        with pytest.raises(LogError, match=r"What was typed cannot be kept in .*No space left"):
            log.keep_draft("note 42/2", "the boom was")
