"""The disk of the jobs' records is full, before the first byte and after the last."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from onset.cli.main import main
from onset.clock import ManualClock
from onset.errors import OffloadError
from onset.offload.journal import Journal, find_jobs
from tests.onset.offload.cards import contents, job_for, make_card, make_targets, offload


def fill_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite find its disk full after a few pages."""
    real = Journal._open

    def on_small_disk(self: Journal) -> None:
        real(self)
        self._db.execute("PRAGMA max_page_count=8")

    monkeypatch.setattr(Journal, "_open", on_small_disk)


def test_full_state_home_is_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card, targets = make_card(tmp_path / "A001", clips=1, clip_bytes=10, small=400), make_targets(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    fill_up(monkeypatch)
    assert main(["offload", str(card), *map(str, targets)]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    for part in (str(tmp_path / "state" / "onset" / "jobs"), "database or disk is full", "XDG_STATE_HOME"):
        assert part in sentence
    assert [list(target.iterdir()) for target in targets] == [[], []]
    assert find_jobs(tmp_path / "state" / "onset" / "jobs") == []


def test_refused_job_takes_away_what_an_earlier_one_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, targets = make_card(tmp_path / "A001", clips=1, clip_bytes=10, small=400), make_targets(tmp_path)
    earlier = ManualClock(wall_ns=1_700_000_000 * 10**9)
    job_for(card, targets[:1], tmp_path / "state", clock=earlier).run()
    fill_up(monkeypatch)
    with pytest.raises(OffloadError, match="database or disk is full"):
        offload(card, targets, tmp_path / "state")
    assert contents(targets[0] / "A001") == contents(card)
    assert not list(targets[1].iterdir())
    assert len(find_jobs(tmp_path / "state")) == 1


def test_result_that_cannot_be_kept_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, targets = make_card(tmp_path / "A001"), make_targets(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Journal, "finish", full)
    outcome = offload(card, targets, tmp_path / "state")
    assert (outcome.exit_code, outcome.targets[0].verified) == (0, 8)
    assert "No space left on device" in outcome.warnings[-1]
    assert "XDG_STATE_HOME" in outcome.warnings[-1]
